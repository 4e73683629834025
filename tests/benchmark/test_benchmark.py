# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark works: every contestant does its work, with as many requests as it should. How fast is not tested."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

from benchmark import bars, page, table
from benchmark.cases import STATES, Case
from benchmark.command import main
from benchmark.contestants import EMPTY, SCRIPT, SETTINGS, TABLE, URI_EACH, URI_LIST, Contestant
from benchmark.measuring import Bench, Measure, Place, Usage
from benchmark.results import Results
from simulator.handle import Simulator

SIZE = 3
# Requests for each state, in the order of the tables: one read, and what has to be written.
REQUESTS = {
    "none": {
        "`settings`": 1,
        "`settings`, fast path off": 1,
        "`settings`, policy in YAML": 1,
        "role `apply`, policy in YAML": 1,
        "loop of `block_sender`": 3,
        "loop of `block_sender`, fast path off": 3,
        "`uri`: list, then loop": 1,
        "`uri`: a look-up for each": 3,
        # Its package reads pages until one is empty.
        "script, a call for each": 2,
    },
    "drift": {
        "`settings`": 2,
        "`settings`, policy in YAML": 2,
        "loop of `block_sender`": 4,
        "`uri`: list, then loop": 2,
        "script, a call for each": 3,
        "script, batches": 3,
    },
    "new": {
        "`settings`": 2,
        "`settings`, policy in YAML": 2,
        "role `apply`, policy in YAML": 2,
        "loop of `block_sender`": 6,
        "loop of `block_sender`, fast path off": 6,
        "`uri`: list, then loop": 4,
        "script, a call for each": 4,
        "script, batches": 2,
    },
    "purged": {
        "`settings`": 2,
        "loop of `block_sender`": 6,
        "`uri`: list, then loop": 4,
        "script, a call for each": 5,
        "script, batches": 3,
    },
}


def measure(wall: float, requests: int = 1, memory: float = 50e6) -> Measure:
    return Measure(requests, 0, Usage(wall, wall / 2, memory))


def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--sizes", str(SIZE), "--accounts", "2"])
    printed = capsys.readouterr().out
    for state, requests in REQUESTS.items():
        section = printed.partition(f"### {STATES[state].title}, 0 ms latency")[2].partition("###")[0]
        cells = [line.split(" | ") for line in section.splitlines() if line.startswith(f"| {SIZE} | ")]
        assert {row[1]: int(row[2]) for row in cells} == requests, state
    assert printed.count("not at these sizes") == len(bars.BARS)
    assert "2 accounts of 3 blocked senders each" in printed
    assert [line.split(" | ")[-1] for line in printed.splitlines() if line.startswith("| 0 ms | ")] == ["2 |", "2 |"]


def test_work_that_is_not_done_ends_the_benchmark(simulator: Simulator, tmp_path: Path) -> None:
    idle = Contestant("idle", ("-c", "pass"), {"new": SIZE})
    with pytest.raises(RuntimeError, match="idle did not do its work"):
        Bench(simulator, tmp_path, 1, 0).measure(Case(0, "new", SIZE), [idle])


def test_failure_ends_the_benchmark_with_its_output(simulator: Simulator, tmp_path: Path) -> None:
    place = Place(tmp_path, simulator)
    with pytest.raises(RuntimeError, match="said before"):
        place.run([sys.executable, "-c", "print('said before'); raise SystemExit(3)"])


def test_usage_is_that_of_all_processes(simulator: Simulator, tmp_path: Path) -> None:
    hungry = "x = bytearray(200 * 2**20); x[::4096] = b'1' * len(x[::4096])"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hungry!r}], check=True)"
    ballast = bytearray(500 * 2**20)
    ballast[::4096] = b"1" * len(ballast[::4096])
    usage = Place(tmp_path, simulator).run([sys.executable, "-c", parent])
    # That of the child, and not that of this process.
    assert 200 <= usage.memory / 2**20 < 300 < len(ballast) / 2**20
    assert usage.wall > 0
    assert usage.cpu > 0


