# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How results read: changes, summary and diff, the same from a plan and from what was done."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils.plan import Change, Plan
from ansible_collections.cloudflare.email_security.plugins.module_utils.resources import RESOURCES, Entry

_COUNTED = {"create": "created", "update": "updated", "delete": "deleted"}
_LISTS = list(RESOURCES)
_ACTIONS = list(_COUNTED)


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Changes by list, action and label, however they came about."""
    return sorted(
        changes,
        key=lambda change: (
            _LISTS.index(change.resource.name),
            _ACTIONS.index(change.action),
            change.resource.label(change.entry),
            change.id or "",
        ),
    )


def summary(plans: Iterable[Plan], changes: Iterable[Change]) -> dict[str, dict[str, int]]:
    """For each list of the document how many entries are created, updated, deleted, unchanged and expired."""
    counts = {
        made.resource.name: {
            **dict.fromkeys(_COUNTED.values(), 0),
            "unchanged": made.unchanged,
            "expired": made.expired,
        }
        for made in plans
    }
    for change in changes:
        counts[change.resource.name][_COUNTED[change.action]] += 1
    return counts


def change_list(changes: Iterable[Change], ids: Mapping[tuple[Hashable, ...], str]) -> list[dict[str, Any]]:
    """Changes as results show them.

    :param ids: ids of created entries by the change's identity; in check mode there are none yet.
    """
    return [
        {
            "list": change.resource.name,
            "action": change.action,
            "key": change.resource.key_fields(change.entry),
            "id": change.id or ids.get(change.identity),
            "before": change.before,
            "after": change.after,
        }
        for change in changes
    ]


def diff(changes: Sequence[Change]) -> dict[str, Any]:
    """Before and after of the entries that change, by list and label, so that Ansible shows them sorted.

    Ids and timestamps say nothing about a policy and are left out; an id stands only where two labels would be equal.
    """
    before: dict[str, dict[str, Entry]] = {}
    after: dict[str, dict[str, Entry]] = {}
    taken: set[tuple[str, str]] = set()
    for change in changes:
        name = change.resource.name
        label = change.resource.label(change.before or change.entry)
        if (name, label) in taken:
            label = f"{label} (id {change.id or 'new'})"
        taken.add((name, label))
        _put(before, name, label, change.before)
        _put(after, name, label, change.after)
    return {"before": before, "after": after}


def _put(side: dict[str, dict[str, Entry]], name: str, label: str, fields: Mapping[str, Any] | None) -> None:
    if fields is not None:
        side.setdefault(name, {})[label] = dict(fields)
