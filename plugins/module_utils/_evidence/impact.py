# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What planned changes would have done to the mail of a time range, and what the entries they replace have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._api.client import Client
from .._resources.values import Entry
from . import sentences
from .counts import MAX_DISTINCT
from .effects import PlannedChange
from .gather import Gathered, Gatherer, Span
from .ledger import Ledger, Row
from .patterns import pattern_of
from .usage import decided_reason, entries_in_order, usage_of_row


@dataclass(frozen=True)
class _Rows:
    """The rows that count the messages of a change: those that match its pattern, and those its entry has decided."""

    about: Row
    decided: Row | None


def impacts_of(
    client: Client, changes: Sequence[PlannedChange], span: Span, budget: int, *, subjects: bool = False
) -> list[dict[str, Any]]:
    """The impact of each change, in their order. Never fails; an unknown impact has a reason.

    Operation: Search email messages.

    :param budget: the maximum number of requests.
    :param subjects: whether examples include the subjects of messages.
    """
    paired = [_rows(change) for change in changes]
    rows = [row for pair in paired for row in ([pair.about, pair.decided] if pair.decided else [pair.about])]
    # One row may serve both purposes.
    unique = list({id(row): row for row in rows}.values())
    Gatherer(client, span, Ledger(unique), budget).run()
    return [_impact(change, pair, span, subjects) for change, pair in zip(changes, paired, strict=True)]


def usage_and_impacts(
    client: Client, lists: Mapping[str, Sequence[Entry]], changes: Sequence[PlannedChange], span: Span, budget: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Gathered]:
    """What entries decided, as :func:`usage_of`, and what changes would have done, from the same requests.

    :param changes: creates and updates. What their current entries decided is not reported.
    """
    entries = entries_in_order(lists)
    used = [Row(pattern_of(name, entry)) for name, entry in entries]
    changed = [Row(one.pattern, decides=False, relates=True, affects=one.affects) for one in changes]
    gathered = Gatherer(client, span, Ledger([*used, *changed]), budget).run()
    usage = [usage_of_row(name, entry, row) for (name, entry), row in zip(entries, used, strict=True)]
    impacts = [
        _impact(change, _Rows(row, None), span, subjects=False) for change, row in zip(changes, changed, strict=True)
    ]
    return usage, impacts, gathered


def unknown_impact(reason: str) -> dict[str, Any]:
    """The impact of a change whose effect is unknown."""
    numbers = dict.fromkeys(("messages", "below", "senders", "recipients", "decided"))
    return {
        **numbers,
        "dispositions": {},
        "affected": {},
        "examples": [],
        "reason": reason,
        "sentence": f"Its effect is unknown: {reason}.",
    }


def _rows(change: PlannedChange) -> _Rows:
    same = change.pattern == change.old_pattern
    about = Row(change.pattern, decides=same, relates=True, affects=change.affects)
    old = change.old_pattern
    return _Rows(about, about if same else Row(old) if old else None)


def _impact(change: PlannedChange, rows: _Rows, span: Span, subjects: bool) -> dict[str, Any]:
    row = rows.about
    is_known = row.searched and not row.uncertain
    reasons = [about_reason(row), decided_reason(rows.decided) if rows.decided else ""]
    reason = "; ".join(dict.fromkeys(each for each in reasons if each)) or None
    counts = row.about
    impact: dict[str, Any] = {
        "messages": counts.messages if is_known else None,
        "below": row.below if is_known and row.pattern.is_domain and not row.below_incomplete else None,
        "dispositions": counts.sorted_dispositions(),
        "affected": dict(sorted(row.affected.items(), key=lambda item: (-item[1], item[0]))),
        "senders": counts.senders if is_known else None,
        "recipients": counts.recipients if is_known else None,
        "decided": rows.decided.decided.messages if rows.decided and rows.decided.searched else None,
        "examples": counts.examples(subjects=subjects),
        "reason": reason,
    }
    return {**impact, "sentence": sentences.sentence(change, impact, span.start[:10], MAX_DISTINCT)}


def about_reason(row: Row) -> str:
    """Why it is uncertain which messages match a pattern; empty if it is certain."""
    if row.uncertain:
        return f"it is uncertain which mail the pattern matches: {row.uncertain}"
    if row.incomplete:
        return row.incomplete
    if row.undetermined:
        return (
            f"it is uncertain for {row.undetermined:,} messages, since it is not documented whether a regular "
            "expression must match the whole text, and in which case"
        )
    if row.without_field:
        return f"{row.without_field:,} messages do not say which server they came from"
    return ""