def test_runs_end_with_the_budget(simulator: Simulator, tmp_path: Path) -> None:
    case = Case(0, "none", SIZE)
    sleeper = Contestant("sleeper", ("-c", "import time; time.sleep(0.2)"), {"none": SIZE}, read_only=True)
    assert Bench(simulator, tmp_path, 3, 0.1).measure(case, [sleeper])["sleeper"].runs == 1
    assert Bench(simulator, tmp_path, 3, 60).measure(case, [sleeper])["sleeper"].runs == 3


def test_scaling_is_a_straight_line_through_no_entries_and_the_largest_size_that_was_run() -> None:
    results = Results([100, 10_000])
    results.add(Case(0, "none", 0), {URI_EACH.name: measure(1, 0), SETTINGS.name: measure(1)})
    results.add(Case(0, "none", 50), {URI_EACH.name: measure(100, 50)})
    results.add(Case(0, "none", 100), {URI_EACH.name: measure(31, 100), SETTINGS.name: measure(2)})
    scaled = results.of(URI_EACH, 0, "none", 10_000)
    assert scaled is not None
    assert scaled.scaled
    assert scaled.usage.wall == pytest.approx(1 + 30 * 100)
    assert scaled.requests == 10_000
    assert math.isnan(scaled.usage.memory)
    # What can be run with so many is never scaled, and nor is what was not run at all.
    assert results.of(SETTINGS, 0, "none", 10_000) is None
    assert results.of(URI_LIST, 0, "none", 10_000) is None
    assert results.of(SCRIPT, 50, "none", 100) is None


def test_bars() -> None:
    results = Results([10_000])
    results.add(
        Case(0, "none", 0), {SETTINGS.name: measure(1), URI_LIST.name: measure(1, 0), EMPTY.name: measure(0.5, 0)}
    )
    results.add(Case(0, "none", 1_000), {URI_LIST.name: measure(11, 1)})
    results.add(Case(0, "none", 10_000), {SETTINGS.name: measure(2, 10)})
    lines = list(bars.render(results))
    assert lines[2] == "| 10,000 entries, no drift: 10 requests | 10 | yes |"
    assert lines[3] == "| All new, 10,000 entries: 10 writes | not at these sizes | |"
    assert lines[5].startswith(
        "| The same, against `uri` that reads the list once and loops (scaled) | 50.5; the loop "
    )
    assert lines[5].endswith("would be 202 times faster than it | **no** |")


def test_the_bars_can_be_measured_alone() -> None:
    results = Results([])
    for case, contestants in bars.plan().items():
        results.add(case, {one.name: measure(1 + case.size, case.size) for one in contestants})
    assert not [line for line in bars.render(results) if "not at these sizes" in line]


def test_names_tell_contestants_apart() -> None:
    everybody = {*TABLE, *(one for beside in bars.BESIDE.values() for one in beside)}
    assert len({one.name for one in everybody}) == len(everybody)


def test_scaled_figures_are_marked() -> None:
    results = Results([1_000])
    results.add(Case(0, "none", 0), {URI_EACH.name: measure(1, 0)})
    results.add(Case(0, "none", 100), {URI_EACH.name: measure(31, 100)})
    results.add(Case(0, "none", 1_000), {SETTINGS.name: measure(2)})
    assert list(table.render(results, [0]))[-3:] == [
        "| 1,000 | `settings` | 1 | 2.00 s | 1 | 1.00 s | 48 MiB | 1 |",
        "| 1,000 | `uri`: a look-up for each | ~1,000 | ~301 s | ~150 | ~150 s |  |  |",
        "",
    ]


def test_writing_replaces_what_is_between_the_markers(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("a\n<!-- begin x -->\n\nold\n\n<!-- end x -->\nb\n", encoding="utf-8")
    page.write(file, "x", ["new", "lines", ""])
    assert file.read_text(encoding="utf-8") == "a\n<!-- begin x -->\n\nnew\nlines\n\n<!-- end x -->\nb\n"
    with pytest.raises(ValueError, match="begin y"):
        page.write(file, "y", [])


def test_documentation_has_the_markers() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs"
    for file, names in {"performance.md": ("bars", "figures"), "many_accounts.md": ("figures",)}.items():
        text = (docs / file).read_text(encoding="utf-8")
        assert all(text.count(f"<!-- {end} {name} -->") == 1 for name in names for end in ("begin", "end")), file
