# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to change, computed without a request.

:func:`plan` is pure: the entries of an account and the desired ones in, a :class:`Plan` out. Check mode shows the plan,
a real run carries out the same one. Time is linear in the number of entries.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from .._errors import PlanError
from .._policy.places import subject
from .._resources.schema import Resource
from .._resources.values import Entry

# Why an entry is deleted: its state is absent; it has expired; the policy does not name it.
ABSENT, EXPIRED, PURGE = "absent", "expired", "purge"


@dataclass(frozen=True)
class Desired:
    """One entry that a task names.

    :param where: its place in messages, such as ``block_senders[3]``.
    :param fields: its fields, with defaults; an omitted field stays as it is in the account.
    :param id: identifies the entry if its natural key does not.
    :param present: False if the account must not have it.
    :param expired: the account must not have it because it has expired.
    :param warnings: what may be wrong with it.
    """

    where: str
    fields: Entry
    id: str | None = None
    present: bool = True
    expired: bool = False
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class Change:
    """One step: ``create``, ``update`` or ``delete`` of one entry.

    :param where: its place in the document, or its cause, for messages.
    :param before: the entry's writable fields now; None for a create.
    :param after: its writable fields afterwards; None for a delete.
    :param sends: the fields to send: all of them for a create, only the differing ones for an update.
    :param reason: why it is deleted: ABSENT, EXPIRED or PURGE; None for creates and updates.
    """

    resource: Resource
    action: str
    where: str
    id: str | None
    before: Entry | None
    after: Entry | None
    sends: Mapping[str, Any]
    reason: str | None = None

    @property
    def purge(self) -> bool:
        return self.reason == PURGE

    @property
    def entry(self) -> Entry:
        return self.after or self.before or {}

    @property
    def subject(self) -> str:
        """The entry, for messages: place and key."""
        return subject(self.where, self.resource.label(self.entry))

    @cached_property
    def identity(self) -> tuple[Hashable, ...]:
        """Identifies this step in a later plan."""
        return (self.action, self.id) if self.id else (self.action, *self.resource.key_of(self.entry))


@dataclass(frozen=True)
class Plan:
    """The changes that make one collection as desired.

    :param matched: the account's entry for each desired entry, by the latter's position.
    """

    resource: Resource
    creates: Sequence[Change] = ()
    updates: Sequence[Change] = ()
    deletes: Sequence[Change] = ()
    unchanged: int = 0
    expired: int = 0
    matched: Mapping[int, Entry] = field(default_factory=dict)

    @property
    def changes(self) -> list[Change]:
        """All steps, in an order in which protection never lapses."""
        return [*self.creates, *self.updates, *self.deletes]

    def without(self, identities: Container[tuple[Hashable, ...]]) -> Plan:
        """The plan without the steps that are done."""

        def remaining(changes: Sequence[Change]) -> list[Change]:
            return [change for change in changes if change.identity not in identities]

        return replace(
            self, creates=remaining(self.creates), updates=remaining(self.updates), deletes=remaining(self.deletes)
        )


def plan(
    resource: Resource,
    current: Iterable[Entry],
    desired: Sequence[Desired],
    purge: Callable[[Entry], bool] | None = None,
) -> Plan:
    """Compare an account's entries with the desired ones.

    :param current: entries as :meth:`Client.entries` returns them.
    :param purge: which undesired entries may be deleted; None keeps them all.
    :raises PlanError: the account cannot become as desired; holds every problem found.
    """
    return _Planner(resource, list(current), desired, purge).plan()


def check_purge_limit(plans: Iterable[Plan], limit: int, purged: int = 0, *, started: bool = False) -> None:
    """Refuse plans that purge too much.

    :param purged: how many entries purge has already deleted in this run.
    :param started: whether the run has begun to write.
    :raises PlanError: purge would remove more than ``limit`` entries in all.
    """
    counts = {made.resource.name: sum(change.purge for change in made.deletes) for made in plans}
    total = purged + sum(counts.values())
    if total > limit:
        state = "The rest of the run was not done" if started else "Nothing was changed"
        lists = ", ".join(f"{count} of {name}" for name, count in counts.items() if count)
        raise PlanError(
            [
                f"purge would delete {total} entries ({lists}), and purge_limit allows {limit}. {state}. "
                "Look at the plan in check mode with purge_limit raised; if it is what you want, run it so."
            ]
        )


