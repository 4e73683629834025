# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dates, times and spans as users write them."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_time(text: str, *, end_of_day: bool) -> datetime:
    """A date (``2026-12-31``) or a time (RFC 3339). A time without an offset is UTC.

    :param end_of_day: whether a date without a time means its end instead of its start.
    :raises ValueError: it is neither.
    """
    written = text.strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
        clock = time.max if end_of_day else time.min
        return datetime.combine(datetime.fromisoformat(written).date(), clock, timezone.utc)
    if not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", written):
        raise ValueError(f"neither a date nor a time: {written[:60]!r}")
    # Python 3.10 accepts neither the Z of RFC 3339, nor an arbitrary number of fractional digits.
    written = re.sub(r"\.(\d+)", lambda part: f".{part[1][:6]:0<6}", re.sub(r"[zZ]$", "+00:00", written))
    found = datetime.fromisoformat(written)
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def span_of(text: str) -> timedelta | None:
    """A span of time as users write it (``36h``, ``7d``), or None if the text is not one."""
    span = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip())
    return timedelta(**{_UNITS[span[2]]: int(span[1])}) if span else None


def to_api_time(text: str, now: datetime, *, end_of_day: bool) -> str:
    """A date, a time, or a span before now (``36h``, ``7d``), as the API's query parameters take it: RFC 3339 in UTC.

    :raises ValueError: it is none of these; the message names the valid forms.
    """
    span = span_of(text)
    try:
        when = parse_time(text, end_of_day=end_of_day) if span is None else now - span
        when = when.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise ValueError(
            f"must be a time (2026-11-22T18:00:00Z), a date, or a span before now (36h, 7d), not {text[:60]!r}"
        ) from None
    # An explicit time keeps its fraction of a second, so that an end includes all of it. Spans do not need one.
    when = when if span is None else when.replace(microsecond=0)
    return when.isoformat().replace("+00:00", "Z")
