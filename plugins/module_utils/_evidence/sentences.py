# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change would have done to mail, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._text import count
from .effects import CLEAN, MALICIOUS, PlannedChange
from .patterns import ALLOW

Impact = Mapping[str, Any]


def sentence(change: PlannedChange, impact: Impact, since: str, most: int) -> str:
    """What a change would have done, in one sentence, with others for caveats.

    :param impact: the numbers.
    :param since: the first day of the time range.
    :param most: the maximum number of senders that are counted.
    """
    return " ".join(_sentences(change, impact, since, most))


def _sentences(change: PlannedChange, impact: Impact, since: str, most: int) -> Iterator[str]:
    reason = impact["reason"]
    if change.action == "delete":
        decided = impact["decided"]
        if decided is not None:
            yield f"It decided {_least(reason)}{count(decided, 'message')} since {since}."
    elif impact["messages"] is not None:
        yield _of_present(change, impact, since, most)
        yield from _below(change, impact)
    if reason:
        is_partly_known = bool(impact["messages"] or impact["decided"])
        yield f"{'Not all is known' if is_partly_known else 'Its effect is unknown'}: {reason}."


def _of_present(change: PlannedChange, impact: Impact, since: str, most: int) -> str:
    least = _least(impact["reason"])
    senders = impact["senders"]
    source = f"from {'at least ' if senders >= most else ''}{count(senders, 'sender')} since {since}"
    messages = f"{least}{count(impact['messages'], 'message')}"
    if not impact["messages"]:
        return f"{'None of the messages that were read' if least else 'No message'} since {since} matches it."
    if not change.is_effective:
        return f"It makes no difference to mail. Its pattern matches {messages} {source}."
    affected: Mapping[str, int] = impact["affected"]
    if change.list != ALLOW:
        return f"It would have stopped {messages} {source}, {affected.get(CLEAN, 0):,} of them clean."
    malicious = sum(affected.get(name, 0) for name in MALICIOUS)
    others = sum(affected.values()) - malicious
    passed = [count(malicious, "malicious message")] if malicious else [] if others else ["no malicious message"]
    passed += [f"{count(others, 'message')} with another disposition"] if others else []
    some = least if malicious or others else ""
    return f"It would have let {some}{' and '.join(passed)} through, of {messages} {source}."


def _below(change: PlannedChange, impact: Impact) -> Iterator[str]:
    if not change.pattern.is_domain:
        return
    if impact["below"] is None:
        yield "Mail from its subdomains was not read."
    elif impact["below"]:
        number = count(impact["below"], "message")
        yield f"{number} came from its subdomains; whether the pattern covers them is not documented."


def _least(reason: str | None) -> str:
    return "at least " if reason else ""