class _Planner:
    def __init__(
        self,
        resource: Resource,
        current: list[Entry],
        desired: Sequence[Desired],
        purge: Callable[[Entry], bool] | None,
    ) -> None:
        self.resource = resource
        self.desired = desired
        self.purge = purge if resource.purgeable else None
        self.problems: list[str] = []
        self.by_id: dict[str, Entry] = {entry["id"]: entry for entry in current}
        self.by_key: dict[Hashable, list[Entry]] = {}
        for entry in current:
            key = resource.key_of(entry)
            # Nearly every key is unique, and there may be 100,000 of them.
            if key in self.by_key:
                self.by_key[key].append(entry)
            else:
                self.by_key[key] = [entry]
        self.matched: dict[int, Entry] = {}
        self.claimed: set[str] = set()

    def plan(self) -> Plan:
        resource = self.resource
        self._match_ids()
        self._match_keys()
        if self.purge:
            self._match_mode_changes()
        creates: list[Change] = []
        updates: list[Change] = []
        deletes: list[Change] = []
        unchanged = 0
        for position, item in enumerate(self.desired):
            entry = self.matched.get(position)
            if not item.present:
                if entry is None:
                    unchanged += 1
                else:
                    self._refuse_synced(item.where, entry, "removed")
                    deletes.append(self._delete(item.where, entry, EXPIRED if item.expired else ABSENT))
            elif entry is None:
                creates.append(self._create(item))
            else:
                sends = differences(resource, entry, item.fields)
                if sends:
                    updates.append(self._update(item, entry, sends))
                else:
                    unchanged += 1
        deletes.extend(self._purged())
        self._check_collisions(updates, deletes)
        if self.problems:
            raise PlanError(self.problems)
        return Plan(
            resource,
            _sorted(creates),
            _sorted(updates),
            _sorted(deletes),
            unchanged,
            sum(item.expired for item in self.desired),
            self.matched,
        )

    def _subject(self, item: Desired) -> str:
        return subject(item.where, self.resource.label(item.fields))

    def _match_ids(self) -> None:
        for position, item in enumerate(self.desired):
            if item.id is None:
                continue
            entry = self.by_id.get(item.id)
            if entry is not None:
                self.matched[position] = entry
                self.claimed.add(item.id)
                self._refuse_immutable(item, entry)
            elif item.present:
                self.problems.append(
                    f"{item.where}: the account has no {self.resource.title} with id {item.id}. "
                    "Leave id out to have it created."
                )

    def _refuse_immutable(self, item: Desired, entry: Entry) -> None:
        for name in self.resource.immutable:
            normalize = self.resource.by_name[name].normalize
            given = item.present and name in item.fields
            if given and normalize(item.fields[name], entry) != normalize(entry.get(name), entry):
                self.problems.append(
                    f"{item.where}: {name} cannot be changed, and the entry with id {item.id} is {entry.get(name)!r}."
                )

    def _match_keys(self) -> None:
        for position, item in enumerate(self.desired):
            if item.id is not None:
                continue
            same = self.by_key.get(self.resource.key_of(item.fields), ())
            found = [entry for entry in same if entry["id"] not in self.claimed]
            if same and not found:
                self.problems.append(
                    f"{self._subject(item)}: the entry of the account that has this key is "
                    f"named by id already (id {same[0]['id']}). Keep one of the two."
                )
            if len(found) > 1:
                ids = ", ".join(entry["id"] for entry in found)
                self.problems.append(
                    f"{self._subject(item)}: {len(found)} entries of the account match it "
                    f"(ids {ids}). Say which one with id, or remove the others."
                )
            elif found:
                self.matched[position] = found[0]
        if self.purge:
            self.claimed.update(entry["id"] for entry in self.matched.values())

    def _match_mode_changes(self) -> None:
        """Under purge, match a desired entry without a counterpart to one with the same text that would be purged."""
        text_fields = [name for name in self.resource.key if name not in self.resource.match_mode_fields]
        if len(text_fields) == len(self.resource.key):
            return
        spare: dict[Hashable, list[Entry]] = {}
        for entry in self._purgeable():
            spare.setdefault(repr([entry.get(name) for name in text_fields]), []).append(entry)
        for position, item in enumerate(self.desired):
            if item.present and item.id is None and position not in self.matched:
                candidates = spare.get(repr([item.fields.get(name) for name in text_fields]))
                if candidates:
                    nearest = min(candidates, key=lambda entry: (self._distance(entry, item), entry["id"]))
                    candidates.remove(nearest)
                    self.matched[position] = nearest
                    self.claimed.add(nearest["id"])

    def _distance(self, entry: Entry, item: Desired) -> int:
        return len(differences(self.resource, entry, item.fields))

    def _purgeable(self) -> Iterator[Entry]:
        """The entries that purge may remove."""
        for entry_id, entry in self.by_id.items():
            if entry_id in self.claimed or self.resource.synced_from(entry):
                continue
            if self.purge and self.purge(entry):
                yield entry

    def _purged(self) -> list[Change]:
        return [self._delete(f"{self.resource.name}, purge", entry, PURGE) for entry in self._purgeable()]

    def _create(self, item: Desired) -> Change:
        missing = [name for name in self.resource.create_needs if name not in item.fields]
        if missing:
            hint = f" Or {self.resource.create_hint}." if self.resource.create_hint else ""
            self.problems.append(
                f"{self._subject(item)}: the account does not have it, and to create it "
                f"these are missing: {', '.join(missing)}.{hint}"
            )
        return Change(self.resource, "create", item.where, None, None, item.fields, item.fields)

    def _update(self, item: Desired, entry: Entry, sends: Entry) -> Change:
        before = self.resource.managed(entry)
        after = {**before, **sends}
        self._refuse_synced(item.where, entry, "changed")
        if item.id is not None and any(name in sends for name in self.resource.key):
            # Fields that the task omits, and that say how the pattern is read, come from the account.
            self.problems.extend(
                f"{item.where} ({self.resource.label(after)}): {issue.text}"
                for issue in self.resource.issues(after)
                if issue.certain
            )
        return Change(self.resource, "update", item.where, entry["id"], before, after, sends)

    def _delete(self, where: str, entry: Entry, reason: str) -> Change:
        before = self.resource.managed(entry)
        return Change(self.resource, "delete", where, entry["id"], before, None, {}, reason)

    def _refuse_synced(self, where: str, entry: Entry, verb: str) -> None:
        directory = self.resource.synced_from(entry)
        if directory:
            self.problems.append(
                f"{where} ({self.resource.label(entry)}, id {entry['id']}): it is synced from a directory "
                f"({directory}) and can only be {verb} there."
            )

    def _check_collisions(self, updates: list[Change], deletes: list[Change]) -> None:
        """An update must not give an entry the key of another one that remains."""
        deleted = {change.id for change in deletes}
        rekeyed = {change.id for change in updates if any(name in change.sends for name in self.resource.key)}
        freeing = deleted | rekeyed
        taken: dict[Hashable, Change] = {}
        for change in updates:
            if change.id not in rekeyed:
                continue
            first = taken.setdefault(self.resource.key_of(change.entry), change)
            if first is not change:
                self.problems.append(f"{change.subject}: {first.where} gives another entry the same key.")
            for other in self.by_key.get(self.resource.key_of(change.entry), ()):
                if other["id"] != change.id and other["id"] not in freeing:
                    self.problems.append(f"{change.subject}: another entry has this key already (id {other['id']}).")


def differences(resource: Resource, entry: Mapping[str, Any], fields: Mapping[str, Any]) -> Entry:
    """The fields of a desired entry that differ from the account's entry."""
    differing: Entry = {}
    for name, value in fields.items():
        if value == entry.get(name) or name in resource.immutable:
            continue
        normalize = resource.by_name[name].normalize
        # Omitted fields still say how the others are read.
        if normalize(value, {**entry, **fields}) != normalize(entry.get(name), entry):
            differing[name] = value
    return differing


def _sorted(changes: list[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (change.resource.label(change.entry), change.id or ""))
