# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs of AWX, run with ansible-runner: the credential's environment, check as a job type, artifacts, events."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from awx.jobs import Result, blocks, clean_environment, everything_left, injected, launch, named_blocks, write_project
from simulator.handle import Account, Simulator

EMEA, US = "acme-emea", "acme-us"
PATTERN = "phish.example"


@pytest.fixture
def accounts(simulator: Simulator) -> Iterator[dict[str, Account]]:
    """The accounts of the guide's inventory."""
    hosts = yaml.safe_load(named_blocks()["inventory.yml"])["accounts"]["hosts"]
    found = {name: simulator.account(host["email_security_account_id"]) for name, host in hosts.items()}
    assert list(found) == [EMEA, US]
    for account in found.values():
        account.forget()
    yield found
    for account in found.values():
        account.forget()


def credential(account: Account, **fields: str) -> dict[str, str]:
    return injected(api_token=account.token, base_url=account.base_url, **fields)


def writes(accounts: dict[str, Account]) -> list[str]:
    return [entry["path"] for account in accounts.values() for entry in account.requests() if entry["method"] != "GET"]


def changed(job: Result) -> dict[str, int]:
    (stats,) = job.named("playbook_on_stats")
    hosts: dict[str, int] = stats["event_data"]["changed"]
    return hosts


def test_apply_checks_first_and_runs_when_chosen(accounts: dict[str, Account], tmp_path: Path) -> None:
    environment = credential(accounts[EMEA])

    check = launch(tmp_path / "check", "apply.yml", environment)
    assert check.status == "successful", check.stdout
    assert writes(accounts) == []
    assert changed(check) == {EMEA: 1, US: 1}
    predicted = check.artifacts["email_security_apply"]
    assert predicted[EMEA]["check_mode"] is predicted[US]["check_mode"] is True

    run = launch(tmp_path / "run", "apply.yml", environment, job_type="run")
    assert run.status == "successful", run.stdout
    for account in accounts.values():
        assert [entry["pattern"] for entry in account.state()["block_senders"]] == [PATTERN]
    done = run.artifacts["email_security_apply"]
    assert {host: {**summary, "check_mode": True} for host, summary in done.items()} == predicted
    # The guide shows the artifact of this very job.
    shown = yaml.safe_load(named_blocks()["artifacts"])["email_security_apply"]
    assert shown[EMEA] == done[EMEA]

    again = launch(tmp_path / "again", "apply.yml", environment, job_type="run")
    assert changed(again) == {}
    assert again.artifacts["email_security_apply"][EMEA]["changed"] is False


def test_events_tell_the_job_as_it_went(accounts: dict[str, Account], tmp_path: Path) -> None:
    job = launch(tmp_path / "job", "apply.yml", credential(accounts[EMEA]))
    assert [event["counter"] for event in job.events] == list(range(1, len(job.events) + 1))
    results = [
        event["event_data"]
        for event in job.named("runner_on_ok")
        if event["event_data"]["task_action"] == "cloudflare.email_security.settings"
    ]
    assert sorted(event["host"] for event in results) == [EMEA, US]
    assert [event["res"]["changed"] for event in results] == [True, True]
    assert {event["role"] for event in results} == {"apply"}
    assert [bool(event["res"].get("diff")) for event in results] == [True, True]
    assert "block_senders: 1 to create" in job.stdout


def test_a_failed_job_says_why(accounts: dict[str, Account], tmp_path: Path) -> None:
    accounts[US].options(entitled=False)
    job = launch(tmp_path / "job", "apply.yml", credential(accounts[EMEA]), job_type="run")
    assert job.status == "failed"
    assert set(job.artifacts["email_security_apply"]) == {EMEA}
    failures = [event["event_data"] for event in job.named("runner_on_failed")]
    assert {event["host"] for event in failures} == {US}
    assert "subscription" in failures[-1]["res"]["msg"]


def test_the_answers_of_the_survey_arrive(accounts: dict[str, Account], tmp_path: Path) -> None:
    extra = [{"pattern": f"{number}.example", "pattern_type": "DOMAIN", "is_regex": False} for number in range(3)]
    accounts[EMEA].put({"block_senders": extra})
    environment = credential(accounts[EMEA])

    audit = launch(tmp_path / "audit", "audit.yml", environment, {"email_security_audit_dest": "report"})
    assert audit.status == "failed", audit.stdout
    found = audit.artifacts["email_security_audit"]
    assert found["drifted"] == [EMEA, US]
    assert found["unreadable"] == []
    assert any("drift" in sentence for sentence in found["failures"])
    report = tmp_path / "audit" / "project" / "report" / "audit.html"
    assert Path(found["report"]).resolve() == report.resolve()
    assert report.stat().st_size > 1000
    # The role apply, which it compares with, hands nothing on for itself.
    assert set(audit.artifacts) == {"email_security_audit"}

    calm = launch(tmp_path / "calm", "audit.yml", environment, {"email_security_audit_fail_on": ""})
    assert calm.status == "successful", calm.stdout
    assert writes(accounts) == []


