# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a user's input to desired entries: types, limits, defaults, duplicates.

Part of the edge: Ansible's own rules convert values, so that an entry means the same in an entry module and in a
document. Every problem is reported, with the place and the key of its entry, before any request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_int, check_type_list

from .._errors import InputError
from .._policy.names import did_you_mean
from .._policy.places import Placed, subject
from .._resources.schema import Field, Resource
from .._resources.values import Entry
from .._times import parse_time
from .plan import Desired

STATES = ("present", "absent")


def read_entries(resource: Resource, entries: Any, now: datetime) -> list[Desired]:
    """The entries of one list of a document, in its order.

    :param entries: a list of mappings: fields of the resource, ``id``, ``state``, ``expires``, ``accepted_risks``.
    :raises InputError: holds every problem of the list.
    """
    return read_placed(resource, place_entries(resource.name, entries), now)


def place_entries(name: str, entries: Any) -> list[Placed]:
    """The entries that a variable or an option of this name holds.

    :raises InputError: it is not a list.
    """
    if not isinstance(entries, Sequence) or isinstance(entries, (str, bytes)):
        raise InputError([f"{name}: must be a list of entries, not {_kind(entries)}"])
    return [Placed(f"{name}[{position}]", entry) for position, entry in enumerate(entries)]


def read_placed(resource: Resource, entries: Iterable[Placed], now: datetime) -> list[Desired]:
    """The entries of one list, from files or variables, in their order.

    :raises InputError: holds every problem of the list.
    """
    problems: list[str] = []
    desired: list[Desired] = []
    for where, entry, marks in entries:
        try:
            desired.append(read_entry(resource, entry, where, now, marks))
        except InputError as error:
            problems.extend(error.problems)
    problems.extend(_duplicates(resource, desired))
    if problems:
        raise InputError(problems)
    return desired


def read_entry(resource: Resource, entry: Any, where: str, now: datetime, marks: Sequence[int] = ()) -> Desired:
    """One entry. A value of None counts as omitted.

    :param marks: positions of its fields, as in :class:`Placed`.
    :raises InputError: holds every problem of the entry.
    """
    if not isinstance(entry, Mapping):
        raise InputError([f"{where}: must be a mapping of fields, not {_kind(entry)}"])
    given = {str(name): value for name, value in entry.items() if value is not None}
    problems: list[str] = []
    entry_id = given.pop("id", None)
    state = given.pop("state", "present")
    expires = given.pop("expires", None)
    # Only the risk rules use it; it is never sent.
    if "accepted_risks" in given:
        problems.extend(_accepted_risks(given.pop("accepted_risks")))
    if entry_id is not None and (isinstance(entry_id, bool) or not isinstance(entry_id, (str, int)) or entry_id == ""):
        problems.append(f"id must be text, not {_kind(entry_id)}")
    if state not in STATES:
        problems.append(f"state must be one of {', '.join(STATES)}, not {_shown(state)}")
    fields, wrong = _fields(resource, given, entry_id)
    problems.extend(wrong)
    expired = False
    if expires is not None:
        try:
            expired = state == "present" and parse_time(str(expires), end_of_day=True) <= now
        except (TypeError, ValueError):
            problems.append(
                f"expires must be a date (2026-12-31) or a time (2026-12-31T18:00:00Z), not {_shown(expires)}"
            )
    # An entry that the account already has may be invalid: it can be named by id, or deleted.
    refusable = entry_id is None and state == "present"
    issues = resource.issues(fields)
    if refusable:
        problems.extend(issue.text for issue in issues if issue.certain)
    if problems:
        label = _truncate(resource.label({**given, "id": entry_id}))
        raise InputError([_placed(Placed(where, entry, marks), label, problem) for problem in problems])
    resource.canonicalize(fields)
    return Desired(
        where=where,
        fields=fields,
        id=None if entry_id is None else str(entry_id),
        present=state == "present" and not expired,
        expired=expired,
        warnings=[
            _placed(Placed(where, entry, marks), _truncate(resource.label(fields)), issue.text) for issue in issues
        ],
    )


