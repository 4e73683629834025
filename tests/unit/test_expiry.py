# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``expires``: which dates and times are taken, when they are over, and what that means."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.block_senders import BLOCK_SENDERS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.schema import Resource
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import (
    read_entries,
    read_entry,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.plan import Desired
from ansible_collections.cloudflare.email_security.plugins.module_utils._times import parse_time

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=timezone.utc)
X = {"pattern": "x.example", "pattern_type": "DOMAIN"}
PERSON = {"email": "a@x.example", "name": "Ann"}
D = {"domain": "x.example"}


def read(resource: Resource, entry: Any) -> Desired:
    return read_entry(resource, entry, "list[3]", NOW)


def problems(resource: Resource, *entries: Any) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_entries(resource, list(entries), NOW)
    return refused.value.problems


MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2026-12-31", datetime(2027, 1, 1, tzinfo=timezone.utc) - MICROSECOND),
        (" 2026-12-31 ", datetime(2027, 1, 1, tzinfo=timezone.utc) - MICROSECOND),
        ("2026-12-31T18:00:00Z", datetime(2026, 12, 31, 18, tzinfo=timezone.utc)),
        ("2026-12-31t18:00:00z", datetime(2026, 12, 31, 18, tzinfo=timezone.utc)),
        ("2026-12-31T18:00:00", datetime(2026, 12, 31, 18, tzinfo=timezone.utc)),
        ("2026-12-31 18:00:00+00:00", datetime(2026, 12, 31, 18, tzinfo=timezone.utc)),
        ("2026-12-31T18:00", datetime(2026, 12, 31, 18, tzinfo=timezone.utc)),
        ("2026-12-31T18:00:00+02:00", datetime(2026, 12, 31, 16, tzinfo=timezone.utc)),
        ("2026-12-31T18:00:00-09:30", datetime(2027, 1, 1, 3, 30, tzinfo=timezone.utc)),
        ("2026-12-31T18:00:00.250000", datetime(2026, 12, 31, 18, 0, 0, 250_000, tzinfo=timezone.utc)),
    ],
)
def test_when_an_entry_expires(text: str, last: datetime) -> None:
    assert parse_time(text, end_of_day=True) == last


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "",
        "2026-13-01",
        "2026-02-30",
        "31.12.2026",
        "20261231",
        20261231,
        "2026-12",
        2026,
        "1767139200",
        True,
        [],
    ],
    ids=repr,
)
def test_what_is_no_time_is_refused(value: Any) -> None:
    """Only the two forms that are documented, so that all Pythons take the same."""
    (problem,) = problems(BLOCK_SENDERS, {**X, "expires": value})
    assert "block_senders[0] (x.example DOMAIN): expires must be a date (2026-12-31) or a time" in problem


@pytest.mark.parametrize(
    ("expires", "expired"),
    [
        ("2026-06-30", True),
        ("2026-07-01", False),
        ("2026-07-01T12:00:00Z", True),
        ("2026-07-01T12:00:01Z", False),
        ("2026-07-01T13:59:59+02:00", True),
        (None, False),
    ],
)
def test_an_expired_entry_counts_as_absent(expires: str | None, expired: bool) -> None:
    desired = read(BLOCK_SENDERS, {**X, "expires": expires})
    assert (desired.expired, desired.present) == (expired, not expired)


def test_an_absent_entry_does_not_expire() -> None:
    desired = read(BLOCK_SENDERS, {**X, "state": "absent", "expires": "2020-01-01"})
    assert (desired.expired, desired.present) == (False, False)
