# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault matrix has no holes: every request of every flow is a step, and every fault is tried or said not to fit."""

from __future__ import annotations

import re

import pytest

from reliability.matrix import READ, WRITE, Fault, Flow, cells
from reliability.matrix_faults import FAULTS
from reliability.matrix_flows import FLOWS
from reliability.matrix_page import PAGE, with_tables
from reliability.matrix_run import Trial, fault_at, run_without_fault, small_pages
from simulator.handle import Simulator

# Faults that the simulator lets happen only to requests that they can happen to: its word against the table's.
JUDGED = {
    "total too high",
    "total too low",
    "repeated page",
    "appears",
    "vanishes",
    "deleted before",
    "created before",
    "done before",
    "endless 202",
    "foreign 202",
}


def test_names_are_unique() -> None:
    for things in (FAULTS, FLOWS, *(flow.steps for flow in FLOWS)):
        names = [each.name for each in things]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_request_of_a_flow_is_a_step(simulator: Simulator, flow: Flow) -> None:
    requests, wrong = run_without_fault(simulator, flow)
    assert wrong == []
    steps = {step: 0 for step in flow.steps if step.kind in (READ, WRITE)}
    alike = dict.fromkeys(flow.alike, 0)
    seen: dict[tuple[str, str], int] = {}
    for one in requests:
        query = {name: one["query"].get(name) for name in ("page",)}
        place = (one["method"], f"{one['path']} {query}")
        number, seen[place] = seen.get(place, 0), seen.get(place, 0) + 1
        fitting = [
            step
            for step in steps
            if step.method == one["method"]
            and re.search(f"^{step.path}", one["path"])
            and step.query.items() <= query.items()
            and step.after == number
        ]
        same = [path for path in alike if not fitting and re.search(path, one["path"])]
        assert len(fitting) + len(same) == 1, (one, fitting, same)
        for step in fitting:
            steps[step] += 1
        for path in same:
            alike[path] += 1
    assert set(steps.values()) == {1}
    assert 0 not in alike.values()


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_write_is_read_again_after(flow: Flow) -> None:
    doubted = {step.doubt.name for step in flow.steps if step.doubt}
    unlike = {step.name for step in flow.steps if step.kind == WRITE and step.name not in flow.read_again_alike}
    assert doubted == unlike


def test_every_combination_is_tried_or_has_a_reason() -> None:
    tried = {(cell.fault.name, cell.flow.name, cell.step.name, cell.stays) for cell in cells(FAULTS, FLOWS)}
    for fault in FAULTS:
        for flow in FLOWS:
            for step in flow.steps:
                reason = fault.cannot(flow, step)
                both = {(fault.name, flow.name, step.name, stays) for stays in (False, True)}
                assert both <= tried if reason is None else not both & tried
                assert reason is None or reason.startswith(("only ", "this request "))
        # A row without a cell would say nothing.
        assert any(name == fault.name for name, *_place in tried)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.name in JUDGED], ids=lambda fault: fault.name)
def test_what_cannot_happen_does_not(simulator: Simulator, fault: Fault, flow: Flow) -> None:
    steps = [step for step in flow.steps if step.kind in (READ, WRITE) and fault.cannot(flow, step) is not None]
    trial = Trial(simulator, flow)
    for step in steps:
        trial.account.faults(fault_at(fault, flow, step, stays=True))
    with small_pages(flow.page):
        trial.run().report.ok()
    assert [each["fired"] for each in trial.account.fault_report()] == [0] * len(steps)
    assert trial.wrong(trial.state()) == []
    trial.account.forget()


def test_the_page_shows_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_tables(text), "run: .venv/bin/python tests/reliability/matrix_page.py"
