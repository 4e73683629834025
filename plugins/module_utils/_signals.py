# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signals that end a process, held back for a short time."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

_ENDING = {signal.SIGINT, signal.SIGTERM}


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Hold back SIGINT and SIGTERM from this thread, and for good from every thread that it starts within.

    A signal for the process goes to any thread that takes it, so threads that help must be started within, or nothing
    is held back.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
