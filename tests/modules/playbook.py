# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running modules as people do: a real ``ansible-playbook`` for a list of steps, each of which is a task.

Steps run on the fast path, or by module processes where the environment says so (``EMAIL_SECURITY_BY_MODULE``). Tests
about the two entry points run them through both, and compare.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from modules import entry_points
from modules.order import settled
from simulator.handle import Account

COLLECTION = "cloudflare.email_security"
_HERE = Path(__file__).resolve().parent

# What Ansible itself adds to a result, or does with it.
ANSIBLES_OWN = frozenset(
    {"invocation", "failed", "msg", "exception", "warnings", "deprecations", "ansible_facts", "changed", "diff"}
)

Control = tuple[str, str, Any]

# All that Ansible takes for a task's module and its options.
SPELLINGS: Mapping[str, Callable[[str, Mapping[str, Any]], dict[str, Any]]] = {
    "full name": lambda module, args: {f"{COLLECTION}.{module}": dict(args)},
    "short name": lambda module, args: {module: dict(args), "collections": [COLLECTION]},
    "one line": lambda module, args: {
        f"{COLLECTION}.{module}": " ".join(f"{name}='{value}'" for name, value in args.items())
    },
    "action": lambda module, args: {"action": {"module": f"{COLLECTION}.{module}", **args}},
    "local_action": lambda module, args: {"local_action": {"module": f"{COLLECTION}.{module}", **args}},
}


def put(document: Mapping[str, Any]) -> Control:
    """Before a step: replace the account's entries."""
    return ("PUT", "", document)


def options(**changes: Any) -> Control:
    """Before a step: set options of the simulated account."""
    return ("PATCH", "/options", changes)


def faults(*armed: Mapping[str, Any]) -> Control:
    """Before a step: arm faults."""
    return ("POST", "/faults", list(armed))


@dataclass(frozen=True)
class Step:
    """One task.

    :param args: its options; a text with ``{{ }}`` is a template, as in any playbook.
    :param control: calls to the simulator's control side right before it.
    :param keywords: of the task, such as ``loop``.
    :param spelling: how the task names its module, one of ``SPELLINGS``.
    :param hands_over: whether the fast path is to leave it to the module.
    """

    name: str
    module: str
    args: Mapping[str, Any] = field(default_factory=dict)
    check: bool = False
    diff: bool = False
    control: Sequence[Control] = ()
    register: str | None = None
    keywords: Mapping[str, Any] = field(default_factory=dict)
    spelling: str = "full name"
    hands_over: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a step did: its result, the requests it sent, the account afterwards, and what Ansible printed.

    :param commands: how many processes Ansible started for it: none on the fast path.
    """

    step: Step
    failed: bool
    result: dict[str, Any]
    requests: list[dict[str, Any]]
    state: dict[str, list[dict[str, Any]]]
    stdout: str
    commands: int

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def msg(self) -> str:
        return str(self.result.get("msg", ""))

    @property
    def writes(self) -> list[tuple[str, str, Any]]:
        return [(one["method"], one["path"], one["body"]) for one in self.requests if one["method"] != "GET"]

    @property
    def reads(self) -> list[str]:
        return [one["path"] for one in self.requests if one["method"] == "GET"]

    @property
    def returned(self) -> dict[str, Any]:
        """The module's own part of the result."""
        return {
            name: value
            for name, value in self.result.items()
            if name not in ANSIBLES_OWN and not name.startswith("_ansible")
        }


@dataclass(frozen=True)
class Run:
    """A finished playbook: outcomes by the name of their step, and all that was printed.

    :param fast: the same steps on the fast path, where they ran through both entry points.
    """

    outcomes: Mapping[str, Outcome]
    stdout: str
    stderr: str
    fast: Run | None = None

    def __getitem__(self, name: str) -> Outcome:
        return self.outcomes[name]

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes.values())


def run_steps(
    account: Account,
    folder: Path,
    steps: Sequence[Step],
    *,
    connection: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
) -> Run:
    """Run the steps, in order and whether or not one fails, as the tasks of one playbook, through one entry point.

    :param folder: an empty one; everything that the run leaves lies there.
    :param connection: ``module_defaults`` of the collection's action group; by default the account's token.
    :param environment: of ansible-playbook, beside what it needs.
    :param arguments: of ansible-playbook, such as ``-vvvv``.
    """
    fast = not os.environ.get("EMAIL_SECURITY_BY_MODULE")
    switch = entry_points.FAST if fast else entry_points.MODULE
    run = play(account, folder, steps, connection, {**(environment or {}), **switch}, arguments)
    entry_points.assert_taken(run, fast=fast)
    return run


