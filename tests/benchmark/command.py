# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command: what is asked for, run and shown."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmark import accounts, bars, cases, page, simulator_alone, table
from benchmark.accounts import FORKS
from benchmark.cases import Case
from benchmark.contestants import TABLE, Contestant
from benchmark.measuring import Bench
from benchmark.results import Results
from simulator.handle import Simulator

DOCS = Path(__file__).resolve().parents[2] / "docs"
_QUICK = (10,)


def plan(sizes: Sequence[int], latencies: Sequence[int]) -> dict[Case, list[Contestant]]:
    """Who is run on what."""
    planned = {
        Case(latency, state, size): [one for one in TABLE if size <= one.largest.get(state, -1)]
        for latency in latencies
        for state in cases.STATES
        for size in sizes
        # With no entries at all, which is what larger figures are scaled from, the states are the same.
        if size or state == "none"
    }
    for case, beside in bars.BESIDE.items():
        if case in planned:
            planned[case].extend(beside)
    return planned


def measure(bench: Bench, options: argparse.Namespace) -> Results:
    results = Results(options.sizes)
    sizes = options.sizes if options.quick else (0, *options.sizes)
    planned = bars.plan() if options.bars else plan(sizes, options.latencies)
    for number, (case, contestants) in enumerate(planned.items(), start=1):
        started = time.monotonic()
        results.add(case, bench.measure(case, contestants))
        report_progress(f"{number}/{len(planned)} {case.size:,} entries, {case.state}, {case.latency} ms", started)
    return results


def about(command: str, runs: int) -> Iterator[str]:
    machine = f"{os.cpu_count()} processors, {platform.system()}"
    packages = [f"{name} {version(name)}" for name in ("ansible-core", "cloudflare", "requests")]
    tools = ", ".join([f"Python {platform.python_version()}", *packages])
    yield f"Made by `{command}` with {tools}; {machine}. Figures are medians of up to {runs} runs."
    yield ""


def report_progress(what: str, started: float) -> None:
    print(f"{what}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def parse(arguments: Sequence[str], description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/benchmark", description=description)
    parser.add_argument("--sizes", type=_numbers, help="how many entries, such as 100,10000 (default: all four)")
    parser.add_argument("--latencies", type=_numbers, help="milliseconds before each answer (default: 0,50)")
    parser.add_argument("--runs", type=int, default=3, help="how often at most each is run (%(default)s)")
    parser.add_argument(
        "--budget", type=float, default=40, help="seconds after which the same is not run once more (%(default)s)"
    )
    parser.add_argument("--accounts", type=int, help="how many accounts in one inventory (default: 100)")
    parser.add_argument("--bars", action="store_true", help="only what is promised, in ten minutes")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, one run: whether it works, not how fast")
    parser.add_argument("--write", action="store_true", help="put the figures into the documentation")
    options = parser.parse_args(arguments)
    options.sizes = options.sizes or (_QUICK if options.quick else cases.SIZES)
    options.latencies = options.latencies or ((0,) if options.quick else cases.LATENCIES)
    options.accounts = options.accounts or (3 if options.quick else 100)
    options.forks = FORKS[:2] if options.quick else FORKS
    options.runs = 1 if options.quick else options.runs
    return options


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def main(arguments: Sequence[str], description: str = "") -> None:
    options = parse(arguments, description)
    command = " ".join([".venv/bin/python tests/benchmark", *arguments])
    started = time.monotonic()
    with Simulator() as simulator, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone = list(simulator_alone.render(simulator, max(options.sizes)))
        if not options.quick:
            # Everything once, so that files are in memory and byte code is made.
            case = Case(0, "none", 1)
            Bench(simulator, folder / "warm-up", 1, 0).measure(case, plan([1], [0])[case])
        results = measure(Bench(simulator, folder / "bench", options.runs, options.budget), options)
        heading = list(about(command, options.runs))
        parts = [("performance.md", "bars", [*heading, *bars.render(results)])]
        if not options.bars:
            map_concurrent = accounts.render(simulator, folder / "accounts", options)
            parts += [
                ("performance.md", "figures", [*heading, *alone, "", *table.render(results, options.latencies)]),
                ("many_accounts.md", "figures", [*heading, *map_concurrent]),
            ]
    for file, name, lines in parts:
        print(f"\n{file}, {name}\n", *lines, sep="\n")
        if options.write:
            page.write(DOCS / file, name, lines)
    report_progress("all of it", started)