def _fields(resource: Resource, given: Mapping[str, Any], entry_id: Any) -> tuple[Entry, list[str]]:
    """The fields of an entry, converted and with defaults; and their problems."""
    fields: Entry = {}
    problems: list[str] = []
    for name, value in given.items():
        field = resource.by_name.get(name)
        if field is None:
            problems.append(_unknown(resource, name))
            continue
        try:
            fields[name] = field.wire(_value(field, value))
        except (TypeError, ValueError) as error:
            problems.append(f"{name} {error}")
    for field in resource.fields:
        if field.name in given:
            continue
        if field.default is not None and (entry_id is None or field.qualifies is None or field.qualifies in given):
            fields[field.name] = field.default
        elif field.name in resource.key and entry_id is None:
            problems.append(f"{field.name} is missing")
    return fields, problems


def _placed(entry: Placed, label: str, problem: str) -> str:
    """A problem after its place. A problem begins with the name of its field, which may have a place of its own."""
    names = (name for name in entry.entry if problem.startswith((f"{name} ", f"unknown field {name!r}")))
    return f"{subject(entry.place(next(names, '')), label)}: {problem}"


def invalid_fields(resource: Resource, fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields whose values are not valid in a document, and why."""
    reasons: dict[str, str] = {}
    for name, value in fields.items():
        try:
            _value(resource.by_name[name], value)
        except (TypeError, ValueError) as error:
            reasons[name] = f"{name} {error}"
    return reasons


def _accepted_risks(value: Any) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"accepted_risks must be a mapping of rules to reasons, not {_kind(value)}"]
    return [
        f"accepted_risks must give a reason, as text, for {_shown(rule)}"
        for rule, reason in value.items()
        if not isinstance(reason, str) or not reason.strip()
    ]


def _value(field: Field, value: Any) -> Any:
    """A value converted to the field's type and within its limits. The error's text follows the field's name."""
    converted = _CONVERTERS[field.type](value)
    if field.choices:
        for item in converted if field.type == "list" else [converted]:
            allowed = item in field.choices or (field.empty_is_null and item == "")
            if not allowed:
                raise ValueError(f"must be one of {', '.join(field.choices)}, not {_shown(item)}")
    if field.size:
        smallest, largest = field.size
        size = converted if field.type == "int" else len(converted)
        unit = {"int": "", "list": " items", "str": " characters"}[field.type]
        if field.type == "str" and smallest and not converted.strip():
            raise ValueError("must not be empty")
        if size < smallest or (largest is not None and size > largest):
            limit = f"at most {largest}" if size > smallest else f"at least {smallest}"
            raise ValueError(f"must have {limit}{unit}, and has {size}" if unit else f"must be {limit}, not {size}")
    return converted


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"must be text, not {_kind(value)}: put it in quotes")


def _switch(value: Any) -> bool:
    try:
        return bool(check_type_bool(value))
    except TypeError:
        raise TypeError(f"must be true or false, not {_shown(value)}") from None


def _number(value: Any) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        return int(check_type_int(value))
    except (TypeError, ValueError):
        raise TypeError(f"must be a whole number, not {_shown(value)}") from None


def _texts(value: Any) -> list[str]:
    try:
        return [_text(item) for item in check_type_list(value)]
    except TypeError:
        raise TypeError(f"must be a list of texts, not {_shown(value)}") from None


_CONVERTERS: dict[str, Callable[[Any], Any]] = {"str": _text, "bool": _switch, "int": _number, "list": _texts}


def _duplicates(resource: Resource, desired: Iterable[Desired]) -> list[str]:
    """Entries that name the same entry twice. Entries that share a key are distinguished by id, if both have one."""
    key = set(resource.key)
    problems: list[str] = []
    first_by_id: dict[str, Desired] = {}
    first_by_key: dict[object, Desired] = {}
    for item in desired:
        twin = first_by_id.setdefault(item.id, item) if item.id is not None else item
        if twin is item and item.fields.keys() >= key:
            same_key = first_by_key.setdefault(resource.key_of(item.fields), item)
            if same_key.id is None or item.id is None:
                twin = same_key
        if twin is not item:
            problems.append(
                f"{subject(item.where, resource.label(item.fields))}: the same entry as {twin.where}; keep one of them"
            )
    return problems


def _unknown(resource: Resource, name: str) -> str:
    known = [field.name for field in resource.fields]
    successor = resource.renamed.get(name)
    if successor in known:
        return f"{name} is retired: use {successor}"
    return f"unknown field {name!r}{did_you_mean(name, [*known, 'id', 'state', 'expires', 'accepted_risks'])}"


def _kind(value: Any) -> str:
    names = {bool: "true or false", str: "text", int: "a number", float: "a number", dict: "a mapping", list: "a list"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), type(value).__name__)


def _shown(value: Any) -> str:
    return _truncate(repr(value))


def _truncate(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."
