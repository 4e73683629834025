# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the next request may be sent: the rate limit, as reported by responses, and the pauses between retries."""

from __future__ import annotations

import email.utils
import math
import random
import re
import threading
import time
from collections.abc import Mapping

# Seconds. Cloudflare blocks for five minutes when its rate limit is exceeded; a longer Retry-After is cut to that.
MAX_WAIT = 300.0
# How often a write may be retried without progress. Each retry first checks whether the write was carried out.
MAX_ATTEMPTS = 4
# Seconds added to the end of a window, which is reported in whole seconds.
_MARGIN = 1.0
_BLOCK = "the block after a rate limit"


class Pace:
    """Keeps requests within the budget that responses report, so that a run does not exceed the limit to find it.

    Source: the header ``Ratelimit: "default";r=50;t=30``, requests left and seconds to the end of the window; there may
    be several windows. Exceeding the limit blocks everything that shares the credentials, so the last few requests are
    left to others. It reads no clock: callers pass the time. Thread-safe.

    :param reserve: how many requests of a window to leave unused.
    """

    def __init__(self, reserve: int) -> None:
        self.reserve = reserve
        self._lock = threading.Lock()
        self._in_flight = 0
        # By window: how many requests are left, and when it ends.
        self._windows: dict[str, tuple[int, float]] = {}
        self._reported_until = 0.0

    def start(self, now: float) -> float:
        """Record a request that is sent now and return 0; or return the seconds to wait before calling again."""
        with self._lock:
            self._windows = {name: window for name, window in self._windows.items() if window[1] > now}
            ends = [until for left, until in self._windows.values() if left <= 0]
            if ends:
                return max(ends) - now
            self._windows = {name: (left - 1, until) for name, (left, until) in self._windows.items()}
            self._in_flight += 1
            return 0.0

    def end(self, now: float, headers: Mapping[str, str]) -> None:
        """Record the end of a request, and the budget that its response reports."""
        with self._lock:
            self._in_flight -= 1
            quotas = _parameter(headers.get("Ratelimit-Policy"), "q")
            seconds = _parameter(headers.get("Ratelimit"), "t")
            for name, left in _parameter(headers.get("Ratelimit"), "r").items():
                if name not in seconds:
                    continue
                # The full reserve would use up a small window.
                reserve = min(self.reserve, quotas[name] // 20) if name in quotas else self.reserve
                # Responses may arrive out of order, but by no more than the requests in flight, which are subtracted.
                budget = left - self._in_flight - reserve
                until = now + min(seconds[name], MAX_WAIT) + _MARGIN
                self._windows[name] = (budget, until)

    def block(self, until: float) -> None:
        """Permit no request before this time, as the API demanded."""
        with self._lock:
            self._windows[_BLOCK] = (0, until)

    def first_to_report(self, until: float) -> bool:
        """Whether no other thread has reported a wait until this time."""
        with self._lock:
            first = until > self._reported_until + _MARGIN
            self._reported_until = max(until, self._reported_until)
            return first


def backoff(tries: int) -> float:
    """Seconds before the next attempt: about 0.5, 1, 2, … 30. With jitter, so that parallel runs spread out."""
    return min(30.0, 0.5 * 2.0 ** min(tries - 1, 10)) * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


def retry_after(value: str | None) -> float | None:
    """A Retry-After header in seconds, at most MAX_WAIT; None if absent or unreadable.

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
    return min(max(seconds, 0.0), MAX_WAIT) if not math.isnan(seconds) else None


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
