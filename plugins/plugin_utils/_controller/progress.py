# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is shown of long work while it goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from ansible import constants
from ansible.utils.display import Display

# Seconds: shorter work needs no word, and longer work one now and then.
INTERVAL = 2.0


def has_reader(is_terminal: bool, environ: Mapping[str, str]) -> bool:
    """Whether somebody watches; a CI system keeps a log of what it shows, and some give their jobs a terminal."""
    return is_terminal and not any(environ.get(name) for name in ("CI", "AWX_HOST", "TOWER_HOST", "JENKINS_URL"))


# Asked where Ansible loads action plugins; the processes that do the work have no terminal any more.
HAS_READER = has_reader(os.isatty(1), os.environ)


class Progress:
    """Shows a task's sentences: where somebody watches, one every few seconds; with ``-v``, all of them.

    :param host: the inventory's, which the sentences are about.
    :param clock: seconds, monotonic.
    """

    def __init__(
        self,
        host: str | None,
        *,
        display: Display | None = None,
        has_reader: bool = HAS_READER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._host = host
        self._display = display or Display()
        self._has_reader = has_reader
        self._clock = clock
        self._shown_at = clock()

    def report(self, sentence: str) -> None:
        """Say how far it is."""
        if self._display.verbosity:
            self._display.v(sentence, host=self._host)
        elif self._has_reader and self._clock() - self._shown_at >= INTERVAL:
            self._shown_at = self._clock()
            self._display.display(f"[{self._host}] {sentence}", color=constants.COLOR_VERBOSE)

    def wait(self, sentence: str) -> None:
        """Say that something is waited for which may not come. Everybody wants to know that, and at once."""
        # A warning would be kept until the task's end.
        self._display.display(f"[WARNING]: [{self._host}] {sentence}", color=constants.COLOR_WARN, stderr=True)


def silent(sentence: str) -> None:
    """In the place of either, for a task whose output nobody may see."""
