# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that is ended in the middle: what is done stays done, files are whole or absent, and the next run finishes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.act import message_move_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.save import (
    message_preview_module,
    message_raw_module,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import settings_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import ModuleSpec

from modules.in_process import folders_of, perform
from modules.samples import person, sender
from reliability.gates import Gate
from reliability.processes import COLLECTION, INTERRUPTS, Interrupter, Playbook
from simulator.handle import Account

pytestmark = pytest.mark.thorough

PEOPLE = [person(name, f"{name}@example.com", comments="new") for name in "abcdefghijkl"]
SENDERS = [sender(f"{name}.example", comments="new") for name in "abcdefghijkl"]
IDS = [f"message-{number}" for number in range(4)]
# Larger than what is written or read in one piece.
CONTENTS = {".eml": b"From: a@example.com\r\n\r\n" + b"x" * 300_000, ".png": b"\x89PNG\r\n\x1a\n" + b"x" * 300_000}


@dataclass(frozen=True)
class Scenario:
    """A run that writes, and where it is interrupted.

    :param at: method and number of the request.
    :param check: asserts that the account, and the folder, are as desired.
    """

    module: str
    spec: ModuleSpec
    params: Mapping[str, Any]
    prepare: Callable[[Account], object]
    at: tuple[str, int]
    check: Callable[[Account, Path], None]
    environment: Mapping[str, str] = field(default_factory=dict)


def put_settings(account: Account) -> None:
    """Some of it is there, some is as it was, and some is to go."""
    people = [*({**each, "comments": "old"} for each in PEOPLE[:4]), person("old", "old@example.com")]
    senders = [*({**each, "comments": "old"} for each in SENDERS[:4]), sender("old.example")]
    account.put({"impersonation_registry": people, "block_senders": senders})


def put_mail(account: Account) -> None:
    raw, picture = CONTENTS[".eml"].decode(), base64.b64encode(CONTENTS[".png"]).decode()
    account.put_messages(*({"id": each, "eml": raw, "preview": picture} for each in IDS))


def has_people(account: Account, folder: Path) -> None:
    held = account.state()["impersonation_registry"]
    assert sorted((each["name"], each["comments"]) for each in held) == [(each["name"], "new") for each in PEOPLE]


def has_senders(account: Account, folder: Path) -> None:
    held = account.state()["block_senders"]
    assert sorted((each["pattern"], each["comments"]) for each in held) == [
        (each["pattern"], "new") for each in SENDERS
    ]


def has_moved(account: Account, folder: Path) -> None:
    assert folders_of(account) == {each: {"JunkEmail"} for each in IDS}


def has_files(account: Account, folder: Path) -> None:
    assert whole_files(folder) == len(IDS)


def whole_files(folder: Path) -> int:
    """How many files there are, hidden ones and left-overs too, each of which must be whole."""
    files = list(folder.iterdir()) if folder.exists() else []
    assert {each.name for each in files} <= {f"{each}{suffix}" for each in IDS for suffix in CONTENTS}
    for each in files:
        assert each.read_bytes() == CONTENTS[each.suffix], each
    return len(files)


PURGED = {"purge": ["impersonation_registry", "block_senders"]}
FILES = {"investigate_ids": IDS}
PEOPLE_TASK = {"impersonation_registry": PEOPLE, **PURGED}
SCENARIOS = {
    "new entries, single writes": Scenario(
        "settings", settings_module(), PEOPLE_TASK, put_settings, ("POST", 5), has_people
    ),
    "changes, single writes": Scenario(
        "settings", settings_module(), PEOPLE_TASK, put_settings, ("PATCH", 2), has_people
    ),
    "a deletion": Scenario(
        "settings", settings_module(), PEOPLE_TASK, put_settings, ("DELETE", 1), has_people
    ),
    "a batch": Scenario(
        "settings", settings_module(), {"block_senders": SENDERS, **PURGED}, put_settings, ("POST", 1), has_senders
    ),
    "a move": Scenario(
        "message_move",
        message_move_module(),
        {**FILES, "destination": "JunkEmail"},
        put_mail,
        ("POST", 1),
        has_moved,
    ),
    "raw messages": Scenario("message_raw", message_raw_module(), FILES, put_mail, ("GET", 3), has_files),
    "previews": Scenario("message_preview", message_preview_module(), FILES, put_mail, ("GET", 3), has_files),
}  # fmt: skip
FILE_SCENARIOS = ("raw messages", "previews")


def params_of(scenario: Scenario, out: Path) -> dict[str, Any]:
    return {**scenario.params, **({"dest": f"{out}/"} if scenario.module in ("message_raw", "message_preview") else {})}


def finish(account: Account, scenario: Scenario, out: Path) -> None:
    """A later run ends as desired, and one after it changes nothing."""
    later = perform(
        account,
        scenario.spec,
        **{"mode": "0600"} if "mode" in scenario.spec.options else {},
        **params_of(scenario, out),
    )
    later.ok()
    scenario.check(account, out)
    third = perform(account, scenario.spec, **params_of(scenario, out))
    assert third.ok()["changed"] is False
    assert third.writes == []
    scenario.check(account, out)


