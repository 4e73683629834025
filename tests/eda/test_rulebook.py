# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebook and the guide, run by ansible-rulebook itself, which needs Java."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from eda.source import CHECKOUT, HOSTILE, ago
from simulator.handle import Account

GUIDE = (CHECKOUT / "docs" / "event_driven.md").read_text()
BINARIES = Path(sys.executable).parent
RULEBOOK = CHECKOUT / "extensions" / "eda" / "rulebooks" / "retract.yml"
# Of the longest wait for something that is bound to happen; far more than it takes.
MAX_ATTEMPTS = 240
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)

needs_java = pytest.mark.skipif(
    shutil.which("java") is None,
    reason="ansible-rulebook was NOT run: Java is missing; install a JRE of Java 17 or newer",
)


def files() -> dict[str, str]:
    """The YAML blocks of the guide, by the name of their file."""
    named = {}
    for language, body in _FENCE.findall(GUIDE):
        if language == "yaml":
            name = re.match(r"# (\S+\.yml)\n", body)
            assert name, f"a YAML block must begin with the name of its file: {body}"
            named[name[1]] = body
    return named


def commands() -> list[list[str]]:
    return [shlex.split(body) for language, body in _FENCE.findall(GUIDE) if language == "shell"]


def environment(account: Account) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CLOUDFLARE_"))}
    return {
        **inherited,
        "PATH": f"{BINARIES}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_NOCOLOR": "1",
        "PYTHONUNBUFFERED": "1",
        "CLOUDFLARE_BASE_URL": account.base_url,
        "CLOUDFLARE_ACCOUNT_ID": account.id,
        "CLOUDFLARE_API_TOKEN": account.token,
    }


class Rulebook:
    """ansible-rulebook at work; what it prints goes to a file."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + MAX_ATTEMPTS
        while not condition():
            assert self.process.poll() is None, f"it ended by itself:\n{self.output}"
            assert time.monotonic() < deadline, f"it did not happen:\n{self.output}"
            time.sleep(0.1)

    def said(self, text: str) -> bool:
        return text in self.output

    def end(self) -> int:
        """Wait until it ends by itself; its exit status."""
        return self.process.wait(MAX_ATTEMPTS)


@contextlib.contextmanager
def running(command: list[str], account: Account, folder: Path) -> Iterator[Rulebook]:
    """Run ansible-rulebook in a folder, and kill it at the end, as a machine that fails would."""
    assert command[0] == "ansible-rulebook"
    log = folder / f"log-{len(list(folder.glob('log-*')))}"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(BINARIES / command[0]), *command[1:]],
            cwd=folder,
            env=environment(account),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Rulebook(process, log)
    finally:
        # With the jobs that it may have started: all that is in the session of its own.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the guide."""
    for name, body in files().items():
        (tmp_path / name).write_text(body)
    return tmp_path


def noted(folder: Path, name: str) -> list[str]:
    """The ids that a checkpoint holds."""
    path = folder / "state" / name
    lines = path.read_text().splitlines()[1:] if path.exists() else []
    return [json.loads(line)[0] for line in lines]


def delivered(**fields: Any) -> dict[str, Any]:
    return {"scanned_at": ago(minutes=5), "mailboxes": {"jane@acme.example": "Inbox"}, **fields}


def folders(account: Account) -> list[Any]:
    return [next(iter(message["mailboxes"].values())) for message in reversed(account.messages())]


def moves(account: Account) -> list[dict[str, Any]]:
    return [entry["body"] for entry in account.requests() if entry["method"] != "GET"]


@needs_java
def test_the_guide_watches(account: Account, folder: Path) -> None:
    given = account.put_messages(*(delivered(subject=text) for text in HOSTILE if "\ud800" not in text))
    with running(commands()[0], account, folder) as rulebook:
        rulebook.until(lambda: len(noted(folder, "watch.json")) == len(given))
        for message in given:
            rulebook.until(lambda line=f"MALICIOUS: {message['id']}": rulebook.said(line))
    assert moves(account) == []


@needs_java
def test_the_guide_retracts(account: Account, folder: Path) -> None:
    """First it only says so; then it acts, on what comes in; killed and started again, it repeats nothing."""
    dry, act = commands()[1:3]
    hostile = {"subject": HOSTILE[0], "from_name": HOSTILE[1], "message_id": f"<{HOSTILE[0]}@phish.example>"}
    (first,) = account.put_messages(delivered(**hostile))
    account.add_messages({"scanned_at": ago(minutes=4), "is_quarantined": True}, {"final_disposition": "SPAM"})
    with running(dry, account, folder) as rulebook:
        rulebook.until(lambda: rulebook.said(f"{first['id']}: would be moved to JunkEmail"))
        rulebook.until(lambda: len(noted(folder, "retract.json")) == 2)
    assert moves(account) == []
    assert rulebook.output.count("PLAY RECAP") == 1

    (second,) = account.add_messages(delivered(scanned_at=ago(minutes=1)))
    with running(act, account, folder) as rulebook:
        rulebook.until(lambda: rulebook.said(f"{second['id']}: moved to JunkEmail"))
        rulebook.until(lambda: len(noted(folder, "retract.json")) == 3)
    assert moves(account) == [{"ids": [second["id"]], "destination": "JunkEmail"}]
    assert first["id"] not in rulebook.output
    assert folders(account)[0] == "Inbox"
    assert list(folder.glob("**/run")) == []
    assert account.token not in "".join(log.read_text() for log in folder.glob("log-*"))


