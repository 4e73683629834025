# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which way is taken, whatever the hour at which a month of mail is read back from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._evidence.cost import (
    Needs,
    Progress,
    Way,
    way,
)

# How much mail comes in each hour of a day, and of a day of a weekend.
_HOURS = (1, 1, 1, 1, 2, 4, 8, 14, 20, 22, 21, 18, 16, 20, 21, 19, 16, 11, 7, 5, 4, 3, 2, 1)
_WEEKEND = 0.2
_MONDAY = datetime(2026, 11, 23, tzinfo=timezone.utc)
_MONTH = timedelta(days=30)
EVERY_KIND = Needs(certain=10, partial=10, scan=10)


def page_ends(pages: int, end: datetime) -> Iterator[datetime]:
    """How far each page of a month reaches, which ends then."""
    hours = [end - timedelta(hours=number) for number in range(30 * 24)]
    traffic = [_HOURS[one.hour] * (_WEEKEND if one.weekday() > 4 else 1) for one in hours]
    read, due = 0.0, 1
    for hour, mail in zip(hours, traffic, strict=True):
        read += mail / sum(traffic) * pages
        while read >= due:
            yield hour - timedelta(hours=1)
            due += 1


def scanned(pages: int, budget: int, end: datetime) -> int:
    """How many pages of a month are read before it is given up, or all of them."""
    progress = Progress(end - _MONTH, end)
    for number, reached in enumerate(page_ends(pages, end)):
        if way(EVERY_KIND, progress, budget - number, budget) is Way.SEARCH:
            return number
        progress = replace(progress, reached=reached, pages=number + 1)
    return pages


@pytest.mark.parametrize(("pages", "budget"), [(100, 100), (60, 100), (130, 200)])
def test_mail_that_fits_is_read_whole_whenever_that_begins(pages: int, budget: int) -> None:
    for hour in range(0, 7 * 24, 5):
        assert scanned(pages, budget, _MONDAY + timedelta(hours=hour)) >= pages - 1


def test_mail_that_does_not_fit_is_given_up_early() -> None:
    for hour in range(0, 7 * 24, 5):
        assert scanned(300, 100, _MONDAY + timedelta(hours=hour)) <= 30


def test_few_addresses_are_searched_for() -> None:
    assert way(Needs(1, 0, 0), Progress(_MONDAY - _MONTH, _MONDAY), 100, 100) is Way.SEARCH
    evening = _MONDAY + timedelta(hours=20)
    busy = Progress(evening - _MONTH, evening, evening - timedelta(hours=12), 1)
    assert way(Needs(5, 0, 0), busy, 99, 100) is Way.SEARCH
    assert way(Needs(80, 0, 0), busy, 99, 100) is Way.SCAN
    # Where no message says its time, the pages are counted.
    assert way(EVERY_KIND, Progress(_MONDAY - _MONTH, _MONDAY, None, 3), 97, 100) is Way.SCAN
