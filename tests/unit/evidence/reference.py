# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What entries decided, counted the plain way: all of an account's mail at once, without a thought of requests."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

_LISTED = {"allow_policies": "allowlisted_pattern", "block_senders": "blocklisted_pattern"}
_BY_POLICIES = (None, "acceptable_sender", "allowed_sender", "allowed_recipient")


def decided(mail: Iterable[Mapping[str, Any]]) -> Mapping[tuple[str, str], dict[str, Any]]:
    """By list and pattern: number, dispositions, and first and last time of the messages that it decided."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for message in mail:
        for name, said in _LISTED.items():
            pattern = message["properties"].get(said)
            if pattern and (
                name == "block_senders" or message["properties"].get("allowlisted_pattern_type") in _BY_POLICIES
            ):
                found[name, pattern].append(message)
    return defaultdict(lambda: _numbers([]), {key: _numbers(messages) for key, messages in found.items()})


def _numbers(messages: list[Mapping[str, Any]]) -> dict[str, Any]:
    times = sorted(message["scanned_at"] for message in messages)
    return {
        "messages": len(messages),
        "dispositions": dict(Counter(message["final_disposition"] for message in messages)),
        "first_seen": times[0] if times else None,
        "last_seen": times[-1] if times else None,
    }
