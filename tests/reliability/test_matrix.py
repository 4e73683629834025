# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault matrix: every fault at every request of everything that writes, each run to its end.

Of each cell holds: the account ends as desired, or the task fails with a message that names cause and remedy, and lists
what was done, which is true. Nothing is done twice. When the fault is gone, the next run finishes, and the one after
has nothing to do. In check mode nothing but GET is sent, and what is predicted is what the run then does.

`make test` runs a sample, `make test-all` every cell.
"""

from __future__ import annotations

import pytest

from reliability.matrix import Cell, cells, sample
from reliability.matrix_faults import FAULTS
from reliability.matrix_run import examine
from reliability.matrix_scenarios import SCENARIOS
from simulator.handle import Simulator

CELLS = list(cells(FAULTS, SCENARIOS))
SAMPLE = sample(CELLS)


@pytest.mark.parametrize(
    "cell", [pytest.param(cell, marks=() if cell in SAMPLE else pytest.mark.thorough) for cell in CELLS], ids=str
)
def test_a_cell(simulator: Simulator, cell: Cell) -> None:
    ended, problems, message = examine(simulator, cell)
    assert problems == [], f"it {ended}: {message}"
