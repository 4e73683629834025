# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many messages from a short description: ``{"count": 100000, "seed": 1}``.

The same description makes the same messages; what it leaves open about time follows from now.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from typing import Any

from . import filling
from .message import DERIVED, Fields, Message
from .times import DAY, now, parse_time, seconds_text
from .vocabulary import DETECTIONS

# How many kinds of messages there are; of each, generated messages share what they have in common.
_KINDS = 240
_SECOND = 1_000_000
_KEYS = {"count", "seed", "start", "end", "detections", "quarantined", "fields"}

_PEOPLE = ("ada", "alan", "barbara", "claude", "donald", "edsger", "frances", "grace", "john", "katherine", "margaret")
_SENDERS = ("billing", "it.support", "hr", "newsletter", "no-reply", "parcel", "payroll", "security", "the.ceo")
_DOMAINS = ("parcels.example", "news.example", "invoices.example", "rnicrosoft.example", "friends.example")
_SUBJECTS = (
    "Invoice {} is overdue",
    "Parcel {} could not be delivered",
    "Your password expires, case {}",
    "Minutes of meeting {}",
    "Offer {} ends today",
    "Quick question {}",
    "Document {} was shared with you",
    "Re: order {}",
)
_DETECTED = sorted(DETECTIONS)


def generate(specification: Mapping[str, Any]) -> Iterator[Message]:
    """Messages, newest first. Raises ValueError where the description isn't right."""
    if not isinstance(specification, dict) or not set(specification) <= _KEYS:
        raise ValueError(f"generate takes {', '.join(sorted(_KEYS))}: {specification!r}")
    count, seed = specification.get("count"), specification.get("seed", 1)
    if not isinstance(count, int) or count < 0 or not isinstance(seed, int):
        raise ValueError("count and seed must be numbers")
    fixed = specification.get("fields", {})
    if not isinstance(fixed, dict) or set(fixed) & (DERIVED | set(filling.RECORD_FIELDS)):
        raise ValueError(f"fields must be an object without {', '.join(sorted(DERIVED))}")
    end = _time(specification, "end", now() // _SECOND * _SECOND)
    start = _time(specification, "start", end - 29 * DAY)
    shares = specification.get("detections", 0.4), specification.get("quarantined", 0.1)
    if not all(isinstance(share, (int, float)) and 0 <= share <= 1 for share in shares):
        raise ValueError("detections and quarantined are shares from 0 to 1")
    return _messages(count, seed, start, end, _kinds(random.Random(seed), *shares, fixed))


def _messages(count: int, seed: int, start: int, end: int, kinds: list[Fields]) -> Iterator[Message]:
    chance = random.Random(seed)
    prefix = "4" + "".join(chance.choices("BCDFGHJKLMNPQRSTVWXYZ", k=7))
    step = (end - start) / max(1, count)
    for number, base in zip(range(count), itertools.cycle(chance.sample(kinds, len(kinds))), strict=False):
        at = int(end - number * step) // _SECOND * _SECOND
        yield Message(f"{prefix}{number:08}-{seconds_text(at)}-{(number * 7919 + seed) % 10**8:08}", at, base)


def _kinds(chance: random.Random, detections: float, quarantined: float, fixed: Fields) -> list[Fields]:
    kinds = []
    for number in range(_KINDS):
        detected = number < detections * _KINDS
        recipients = [f"{name}@example.com" for name in chance.sample(_PEOPLE, chance.choice((1, 1, 1, 2, 3)))]
        given = {
            "postfix_id": f"4KIND{number:011}",
            "from": f"{chance.choice(_SENDERS)}@{chance.choice(_DOMAINS)}",
            "client_recipients": recipients,
            "subject": chance.choice(_SUBJECTS).format(chance.randrange(10**5)),
            "final_disposition": chance.choice(_DETECTED) if detected else "NONE",
            "is_quarantined": detected and number < quarantined * _KINDS,
            "edf_hash": f"{chance.getrandbits(128):032x}",
            **fixed,
        }
        kinds.append(filling.details(given, "1970-01-01T00:00:00Z"))
    return kinds


def _time(specification: Mapping[str, Any], name: str, default: int) -> int:
    if name not in specification:
        return default
    at = parse_time(specification[name])
    if at is None:
        raise ValueError(f"{name} must be a date and time with an offset")
    return at