def test_export(accounts: dict[str, Account], tmp_path: Path) -> None:
    entry = {"pattern": PATTERN, "pattern_type": "DOMAIN", "is_regex": False}
    accounts[US].put({"block_senders": [entry]})
    answers = {"email_security_export_layout": "single"}
    job = launch(tmp_path / "job", "export.yml", credential(accounts[EMEA]), answers)
    assert job.status == "successful", job.stdout
    published = job.artifacts["email_security_export"]
    assert published[US]["entries"]["block_senders"] == 1
    assert published[EMEA]["entries"]["block_senders"] == 0
    (file,) = published[US]["files"]
    assert yaml.safe_load(Path(file).read_text())["block_senders"][0]["pattern"] == PATTERN
    assert writes(accounts) == []


def test_respond_searches_until_an_action_is_chosen(accounts: dict[str, Account], tmp_path: Path) -> None:
    # What a sender writes is in no artifact: the next job of a workflow would evaluate it.
    hostile = "{{ lookup('pipe', 'touch run') }}"
    message = {"from": f"a@{PATTERN}", "final_disposition": "NONE", "subject": hostile}
    accounts[EMEA].put_messages({**message, "mailboxes": {"jane@acme.example": "Inbox"}})
    environment = credential(accounts[EMEA])
    answers: dict[str, Any] = {
        "email_security_respond_sender": f"a@{PATTERN}",
        "email_security_respond_ticket": "INC-7",
    }

    search = launch(tmp_path / "search", "respond.yml", environment, answers)
    assert search.status == "successful", search.stdout
    assert search.artifacts["email_security_respond"][EMEA] == {
        "action": "none",
        "changed": False,
        "check_mode": False,
        "failed": False,
        "messages": 1,
        "states": {"found": 1},
        "left_out": 0,
        "bulk_job": "",
    }

    answers["email_security_respond_action"] = "move"
    check = launch(tmp_path / "check", "respond.yml", environment, answers, "check")
    assert check.status == "successful", check.stdout
    assert check.artifacts["email_security_respond"][EMEA]["states"] == {"to move": 1}
    assert writes(accounts) == []

    move = launch(tmp_path / "move", "respond.yml", environment, answers)
    assert move.status == "successful", move.stdout
    summary = move.artifacts["email_security_respond"]
    assert summary[EMEA]["states"] == {"moved": 1}
    assert summary[US]["messages"] == 0
    assert writes(accounts) == ["investigate/move"]
    assert accounts[EMEA].messages()[0]["mailboxes"] == {"jane@acme.example": "JunkEmail"}
    assert "lookup" not in json.dumps(move.artifacts)
    assert list(tmp_path.rglob("run")) == []


def test_the_answers_are_never_evaluated(accounts: dict[str, Account], tmp_path: Path) -> None:
    answers = {"email_security_respond_subject": "{{ lookup('pipe', 'touch run') }}"}
    job = launch(tmp_path / "job", "respond.yml", credential(accounts[EMEA]), answers)
    assert job.status == "successful", job.stdout
    asked = accounts[EMEA].requests()[-1]["query"]
    assert answers["email_security_respond_subject"] in json.dumps(asked)
    assert list(tmp_path.rglob("run")) == []


def test_a_key_serves_as_well_as_a_token(accounts: dict[str, Account], tmp_path: Path) -> None:
    account = accounts[EMEA]
    environment = injected(api_key=account.key, api_email=account.email, base_url=account.base_url)
    assert environment["CLOUDFLARE_API_TOKEN"] == environment["CLOUDFLARE_ACCOUNT_ID"] == ""
    job = launch(tmp_path / "job", "export.yml", environment)
    assert job.status == "successful", job.stdout
    assert {entry["credential"] for entry in account.requests()} == {"key"}


def test_no_secret_is_in_anything_that_a_job_leaves(accounts: dict[str, Account], tmp_path: Path) -> None:
    token = "a-token-that-nobody-may-see"
    for account in accounts.values():
        account.options(credentials={"tokens": {token: "write"}})
    accounts[US].options(read_only=True)
    environment = injected(api_token=token, base_url=accounts[EMEA].base_url)
    job = launch(tmp_path / "job", "apply.yml", environment, job_type="run")
    assert job.status == "failed"
    files = everything_left(job.folder)
    assert any("artifacts" in path.parts for path in files)
    assert [path for path, text in files.items() if token in text] == []
    assert token not in job.stdout
    assert token not in json.dumps(job.events)


def test_the_guides_commands(accounts: dict[str, Account], tmp_path: Path) -> None:
    """The one that runs ansible-runner by hand; the other's test is beside that of the playbook."""
    (command,) = [body for body in blocks("shell") if "ansible-runner" in body]
    write_project(tmp_path / "project")
    account = accounts[EMEA]
    script = command.replace("CLOUDFLARE_API_TOKEN=...", f"CLOUDFLARE_API_TOKEN={shlex.quote(account.token)}")
    assert script != command
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**clean_environment(), "CLOUDFLARE_BASE_URL": account.base_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "block_senders: 1 to create" in finished.stdout
    assert writes(accounts) == []
