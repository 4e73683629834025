# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the next request may go out: the API's rate limit, as responses report it, and pauses between attempts."""

from __future__ import annotations

import email.utils
import math
import random
import re
import threading
import time
from collections.abc import Mapping

# Cloudflare blocks for five minutes when its rate limit is exceeded; a longer Retry-After is asked again after that.
LONGEST_WAIT = 300.0
# How often the same write is tried, looking first whether it was done, without getting any further.
MAX_ATTEMPTS = 4
# Seconds past the end of a window: its end is reported in whole seconds.
_MARGIN = 1.0
_BLOCK = "the block after a rate limit"


class Pace:
    """Keeps requests within a budget that responses report, so that the limit is not found out by running into it.

    Source: the header ``Ratelimit: "default";r=50;t=30``, requests left and seconds to the end of the window; there may
    be several windows. Exceeding the limit blocks everything that shares the credentials, so the last few are left
    to others. Knows no clock: times are passed in. Safe among threads.

    :param reserve: how many requests of a window are not used.
    """

    def __init__(self, reserve: int) -> None:
        self.reserve = reserve
        self._lock = threading.Lock()
        self._under_way = 0
        # By window: how many requests are left, and until when.
        self._windows: dict[str, tuple[int, float]] = {}
        self._told_until = 0.0

    def start(self, now: float) -> float:
        """Note a request that goes out now; or, when it must not, how many seconds to wait before asking again."""
        with self._lock:
            self._windows = {name: window for name, window in self._windows.items() if window[1] > now}
            ends = [until for left, until in self._windows.values() if left <= 0]
            if ends:
                return max(ends) - now
            self._windows = {name: (left - 1, until) for name, (left, until) in self._windows.items()}
            self._under_way += 1
            return 0.0

    def end(self, now: float, headers: Mapping[str, str]) -> None:
        """Note the end of a request, and what its answer says is left."""
        with self._lock:
            self._under_way -= 1
            quotas = _parameter(headers.get("Ratelimit-Policy"), "q")
            seconds = _parameter(headers.get("Ratelimit"), "t")
            for name, left in _parameter(headers.get("Ratelimit"), "r").items():
                if name not in seconds:
                    continue
                # A small window would have nothing left of it.
                reserve = min(self.reserve, quotas[name] // 20) if name in quotas else self.reserve
                # Answers overtake each other by no more than what is under way, so the reserve covers that too.
                remaining = left - self._under_way - reserve
                until = now + min(seconds[name], LONGEST_WAIT) + _MARGIN
                self._windows[name] = (remaining, until)

    def block(self, until: float) -> None:
        """Nothing may go out before this time: the API said so."""
        with self._lock:
            self._windows[_BLOCK] = (0, until)

    def first_to_tell(self, until: float) -> bool:
        """Whether a wait until this time has not been reported by another thread."""
        with self._lock:
            first = until > self._told_until + _MARGIN
            self._told_until = max(until, self._told_until)
            return first


def backoff(tries: int) -> float:
    """Seconds before the next try: about 0.5, 1, 2, … 30. Spread, so that parallel runs do not retry together."""
    return min(30.0, 0.5 * 2.0 ** min(tries - 1, 10)) * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


def retry_after(value: str | None) -> float | None:
    """A Retry-After header in seconds, at most LONGEST_WAIT; None when there is none that can be read.

    Source: RFC 9110, 10.2.3: a number of seconds or an HTTP date.
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if not math.isnan(seconds) else None


def _parameter(header: str | None, parameter: str) -> dict[str, int]:
    """A whole-number parameter of each member of a list of structured fields (RFC 9651), by the member's name."""
    found = {}
    for member in (header or "").split(","):
        name, *parameters = (part.strip() for part in member.split(";"))
        for each in parameters:
            match = re.fullmatch(rf"{parameter}=(\d{{1,9}})", each)
            if match:
                found[name] = int(match.group(1))
    return found
