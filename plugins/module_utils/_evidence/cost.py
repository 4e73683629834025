# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which strategy costs fewer requests: to read all mail, or to search for the messages of each entry. Pure.

Reading all mail takes one request per 1,000 messages, however many entries there are. A search takes one per 1,000
messages that it finds, at least one. The number of messages is unknown until all have been read, so it is estimated
from those read so far, newest first.
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
    """The entries to gather messages for, by what a search can find.

    :param certain: entries for which a search finds every message.
    :param partial: entries for which a search may miss some: domains, whose subdomains it may omit.
    :param scan: entries that no search covers.
    """

    certain: int
    partial: int
    scan: int


# Mail peaks by day and on weekdays, so a few busy hours are no basis for an estimate over a month. A scan is not
# abandoned before it has covered this time, or spent this fraction (one part in N) of the budget.
_MIN_SAMPLE = timedelta(days=2)
_MIN_SAMPLE_PARTS = 5
# The mail of a weekend day relative to a weekday, and of an average day.
_WEEKEND_WEIGHT = 0.3
_AVERAGE_WEIGHT = (5 + 2 * _WEEKEND_WEIGHT) / 7
# The factor by which an estimate may be too high. It is renewed with each page, so continuing costs little.
_SAFETY_FACTOR = 1.25


@dataclass(frozen=True)
class Progress:
    """The progress of a scan of all mail, from the newest message back.

    :param start: of the time range, where the scan ends; ``end``: where it begins.
    :param reached: the time of the oldest message read; None before the first page, or if no message has a time.
    :param pages: how many pages have been read.
    """

    start: datetime
    end: datetime
    reached: datetime | None = None
    pages: int = 0

    @property
    def per_page(self) -> float:
        """The average number of weekday seconds that a page covers; 0 if unknown."""
        return _weighted_seconds(self.reached, self.end) / self.pages if self.reached and self.pages else 0.0

    @property
    def remaining(self) -> float:
        """The estimated number of remaining pages. If messages have no time, as many as read so far."""
        if self.reached is None or self.per_page <= 0:
            return float(self.pages)
        return _weighted_seconds(self.start, self.reached) / self.per_page

    def reach(self, budget: int) -> datetime | None:
        """The estimated time that this many more pages reach; None if unknown."""
        if self.reached is None or self.per_page <= 0:
            return None
        return self.reached - timedelta(seconds=self.per_page * budget / _AVERAGE_WEIGHT)

    def is_representative(self, budget: int) -> bool:
        """Whether enough has been read to estimate the rest."""
        covered = self.end - self.reached if self.reached else timedelta()
        return covered >= _MIN_SAMPLE or self.pages >= max(1, budget // _MIN_SAMPLE_PARTS)


def way(needs: Needs, progress: Progress, left: int, budget: int) -> Way:
    """The strategy for the next request.

    Certainty comes first: as long as all mail can be read within the budget, no entry stays partly known to save
    requests. Otherwise it is better to know some entries fully than all of them partly, unless most of the budget is
    spent by then.

    :param left: the requests left of ``budget``.
    """
    searchable = needs.certain + needs.partial
    only_certain = searchable == needs.certain and not needs.scan
    if not progress.pages:
        return Way.SEARCH if only_certain and searchable == 1 else Way.SCAN
    if only_certain and searchable < progress.remaining:
        return Way.SEARCH
    hopeless = progress.remaining > left * _SAFETY_FACTOR and progress.is_representative(budget) and left * 2 >= budget
    return Way.SEARCH if hopeless and searchable else Way.SCAN


def _weighted_seconds(start: datetime, end: datetime) -> float:
    """The seconds between two times, with a lower weight for weekends."""
    total, at = 0.0, start
    while at < end:
        midnight = datetime.combine(at.date(), time.min, at.tzinfo) + timedelta(days=1)
        until = min(end, midnight)
        total += (until - at).total_seconds() * (_WEEKEND_WEIGHT if at.weekday() >= 5 else 1)
        at = until
    return total
