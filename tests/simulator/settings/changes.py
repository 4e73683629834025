# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing to a collection: the rules for one entry, and the batch that is made of them.

Functions here take a collection and a body, return the entries to show, and raise Refusal. Pointers of a refusal start
at the body's own entry (``/pattern``); a batch puts its own place before them (``/posts/3/pattern``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from answers import DUPLICATE, INVALID_BODY, INVALID_FIELD, LOCKED, NOT_FOUND, Refusal

from .fields import Field, no_ipv6
from .resources import READ_ONLY, Complaint
from .store import Collection, Entry

LARGEST_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Rules:
    """What an account wants of its writes.

    ``behaviour`` says what its API is like by date. ``strict`` refuses fields that can't be written: unknown ones,
    read-only ones, and those past their end of life. A real server may well ignore them, but a client that sends them
    is mistaken, and a test should show it. ``refused_texts`` are values that the service
    refuses for reasons of its own.
    """

    behaviour: Callable[[str], Any]
    duplicates: bool
    strict: bool
    refused_texts: Sequence[str] = ()

    def known(self, fields: Mapping[str, Field]) -> dict[str, Field]:
        """The fields that the account's API has."""
        return {name: rule for name, rule in fields.items() if not rule.offered or self.behaviour(rule.offered)}


def find(collection: Collection, entry_id: Any) -> Entry:
    entry = collection.get(entry_id)
    if entry is None:
        raise Refusal(404, NOT_FOUND, f"{collection.resource.noun} not found")
    return entry


def create(collection: Collection, body: Any, rules: Rules) -> Entry:
    """POST of one entry."""
    fields = _complete(collection, body, rules, allowed=())
    if not rules.duplicates and collection.holds(fields):
        raise _duplicate(collection)
    return collection.create(fields)


def patch(collection: Collection, entry_id: Any, body: Any, rules: Rules, *, allowed: tuple[str, ...] = ()) -> Entry:
    """PATCH of one entry: the given fields change. ``allowed`` names read-only fields that may stand in the body."""
    old = _changeable(collection, entry_id)
    resource = collection.resource
    known = rules.known({**resource.fields, **resource.patch_fields})
    fields = _checked(known, body, rules, allowed)
    for name in resource.fixed & fields.keys():
        if fields[name] != old.get(name):
            raise Refusal(400, INVALID_FIELD, f"{name} can't be changed", f"/{name}")
    if not fields:
        raise Refusal(400, INVALID_BODY, "at least one field must be given", "")
    merged = {**old, **fields}
    if resource.whole_fields & fields.keys():
        _check_whole(collection, merged, rules)
    return _change(collection, old, fields, merged, rules)


def put(collection: Collection, entry_id: Any, body: Any, rules: Rules, *, allowed: tuple[str, ...] = ()) -> Entry:
    """PUT of one entry: all its writable fields, those that aren't given at their defaults."""
    old = _changeable(collection, entry_id)
    keep = {name: old.get(name) for name in collection.resource.fixed}
    fields = _complete(collection, body, rules, allowed=allowed, keep=keep)
    return _change(collection, old, fields, {**old, **fields}, rules)


def remove(collection: Collection, entry_id: Any) -> dict[str, Any]:
    """DELETE of one entry; returns what the API shows of it."""
    old = _changeable(collection, entry_id)
    collection.remove(old)
    return {"id": old["id"]}


def batch(collection: Collection, body: Any, rules: Rules, *, atomic: bool = True) -> dict[str, list[Any]]:
    """POST …/batch: the parts that the list takes, in their order, all or nothing (unless not ``atomic``)."""
    taken = collection.resource.batch_parts
    _check_batch(taken, body)
    parts: Mapping[str, list[Any]] = body
    steps: dict[str, Callable[[Any], Any]] = {
        "deletes": lambda item: remove(collection, _batch_id(item)),
        "patches": lambda item: patch(collection, _batch_id(item), item, rules, allowed=READ_ONLY),
        "puts": lambda item: put(collection, _batch_id(item), item, rules, allowed=READ_ONLY),
        "posts": lambda item: create(collection, item, rules),
    }
    before = collection.snapshot()
    results: dict[str, list[Any]] = {}
    for name in taken:
        results[name] = []
        for index, item in enumerate(parts[name]):
            try:
                results[name].append(steps[name](item))
            except Refusal as refusal:
                if atomic:
                    collection.restore(before)
                raise refusal.below(f"/{name}/{index}") from None
    return results


