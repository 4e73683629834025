# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which way to ask costs fewer requests: to read all mail, or to search for what each entry is about. Pure.

Reading all mail takes a request for each 1,000 messages, however many entries there are. A search takes one for each
1,000 messages that it finds, at least one. How many messages there are is only known when they have come, so it is
estimated from those that have: they come newest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum


class Way(Enum):
    SCAN = "scan"
    SEARCH = "search"


@dataclass(frozen=True)
class Needs:
    """What is to be asked.

    :param certain: entries of which a search finds every message.
    :param partial: entries of which a search finds some: domains, whose subdomains it may leave out.
    :param scan: entries that no search finds.
    """

    certain: int
    partial: int
    scan: int


# Mail comes by day and on weekdays, so that a few busy hours say little about a month. Before it is given up to read
# all mail, so much of it has come, or so large a part of the budget is spent.
_TELLING = timedelta(days=2)
_PART = 5
# What a day of a weekend counts of a weekday, and a day on average.
_WEEKEND = 0.3
_AVERAGE = (5 + 2 * _WEEKEND) / 7
# An estimate may be too high by so much. It is made anew with each page, so that going on costs little.
_SAFETY_FACTOR = 1.25


@dataclass(frozen=True)
class Progress:
    """How far the reading of all mail has come, from the newest message back.

    :param start: where the time ends that is asked for, and ``end`` where it begins.
    :param reached: how far it has been read; None before the first page, or where no message says its time.
    :param pages: how many pages that took.
    """

    start: datetime
    end: datetime
    reached: datetime | None = None
    pages: int = 0

    @property
    def per_page(self) -> float:
        """The seconds of weekdays that a page covers, on average; 0 where that is not known."""
        return _busy_seconds(self.reached, self.end) / self.pages if self.reached and self.pages else 0.0

    @property
    def remaining(self) -> float:
        """How many more pages there are, about. Without a time, as many again."""
        if self.reached is None or self.per_page <= 0:
            return float(self.pages)
        return _busy_seconds(self.start, self.reached) / self.per_page

    def reach(self, budget: int) -> datetime | None:
        """How far so many more pages go, about; None where that is not known."""
        if self.reached is None or self.per_page <= 0:
            return None
        return self.reached - timedelta(seconds=self.per_page * budget / _AVERAGE)

    def is_telling(self, budget: int) -> bool:
        """Whether enough of it has come to estimate the rest."""
        covered = self.end - self.reached if self.reached else timedelta()
        return covered >= _TELLING or self.pages >= max(1, budget // _PART)


def way(needs: Needs, progress: Progress, left: int, budget: int) -> Way:
    """How to go on.

    What is certain comes first: as long as all mail can be read within the budget, no entry is left half known to save
    requests. Where it cannot, some entries are better known well than all of them half, unless most of the budget is
    spent by then.

    :param left: the requests that are left of ``budget``.
    """
    searchable = needs.certain + needs.partial
    only_certain = searchable == needs.certain and not needs.scan
    if not progress.pages:
        return Way.SEARCH if only_certain and searchable == 1 else Way.SCAN
    if only_certain and searchable < progress.remaining:
        return Way.SEARCH
    hopeless = progress.remaining > left * _SAFETY_FACTOR and progress.is_telling(budget) and left * 2 >= budget
    return Way.SEARCH if hopeless and searchable else Way.SCAN


def _busy_seconds(start: datetime, end: datetime) -> float:
    """The time between, in which weekends count less."""
    total, at = 0.0, start
    while at < end:
        midnight = datetime.combine(at.date(), time.min, at.tzinfo) + timedelta(days=1)
        until = min(end, midnight)
        total += (until - at).total_seconds() * (_WEEKEND if at.weekday() >= 5 else 1)
        at = until
    return total
