# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of one collection of one account, kept so that a page or a batch of 1,000 stays cheap.

Entries are dicts and are never changed in place: a change puts a new dict where the old one was. So a snapshot is a
shallow copy, and a page that is being sent can't change under way.
"""

from __future__ import annotations

import datetime
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .resources import Resource

Entry = dict[str, Any]
Key = tuple[str, ...]

_EPOCH = datetime.datetime(1970, 1, 1)
_MICROSECOND = datetime.timedelta(microseconds=1)


class Clock:
    """UTC in RFC 3339, never the same twice, so that the order of creation is the order of ``created_at``."""

    def __init__(self) -> None:
        self._last = 0

    def stamp(self) -> str:
        self._last = max(time.time_ns() // 1000, self._last + 1)
        return (_EPOCH + self._last * _MICROSECOND).isoformat(timespec="microseconds") + "Z"


class Collection:
    """Entries by id, in the order of their creation."""

    def __init__(self, resource: Resource, clock: Clock) -> None:
        self.resource = resource
        self._clock = clock
        self._entries: dict[str, Entry] = {}
        self._keys: dict[Key, int] = {}
        self._views: dict[Any, list[Entry]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def now(self) -> str:
        return self._clock.stamp()

    def get(self, entry_id: Any) -> Entry | None:
        return self._entries.get(str(entry_id))

    def holds(self, entry: Mapping[str, Any]) -> bool:
        """Whether an entry with the same key is there."""
        return self.key(entry) in self._keys

    def key(self, entry: Mapping[str, Any]) -> Key:
        # str(), because entries put there by a test may hold anything, lists included.
        parts = tuple([str(entry.get(name)) for name in self.resource.key])
        return tuple([part.lower() for part in parts]) if self.resource.case_blind_key else parts

    def create(self, fields: Mapping[str, Any]) -> Entry:
        """Add an entry made of these fields, with an id and timestamps of its own."""
        now = self._clock.stamp()
        resource = self.resource
        return self.insert(
            {
                "id": str(uuid.uuid4()),
                **resource.computed,
                **resource.created,
                **fields,
                "created_at": now,
                "modified_at": now,
            }
        )

    def insert(self, entry: Entry, *, front: bool = False) -> Entry:
        """Add an entry that has its id already; ``front`` puts it before all others."""
        self._dress(entry)
        entry_id = str(entry["id"])
        self._entries = {entry_id: entry, **self._entries} if front else self._entries
        self._entries[entry_id] = entry
        key = self.key(entry)
        self._keys[key] = self._keys.get(key, 0) + 1
        self._views.clear()
        return entry

    def change(self, old: Entry, fields: Mapping[str, Any]) -> Entry:
        """Put a new entry in the place of the old one: the same but for these fields."""
        entry = {**old, **fields, "modified_at": self._clock.stamp()}
        self._dress(entry)
        self._forget_key(old)
        self._entries[str(old["id"])] = entry
        key = self.key(entry)
        self._keys[key] = self._keys.get(key, 0) + 1
        self._views.clear()
        return entry

    def remove(self, entry: Entry) -> None:
        del self._entries[str(entry["id"])]
        self._forget_key(entry)
        self._views.clear()

    def load(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Replace all entries, without judging them; what only a server can know is filled in where it is missing."""
        filled = []
        for given in entries:
            now = self._clock.stamp()
            filled.append(
                {"id": str(uuid.uuid4()), **self.resource.computed, "created_at": now, "modified_at": now, **given}
            )
        filled.sort(key=lambda entry: str(entry["created_at"]))
        self._entries, self._keys = {}, {}
        self._views.clear()
        for entry in filled:
            self.insert(entry)

    def export(self) -> list[Entry]:
        """The entries without their deprecated fields: what ``load`` takes."""
        twins = self.resource.twins
        return [{name: value for name, value in entry.items() if name not in twins} for entry in self]

    def snapshot(self) -> Any:
        return self._entries.copy(), self._keys.copy()

    def restore(self, snapshot: Any) -> None:
        self._entries, self._keys = snapshot
        self._views.clear()

    def view(self, name: Any, make: Callable[[], list[Entry]]) -> list[Entry]:
        """A filtered and sorted list of the entries, kept until something changes: pages are cut from it."""
        if name not in self._views:
            self._views[name] = make()
        return self._views[name]

    def _dress(self, entry: Entry) -> None:
        for twin, source in self.resource.twins.items():
            if source in entry:
                entry[twin] = entry[source]

    def _forget_key(self, entry: Entry) -> None:
        key = self.key(entry)
        self._keys[key] -= 1
        if not self._keys[key]:
            del self._keys[key]
