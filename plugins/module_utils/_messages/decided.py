# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which policy let a message through, and which blocked it, as the service reports in its ``properties``. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Message = Mapping[str, Any]
Decision = dict[str, Any]

LET_THROUGH, BLOCKED = "let_through_by", "blocked_by"
BLOCK_SENDERS = "block_senders"
# The list that holds an exception, by ``allowlisted_pattern_type``. Other types belong to no list: messages released
# from quarantine, senders that Cloudflare itself accepts, and replies to one's own mail.
_LISTS: Mapping[str, str] = {
    "acceptable_sender": "allow_policies",
    "allowed_sender": "allow_policies",
    "allowed_recipient": "allow_policies",
    "domain_similarity": "trusted_domains",
    "domain_recency": "trusted_domains",
}


def decisions(message: Message) -> dict[str, Decision]:
    """What decided a message, under ``let_through_by`` and ``blocked_by``. Either key may be absent.

    Each is ``{list, pattern, type}``. The list is null if none of the account's lists holds it; pattern and type
    are null if the service does not report them.
    """
    properties = message.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    found: dict[str, Decision] = {}
    # The second name is the older one.
    kind = _text(properties.get("allowlisted_pattern_type")) or _text(properties.get("whitelisted_pattern_type"))
    pattern = _text(properties.get("allowlisted_pattern"))
    if kind or pattern:
        found[LET_THROUGH] = {"list": _LISTS.get(kind or ""), "pattern": pattern, "type": kind}
    blocked = _text(properties.get("blocklisted_pattern"))
    if blocked or properties.get("blocklisted_message") is True:
        found[BLOCKED] = {"list": BLOCK_SENDERS, "pattern": blocked, "type": None}
    return found


def count_decisions(messages: Iterable[Message]) -> dict[str, list[Decision]]:
    """What decided messages, each with the number of ``messages``, most frequent first."""
    counts: dict[str, Counter[tuple[str | None, ...]]] = {LET_THROUGH: Counter(), BLOCKED: Counter()}
    for message in messages:
        for name, one in decisions(message).items():
            counts[name][(one["list"], one["pattern"], one["type"])] += 1
    return {
        name: [
            {"list": place, "pattern": pattern, "type": kind, "messages": number}
            for (place, pattern, kind), number in counter.most_common()
        ]
        for name, counter in counts.items()
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
