# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GET …/settings/<collection>: filters, search, order, pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from answers import INVALID_FIELD, Refusal

from .resources import Filter, Resource
from .store import Collection, Entry

LARGEST_PAGE = 1000
DEFAULT_PAGE = 20

Query = Mapping[str, Sequence[str]]
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Entry]
    number: int
    per_page: int
    total: int

    def info(self) -> dict[str, int]:
        """The ``result_info`` of the answer."""
        return {
            "count": len(self.entries),
            "page": self.number,
            "per_page": self.per_page,
            "total_count": self.total,
        }


def list_page(collection: Collection, query: Query, *, strict: bool = True) -> Page:
    """The page that a query asks for. Raises Refusal where a parameter can't be right, or (strict) isn't known."""
    resource = collection.resource
    if strict:
        known = {"page", "per_page", "search", "order", "direction", *resource.filters}
        for name in query:
            if name not in known:
                raise _refused(name, "is not a parameter of this list")
    number = _integer(query, "page", 1)
    per_page = _integer(query, "per_page", DEFAULT_PAGE, LARGEST_PAGE)
    order = _choice(query, "order", resource.order)
    direction = _choice(query, "direction", ("asc", "desc"))
    chosen = tuple((name, tuple(query[name])) for name in resource.filters if name in query)
    search = _last(query, "search")

    def make() -> list[Entry]:
        tests = [_test(name, resource.filters[name], values) for name, values in chosen]
        if search:
            tests.append(_search(resource, search))
        entries = [entry for entry in collection if all(test(entry) for test in tests)]
        if order != "created_at":
            entries.sort(key=lambda entry: str(entry.get(order)))
        if direction == "desc":
            entries.reverse()
        return entries

    entries = collection.view((order, direction, chosen, search), make)
    start = (number - 1) * per_page
    return Page(entries[start : start + per_page], number, per_page, len(entries))


def _test(name: str, rule: Filter, values: tuple[str, ...]) -> Callable[[Entry], bool]:
    field, wanted = rule.field, values[-1]
    match rule.kind:
        case "boolean":
            if wanted not in _BOOLEANS:
                raise _refused(name, "must be true or false")
            flag = _BOOLEANS[wanted]
            return lambda entry: entry.get(field) is flag
        case "repeated":
            folded = {value.lower() for value in values}
            return lambda entry: str(entry.get(field)).lower() in folded
        case "folded":
            if wanted.lower() not in rule.choices:
                raise _refused(name, f"must be one of {', '.join(rule.choices)}")
            return lambda entry: str(entry.get(field)).lower() == wanted.lower()
    if rule.choices and wanted not in rule.choices:
        raise _refused(name, f"must be one of {', '.join(rule.choices)}")
    match rule.kind:
        case "member":
            return lambda entry: wanted in (entry.get(field) or ())
        case "first":
            return lambda entry: wanted in (entry.get(field) or ())[:1]
    return lambda entry: entry.get(field) == wanted


def _search(resource: Resource, term: str) -> Callable[[Entry], bool]:
    wanted = term.lower()
    return lambda entry: any(wanted in str(entry.get(name) or "").lower() for name in resource.search)


def _last(query: Query, name: str) -> str | None:
    values = query.get(name)
    return values[-1] if values else None


def _integer(query: Query, name: str, default: int, highest: int | None = None) -> int:
    value = _last(query, name)
    if value is None:
        return default
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0
    if number < 1 or (highest is not None and number > highest):
        raise _refused(name, f"must be an integer from 1{f' to {highest}' if highest else ' on'}")
    return number


def _choice(query: Query, name: str, choices: tuple[str, ...]) -> str:
    value = _last(query, name)
    if value is None:
        return choices[0]
    if value not in choices:
        raise _refused(name, f"must be one of {', '.join(choices)}")
    return value


def _refused(name: str, complaint: str) -> Refusal:
    return Refusal(400, INVALID_FIELD, f"query parameter {name} {complaint}")
