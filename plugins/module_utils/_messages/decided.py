# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which policy let a message through, and which blocked it, as the service itself says in its ``properties``. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Message = Mapping[str, Any]
Decision = dict[str, Any]

LET_THROUGH, BLOCKED = "let_through_by", "blocked_by"
BLOCK_SENDERS = "block_senders"
# The list that holds an exception, by ``allowlisted_pattern_type``. What is missing is no entry of any list: a message
# that somebody released from quarantine, what Cloudflare itself accepts, and answers to mail of one's own.
_LISTS: Mapping[str, str] = {
    "acceptable_sender": "allow_policies",
    "allowed_sender": "allow_policies",
    "allowed_recipient": "allow_policies",
    "domain_similarity": "trusted_domains",
    "domain_recency": "trusted_domains",
}


def decisions(message: Message) -> dict[str, Decision]:
    """What decided a message, under ``let_through_by`` and ``blocked_by``. What did not is not there.

    Each is ``{list, pattern, type}``. The list is null for what is in none of the account's lists, the pattern and
    the type where the service does not say.
    """
    said = message.get("properties")
    if not isinstance(said, Mapping):
        return {}
    found: dict[str, Decision] = {}
    # The second is an older name.
    kind = _text(said.get("allowlisted_pattern_type")) or _text(said.get("whitelisted_pattern_type"))
    pattern = _text(said.get("allowlisted_pattern"))
    if kind or pattern:
        found[LET_THROUGH] = {"list": _LISTS.get(kind or ""), "pattern": pattern, "type": kind}
    blocked = _text(said.get("blocklisted_pattern"))
    if blocked or said.get("blocklisted_message") is True:
        found[BLOCKED] = {"list": BLOCK_SENDERS, "pattern": blocked, "type": None}
    return found


def count_decisions(messages: Iterable[Message]) -> dict[str, list[Decision]]:
    """What decided messages, each with how many ``messages`` it decided, the most frequent first."""
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