@needs_java
def test_the_guide_shows_reports(account: Account, folder: Path) -> None:
    low, high = account.put_phishguard_reports({"priority": "low"}, {"priority": "high", "created_at": ago(minutes=5)})
    with running(commands()[3], account, folder) as rulebook:
        rulebook.until(lambda: len(noted(folder, "reports.json")) == 2)
        rulebook.until(lambda: rulebook.said(f"PhishGuard report {high['id']}: "))
    assert f"PhishGuard report {low['id']}: " not in rulebook.output


@needs_java
def test_a_damaged_checkpoint_is_reported_and_ends_it(account: Account, folder: Path) -> None:
    (folder / "state").mkdir()
    (folder / "state" / "watch.json").write_text("{")
    with running(commands()[0], account, folder) as rulebook:
        assert rulebook.end() != 0
    assert "state/watch.json is damaged" in rulebook.output
    assert account.requests() == []


def retract(account: Account, cwd: Path, **variables: Any) -> subprocess.CompletedProcess[str]:
    """Run the playbook by hand."""
    extra = {f"email_security_retract{name}": value for name, value in variables.items()}
    command = ["ansible-playbook", "cloudflare.email_security.retract", "-e", json.dumps(extra)]
    return subprocess.run(
        [str(BINARIES / command[0]), *command[1:]],
        cwd=cwd,
        env=environment(account),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_playbook_looks_first(account: Account, tmp_path: Path) -> None:
    """What is malicious no more, or in quarantine by now, or gone, is left alone."""
    messages = account.put_messages(
        delivered(final_disposition="NONE"), delivered(final_disposition="SPAM"), {"is_quarantined": True}
    )
    for message_id in [*(message["id"] for message in messages), "gone"]:
        finished = retract(account, tmp_path, _id=message_id, **{"": True})
        assert finished.returncode == 0, finished.stdout
        assert f"{message_id}: left alone" in finished.stdout
    assert moves(account) == []


def test_the_playbook_never_deletes_for_good(account: Account, tmp_path: Path) -> None:
    (message,) = account.put_messages(delivered())
    finished = retract(account, tmp_path, _id=message["id"], _destination="RecoverableItemsPurges", **{"": True})
    assert finished.returncode == 2
    assert "must be JunkEmail, DeletedItems or" in finished.stdout
    assert account.requests() == []


@pytest.mark.parametrize("said", [None, "", "false", "no", "maybe", False])
def test_the_playbook_acts_only_when_reported(account: Account, tmp_path: Path, said: Any) -> None:
    (message,) = account.put_messages(delivered(final_disposition="MALICIOUS-BEC"))
    finished = retract(account, tmp_path, _id=message["id"], **({} if said is None else {"": said}))
    assert finished.returncode == 0, finished.stdout
    assert "would be moved to JunkEmail" in finished.stdout
    assert moves(account) == []


def test_the_playbook_acts_once(account: Account, tmp_path: Path) -> None:
    (message,) = account.put_messages(delivered())
    variables: dict[str, Any] = {"_id": message["id"], "_destination": "DeletedItems", "": "True"}
    assert "moved to DeletedItems" in retract(account, tmp_path, **variables).stdout
    assert "is there already" in retract(account, tmp_path, **variables).stdout
    assert len(moves(account)) == 1
    assert folders(account) == ["DeletedItems"]


def rulebooks() -> dict[str, str]:
    named = {name: body for name, body in files().items() if "rules:" in body}
    return {**named, RULEBOOK.name: RULEBOOK.read_text()}


@pytest.mark.parametrize("name", sorted(rulebooks()))
def test_a_rulebook_is_valid(name: str) -> None:
    validators = pytest.importorskip("ansible_rulebook.validators", reason="ansible-rulebook is not installed")
    validators.Validate.rulebook(yaml.safe_load(rulebooks()[name]))


def test_a_rulebook_hands_on_nothing_that_a_sender_wrote() -> None:
    for body in rulebooks().values():
        for rule in yaml.safe_load(body)[0]["rules"]:
            used = set(re.findall(r"event\.(\w+(?:\.\w+)?)", json.dumps(rule["action"])))
            safe = {"message.id", "message.final_disposition", "account_id", "report.id", "report.disposition"}
            assert used <= safe


def test_the_variables_are_those_of_the_guide() -> None:
    table = GUIDE.split("| variable | default | meaning |")[1].split("\n\n")[0]
    listed = set(re.findall(r"^\| `(\w+)`", table, re.M))
    sources = yaml.safe_load(RULEBOOK.read_text())[0]
    # What is between the braces of a template.
    read = set(re.findall(r"\{\{ (email_security_\w+)", json.dumps(sources)))
    assert listed == read


def test_every_command_is_run_here() -> None:
    names = [command[command.index("--rulebook") + 1] for command in commands()]
    retracts = "cloudflare.email_security.retract"
    assert names == ["watch.yml", retracts, retracts, "reports.yml"]
    assert "--vars vars.yml" in GUIDE
    assert "email_security_retract" not in files()["vars.yml"]
