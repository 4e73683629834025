# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests are under way at once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http

# Nobody waits this long unless a test hangs.
LONGEST_WAIT = 60


class Gauge:
    """Counts how many requests are under way, and how many there were at most.

    Each waits until as many as expected were under way at once.

    :param alone: how many requests come first, one after the other.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, expected: int, alone: int = 0) -> None:
        self.most = self.now = self.number = 0
        exchange, changed = Http._exchange, threading.Condition()

        def counted(http: Http, *arguments: Any) -> Any:
            with changed:
                self.number += 1
                self.now += 1
                self.most = max(self.most, self.now)
                changed.notify_all()
                if self.number > alone:
                    assert changed.wait_for(lambda: self.most >= expected, LONGEST_WAIT), f"never {expected} at once"
            try:
                # Time for one too many to show; none of those that may be there is waited for like this.
                time.sleep(0.01)
                return exchange(http, *arguments)
            finally:
                with changed:
                    self.now -= 1

        monkeypatch.setattr(Http, "_exchange", counted)
