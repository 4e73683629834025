# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blocks the signals that end a process for a short time."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

_ENDING = {signal.SIGINT, signal.SIGTERM}


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Block SIGINT and SIGTERM in this thread, and permanently in every thread started within the block.

    A signal for the process goes to any thread that does not block it, so helper threads must be started within such a
    block, or the signal is not held back.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
