# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured: states of an account against what is desired of it, as data, in sizes and latencies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Entry = dict[str, Any]

SIZES = (100, 1_000, 10_000, 100_000)
LATENCIES = (0, 50)


def entries(count: int) -> list[Entry]:
    """Blocked senders, as the API wants them and a document may say them."""
    return [
        {"pattern": f"{number:06}.example", "pattern_type": "DOMAIN", "is_regex": False, "comments": "INC-1"}
        for number in range(count)
    ]


def _drifted(count: int) -> list[Entry]:
    """Somebody changed every hundredth comment."""
    return [{**entry, "comments": "?"} if number % 100 == 0 else entry for number, entry in enumerate(entries(count))]


def _nothing(count: int) -> list[Entry]:
    return []


@dataclass(frozen=True)
class State:
    """:param account: the entries it begins with, for a size; :param desired: the entries it ends with."""

    title: str
    account: Callable[[int], list[Entry]]
    desired: Callable[[int], list[Entry]]
    writes: bool = True


STATES = {
    "none": State("No drift", entries, entries, writes=False),
    "drift": State("1 % drift", _drifted, entries),
    "new": State("All new", _nothing, entries),
    "purged": State("All purged", entries, _nothing),
}


@dataclass(frozen=True, order=True)
class Case:
    """:param latency: milliseconds that the simulator waits before each answer."""

    latency: int
    state: str
    size: int

    @property
    def account(self) -> list[Entry]:
        return STATES[self.state].account(self.size)

    @property
    def desired(self) -> list[Entry]:
        return STATES[self.state].desired(self.size)

    @property
    def undesired(self) -> list[Entry]:
        """The entries of the account that are to go."""
        kept = {entry["pattern"] for entry in self.desired}
        return [entry for entry in self.account if entry["pattern"] not in kept]
