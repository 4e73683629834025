# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results: changes, summary and diff, the same from a plan and from what was done."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from .._resources.resources import RESOURCES
from .._text import replace_controls
from .plan import Change, Plan

# Returns additional fields for a change.
More = Callable[[Change], Mapping[str, Any]]

# The actions of a change, and the names under which a summary counts those done.
ACTIONS = {"create": "created", "update": "updated", "delete": "deleted"}
_LISTS = list(RESOURCES)
# The maximum number of entries in a diff.
DIFF_ENTRIES = 1000
# The maximum number of creates, updates or deletes of a list in ``changes``: Ansible copies each value several times.
CHANGES_LISTED = 1000
_ACTION_ORDER = list(ACTIONS)


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Changes sorted by list, action and label."""
    return sorted(
        changes,
        key=lambda change: (
            _LISTS.index(change.resource.name),
            _ACTION_ORDER.index(change.action),
            change.resource.label(change.entry),
            change.id or "",
        ),
    )


def summary(plans: Iterable[Plan], changes: Iterable[Change]) -> dict[str, dict[str, int]]:
    """For each list of the document, the number of entries created, updated, deleted, unchanged and expired."""
    counts = {
        made.resource.name: {
            **dict.fromkeys(ACTIONS.values(), 0),
            "unchanged": made.unchanged,
            "expired": made.expired,
        }
        for made in plans
    }
    for change in changes:
        counts[change.resource.name][ACTIONS[change.action]] += 1
    return counts


def lines(counts: Mapping[str, Mapping[str, int]], check: bool) -> list[str]:
    """A readable summary, one line per list: ``block_senders: 2 created, 148 unchanged``."""
    words = {done: f"to {action}" if check else done for action, done in ACTIONS.items()} | {"unchanged": "unchanged"}
    summaries = []
    for name, count in counts.items():
        parts = [f"{count[what]} {word}" for what, word in words.items() if count[what]]
        expired = f" ({count['expired']} expired)" if count["expired"] else ""
        summaries.append(f"{name}: {', '.join(parts) or 'empty'}{expired}")
    return summaries or ["The policy names no list, so nothing was looked at."]


def listed(changes: Iterable[Change], ids: Mapping[tuple[Hashable, ...], str], more: More) -> dict[str, Any]:
    """``changes`` of a result, and in ``changes_omitted`` the number of further ones, by list and action."""
    kinds: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        kinds.setdefault((change.resource.name, change.action), []).append(change)
    omitted: dict[str, dict[str, int]] = {}
    for (name, action), alike in kinds.items():
        if len(alike) > CHANGES_LISTED:
            omitted.setdefault(name, {})[action] = len(alike) - CHANGES_LISTED
    shown = [change for alike in kinds.values() for change in alike[:CHANGES_LISTED]]
    return {"changes": change_list(shown, ids, more), "changes_omitted": omitted}


def change_list(
    changes: Iterable[Change], ids: Mapping[tuple[Hashable, ...], str], more: More = lambda change: {}
) -> list[dict[str, Any]]:
    """Changes as results show them.

    :param ids: ids of created entries by the change's identity; empty in check mode.
    :param more: returns additional fields for a change.
    """
    return [
        {
            "list": change.resource.name,
            "action": change.action,
            "key": change.resource.key_fields(change.entry),
            "id": change.id or ids.get(change.identity),
            "before": change.before,
            "after": change.after,
            "reason": change.reason,
            **more(change),
        }
        for change in changes
    ]


def diff(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Before and after of each changed entry, by list and label, in Ansible's form: one item for each.

    Ids and timestamps are not part of a policy and are omitted. The diff is truncated after DIFF_ENTRIES, and its last
    item reports it.
    """
    by_label = sorted(changes, key=lambda change: (_LISTS.index(change.resource.name), _label(change)))
    items: list[dict[str, Any]] = [
        {
            "before_header": f"{change.resource.name}: {_label(change)}",
            "after_header": f"{change.resource.name}: {_label(change)}{_why(change)}",
            "before": change.before or "",
            "after": change.after or "",
        }
        for change in by_label[:DIFF_ENTRIES]
    ]
    more = len(by_label) - DIFF_ENTRIES
    if more > 0:
        items.append({"prepared": f"... and {more:,} more entries.\n"})
    return items


def _why(change: Change) -> str:
    """Why an entry is deleted, after its label."""
    return f" (deleted: {change.reason})" if change.reason else ""


def _label(change: Change) -> str:
    """The label, safe for a terminal: Ansible prints the headers of a diff unescaped."""
    return replace_controls(change.resource.label(change.before or change.entry)).replace("\n", "?")
