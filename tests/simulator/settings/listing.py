# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GET …/settings/<collection>: filters, search, order, pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from queries import DEFAULT_PAGE, LARGEST_PAGE, Query, check_names, choice, flag, integer, last

from .resources import Filter, Resource
from .store import Collection, Entry


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
        searched = {"search"} if resource.search else set()
        ordered = {"order", "direction"} if resource.order else set()
        check_names(query, {"page", "per_page", *searched, *ordered, *resource.filters})
    number = integer(query, "page", 1)
    per_page = integer(query, "per_page", DEFAULT_PAGE, LARGEST_PAGE)
    order = _first_or(query, "order", resource.order or ("created_at",))
    direction = _first_or(query, "direction", ("asc", "desc"))
    chosen = tuple((name, tuple(query[name])) for name in resource.filters if name in query)
    search = last(query, "search")

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
    field, requested = rule.field, values[-1]
    match rule.kind:
        case "boolean":
            value = flag(name, requested)
            return lambda entry: entry.get(field) is value
        case "repeated":
            folded = {value.lower() for value in values}
            return lambda entry: str(entry.get(field)).lower() in folded
        case "folded":
            folded_value = choice(name, requested.lower(), rule.choices)
            return lambda entry: str(entry.get(field)).lower() == folded_value
    if rule.choices:
        choice(name, requested, rule.choices)
    match rule.kind:
        case "member":
            return lambda entry: requested in (entry.get(field) or ())
        case "first":
            return lambda entry: requested in (entry.get(field) or ())[:1]
    return lambda entry: entry.get(field) == requested


def _search(resource: Resource, term: str) -> Callable[[Entry], bool]:
    requested = term.lower()
    return lambda entry: any(requested in str(entry.get(name) or "").lower() for name in resource.search)


def _first_or(query: Query, name: str, choices: tuple[str, ...]) -> str:
    """One of the choices; the first where the query doesn't say."""
    value = last(query, name)
    return choices[0] if value is None else choice(name, value, choices)