def run_steps_twice(
    account: Account,
    folder: Path,
    steps: Sequence[Step],
    *,
    connection: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
) -> Run:
    """The same through both entry points, each from the same state of the account; both must do and show the same.

    What the fast path leaves lies below ``fast`` in the folder. Files elsewhere that options name must not be there
    yet, and are removed between the two.
    """
    before = entry_points.Before(account, folder, steps)
    inherited = environment or {}
    fast = play(account, folder / "fast", steps, connection, {**inherited, **entry_points.FAST}, arguments)
    before.restore()
    module = play(account, folder, steps, connection, {**inherited, **entry_points.MODULE}, arguments)
    entry_points.assert_taken(fast, fast=True)
    entry_points.assert_taken(module, fast=False)
    entry_points.assert_same(fast, module, folder, before.known)
    return replace(module, fast=fast)


def play(
    account: Account,
    folder: Path,
    steps: Sequence[Step],
    connection: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
) -> Run:
    """A run through the entry point that the environment says. Parameters as of :func:`run_steps`."""
    names = [step.name for step in steps]
    assert len(set(names)) == len(names), f"two steps have the same name: {names}"
    folder.mkdir(exist_ok=True)
    _write_files(account, folder, steps, connection)
    account.clear_requests()
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.ini", *arguments, "playbook.yml"]
    # Ansible splits the name of its shell at spaces, which a test's folder may have.
    with tempfile.TemporaryDirectory() as place:
        env = {**_environment(folder, environment), "ANSIBLE_EXECUTABLE": _counting_shell(Path(place), folder)}
        finished = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    printed = f"{finished.stdout}\n{finished.stderr}"
    assert finished.returncode == 0, printed
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    records = {record["name"]: record for record in map(json.loads, lines)}
    assert list(records) == names, f"not every step ran: {sorted(set(names) - set(records))}\n{printed}"
    requests: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for request in account.requests():
        requests.setdefault(request["mark"], []).append(request)
    sections = dict(re.findall(r"^TASK \[(.*?)\] \*+\n(.*?)(?=^TASK |^PLAY RECAP|\Z)", finished.stdout, re.M | re.S))
    outcomes = {
        step.name: Outcome(
            step,
            records[step.name]["failed"],
            records[step.name]["result"],
            settled(requests[step.name]),
            records[step.name]["state"],
            sections.get(step.name, ""),
            records[step.name]["commands"],
        )
        for step in steps
    }
    return Run(outcomes, finished.stdout, finished.stderr)


def _write_files(account: Account, folder: Path, steps: Sequence[Step], connection: Mapping[str, Any] | None) -> None:
    if connection is None:
        connection = {"account_id": account.id, "api_token": account.token, "base_url": account.base_url}
    tasks = [
        {
            "name": step.name,
            **SPELLINGS[step.spelling](step.module, step.args),
            "check_mode": step.check,
            "ignore_errors": True,
            # Left out, it is as ansible-playbook's --diff says.
            **({"diff": True} if step.diff else {}),
            **({"register": step.register} if step.register else {}),
            **step.keywords,
        }
        for step in steps
    ]
    play = {
        "name": "Steps",
        "hosts": "all",
        "gather_facts": False,
        "module_defaults": {f"group/{COLLECTION}.all": dict(connection)},
        "tasks": tasks,
    }
    job = {
        "control": f"{account.base_url.removesuffix('/client/v4')}/_simulator/accounts/{account.id}",
        "output": str(folder / "results.jsonl"),
        "commands": str(folder / "commands"),
        "steps": {step.name: [*step.control, ("POST", "/mark", {"name": step.name})] for step in steps},
    }
    # JSON is YAML too, and read much faster.
    (folder / "playbook.yml").write_text(json.dumps([play]), encoding="utf-8")
    (folder / "recorder.json").write_text(json.dumps(job), encoding="utf-8")
    (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
    (folder / "commands").touch()
    (folder / "inventory.ini").write_text(
        'account ansible_connection=local ansible_python_interpreter="{{ ansible_playbook_python }}"\n',
        encoding="utf-8",
    )


def _counting_shell(place: Path, folder: Path) -> str:
    """Ansible starts one for every command, a module's process among them; each leaves a line."""
    shell = place / "sh"
    shell.write_text(f'#!/bin/sh\necho >> "{folder}/commands"\nexec /bin/sh "$@"\n', encoding="utf-8")
    shell.chmod(0o755)
    return str(shell)


def _environment(folder: Path, additions: Mapping[str, str] | None) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "CLOUDFLARE_")) and not name.lower().endswith("_proxy")
    }
    return {
        **inherited,
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "ansible" / "tmp"),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        # Ansible lists the spellings of true and false in the order of a set.
        "PYTHONHASHSEED": "0",
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_CALLBACK_PLUGINS": str(_HERE / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "step_recorder",
        "STEP_RECORDER": str(folder / "recorder.json"),
        **(additions or {}),
    }
