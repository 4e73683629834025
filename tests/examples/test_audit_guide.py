# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to the audit, followed, with what it shows of CI and AWX."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from xml.etree import ElementTree

import pytest
import yaml

from examples.documents import LEFT_OUT
from examples.reader import Reader, of_account
from examples.snippets import CHECKOUT, file_of, snippets
from modules.samples import policy, sender
from simulator.handle import Account

_DOCUMENT = "docs/audit.md"
_INVENTORY = "accounts: {hosts: {acme: }}\n"
_TRAINING = policy("simulation@training.example", pattern_type="EMAIL", is_trusted_sender=True, verify_sender=False)


@pytest.fixture
def reader(account: Account, tmp_path: Path) -> Iterator[Reader]:
    """With the inventory and the policy that the guide to policy as code leaves; somebody changed the account since."""
    account.put({"block_senders": [sender("phish.example"), sender("extra.example")], "allow_policies": [_TRAINING]})
    with Reader(tmp_path, of_account(account)) as reader:
        reader.write("inventory.yml", _INVENTORY)
        for path in ("policies/shared.yml", "group_vars/accounts.yml"):
            reader.write(path, file_of("docs/policy_as_code.md", path))
        yield reader


def test_the_guide(reader: Reader, account: Account) -> None:
    steps = reader.follow(_DOCUMENT, LEFT_OUT[_DOCUMENT])

    looked = next(steps).ok()
    assert "acme: drifted" in looked.output
    made = sorted(file.name for file in (reader.folder / "audit").iterdir())
    assert made == ["audit.html", "audit.json", "audit.junit.xml"]

    failed = next(steps)
    assert failed.returncode == 2
    assert "drifted" in failed.output

    # As the guide's job in GitLab does, from an empty workspace.
    shutil.rmtree(reader.folder / "audit")
    job = yaml.safe_load(file_of(_DOCUMENT, ".gitlab-ci.yml"))["audit"]
    for command in job["script"]:
        assert reader.type(command).returncode == 2
    assert ElementTree.parse(reader.folder / job["artifacts"]["reports"]["junit"]).getroot().tag == "testsuites"
    assert all((reader.folder / path).is_dir() for path in job["artifacts"]["paths"])

    shutil.copytree(reader.folder / "audit", reader.folder / "slices/1")
    merged = next(steps).ok()
    assert "acme: drifted" in merged.output
    assert (reader.folder / "merged/audit.html").is_file()

    if shutil.which("jq"):
        listed = next(steps).ok().output.splitlines()
        assert listed[0] == "acme"
        assert any(line.startswith("trusted_sender_unverified\t") for line in listed[1:])
        assert next(steps, None) is None, "the guide has a command that this test does not expect"
    assert {one["method"] for one in account.requests()} == {"GET"}
    if not shutil.which("jq"):
        pytest.skip("jq is not installed; all but the last commands of the guide were run")


def test_risks_are_accepted_as_the_guide_says(reader: Reader) -> None:
    audit = (
        "ansible-playbook cloudflare.email_security.audit -i inventory.yml -e email_security_audit_fail_on=risk:high"
    )

    def accepted() -> set[str]:
        report = json.loads((reader.folder / "audit/audit.json").read_text(encoding="utf-8"))
        rule = "trusted_sender_unverified"
        return {one["accepted"] for one in report["accounts"][0]["findings"] if one["rule"] == rule}

    assert reader.type(audit).returncode == 2
    assert accepted() == {None}
    reader.write("policies/allow_policies.yml", file_of(_DOCUMENT, "policies/allow_policies.yml"))
    files = '{"email_security_policy_files": ["policies/allow_policies.yml"]}'
    reader.type(f"{audit} -e '{files}'").ok()
    assert accepted() == {"The vendor signs nothing. Contract ends 2026-12"}
    reader.write("group_vars/accounts.yml", file_of(_DOCUMENT, "group_vars/accounts.yml"))
    reader.type(audit).ok()
    assert accepted() == {"Phishing training; the vendor signs nothing, SEC-77"}