@pytest.mark.parametrize("interrupt", INTERRUPTS.values(), ids=INTERRUPTS.keys())
@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_interrupted_at_a_request(
    account: Account, tmp_path: Path, scenario: Scenario, interrupt: Callable[[Playbook], None], request: Any
) -> None:
    out = tmp_path / "out"
    # Half of them before the server has it, half of them after it did it; which, goes by the names.
    worked = len(request.node.name) % 2 == 0
    scenario.prepare(account)
    guard = Interrupter(*scenario.at, worked=worked)
    with Gate(account.base_url, guard) as gate:
        tasks = [{"name": "Work", f"{COLLECTION}.{scenario.module}": params_of(scenario, out)}]
        with Playbook(account, tmp_path / "run", tasks, base_url=gate.base_url) as playbook:
            guard.act = lambda: interrupt(playbook)
            status = playbook.wait()
            output = playbook.output
    assert guard.fired, output
    assert status != 0, output
    # What was read from a file that is not whole could be taken for the message.
    assert whole_files(out) < len(IDS)
    finish(account, scenario, out)


# Loaded by every Python that a playbook starts: a signal at the moment when a file is put in its place.
SITECUSTOMIZE = """
import os, signal
def at(function):
    def wrapper(source, target, **more):
        if os.fsdecode(target).endswith(os.environ["INTERRUPT_AT"]):
            os.kill(os.getpid(), signal.Signals[os.environ["INTERRUPT_BY"]])
        return function(source, target, **more)
    return wrapper
os.replace, os.rename = at(os.replace), at(os.rename)
"""


def interrupting(folder: Path, suffix: str, by: str) -> dict[str, str]:
    """The environment of a playbook whose processes end when they are about to complete a file."""
    (folder / "sitecustomize.py").write_text(SITECUSTOMIZE)
    return {"PYTHONPATH": str(folder), "INTERRUPT_AT": suffix, "INTERRUPT_BY": by}


@pytest.mark.parametrize("by", ["SIGINT", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("name", FILE_SCENARIOS)
def test_interrupted_while_a_file_is_written(account: Account, tmp_path: Path, name: str, by: str) -> None:
    scenario, out = SCENARIOS[name], tmp_path / "out"
    scenario.prepare(account)
    tasks = [{"name": "Work", f"{COLLECTION}.{scenario.module}": params_of(scenario, out)}]
    environment = interrupting(tmp_path, ".eml" if scenario.module == "message_raw" else ".png", by)
    with Playbook(account, tmp_path / "run", tasks, environment=environment) as playbook:
        assert playbook.wait() != 0, playbook.output
    if by == "SIGKILL":
        # Nothing can be done about it, and nobody takes it for a message.
        (left,) = out.iterdir()
        assert left.name.startswith(".")
        assert left.suffix == ".part"
        left.unlink()
    assert whole_files(out) < len(IDS)
    finish(account, scenario, out)


# The roles that write files: the option that says where, and the file to be interrupted at.
ROLES = {
    "export": ("email_security_export_dest", "block_senders.yml"),
    "audit": ("email_security_audit_dest", "audit.json"),
}


@pytest.mark.parametrize(("role", "by"), [("export", "SIGTERM"), ("audit", "SIGKILL")])
def test_a_role_interrupted_while_it_writes_files(account: Account, tmp_path: Path, role: str, by: str) -> None:
    option, suffix = ROLES[role]
    out = tmp_path / "out"
    put_settings(account)

    def run(number: int, **environment: str) -> tuple[int, str]:
        with Playbook(
            account,
            tmp_path / f"run{number}",
            f"{COLLECTION}.{role}",
            variables={option: str(out), "email_security_block_senders": SENDERS},
            environment=environment,
        ) as playbook:
            return playbook.wait(), playbook.output

    status, output = run(1, **interrupting(tmp_path, suffix, by))
    assert status != 0, output
    assert not list(out.rglob(suffix))
    # What was not completed has a name of its own, and the next run clears it away.
    files = [each for each in out.rglob("*") if each.is_file() and each.suffix != ".part"]
    before = {each.relative_to(out): each.read_text() for each in files}
    for text in before.values():
        assert isinstance(yaml.safe_load(text), dict), text
    status, output = run(2)
    assert status == 0, output
    after = {each.relative_to(out): each.read_text() for each in out.rglob("*") if each.is_file()}
    assert len(list(out.rglob(suffix))) == 1
    # What the first run wrote was whole.
    assert before.items() <= after.items()
    assert not [each for each in after if ".ansible" in each.name or each.name.startswith(".")]
    if role == "export":
        status, output = run(3)
        assert "changed=0" in output
    assert not [one for one in account.requests() if one["method"] != "GET"]


def test_a_task_that_runs_out_of_time_in_the_middle(account: Account, tmp_path: Path) -> None:
    """Ansible gives up the task and may leave the module at work: the next run still ends as desired."""
    scenario = SCENARIOS["new entries, single writes"]
    scenario.prepare(account)
    guard = Interrupter(*scenario.at, worked=True)
    with Gate(account.base_url, guard) as gate:
        tasks = [{"name": "Work", f"{COLLECTION}.settings": dict(scenario.params), "timeout": 10}]
        with Playbook(account, tmp_path / "run", tasks, base_url=gate.base_url) as playbook:
            # The server takes longer than the task may.
            guard.act = lambda: playbook.process.wait(60) and None
            assert playbook.wait() != 0
            assert "Timed out after 10 second" in playbook.output, playbook.output
    assert guard.fired
    finish(account, scenario, tmp_path / "out")
