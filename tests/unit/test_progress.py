# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is shown of long work: for whom, and how often."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.progress import (
    INTERVAL,
    Progress,
    has_reader,
)

from unit.engine import FakeTime


class _Display:
    def __init__(self, verbosity: int) -> None:
        self.verbosity = verbosity
        self.lines: list[str] = []

    def display(self, text: str, **how: Any) -> None:
        self.lines.append(text)

    def v(self, text: str, host: str | None = None) -> None:
        self.lines.append(f"<{host}> {text}")


@pytest.mark.parametrize(
    ("reader", "verbosity", "shown"),
    [
        (True, 0, ["[acme] 2.", "[acme] 4."]),
        (False, 0, []),
        (False, 1, ["<acme> 1.", "<acme> 2.", "<acme> 3.", "<acme> 4."]),
        (True, 1, ["<acme> 1.", "<acme> 2.", "<acme> 3.", "<acme> 4."]),
    ],
)
def test_who_sees_how_much(reader: bool, verbosity: int, shown: list[str]) -> None:
    display, fake = _Display(verbosity), FakeTime()
    given: Any = display
    progress = Progress("acme", display=given, has_reader=reader, clock=fake.clock)
    for number in range(1, 5):
        fake.sleep(INTERVAL / 2)
        progress.report(f"{number}.")
    assert display.lines == shown
    progress.wait("Waiting.")
    assert display.lines == [*shown, "[WARNING]: [acme] Waiting."]


@pytest.mark.parametrize(
    ("terminal", "environ", "reader"),
    [(True, {}, True), (False, {}, False), (True, {"CI": "true"}, False), (True, {"AWX_HOST": "https://awx"}, False)],
)
def test_a_log_is_no_reader(terminal: bool, environ: dict[str, str], reader: bool) -> None:
    assert has_reader(terminal, environ) is reader
