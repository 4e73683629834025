# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people need to act on a finding: the entry's id and age, its comment and owner, its place in the policy."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.places import Placed
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry

# When an exception was last used is only known if mail was examined.
FACTS = ("comment", "created_at", "place", "last_used")
# "Invoices; owner accounts-payable; SEC-1234", "Owner: Jane Doe (finance)"
_OWNER = re.compile(r"\b(?:owner|owned by|contact)\b\s*[:=]?\s*([^\s:=;,|()][^;,|()\n]*)", re.IGNORECASE)
_LONGEST_OWNER = 80

_By = dict[Hashable, Any]


def owner_of(comment: Any) -> str | None:
    """Whom a comment names as owner or contact, if it does."""
    found = _OWNER.search(comment) if isinstance(comment, str) else None
    return found.group(1).strip()[:_LONGEST_OWNER] or None if found else None


class EntryFacts:
    """What an account and its policy say of each entry, looked up by key or id. A list is sorted out when asked for."""

    def __init__(self, account: Mapping[str, Sequence[Entry]], written: Mapping[str, Sequence[Placed]]) -> None:
        self._account = account
        self._written = written
        self._entries: dict[str, tuple[_By, _By]] = {}
        self._places: dict[str, _By] = {}

    def of_finding(self, finding: Mapping[str, Any]) -> dict[str, Any]:
        """A finding with :data:`FACTS`, and with the id that its document may have left out."""
        name, key = finding["list"], finding["key"]
        if not key:
            return {**finding, **dict.fromkeys(FACTS)}
        entry = self._entry(name, key, finding["id"])
        return {**finding, "id": finding["id"] or entry.get("id"), **self._facts(name, entry, self._place(name, key))}

    def of_change(self, change: Mapping[str, Any], place: str | None) -> dict[str, Any]:
        """A change with :data:`FACTS`.

        :param place: where the policy speaks of the entry; None where it does not.
        """
        entry = self._entry(change["list"], change["key"], change["id"]) if change["id"] else change["after"] or {}
        return {**change, **self._facts(change["list"], entry, place)}

    def _facts(self, name: str, entry: Mapping[str, Any], place: str | None) -> dict[str, Any]:
        facts = (entry.get(RESOURCES[name].note), entry.get("created_at"), place, None)
        return dict(zip(FACTS, facts, strict=True))

    def _entry(self, name: str, key: Mapping[str, Any], entry_id: Any) -> Mapping[str, Any]:
        if name not in self._entries:
            entries = self._account.get(name, ())
            by_key: _By = {RESOURCES[name].key_of(entry): entry for entry in entries}
            self._entries[name] = {entry["id"]: entry for entry in entries}, by_key
        by_id, by_key = self._entries[name]
        found: Mapping[str, Any] = by_id.get(entry_id) or by_key.get(RESOURCES[name].key_of(key)) or {}
        return found

    def _place(self, name: str, key: Mapping[str, Any]) -> str | None:
        resource = RESOURCES[name]
        if name not in self._places:
            named = [placed for placed in self._written.get(name, ()) if isinstance(placed.entry, Mapping)]
            self._places[name] = {resource.key_of(_filled(name, placed.entry)): placed.where for placed in named}
        place: str | None = self._places[name].get(resource.key_of(key))
        return place


def _filled(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of a policy with the defaults of what makes its key."""
    resource = RESOURCES[name]
    defaults = {field: resource.by_name[field].default for field in resource.key}
    return {**defaults, **{field: value for field, value in entry.items() if value is not None}}
