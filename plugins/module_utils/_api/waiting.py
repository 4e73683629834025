# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports early that the API does not respond, before any timeout does."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

from .._signals import held_back

# Seconds without a response before it is reported, and between two checks.
SILENCE = 5.0
_CHECK_INTERVAL = 1.0


class Watch:
    """Watches requests in flight, and reports once that the API does not respond. Thread-safe.

    :param host: of the API, for the report.
    :param clock: seconds, monotonic.
    :param report: receives the sentence; None turns the watch off.
    """

    def __init__(self, host: str, clock: Callable[[], float], report: Callable[[str], None] | None) -> None:
        self._host = host
        self._clock = clock
        self._report = report
        self._numbers = itertools.count()
        self._silent: dict[int, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._reported = False
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, request: str) -> int:
        """Record a request that waits for its first response. Returns the number to pass to :meth:`end`."""
        number = next(self._numbers)
        if self._report is None:
            return number
        with self._lock:
            self._silent[number] = (request, self._clock())
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_checking, daemon=True)
                # Signals belong to the main thread, which may block them.
                with held_back():
                    self._thread.start()
        return number

    def end(self, number: int) -> None:
        """Record that a request got its response or was given up."""
        with self._lock:
            self._silent.pop(number, None)

    def close(self) -> None:
        self._over.set()

    def check(self) -> None:
        """Report, once, if the API has been silent for SILENCE seconds."""
        with self._lock:
            request, since = min(self._silent.values(), key=lambda one: one[1], default=("", self._clock()))
            silence = self._clock() - since
            if self._report is None or self._reported or silence < SILENCE:
                return
            self._reported = True
        self._report(f"Waiting for {self._host}, which has not answered {request} for {silence:.0f} s.")

    def _keep_checking(self) -> None:
        while not self._reported and not self._over.wait(_CHECK_INTERVAL):
            self.check()
