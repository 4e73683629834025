# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which entry decided a message, by what the service itself says of it. Pure.

A message names the pattern that allowed it and the one that blocked it, without its type. So entries with one text
cannot be distinguished.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from .._messages.decided import decisions
from .._messages.match import Message
from .._resources.names import address_to_ascii, domain_to_ascii
from .._resources.values import ip_text, pattern_text
from .patterns import ALLOW, LISTS, Pattern

# What lets a message through and is no entry of any list, as the service calls it.
_OTHERS = frozenset(("quarantine_release", "managed_acceptable_sender", "outbound_ndr"))
_MOST_KNOWN = 20_000


class Decisions:
    """Says which of many entries decided a message.

    :param patterns: by any number.
    """

    def __init__(self, patterns: Mapping[int, Pattern]) -> None:
        self._numbers: dict[str, dict[str, list[int]]] = {name: {} for name in LISTS}
        for number, pattern in patterns.items():
            self._numbers[pattern.list].setdefault(_key(pattern), []).append(number)
        self.deciding = lru_cache(_MOST_KNOWN)(self._look)

    def _look(self, name: str, text: str) -> Sequence[int]:
        """The entries of a list whose pattern is this text; mostly one."""
        numbers = self._numbers[name]
        hits = (number for key in dict.fromkeys(_readings(text)) for number in numbers.get(key, ()))
        return tuple(dict.fromkeys(hits))


def decisions_of(message: Message) -> list[tuple[str, str]]:
    """By which lists a message was decided, each with the pattern; the empty text where the message names none."""
    if not isinstance(message.get("properties"), Mapping):
        return [(name, "") for name in LISTS]
    found: list[tuple[str, str]] = []
    for one in decisions(message).values():
        # What is not known to be something else may be a policy, so that none passes for unused that is not.
        name = one["list"] or (None if one["type"] in _OTHERS else ALLOW)
        if name in LISTS:
            found.append((name, one["pattern"] or ""))
    return found


def _key(pattern: Pattern) -> str:
    text = pattern.text if pattern.is_regex else pattern_text(pattern.text, {"pattern_type": pattern.kind})
    # Whether the service keeps upper case is not known. Entries that differ in it alone cannot be distinguished.
    return str(text).lower()


def _readings(text: str) -> Iterable[str]:
    """The forms that a pattern of this text may have as a key."""
    readings = (text, address_to_ascii(text), domain_to_ascii(text), str(ip_text(text)))
    return (reading.lower() for reading in readings)
