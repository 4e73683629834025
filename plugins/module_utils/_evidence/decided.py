# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which entry decided a message, as the service itself reports. Pure.

A message names the pattern that allowed it and the one that blocked it, without its type. So entries with the same text
are indistinguishable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from .._messages.decided import decisions
from .._messages.match import Message
from .._resources.names import address_to_ascii, domain_to_ascii
from .._resources.values import ip_text, pattern_text
from .patterns import ALLOW, LISTS, Pattern

# The service's names for exceptions that belong to no list.
_OTHERS = frozenset(("quarantine_release", "managed_acceptable_sender", "outbound_ndr"))
_CACHE_SIZE = 20_000


class Decisions:
    """Looks up which of many entries decided a message.

    :param patterns: by an arbitrary number.
    """

    def __init__(self, patterns: Mapping[int, Pattern]) -> None:
        self._numbers: dict[str, dict[str, list[int]]] = {name: {} for name in LISTS}
        for number, pattern in patterns.items():
            self._numbers[pattern.list].setdefault(_key(pattern), []).append(number)
        self.deciding = lru_cache(_CACHE_SIZE)(self._find)

    def _find(self, name: str, text: str) -> Sequence[int]:
        """The entries of a list with this pattern; usually one."""
        numbers = self._numbers[name]
        hits = (number for key in dict.fromkeys(_key_forms(text)) for number in numbers.get(key, ()))
        return tuple(dict.fromkeys(hits))


def decisions_of(message: Message) -> list[tuple[str, str]]:
    """The lists that decided a message, each with the pattern; empty if the message does not name it."""
    if not isinstance(message.get("properties"), Mapping):
        return [(name, "") for name in LISTS]
    found: list[tuple[str, str]] = []
    for one in decisions(message).values():
        # An unknown type may be a policy's, so that no policy counts as unused by mistake.
        name = one["list"] or (None if one["type"] in _OTHERS else ALLOW)
        if name in LISTS:
            found.append((name, one["pattern"] or ""))
    return found


def _key(pattern: Pattern) -> str:
    text = pattern.text if pattern.is_regex else pattern_text(pattern.text, {"pattern_type": pattern.kind})
    # It is unknown whether the service keeps upper case. Entries that differ only in case are indistinguishable.
    return str(text).lower()


def _key_forms(text: str) -> Iterable[str]:
    """The keys that a pattern with this text may have."""
    forms = (text, address_to_ascii(text), domain_to_ascii(text), str(ip_text(text)))
    return (form.lower() for form in forms)