@pytest.fixture
def stats(reader: Reader) -> None:
    """AWX hands on what ``set_stats`` left; its own display of it is the only way to read that without AWX."""
    shown = reader.type(
        "ANSIBLE_SHOW_CUSTOM_STATS=true ansible-playbook cloudflare.email_security.audit -i inventory.yml "
        "-e email_security_audit_fail_on=drift"
    )
    reader.write("stats.json", shown.output.rsplit("RUN: ", 1)[1].partition("\n")[0])


def task_of(title: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(next(one.text for one in snippets(_DOCUMENT) if one.title == title))
    return found


def test_the_next_node_of_a_workflow_is_reported(reader: Reader, stats: None) -> None:
    tasks = task_of("- name: Notify the team")
    play = {"name": "Next", "hosts": "all", "connection": "local", "gather_facts": False, "tasks": tasks}
    reader.write("next.yml", json.dumps([play]))
    reported = reader.type("ansible-playbook next.yml -i localhost, -e @stats.json").ok().output
    assert "Drifted: acme" in reported


class Desk(BaseHTTPRequestHandler):
    """Takes the messages, in place of Slack, Teams and Jira."""

    received: ClassVar[dict[str, Any]] = {}

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received[self.path] = {"body": json.loads(body), "login": self.headers.get("Authorization")}
        self.send_response({"/slack": 200, "/teams": 202}.get(self.path, 201))
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def desk() -> Iterator[str]:
    Desk.received.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_people_get_plain_text(reader: Reader, stats: None, desk: str) -> None:
    titles = ("- name: Notify a Slack channel", "- name: Notify a Teams channel", "- name: Open a ticket in Jira")
    tasks = [task for title in titles for task in task_of(title)]
    places = {"slack_webhook": f"{desk}/slack", "teams_webhook": f"{desk}/teams", "jira_url": desk}
    login = {"jira_user": "audit", "jira_token": "x", "ansible_python_interpreter": sys.executable}
    play = {"hosts": "all", "connection": "local", "gather_facts": False, "vars": {**places, **login}, "tasks": tasks}
    reader.write("next.yml", json.dumps([play]))
    reader.type("ansible-playbook next.yml -i localhost, -e @stats.json").ok()
    slack, teams, jira = (Desk.received[path]["body"] for path in ("/slack", "/teams", "/rest/api/2/issue"))
    (block,) = slack["blocks"]
    assert block["text"]["type"] == "plain_text"
    message = block["text"]["text"]
    assert message.startswith(slack["text"])
    assert "Trusted sender without sender verification. acme: simulation@training.example EMAIL" in message
    assert "Set verify_sender to true." in message
    (card,) = teams["attachments"]
    assert card["content"]["body"][0]["inlines"] == [{"type": "TextRun", "text": message}]
    assert jira["fields"]["summary"] == f"Email Security: {slack['text']}"
    assert jira["fields"]["description"] == f"{{noformat}}{message}{{noformat}}"
    assert Desk.received["/rest/api/2/issue"]["login"].startswith("Basic ")


def test_a_mail_holds_what_the_role_leaves(reader: Reader) -> None:
    """Sending it takes a collection that is not here; the task's options are shown in its place."""
    (task,) = task_of("- name: Send the page by mail")
    options = task.pop("community.general.mail")
    shown = {**task, "ansible.builtin.debug": {"msg": options}}
    role = {"import_role": {"name": "cloudflare.email_security.audit"}}
    play = {"hosts": "all", "gather_facts": False, "tasks": [role, shown]}
    reader.write("mail.yml", json.dumps([play]))
    reported = reader.type("ansible-playbook mail.yml -i inventory.yml").ok().output
    assert '"subject": "Email Security: 1 high risk in 1 of 1 account"' in reported
    assert f'"attach": [\n            "{(reader.folder / "audit/audit.html").resolve()}"' in reported


def test_what_the_guide_links_to_is_there() -> None:
    for picture in ("audit.png", "audit-mobile.png", "audit-print.png"):
        assert (CHECKOUT / "docs/images" / picture).is_file()
    assert (CHECKOUT / "docs/schemas/audit-report.schema.json").is_file()
