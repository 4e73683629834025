# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Points in time: microseconds since 1970 inside, RFC 3339 outside."""

from __future__ import annotations

import datetime
import re
import time
from typing import Any

DAY = 86_400_000_000

_EPOCH = datetime.datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = datetime.timedelta(microseconds=1)


def now() -> int:
    return time.time_ns() // 1000


def parse_time(text: Any) -> int | None:
    """A date and time with an offset, or None where it is none."""
    try:
        # Python 3.10 reads neither the Z, nor any number of digits after the seconds.
        written = re.sub(r"\.(\d+)", lambda part: f".{part[1][:6]:0<6}", re.sub(r"[zZ]$", "+00:00", text))
        parsed = datetime.datetime.fromisoformat(written)
    except (TypeError, ValueError):
        return None
    return None if parsed.tzinfo is None or len(text) < 20 else (parsed - _EPOCH) // _MICROSECOND


def day(text: Any) -> int | None:
    """The beginning of a day YYYY-MM-DD, or None where it is none."""
    try:
        parsed = datetime.date.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return (parsed - _EPOCH.date()).days * DAY


def seconds_text(microseconds: int) -> str:
    """YYYY-MM-DDTHH:MM:SS in UTC."""
    return (_EPOCH + microseconds * _MICROSECOND).strftime("%Y-%m-%dT%H:%M:%S")