def _check_batch(taken: tuple[str, ...], body: Any) -> None:
    _require_object(body)
    for name in taken:
        if not isinstance(body.get(name), list):
            raise Refusal(400, INVALID_BODY, f"{name} is required and must be an array", f"/{name}")
        if len(body[name]) > LARGEST_BATCH:
            raise Refusal(400, INVALID_BODY, f"{name} must have at most {LARGEST_BATCH} items", f"/{name}")
    for name in body:
        if name not in taken:
            raise Refusal(400, INVALID_BODY, f"{name} is not a part of a batch", f"/{name}")


def _batch_id(item: Any) -> Any:
    _require_object(item)
    if "id" not in item:
        raise Refusal(400, INVALID_FIELD, "id is required", "/id")
    return item["id"]


def _require_object(body: Any) -> None:
    if not isinstance(body, dict):
        raise Refusal(400, INVALID_BODY, "must be a JSON object", "")


def _changeable(collection: Collection, entry_id: Any) -> Entry:
    entry = find(collection, entry_id)
    locked = collection.resource.locked
    if locked and (reason := locked(entry)):
        raise Refusal(403, LOCKED, f"this {collection.resource.noun} can't be changed or removed: {reason}")
    return entry


def _complete(
    collection: Collection,
    body: Any,
    rules: Rules,
    *,
    allowed: tuple[str, ...],
    keep: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The writable fields of an entry that is given whole; ``keep`` holds fields that this can't set."""
    known = {name: rule for name, rule in rules.known(collection.resource.fields).items() if name not in (keep or ())}
    fields = _checked(known, body, rules, allowed)
    missing = [name for name, rule in known.items() if rule.required and name not in fields]
    if missing:
        raise _invalid([(name, "is required") for name in missing])
    whole = {name: rule.default if fields.get(name) is None else fields[name] for name, rule in known.items()}
    _check_whole(collection, whole, rules)
    return {**whole, **(keep or {})}


def _checked(known: Mapping[str, Field], body: Any, rules: Rules, allowed: tuple[str, ...]) -> dict[str, Any]:
    """The known fields of a body, each of which holds what it may."""
    _require_object(body)
    fields: dict[str, Any] = {}
    complaints: list[Complaint] = []
    for name, value in body.items():
        if rule := known.get(name):
            if complaint := rule.check(value):
                complaints.append((name, complaint))
            else:
                fields[name] = rule.kept(value)
        elif rules.strict and name not in allowed:
            complaints.append((name, "is read-only" if name in READ_ONLY else "is not a field that can be written"))
    if complaints:
        raise _invalid(complaints)
    return fields


def _check_whole(collection: Collection, entry: Mapping[str, Any], rules: Rules) -> None:
    whole = collection.resource.whole
    complaint = whole(entry) if whole else None
    if not complaint and not rules.behaviour("ipv6_patterns"):
        complaint = no_ipv6(entry)
    if not complaint:
        complaint = next(((name, "is refused") for name, value in entry.items() if value in rules.refused_texts), None)
    if complaint:
        raise _invalid([complaint])


def _change(
    collection: Collection, old: Entry, fields: Mapping[str, Any], merged: Mapping[str, Any], rules: Rules
) -> Entry:
    if not rules.duplicates and collection.key(merged) != collection.key(old) and collection.holds(merged):
        raise _duplicate(collection)
    return collection.change(old, fields)


def _duplicate(collection: Collection) -> Refusal:
    resource = collection.resource
    return Refusal(409, DUPLICATE, f"an equal {resource.noun} already exists", f"/{resource.key[0]}")


def _invalid(complaints: list[Complaint]) -> Refusal:
    refusal = Refusal(400, INVALID_FIELD, "")
    refusal.problems = [(INVALID_FIELD, f"{name} {complaint}", f"/{name}") for name, complaint in complaints]
    return refusal
