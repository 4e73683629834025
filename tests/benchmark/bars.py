# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is promised of the figures, each with its measure, and what limits it where it is not met."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmark import contestants as c
from benchmark.cases import Case
from benchmark.contestants import Contestant
from benchmark.measuring import Measure
from benchmark.results import Results
from benchmark.table import mebibytes, seconds

_MIB = 2**20


class NotMeasuredError(Exception):
    """This run does not measure these sizes or latencies."""


class Figures:
    """Figures by contestant, state, size and latency, for the bars."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def __call__(self, contestant: Contestant, size: int, state: str = "none", latency: int = 0) -> Measure:
        found = self._results.of(contestant, latency, state, size)
        if found is None:
            raise NotMeasuredError
        return found

    def wall(self, contestant: Contestant, size: int, state: str = "none", latency: int = 0) -> float:
        return self(contestant, size, state, latency).usage.wall

    def memory(self, contestant: Contestant, size: int, state: str = "none") -> float:
        return self(contestant, size, state).usage.memory


@dataclass(frozen=True)
class Bar:
    """:param measure: the figure; :param limit: words on what it can be at best, where that is more than the bar."""

    promise: str
    measure: Callable[[Figures], float]
    met: Callable[[float], bool]
    shown: str = "{:.4g}"
    limit: Callable[[Figures], str] = lambda figures: ""


def _reading_alone(figures: Figures, count: int) -> float:
    """Seconds to read 100,000 entries at 50 ms, without the start of the process."""
    reading = c.READING[count]
    return figures.wall(reading, 100_000, latency=50) - figures.wall(reading, 0, latency=50)


def _against_uri(contestant: Contestant) -> Callable[[Figures], float]:
    return lambda figures: figures.wall(contestant, 10_000) / figures.wall(c.SETTINGS, 10_000)


def _of_reading(contestant: Contestant) -> Callable[[Figures], float]:
    return lambda figures: figures.wall(contestant, 10_000) / figures.wall(c.SCRIPT_READING, 10_000)


def _beside(contestant: Contestant, other: Contestant, state: str, size: int = 10_000) -> Callable[[Figures], float]:
    return lambda figures: figures.wall(contestant, size, state) / figures.wall(other, size, state)


def _of_ping(contestant: Contestant) -> Callable[[Figures], float]:
    return lambda figures: figures.wall(contestant, 100) / figures.wall(c.PING, 100)


BARS = (
    Bar(
        "10,000 entries, no drift: 10 requests",
        lambda figures: figures(c.SETTINGS, 10_000).requests,
        lambda value: value == 10,
    ),
    Bar(
        "All new, 10,000 entries: 10 writes",
        lambda figures: figures(c.SETTINGS, 10_000, "new").writes,
        lambda value: value == 10,
    ),
    Bar(
        "10,000 entries, no drift: 300 times faster than `uri`, a look-up for each (scaled)",
        _against_uri(c.URI_EACH),
        lambda value: value >= 300,
    ),
    Bar(
        "The same, against `uri` that reads the list once and loops (scaled)",
        _against_uri(c.URI_LIST),
        lambda value: value >= 300,
        limit=lambda figures: (
            "the loop sends nothing, so that only Ansible's own work for each entry counts; Ansible doing nothing at "
            f"all would be {figures.wall(c.URI_LIST, 10_000) / figures.wall(c.EMPTY, 0):.0f} times faster than it"
        ),
    ),
    Bar(
        "10,000 entries, no drift: at most 1.5 times the script's reading alone",
        _of_reading(c.SETTINGS),
        lambda value: value <= 1.5,
        limit=lambda figures: (
            f"Ansible doing nothing is {figures.wall(c.EMPTY, 0) / figures.wall(c.SCRIPT_READING, 10_000):.2f} times "
            f"that, and `settings` with an empty list against an empty account "
            f"{figures.wall(c.SETTINGS, 0) / figures.wall(c.SCRIPT_READING, 10_000):.2f} times"
        ),
    ),
    Bar(
        "Role `apply`, 10,000 entries of YAML, no drift: at most 2 times `settings` with the same in JSON variables",
        _beside(c.ROLE, c.SETTINGS, "none"),
        lambda value: value <= 2,
    ),
    Bar(
        "The same: at most 2.5 times the script",
        _beside(c.ROLE, c.SCRIPT, "none"),
        lambda value: value <= 2.5,
    ),
    Bar(
        "All new, 10,000 entries of YAML: `settings` at most 1.5 times the script with batches",
        _beside(c.SETTINGS_FILES, c.SCRIPT_BATCHES, "new"),
        lambda value: value <= 1.5,
    ),
    Bar(
        "A loop of 100 entries, nothing to do: at most 0.1 times `ping`",
        _of_ping(c.ENTRIES),
        lambda value: value <= 0.1,
        limit=lambda figures: (
            f"Ansible doing nothing is {figures.wall(c.EMPTY, 0) / figures.wall(c.PING, 100):.3f} times"
        ),
    ),
    Bar(
        "The same through the module: at most 1.4 times `ping`",
        _of_ping(c.ENTRIES_BY_MODULE),
        lambda value: value <= 1.4,
        limit=lambda figures: (
            f"a module that does nothing but import requests is {_of_ping(c.IMPORT_REQUESTS)(figures):.2f} times"
        ),
    ),
    Bar(
        "100,000 entries planned in less than 300 MiB, by the module's process",
        lambda figures: figures.memory(c.MODULE_ALONE, 100_000) / _MIB,
        lambda value: value < 300,
        "{:.0f} MiB",
        limit=lambda figures: f"with no entries it is {mebibytes(figures.memory(c.MODULE_ALONE, 0))}",
    ),
    Bar(
        "The same, by the largest process of the whole run",
        lambda figures: figures.memory(c.SETTINGS, 100_000) / _MIB,
        lambda value: value < 300,
        "{:.0f} MiB",
        limit=lambda figures: f"with no entries it is {mebibytes(figures.memory(c.SETTINGS, 0))}",
    ),
    Bar(
        "100,000 entries, all new, in less than 300 MiB, by the largest process of the whole run",
        lambda figures: figures.memory(c.SETTINGS, 100_000, "new") / _MIB,
        lambda value: value < 300,
        "{:.0f} MiB",
    ),
    Bar(
        "Time from 10,000 to 100,000 entries, no drift: at most 11 times",
        lambda figures: figures.wall(c.SETTINGS, 100_000) / figures.wall(c.SETTINGS, 10_000),
        lambda value: value <= 11,
    ),
    Bar(
        "The same, by the module's process",
        lambda figures: figures.wall(c.MODULE_ALONE, 100_000) / figures.wall(c.MODULE_ALONE, 10_000),
        lambda value: value <= 11,
    ),
    Bar(
        "Reading 100,000 entries at 50 ms latency: 3 times faster with `concurrency: 4` than with 1",
        lambda figures: _reading_alone(figures, 1) / _reading_alone(figures, 4),
        lambda value: value >= 3,
        limit=lambda figures: (
            f"4 at most, and 100 answers take {seconds(_reading_alone(figures, 1) - 5)} of one processor beside 5 s of "
            "waiting"
        ),
    ),
)
# What the bars need beside what the tables show: contestants and cases.
BESIDE = {
    Case(0, "none", 0): (c.EMPTY, c.MODULE_ALONE),
    Case(0, "none", 100): (c.PING, c.IMPORT_REQUESTS),
    Case(0, "none", 10_000): (c.SCRIPT_READING, c.MODULE_ALONE),
    Case(0, "none", 100_000): (c.MODULE_ALONE,),
    Case(50, "none", 0): tuple(c.READING.values()),
    Case(50, "none", 100_000): tuple(c.READING.values()),
}
# And what they need of the tables themselves.
OF_THE_TABLES = {
    Case(0, "none", 0): (c.SETTINGS, c.URI_EACH, c.URI_LIST),
    Case(0, "none", 100): (c.ENTRIES, c.ENTRIES_BY_MODULE, c.URI_EACH),
    Case(0, "none", 1_000): (c.URI_LIST,),
    Case(0, "none", 10_000): (c.SETTINGS, c.ROLE, c.SCRIPT),
    Case(0, "none", 100_000): (c.SETTINGS,),
    Case(0, "new", 10_000): (c.SETTINGS, c.SETTINGS_FILES, c.SCRIPT_BATCHES),
    Case(0, "new", 100_000): (c.SETTINGS,),
}


def plan() -> dict[Case, list[Contestant]]:
    """All that the bars need."""
    return {case: [*OF_THE_TABLES.get(case, ()), *BESIDE.get(case, ())] for case in sorted({*OF_THE_TABLES, *BESIDE})}


def render(results: Results) -> Iterator[str]:
    figures = Figures(results)
    yield "| bar | measured | met |"
    yield "|---|---|---|"
    for each in BARS:
        try:
            value = each.measure(figures)
        except NotMeasuredError:
            yield f"| {each.promise} | not at these sizes | |"
            continue
        met = each.met(value)
        shown = each.shown.format(value)
        if not met and (limit := each.limit(figures)):
            shown += f"; {limit}"
        yield f"| {each.promise} | {shown} | {'yes' if met else '**no**'} |"
