# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Some cells of the fault matrix as people meet them: real ansible-playbook, real time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.playbook import Outcome, Step, faults, options, put, run_steps
from reliability.matrix import GOES_ON, STOPS, Cell, Scenario, cells
from reliability.matrix_faults import FAULTS
from reliability.matrix_run import REMEDY, carried_out, entries_of, faults_of, messages_of
from reliability.matrix_scenarios import SCENARIOS
from simulator.handle import Account

pytestmark = pytest.mark.thorough

MODULES = {
    "create": "block_sender",
    "update": "block_sender",
    "batch": "settings",
    "several lists": "settings",
    "move": "message_move",
    "release": "message_release",
}
# Waits are real here: these are short.
CHOSEN = [
    "create: cut after at create in block_senders, once",
    "update: 500 before at update in block_senders, stays",
    "batch: bad item at batch of block_senders, stays",
    "several lists: no batch 404 at batch of allow_policies, stays",
    "move: cut after at first move, stays",
    "release: 429 bare at first release, once",
]
CELLS = {str(cell): cell for cell in cells(FAULTS, SCENARIOS) if str(cell) in CHOSEN}


def _start(scenario: Scenario) -> list[Any]:
    if scenario.mail:
        return [("PUT", "/messages", messages_of(scenario)), ("PUT", "/submissions", list(scenario.submissions))]
    return [put(entries_of(scenario)), options(**scenario.options)]


def _carried_once(outcomes: list[Outcome]) -> bool:
    return set(carried_out([one for outcome in outcomes for one in outcome.requests]).values()) <= {1}


@pytest.mark.parametrize("name", CHOSEN)
def test_a_cell_in_a_playbook(account: Account, tmp_path: Path, name: str) -> None:
    cell: Cell = CELLS[name]
    scenario = cell.scenario
    ids = {"investigate_ids": list(scenario.mail)} if scenario.mail else {}
    args = {**scenario.params, **ids, "retry_timeout": 3, "timeout": 2}
    disarm = ("DELETE", "/faults", None)
    run = run_steps(
        account,
        tmp_path,
        [
            Step("check", MODULES[scenario.name], args, check=True, control=_start(scenario)),
            Step("under the fault", MODULES[scenario.name], args, control=[faults(*faults_of(cell))]),
            Step("without", MODULES[scenario.name], args, control=[disarm]),
            Step("again", MODULES[scenario.name], args),
        ],
    )
    check, first, second, third = (run[each] for each in ("check", "under the fault", "without", "again"))
    assert not check.writes
    assert (STOPS if first.failed else GOES_ON) == cell.fault.end(scenario, cell.step, cell.stays)
    if first.failed:
        assert REMEDY.search(first.msg), first.msg
        assert first.result["error"]["type"]
    else:
        assert first.changed
        assert second.changed is False
    assert not second.failed, second.msg
    assert (third.failed, third.changed, third.writes) == (False, False, [])
    assert first.changed is (first.result["changed"] and bool(first.writes))
    assert _carried_once([first, second, third])
    for collection, desired in scenario.after.items():
        entries = third.state[collection]
        assert len(entries) == len(desired)
        assert all(any(entry.items() <= one.items() for one in entries) for entry in desired)
