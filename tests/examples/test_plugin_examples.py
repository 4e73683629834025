# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The EXAMPLES of every plugin: in check mode, for real, and again, as the tasks of one real playbook."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from examples.reader import of_account, without_the_readers_own
from examples.scenarios import FILTERS, LOOKUPS, MODULES, Scenario
from examples.snippets import CHECKOUT, examples, plugins
from simulator.handle import Account

_ALL = {
    (kind, name): scenario
    for kind, scenarios in (("modules", MODULES), ("filter", FILTERS), ("lookup", LOOKUPS))
    for name, scenario in scenarios.items()
}
_STEPS = ("check", "real", "again")


Results = Mapping[tuple[str, str], Mapping[str, Any]]


def test_every_plugin_has_a_scenario() -> None:
    assert sorted(MODULES) == plugins("modules")
    assert sorted(FILTERS) == plugins("filter")
    assert sorted(LOOKUPS) == plugins("lookup")


@pytest.mark.parametrize(("kind", "name"), _ALL, ids=str)
def test_examples(kind: str, name: str, account: Account, tmp_path: Path) -> None:
    scenario, tasks = _ALL[kind, name], examples(kind, name)
    names = [task["name"] for task in tasks]
    assert set(scenario.changes) | set(scenario.shows) <= set(names)
    assert any(f"cloudflare.email_security.{name}" in str(task) for task in tasks), "no example uses it"
    account.put(scenario.before)
    account.put_messages(*scenario.mail)
    account.put_submissions()
    results = _run(tasks, scenario, account, tmp_path)

    for step in _STEPS:
        for task in names:
            result = results[step, task]
            assert not result["failed"], f"{step}: {task}: {result['result'].get('msg')}"
            expected = task in scenario.changes and step != "again"
            assert bool(result["result"].get("changed")) is expected, f"{step}: {task}"
    for task, text in scenario.shows.items():
        assert text in str(results["real", task]["result"]), task

    sent = {step: [one["method"] for one in account.requests() if one["mark"] == step] for step in _STEPS}
    assert set(sent["check"]) | set(sent["again"]) <= {"GET"}
    for collection, keys in scenario.leaves.items():
        left = [entry[RESOURCES[collection].key[0]] for entry in account.state()[collection]]
        assert sorted(left) == sorted(keys), collection
    assert scenario.changes or scenario.shows or kind == "filter", "the scenario proves nothing"


def _run(tasks: list[dict[str, Any]], scenario: Scenario, account: Account, folder: Path) -> Results:
    """Results by step and name of the task; requests carry the step as their mark."""
    steps = [
        {**task, "name": f"{step}: {task['name']}", **({"check_mode": True} if step == "check" else {})}
        for step in _STEPS
        for task in tasks
    ]
    play = {
        "name": "Examples",
        "hosts": "all",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}", **scenario.variables},
        "tasks": steps,
    }
    job = {
        "control": f"{account.base_url.removesuffix('/client/v4')}/_simulator/accounts/{account.id}",
        "output": str(folder / "results.jsonl"),
        "commands": str(folder / "commands"),
        "steps": {task["name"]: [("POST", "/mark", {"name": task["name"].partition(":")[0]})] for task in steps},
    }
    (folder / "evidence").mkdir()
    (folder / "commands").touch()
    for path, text in {"playbook.yml": json.dumps([play]), "job.json": json.dumps(job), **scenario.files}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    environment = {
        **without_the_readers_own(folder),
        **of_account(account),
        "ANSIBLE_CALLBACK_PLUGINS": str(CHECKOUT / "tests/modules/callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "step_recorder",
        "STEP_RECORDER": str(folder / "job.json"),
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "one,", "playbook.yml"]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    recorded = {tuple(record["name"].split(": ", 1)): record for record in map(json.loads, lines)}
    assert len(recorded) == len(steps) or any(record["failed"] for record in recorded.values()), run.stdout + run.stderr
    return {key: record for key, record in recorded.items() if len(key) == 2}
