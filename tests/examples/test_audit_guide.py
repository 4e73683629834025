# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to the audit, followed, with what it shows of CI and AWX."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
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


def test_the_next_node_of_a_workflow_is_told(reader: Reader) -> None:
    """AWX hands on what ``set_stats`` left; its own display of it is the only way to read that without AWX."""
    shown = reader.type(
        "ANSIBLE_SHOW_CUSTOM_STATS=true ansible-playbook cloudflare.email_security.audit -i inventory.yml "
        "-e email_security_audit_fail_on=drift"
    )
    stats = shown.output.rsplit("RUN: ", 1)[1].partition("\n")[0]
    task = yaml.safe_load(next(one.text for one in snippets(_DOCUMENT) if one.title == "- name: Tell the team"))
    play = {"name": "Next", "hosts": "all", "connection": "local", "gather_facts": False, "tasks": task}
    reader.write("next.yml", json.dumps([play]))
    reader.write("stats.json", stats)
    told = reader.type("ansible-playbook next.yml -i localhost, -e @stats.json").ok().output
    assert "Drifted: acme" in told


def test_what_the_guide_links_to_is_there() -> None:
    for picture in ("audit.png", "audit-mobile.png", "audit-print.png"):
        assert (CHECKOUT / "docs/images" / picture).is_file()
    assert (CHECKOUT / "docs/schemas/audit-report.schema.json").is_file()
