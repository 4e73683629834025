# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings documents and policy documents, as the risk rules read them: leniently, since accounts may hold odd values.

Both have the same shape: ``{list name: [entry]}``, where an entry holds fields of the list's resource. Entries of a
policy may also have ``state``, ``expires`` and ``accepted_risks``; those of `domain_info` also have read-only fields.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from ansible.module_utils.common.validation import check_type_bool

from .._errors import InputError
from .._resources.resources import RESOURCES
from .._resources.schema import Resource
from .._times import parse_time
from .names import unknown_list


@dataclass(frozen=True)
class Item:
    """One entry of a document.

    :param fields: its fields, with defaults, and flags as booleans.
    :param expires: when it expires.
    :param present: whether the account should have it: it is neither absent nor expired.
    :param accepted: ``{rule: reason}``.
    """

    resource: Resource
    position: int
    fields: Mapping[str, Any]
    expires: datetime | None
    present: bool
    accepted: Mapping[str, str]

    @property
    def where(self) -> str:
        return f"{self.resource.name}[{self.position}]"

    @property
    def subject(self) -> str:
        """For messages: key and place."""
        return f"{self.resource.label(self.fields)} ({self.where})"

    @property
    def id(self) -> str | None:
        return None if self.fields.get("id") is None else str(self.fields["id"])

    @cached_property
    def key(self) -> tuple[Hashable, ...]:
        return self.resource.key_of(self.fields)


Document = Mapping[str, Sequence[Item]]


def read_document(document: Any, now: datetime) -> dict[str, list[Item]]:
    """The entries of a document's lists. Lists that it lacks are not in the result.

    :raises InputError: it does not have that shape; holds every problem.
    """
    lists, problems = lists_of(document)
    read: dict[str, list[Item]] = {}
    for name, entries in lists.items():
        resource = RESOURCES[name]
        read[name] = []
        for position, entry in enumerate(entries):
            try:
                read[name].append(_read(resource, position, entry, now))
            except InputError as error:
                problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return read


def lists_of(document: Any) -> tuple[dict[str, Sequence[Any]], list[str]]:
    """The lists of a document in the order of the resources, and problems of its shape. None counts as omitted.

    :raises InputError: it is not a mapping.
    """
    if not isinstance(document, Mapping):
        raise InputError([f"must be a mapping of lists, such as settings_info returns, not {type(document).__name__}"])
    problems = [unknown_list(str(name)) for name in document if name not in RESOURCES]
    lists: dict[str, Sequence[Any]] = {}
    for name in RESOURCES:
        entries = document.get(name)
        if isinstance(entries, Sequence) and not isinstance(entries, (str, bytes)):
            lists[name] = entries
        elif entries is not None:
            problems.append(f"{name}: must be a list of entries")
    return lists, problems


def present_items(document: Document, *names: str) -> Iterator[Item]:
    """The entries of these lists that the account should have."""
    for name in names:
        for item in document.get(name, ()):
            if item.present:
                yield item


def _read(resource: Resource, position: int, entry: Any, now: datetime) -> Item:
    where = f"{resource.name}[{position}]"
    if not isinstance(entry, Mapping):
        raise InputError([f"{where}: must be a mapping of fields, not {entry!r:.60}"])
    fields = {str(name): value for name, value in entry.items() if value is not None}
    problems: list[str] = []
    for field in resource.fields:
        if field.type != "bool":
            continue
        try:
            value = fields.get(field.name, field.default)
            if value is not None:
                fields[field.name] = value if isinstance(value, bool) else bool(check_type_bool(value))
        except TypeError:
            problems.append(f"{where}: {field.name} must be true or false, not {fields[field.name]!r:.60}")
    expires = fields.get("expires")
    try:
        until = None if expires is None else parse_time(str(expires), end_of_day=True)
    except ValueError:
        until = None
        problems.append(f"{where}: expires must be a date (2026-12-31) or a time (2026-12-31T18:00:00Z)")
    accepted = fields.get("accepted_risks", {})
    if not isinstance(accepted, Mapping):
        accepted = {}
        problems.append(f"{where}: accepted_risks must be a mapping of rules to reasons")
    elif not all(isinstance(reason, str) and reason.strip() for reason in accepted.values()):
        problems.append(f"{where}: accepted_risks must give a reason, as text, for each rule")
    if problems:
        raise InputError(problems)
    return Item(
        resource=resource,
        position=position,
        fields=fields,
        expires=until,
        present=fields.get("state") != "absent" and not (until and until <= now),
        accepted={str(rule): str(reason) for rule, reason in accepted.items()},
    )
