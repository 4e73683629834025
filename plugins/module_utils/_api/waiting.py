# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Saying in time that the API is being waited for: when nothing is heard of it, nothing else would say so."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

from .._signals import held_back

# Seconds without an answer that are worth a sentence; and between two looks.
SILENCE = 5.0
_LOOK = 1.0


class Watch:
    """Watches requests that are under way, and reports once that the API does not respond. Safe among threads.

    :param host: of the API, for the sentence.
    :param clock: seconds, monotonic.
    :param report: gets the sentence; None for nobody, and then nothing is watched.
    """

    def __init__(self, host: str, clock: Callable[[], float], report: Callable[[str], None] | None) -> None:
        self._host = host
        self._clock = clock
        self._report = report
        self._numbers = itertools.count()
        self._silent: dict[int, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._told = False
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, request: str) -> int:
        """Note a request that waits for its first answer; returns what :meth:`end` wants."""
        number = next(self._numbers)
        if self._report is None:
            return number
        with self._lock:
            self._silent[number] = (request, self._clock())
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_looking, daemon=True)
                # Signals are for the main thread, which may hold them back.
                with held_back():
                    self._thread.start()
        return number

    def end(self, number: int) -> None:
        """Note that it was answered, or given up."""
        with self._lock:
            self._silent.pop(number, None)

    def close(self) -> None:
        self._over.set()

    def look(self) -> None:
        """Report, once, that the API has been silent for long."""
        with self._lock:
            request, since = min(self._silent.values(), key=lambda one: one[1], default=("", self._clock()))
            silence = self._clock() - since
            if self._report is None or self._told or silence < SILENCE:
                return
            self._told = True
        self._report(f"Waiting for {self._host}, which has not answered {request} for {silence:.0f} s.")

    def _keep_looking(self) -> None:
        while not self._told and not self._over.wait(_LOOK):
            self.look()
