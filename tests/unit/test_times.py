# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dates, times and spans, as users write them and as the API wants them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._times import parse_time, to_api_time

NOW = datetime(2026, 3, 1, 12, 30, 15, 250000, tzinfo=timezone.utc)
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

# What is written, and what is sent for ``start`` and for ``end`` where that is another.
MEANT = {
    "2026-02-03T04:05:06Z": "2026-02-03T04:05:06Z",
    "2026-02-03t04:05:06z": "2026-02-03T04:05:06Z",
    "  2026-02-03T04:05:06Z ": "2026-02-03T04:05:06Z",
    "2026-02-03T04:05:06+02:00": "2026-02-03T02:05:06Z",
    "2026-02-03T23:05:06-02:00": "2026-02-04T01:05:06Z",
    "2026-02-03T04:05:06": "2026-02-03T04:05:06Z",
    "2026-02-03T04:05": "2026-02-03T04:05:00Z",
    # As YAML turns a time without quotes into a text.
    "2026-02-03 04:05:06+00:00": "2026-02-03T04:05:06Z",
    "2024-02-29": "2024-02-29T00:00:00Z",
    "0m": "2026-03-01T12:30:15Z",
    "90m": "2026-03-01T11:00:15Z",
    "36h": "2026-02-28T00:30:15Z",
    "7d": "2026-02-22T12:30:15Z",
    " 2w ": "2026-02-15T12:30:15Z",
}
BAD = (
    "",
    " ",
    "now",
    "yesterday",
    "7",
    "7 d",
    "-7d",
    "+7d",
    "7D",
    "7y",
    "1.5h",
    "7d12h",
    "9999999h",
    "999999w",
    "2026-02-30",
    "2026-13-01",
    "2026-02",
    "20260203",
    "2026-02-03T",
    "2026-02-03T25:00:00Z",
    "2026-02-03T04:05:06 Europe/Berlin",
    "2026-02-03T04:05:06+99:00",
    "03.02.2026",
    "2026-W05-1",
    "2026-02-03\n2026-02-04",
    "{{ now() }}",
    "x" * 5000,
)
# Times that no calendar in UTC has.
OUT_OF_REACH = ("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00")


@pytest.mark.parametrize("written", MEANT)
def test_what_is_sent(written: str) -> None:
    sent = to_api_time(written, NOW, end_of_day=False)
    # A part of a second may be sent or left out.
    assert re.sub(r"\.\d+Z", "Z", sent) == MEANT[written]
    assert RFC_3339.fullmatch(sent)


def test_a_date_is_its_first_moment_or_its_last() -> None:
    assert to_api_time("2026-02-03", NOW, end_of_day=False) == "2026-02-03T00:00:00Z"
    assert to_api_time("2026-02-03", NOW, end_of_day=True).startswith("2026-02-03T23:59:59")
    assert parse_time("2026-02-03", end_of_day=True) + timedelta(microseconds=1) == parse_time(
        "2026-02-04", end_of_day=False
    )


def test_a_time_is_the_same_as_start_and_as_end() -> None:
    for written in ("2026-02-03T04:05:06Z", "7d"):
        assert to_api_time(written, NOW, end_of_day=True) == to_api_time(written, NOW, end_of_day=False)


@pytest.mark.parametrize("fraction", [".5", ".25", ".123", ".123456"])
def test_parts_of_a_second_as_rfc_3339_has_them(fraction: str) -> None:
    """On every Python, of which the oldest reads only three or six digits by itself."""
    sent = to_api_time(f"2026-02-03T04:05:06{fraction}Z", NOW, end_of_day=False)
    assert sent.startswith("2026-02-03T04:05:06")
    assert RFC_3339.fullmatch(sent)


def test_nothing_of_the_end_is_cut_off() -> None:
    """A message of the last half second lies before the end that was given."""
    for written, last in (
        ("2026-02-03T04:05:06.900Z", "2026-02-03T04:05:06.900"),
        ("2026-02-03", "2026-02-03T23:59:59.999"),
    ):
        sent = datetime.fromisoformat(to_api_time(written, NOW, end_of_day=True).replace("Z", "+00:00"))
        assert sent >= datetime.fromisoformat(f"{last}+00:00"), written


@pytest.mark.parametrize("written", ["0999-01-01", "100000w"])
def test_years_have_four_digits(written: str) -> None:
    assert RFC_3339.fullmatch(to_api_time(written, NOW, end_of_day=False))


@pytest.mark.parametrize("end_of_day", [False, True], ids=["start", "end"])
@pytest.mark.parametrize("written", [*BAD, *OUT_OF_REACH], ids=lambda written: repr(written)[:30])
def test_anything_else_is_refused_with_what_would_do(written: str, end_of_day: bool) -> None:
    with pytest.raises(ValueError, match=r"2026-11-22T18:00:00Z.*date.*7d") as refused:
        to_api_time(written, NOW, end_of_day=end_of_day)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("written", ["7d", "", "2026-02-30"])
def test_a_moment_is_no_span(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_time(written, end_of_day=False)


def test_a_moment_knows_its_zone() -> None:
    assert parse_time("2026-02-03T04:05:06", end_of_day=False).utcoffset() == timedelta(0)
    assert parse_time("2026-02-03T04:05:06+05:30", end_of_day=False).utcoffset() == timedelta(hours=5, minutes=30)
