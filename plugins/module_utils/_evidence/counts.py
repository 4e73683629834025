# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statistics of the messages that match one entry: numbers, and a few example messages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .._messages.match import RECIPIENTS, SENDERS, Message, field_texts, normalize_address
from .._times import parse_time

# The maximum number of distinct senders, or recipients, that are counted for an entry.
MAX_DISTINCT = 1000
MAX_EXAMPLES = 5

UNKNOWN_DISPOSITION = "UNKNOWN"


class Counts:
    """Statistics of messages, each of which is added once.

    :param details: whether to count senders and recipients and to keep examples.
    """

    def __init__(self, *, details: bool = False) -> None:
        self.messages = 0
        self.dispositions: dict[str, int] = {}
        self._details = details
        self._first: tuple[datetime, str] | None = None
        self._last: tuple[datetime, str] | None = None
        self._senders: set[str] = set()
        self._recipients: set[str] = set()
        self._examples: list[Message] = []

    def add(self, message: Message) -> None:
        self.messages += 1
        disposition = disposition_of(message)
        self.dispositions[disposition] = self.dispositions.get(disposition, 0) + 1
        if (seen := seen_at(message)) is not None:
            self._first = min(self._first or seen, seen)
            self._last = max(self._last or seen, seen)
        if self._details:
            _fill(self._senders, field_texts(message, SENDERS[:1]) or field_texts(message, SENDERS))
            _fill(self._recipients, field_texts(message, RECIPIENTS))
            if len(self._examples) < MAX_EXAMPLES:
                self._examples.append({name: message.get(name) for name in ("id", "from", "scanned_at", "subject")})

    @property
    def first_seen(self) -> str | None:
        return self._first[1] if self._first else None

    @property
    def last_seen(self) -> str | None:
        return self._last[1] if self._last else None

    @property
    def senders(self) -> int:
        """The number of distinct senders, at most MAX_DISTINCT."""
        return len(self._senders)

    @property
    def recipients(self) -> int:
        """The number of distinct recipients, at most MAX_DISTINCT."""
        return len(self._recipients)

    def examples(self, *, subjects: bool) -> list[dict[str, Any]]:
        """The messages added first: ``id``, ``from``, ``scanned_at``, and on request ``subject``."""
        return [
            {name: value for name, value in example.items() if subjects or name != "subject"}
            for example in self._examples
        ]

    def sorted_dispositions(self) -> dict[str, int]:
        """The number of messages per disposition, most frequent first."""
        return dict(sorted(self.dispositions.items(), key=lambda item: (-item[1], item[0])))


def disposition_of(message: Message) -> str:
    return str(message.get("final_disposition") or UNKNOWN_DISPOSITION)


def seen_at(message: Mapping[str, Any]) -> tuple[datetime, str] | None:
    """When a message was scanned, parsed and as the API returns it; None if it has no time."""
    text = message.get("scanned_at") or message.get("ts")
    try:
        return parse_time(str(text), end_of_day=False), str(text)
    except ValueError:
        return None


def _fill(known: set[str], addresses: list[str]) -> None:
    for address in addresses:
        if len(known) < MAX_DISTINCT:
            known.add("@".join(normalize_address(address)))
