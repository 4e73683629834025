# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a contestant on a case: its account filled, its process tree measured, its work checked."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.cases import Case
from benchmark.contestants import Contestant
from simulator.handle import Account, Simulator

_LAUNCHER = Path(__file__).with_name("launcher.py")
# Seconds. What takes longer than this is stuck.
_LONGEST = 900


@dataclass(frozen=True)
class Usage:
    """What a command and all its children used: seconds, and bytes of the largest process."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Measure:
    """Medians over ``runs``; ``scaled`` when they were worked out from a smaller size."""

    requests: int
    writes: int
    usage: Usage
    runs: int = 1
    scaled: bool = False


class Place:
    """A folder to run in: Ansible's configuration and inventory, and a case's documents.

    :param account: whose id and address the commands get; None for those that get them from the inventory.
    """

    def __init__(self, folder: Path, simulator: Simulator, account: Account | None = None) -> None:
        self.folder = folder
        self.environment = _environment(folder)
        self.environment["CLOUDFLARE_API_TOKEN"] = Account.token
        self.environment["CLOUDFLARE_BASE_URL"] = simulator.base_url
        if account:
            self.environment["CLOUDFLARE_ACCOUNT_ID"] = account.id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
        self.inventory(["account"])

    def inventory(self, lines: Sequence[str]) -> None:
        """Hosts, one a line. Nothing is run on them, and nothing but the modules' own Python is looked for."""
        common = 'ansible_connection=local ansible_python_interpreter="{{ ansible_playbook_python }}"'
        (self.folder / "inventory.ini").write_text("".join(f"{line} {common}\n" for line in lines), encoding="utf-8")

    def documents(self, case: Case) -> None:
        desired = case.desired
        fields = [{name: entry[name] for name in ("pattern", "pattern_type", "comments")} for entry in desired]
        self._write("desired.json", desired)
        self._write("undesired.json", case.undesired)
        self._write("arguments.json", {"ANSIBLE_MODULE_ARGS": {"block_senders": desired}})
        # A list of mappings in JSON, one to a line, would be YAML too; this is how people write it.
        lines = [
            f"  - pattern: {entry['pattern']}\n    pattern_type: {entry['pattern_type']}\n"
            f"    comments: {entry['comments']}\n"
            for entry in fields
        ]
        (self.folder / "policy.yml").write_text(
            "block_senders:\n" + "".join(lines) if lines else "block_senders: []\n", encoding="utf-8"
        )

    def _write(self, name: str, document: object) -> None:
        (self.folder / name).write_text(json.dumps(document), encoding="utf-8")

    def run(self, argv: Sequence[str], additions: Mapping[str, str] | None = None) -> Usage:
        """Run a command to its end, which must be a good one. Its output lies in output.txt."""
        result, output = self.folder / "usage.json", self.folder / "output.txt"
        result.unlink(missing_ok=True)
        with output.open("wb") as file:
            ended = subprocess.run(
                [sys.executable, "-I", "-S", str(_LAUNCHER), str(result), str(_LONGEST), *argv],
                cwd=self.folder,
                env={**self.environment, **(additions or {})},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if ended.returncode:
            said = output.read_text(encoding="utf-8", errors="replace")[-3000:]
            raise RuntimeError(f"{' '.join(argv)} failed:\n{said}")
        return Usage(**json.loads(result.read_bytes()))


class Bench:
    """The cases, one account of one simulator for each.

    :param runs: how often each contestant is run at most.
    :param budget: seconds that a contestant may use for a case before it is not run again.
    """

    def __init__(self, simulator: Simulator, folder: Path, runs: int, budget: float) -> None:
        self.simulator = simulator
        self.folder = folder
        self.runs = runs
        self.budget = budget

    def measure(self, case: Case, contestants: Sequence[Contestant]) -> dict[str, Measure]:
        """Every contestant on a case. They take turns, so that a slow minute of the machine hits all alike."""
        account = self.simulator.account()
        place = Place(self.folder, self.simulator, account)
        place.documents(case)
        account.put({"block_senders": case.account})
        account.options(latency_ms=case.latency)
        seen: dict[str, list[tuple[int, int, Usage]]] = {contestant.name: [] for contestant in contestants}
        fresh = True
        for _turn in range(self.runs):
            for contestant in contestants:
                used = [usage.wall for _requests, _writes, usage in seen[contestant.name]]
                if used and sum(used) + used[-1] > self.budget:
                    continue
                if not fresh:
                    account.put({"block_senders": case.account})
                account.clear_requests()
                usage = place.run(contestant.argv, contestant.environment)
                requests = [one["method"] for one in account.requests()]
                seen[contestant.name].append((len(requests), sum(one != "GET" for one in requests), usage))
                fresh = contestant.read_only or case.state == "none"
                if not contestant.read_only and not used:
                    _check(account, case, contestant)
        account.forget()
        return {name: _median(runs) for name, runs in seen.items()}


def _check(account: Account, case: Case, contestant: Contestant) -> None:
    """A figure is worth nothing when the account is not as desired then."""
    there = {(entry["pattern"], entry["comments"]) for entry in account.state()["block_senders"]}
    desired = {(entry["pattern"], entry["comments"]) for entry in case.desired}
    if there != desired:
        raise RuntimeError(f"{contestant.name} did not do its work: {case}, {len(there ^ desired)} entries differ")


def _median(runs: Sequence[tuple[int, int, Usage]]) -> Measure:
    requests, writes = {one[0] for one in runs}, {one[1] for one in runs}
    if len(requests) != 1 or len(writes) != 1:
        raise RuntimeError(f"the same work took different requests: {requests}, writes: {writes}")
    usages = [usage for _requests, _writes, usage in runs]
    return Measure(
        requests.pop(),
        writes.pop(),
        Usage(
            statistics.median(usage.wall for usage in usages),
            statistics.median(usage.cpu for usage in usages),
            statistics.median(usage.memory for usage in usages),
        ),
        len(usages),
    )


def scaled(small: Measure, small_size: int, nothing: Measure, size: int) -> Measure:
    """What a size would take: a straight line through no entries at all and the largest size that was run."""

    def along(at_none: float, at_small: float) -> float:
        return at_none + (at_small - at_none) * size / small_size

    one, other = nothing.usage, small.usage
    return Measure(
        round(along(nothing.requests, small.requests)),
        round(along(nothing.writes, small.writes)),
        # Memory is not scaled: nobody knows how it grows.
        Usage(along(one.wall, other.wall), along(one.cpu, other.cpu), float("nan")),
        small.runs,
        scaled=True,
    )


def _environment(folder: Path) -> dict[str, str]:
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "CLOUDFLARE_"))
        and not name.lower().endswith("_proxy")
        # Without byte code, every process would start slower.
        and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {
        **own,
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "ansible" / "tmp"),
        "ANSIBLE_NOCOLOR": "1",
        "BENCHMARK_DESIRED": str(folder / "desired.json"),
        "BENCHMARK_UNDESIRED": str(folder / "undesired.json"),
    }
