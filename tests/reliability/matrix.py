# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault matrix as data: what a step, a scenario and a fault are, and which of their combinations are cells.

A cell is one fault at one step of one scenario, once or for as long as the run lasts. Where a fault cannot happen at a
step, the table says why not. ``matrix_scenarios.py`` holds the scenarios, ``matrix_faults.py`` the faults.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import ModuleSpec

Document = Mapping[str, Sequence[Mapping[str, Any]]]

# What a step does. AGAIN is a read that follows a write whose answer never came.
READ, WRITE, AGAIN = KINDS = ("read", "write", "again")
# So many entries are on a page, where a list is to have one page.
WHOLE = 1000
# How a run ends: with the account as desired, or with a message, and nothing sent after it.
GOES_ON, STOPS = "goes on", "stops"


@dataclass(frozen=True, eq=False)
class Step:
    """One request of a scenario.

    :param path: regular expression for the path below the account.
    :param query: parameters that distinguish it from other requests to the same path.
    :param after: how many requests like it come before.
    :param unconfirmed: the write whose answer is lost, so that this read happens.
    """

    name: str
    kind: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    after: int = 0
    unconfirmed: Step | None = None

    @property
    def is_list(self) -> bool:
        lists = ("submissions$", "action_log$", "bulk$")
        return self.method == "GET" and (self.is_settings_list or self.path.endswith(lists))

    @property
    def is_settings_list(self) -> bool:
        return self.method == "GET" and self.path.startswith("settings/")

    @property
    def is_job_list(self) -> bool:
        return self.method == "GET" and self.path == "investigate/bulk$"

    @property
    def is_search(self) -> bool:
        return self.path == "investigate$"


@dataclass(frozen=True, eq=False)
class Scenario:
    """A task that writes, and every request that it takes.

    :param spec: the module.
    :param search: options of a search before it, whose messages it acts on.
    :param before: the account's entries at first; those called keep-… are nobody's business.
    :param after: the account's entries in the end, with the fields that matter.
    :param mail: messages by id; the scenario acts on all of them.
    :param entry: what the account's action log says of a message that was acted on.
    :param jobs: bulk jobs at first, as the simulator takes them; the last one is listed first. With them, ``mail`` is
        empty, and nobody acts on messages but jobs.
    :param jobs_after: the one state in which each job is in the end that is not called keep-…, by its comment.
    :param alike: requests that are no steps, as regular expressions for their paths, and what they are like.
    :param read_again_alike: writes after which the reading again is no step, and what it is like.
    :param page: how many entries a page has, so that a list needs several.
    :param retry_timeout: the task's option where a fault stays.
    """

    name: str
    title: str
    spec: ModuleSpec
    steps: tuple[Step, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    before: Document = field(default_factory=dict)
    after: Document = field(default_factory=dict)
    mail: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    submissions: Sequence[Mapping[str, Any]] = ()
    jobs: Sequence[Mapping[str, Any]] = ()
    jobs_after: Mapping[str, str] = field(default_factory=dict)
    done: str = ""
    entry: str = ""
    search: Mapping[str, Any] | None = None
    alike: Mapping[str, str] = field(default_factory=dict)
    read_again_alike: Mapping[str, str] = field(default_factory=dict)
    page: int = 3
    retry_timeout: float = 5.0


@dataclass(frozen=True)
class Fault:
    """A row of the matrix.

    :param title: how the page for users calls it.
    :param armed: kind and arguments, as the simulator takes them.
    :param ends: for each kind of step, how the run ends when it happens once, and when it stays.
    :param cause: found in the message of a run that stops.
    :param cannot: why it cannot happen at a step of a scenario; None where it can.
    :param others: it is somebody else who changes the account.
    :param late: the account does what was asked after the client has looked again, so it may be done twice.
    :param connection: the task's options, where the defaults would have the test wait for real.
    :param except_for: how a run ends that ends otherwise than ``ends`` says, by scenario, step and whether it stays.
    :param note: for users, on what the end depends, where it depends on more than the kind of step.
    """

    name: str
    title: str
    armed: Mapping[str, Any]
    ends: Mapping[str, tuple[str, str]]
    cause: str
    cannot: Callable[[Scenario, Step], str | None] = lambda scenario, step: None
    others: bool = False
    late: bool = False
    connection: Mapping[str, Any] = field(default_factory=dict)
    except_for: Callable[[Scenario, Step, bool], str | None] = lambda scenario, step, stays: None
    note: str = ""

    def end(self, scenario: Scenario, step: Step, stays: bool) -> str:
        return self.except_for(scenario, step, stays) or self.ends[step.kind][stays]


@dataclass(frozen=True, eq=False)
class Cell:
    fault: Fault
    scenario: Scenario
    step: Step
    stays: bool

    def __str__(self) -> str:
        return f"{self.scenario.name}: {self.fault.name} at {self.step.name}, {'stays' if self.stays else 'once'}"


def cells(faults: Sequence[Fault], scenarios: Sequence[Scenario]) -> Iterator[Cell]:
    """Every cell: each fault at each step where it can happen."""
    for scenario in scenarios:
        for step in scenario.steps:
            for fault in faults:
                if fault.cannot(scenario, step) is None:
                    yield from (Cell(fault, scenario, step, stays) for stays in (False, True))


def sample(candidates: Iterable[Cell]) -> set[Cell]:
    """One cell for each fault with each kind of step, once and lasting, spread evenly over scenarios and steps."""
    groups: dict[tuple[str, str, bool], list[Cell]] = {}
    for cell in candidates:
        groups.setdefault((cell.fault.name, cell.step.kind, cell.stays), []).append(cell)
    chosen = set()
    taken: Counter[Scenario | Step] = Counter()
    for group in groups.values():
        cell = min(group, key=lambda cell: (taken[cell.scenario], taken[cell.step]))
        taken.update((cell.scenario, cell.step))
        chosen.add(cell)
    return chosen
