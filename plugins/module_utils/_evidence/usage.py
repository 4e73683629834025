# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which entries of an account decide messages, and when they last did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from .._api.client import Client
from .._errors import InputError
from .._resources.resources import RESOURCES
from .._resources.values import Entry
from .._spec import Context, ModuleSpec
from .._times import to_api_time
from .gather import Gathered, Gatherer, Span
from .ledger import Ledger, Row
from .patterns import LISTS, pattern_of

USED, UNUSED, UNKNOWN = "used", "unused", "unknown"
DEFAULT_SINCE = "30d"
DEFAULT_REQUESTS = 200


def policy_usage_info_module() -> ModuleSpec:
    """The module that reports which allow policies and blocked senders decide messages."""
    return ModuleSpec(
        options={
            "gather": {"type": "list", "elements": "str", "choices": list(LISTS), "default": list(LISTS)},
            "since": {"type": "str", "default": DEFAULT_SINCE},
            "max_requests": {"type": "int", "default": DEFAULT_REQUESTS},
        },
        run=_run,
        writes=False,
    )


def _run(context: Context) -> dict[str, Any]:
    span = read_span(context.params["since"], context.now, "since")
    check_requests(context.params["max_requests"], "max_requests")
    names = [name for name in LISTS if name in context.params["gather"]]
    lists = {name: context.client.settings.entries(RESOURCES[name]) for name in names}
    usage, gathered = usage_of(context.client, lists, span, context.params["max_requests"])
    return {
        "changed": False,
        "usage": usage,
        "since": span.start,
        "oldest_message": gathered.oldest,
        "requests": gathered.requests,
    }


def read_span(since: str, now: datetime, option: str) -> Span:
    """The time range from ``since`` until now.

    :param since: a time, a date, or a span before now.
    :raises InputError: it is none of these, or not in the past.
    """
    try:
        start = to_api_time(since, now, end_of_day=False)
    except ValueError as error:
        raise InputError([f"{option} {error}"]) from None
    if start > to_api_time("0m", now, end_of_day=False):
        raise InputError([f"{option} must lie in the past, and {since!r:.60} does not"])
    # Includes the current second.
    return Span(start, to_api_time("0m", now + timedelta(seconds=1), end_of_day=False))


def check_requests(most: int, option: str) -> None:
    """:raises InputError: the number of requests is below 1."""
    if most < 1:
        raise InputError([f"{option} must be at least 1"])


def usage_of(
    client: Client, lists: Mapping[str, Sequence[Entry]], span: Span, budget: int
) -> tuple[list[dict[str, Any]], Gathered]:
    """The messages that each entry decided, in the lists' order. Operation: Search email messages.

    :param lists: entries as :meth:`SettingsOperations.entries` returns them, by the list's name.
    :param budget: the maximum number of requests.
    """
    entries = entries_in_order(lists)
    rows = [Row(pattern_of(name, entry)) for name, entry in entries]
    gathered = Gatherer(client, span, Ledger(rows), budget).run()
    return [usage_of_row(name, entry, row) for (name, entry), row in zip(entries, rows, strict=True)], gathered


def entries_in_order(lists: Mapping[str, Sequence[Entry]]) -> list[tuple[str, Entry]]:
    """Entries with their lists, in the lists' order."""
    return [(name, entry) for name in LISTS for entry in lists.get(name, ())]


def usage_of_row(name: str, entry: Entry, row: Row) -> dict[str, Any]:
    """The usage of an entry, from its row."""
    reason = decided_reason(row)
    decided = row.decided
    return {
        "list": name,
        **RESOURCES[name].key_fields(entry),
        "id": entry.get("id"),
        "status": UNKNOWN if reason else USED if decided.messages else UNUSED,
        "reason": reason or None,
        "messages": decided.messages,
        "first_seen": decided.first_seen,
        "last_seen": decided.last_seen,
        "dispositions": decided.sorted_dispositions(),
    }


def decided_reason(row: Row) -> str:
    """Why it is uncertain how many messages an entry decided; empty if it is certain."""
    if row.incomplete:
        return row.incomplete
    if row.below_incomplete:
        return (
            "the search by sender may omit mail from subdomains, and reading all mail would take more requests than "
            "the limit allows"
        )
    if row.shared:
        return f"{row.shared:,} of its messages may be those of another entry, whose pattern has the same text"
    if row.unnamed:
        return f"{row.unnamed:,} messages do not name the pattern that decided them"
    return ""
