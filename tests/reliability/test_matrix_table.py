# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault matrix has no holes: every request of a scenario is a step, and every fault is tried or said not to fit."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from reliability.matrix import READ, WRITE, Cell, Fault, Scenario, cells, sample
from reliability.matrix_faults import FAULTS
from reliability.matrix_page import PAGE, with_tables
from reliability.matrix_run import ScenarioRun, fault_at, run_without_fault, small_pages
from reliability.matrix_scenarios import SCENARIOS
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
    for things in (FAULTS, SCENARIOS, *(scenario.steps for scenario in SCENARIOS)):
        names = [each.name for each in things]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_request_of_a_scenario_is_a_step(simulator: Simulator, scenario: Scenario) -> None:
    requests, wrong = run_without_fault(simulator, scenario)
    assert wrong == []
    steps = {step: 0 for step in scenario.steps if step.kind in (READ, WRITE)}
    alike = dict.fromkeys(scenario.alike, 0)
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


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_write_is_read_again_after(scenario: Scenario) -> None:
    unconfirmed = {step.unconfirmed.name for step in scenario.steps if step.unconfirmed}
    unlike = {step.name for step in scenario.steps if step.kind == WRITE and step.name not in scenario.read_again_alike}
    assert unconfirmed == unlike


def test_every_combination_is_tried_or_has_a_reason() -> None:
    tried = {(cell.fault.name, cell.scenario.name, cell.step.name, cell.stays) for cell in cells(FAULTS, SCENARIOS)}
    for fault in FAULTS:
        for scenario in SCENARIOS:
            for step in scenario.steps:
                reason = fault.cannot(scenario, step)
                both = {(fault.name, scenario.name, step.name, stays) for stays in (False, True)}
                assert both <= tried if reason is None else not both & tried
                assert reason is None or reason.startswith(("only ", "this request "))
        # A row without a cell would say nothing.
        assert any(name == fault.name for name, *_place in tried)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.name in JUDGED], ids=lambda fault: fault.name)
def test_what_cannot_happen_does_not(simulator: Simulator, fault: Fault, scenario: Scenario) -> None:
    steps = [step for step in scenario.steps if step.kind in (READ, WRITE) and fault.cannot(scenario, step) is not None]
    scenario_run = ScenarioRun(simulator, scenario)
    for step in steps:
        scenario_run.account.faults(fault_at(fault, scenario, step, stays=True))
    with small_pages(scenario.page):
        scenario_run.run().report.ok()
    assert [each["fired"] for each in scenario_run.account.fault_report()] == [0] * len(steps)
    assert scenario_run.wrong(scenario_run.state()) == []
    scenario_run.account.forget()


def test_the_sample_has_each_fault_with_each_kind_of_step() -> None:
    everything = list(cells(FAULTS, SCENARIOS))
    chosen = sample(everything)

    def kinds(some: Iterable[Cell]) -> list[tuple[str, str, bool]]:
        return sorted((cell.fault.name, cell.step.kind, cell.stays) for cell in some)

    assert kinds(chosen) == sorted(set(kinds(everything)))
    assert {cell.scenario for cell in chosen} == set(SCENARIOS)


def test_the_page_shows_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_tables(text), "run: .venv/bin/python tests/reliability/matrix_page.py"
