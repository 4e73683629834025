# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook ``audit``, run as a user runs it: several accounts, one report, nothing written to any account."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from jsonschema import Draft202012Validator

from modules.samples import domain, person, policy, sender, senders
from simulator.handle import Account, Simulator

CHECKOUT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((CHECKOUT / "docs/schemas/audit-report.schema.json").read_text(encoding="utf-8"))
HOSTILE = [
    "{{ lookup('pipe', 'touch pwned') }}",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "<script>window.pwned=1</script>",
    "</script><img src=x onerror=window.pwned=1>",
    "javascript:window.pwned=1",
    "invoice\u202egnp.exe\u2028",
]
PEOPLE = [person("Jane Doe", "jane.doe@example.com")]
EXCEPTION = policy("partner.example", is_trusted_sender=True, verify_sender=False, comments="SEC-1")


class Audit:
    """An inventory of accounts, and the playbook run on it."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.folder = folder
        self.simulator = simulator
        self.accounts: dict[str, Account] = {}
        self.hosts: dict[str, dict[str, Any]] = {}

    def add(self, name: str, document: Mapping[str, Any], **variables: Any) -> Account:
        account = self.simulator.account()
        account.put(document)
        self.accounts[name] = account
        self.hosts[name] = {
            "email_security_account_id": account.id,
            "email_security_api_token": account.read_token,
            **variables,
        }
        return account

    def run(
        self, *arguments: str, playbook: str = "cloudflare.email_security.audit", **variables: Any
    ) -> subprocess.CompletedProcess[str]:
        shared = {"email_security_base_url": self.simulator.base_url, **variables}
        inventory = {"all": {"hosts": self.hosts, "vars": shared}}
        (self.folder / "inventory.yml").write_text(json.dumps(inventory), encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CLOUDFLARE_"))}
        program = Path(sys.executable).with_name("ansible-playbook")
        return subprocess.run(
            [str(program), playbook, "-i", "inventory.yml", *arguments],
            cwd=self.folder,
            env={**kept, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "1", "ANSIBLE_SHOW_CUSTOM_STATS": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )

    def file(self, name: str) -> str:
        return (self.folder / "audit" / name).read_text(encoding="utf-8")

    def report(self) -> dict[str, Any]:
        """The report as data, which fits its schema."""
        report: dict[str, Any] = json.loads(self.file("audit.json"))
        assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(report)] == []
        return report

    def by_account(self) -> dict[str, dict[str, Any]]:
        return {account["account"]: account for account in self.report()["accounts"]}

    def forget_files(self) -> None:
        for file in (self.folder / "audit").iterdir():
            file.unlink()


@pytest.fixture
def audit(tmp_path: Path, simulator: Simulator) -> Iterator[Audit]:
    made = Audit(tmp_path, simulator)
    yield made
    for account in made.accounts.values():
        account.forget()


def three_accounts(audit: Audit) -> None:
    """One as the policy says, one with much that it does not say, one that refuses its token."""
    good = {"block_senders": senders(3), "impersonation_registry": PEOPLE, "domains": []}
    audit.add("calm", good)
    extra = [sender(text, pattern_type="EMAIL", comments=text) for text in HOSTILE]
    bad = domain("example.com", require_tls_inbound=False, drop_dispositions=[])
    audit.add("drifted", {"block_senders": [*senders(2), *extra], "allow_policies": [EXCEPTION], "domains": [bad]})
    audit.add("locked", good, email_security_api_token="a-wrong-token")


POLICY: dict[str, Any] = {
    "email_security_block_senders": senders(3),
    "email_security_impersonation_registry": PEOPLE,
    "email_security_allow_policies": [],
}


def test_reports_every_account_and_changes_none(audit: Audit) -> None:
    three_accounts(audit)
    before = {name: account.state() for name, account in audit.accounts.items()}
    run = audit.run(**POLICY)
    assert run.returncode == 0, run.stdout
    assert set(re.findall(r"changed=\d+", run.stdout)) == {"changed=0"}
    assert "created" not in run.stdout.split("CUSTOM STATS")[0]

    accounts = audit.by_account()
    assert {name: one["status"] for name, one in accounts.items()} == {
        "calm": "in_sync",
        "drifted": "drifted",
        "locked": "unreadable",
    }
    assert (accounts["locked"]["error"]["http_status"], accounts["locked"]["findings"]) == (403, [])
    # Missing: one blocked sender and one person. Extra: what nobody wrote down, even though apply would not purge it.
    drifted = accounts["drifted"]
    assert drifted["drift"] == {"create": 2, "update": 0, "delete": len(HOSTILE) + 1}
    shown = {change["key"]["pattern"] for change in drifted["changes"] if change["action"] == "delete"}
    assert shown == {*HOSTILE, "partner.example"}
    assert not (audit.folder / "pwned").exists()
    rules = {finding["rule"] for finding in drifted["findings"]}
    assert {"trusted_sender_unverified", "domain_without_tls", "domain_drops_nothing"} <= rules
    assert drifted["lists"]["domains"] == {
        "entries": 1,
        "in_policy": False,
        **dict.fromkeys(("created", "updated", "deleted", "unchanged", "expired"), 0),
        "risks": {"high": 0, "medium": 2, "low": 0, "accepted": 0},
    }

    suites = {suite.get("name"): suite for suite in ElementTree.fromstring(audit.file("audit.junit.xml"))}
    failed = {case.get("name") for case in suites["drifted"] if case.find("failure") is not None}
    assert {"block_senders", "allow_policies", "impersonation_registry", "trusted_sender_unverified"} <= failed
    assert [case for case in suites["calm"] if case.find("failure") is not None] == []
    assert [case.get("name") for case in suites["locked"] if case.find("error") is not None] == ["readable"]

    page = audit.file("audit.html")
    assert "1 high risk in 1 of 3 accounts" in page
    assert "1 of 3 accounts drifted" in page
    assert HOSTILE[3] not in page
    assert "drifted: drifted (2 missing, 8 extra); risks: 1 high" in run.stdout
    assert '"drifted": [   "drifted"  ]' in run.stdout

    requests = {name: account.requests() for name, account in audit.accounts.items()}
    assert {one["method"] for each in requests.values() for one in each} == {"GET"}
    # Each list once, and each page once.
    assert [len(requests[name]) for name in ("calm", "drifted")] == [len(RESOURCES), len(RESOURCES)]
    assert {name: account.state() for name, account in audit.accounts.items()} == before

    # Again, in check mode and with diff: the reports are written all the same.
    audit.forget_files()
    again = audit.run("--check", "--diff", **POLICY)
    assert again.returncode == 0, again.stdout
    assert audit.by_account() == {**accounts, "locked": audit.by_account()["locked"]}
    assert "window.pwned" not in again.stdout


@pytest.mark.parametrize(
    ("fail_on", "said", "alone"),
    [
        ("drift", "1 account drifted, 10 entries in all: drifted.", "drifted (2 missing, 8 extra)"),
        (["risk:high"], "There are risks, 1 high: drifted.", "risks: 1 high"),
    ],
)
def test_the_job_fails_after_the_reports_are_written(audit: Audit, fail_on: Any, said: str, alone: str) -> None:
    three_accounts(audit)
    del audit.hosts["locked"]
    run = audit.run(**POLICY, email_security_audit_fail_on=fail_on)
    assert run.returncode == 2, run.stdout
    assert run.stdout.count(f'"msg": "drifted: {alone}. The report is in {audit.folder}/audit."') == 1
    assert " ".join(run.stdout.split("CUSTOM STATS")[0].split()).count(said) == 1
    # Each account answers for itself.
    assert "fatal: [drifted]: FAILED!" in run.stdout
    assert "fatal: [calm]" not in run.stdout
    assert audit.report()["summary"]["drifted"] == 1
    assert (audit.folder / "audit" / "audit.junit.xml").exists()
    assert (audit.folder / "audit" / "audit.html").exists()


def test_a_condition_that_does_not_exist_is_refused_before_any_request(audit: Audit) -> None:
    account = audit.add("calm", {})
    run = audit.run(email_security_audit_fail_on="drift, risk:huge")
    assert run.returncode == 2
    assert "email_security_audit_fail_on: there is no risk:huge; there are drift, risk, " in run.stdout
    assert account.requests() == []


def test_only_what_is_new_fails_the_job(audit: Audit) -> None:
    three_accounts(audit)
    del audit.hosts["locked"]
    refused = audit.run(**POLICY, email_security_audit_fail_on="new")
    assert "email_security_audit_fail_on: new needs email_security_audit_previous" in refused.stdout
    assert audit.accounts["calm"].requests() == []
    assert audit.run(**POLICY).returncode == 0
    # The report that the next one replaces.
    against = {"email_security_audit_fail_on": "new", "email_security_audit_previous": "audit"}
    again = audit.run(**POLICY, **against)
    assert again.returncode == 0, again.stdout
    added = policy("added.example", is_trusted_sender=True, verify_sender=False, comments="SEC-3")
    audit.accounts["calm"].put({**audit.accounts["calm"].state(), "allow_policies": [added]})
    third = audit.run(**POLICY, **against)
    assert third.returncode == 2, third.stdout
    assert "fatal: [calm]" in third.stdout
    assert "fatal: [drifted]" not in third.stdout
    new = {row["key"]["pattern"] for one in audit.by_account().values() for row in one["findings"] if row["new"]}
    assert new == {"added.example"}


def test_reports_of_several_jobs_make_one(audit: Audit) -> None:
    three_accounts(audit)
    for name in ("calm", "drifted"):
        audit.run("--limit", name, **POLICY, email_security_audit_dest=f"slices/{name}")
    given = ("-e", "email_security_audit_merge=slices", "-e", "email_security_audit_fail_on=drift")
    merged = audit.run(*given, playbook="cloudflare.email_security.audit_merge")
    assert merged.returncode == 2, merged.stdout
    assert "1 account drifted, 10 entries in all: drifted." in merged.stdout
    assert {name: one["status"] for name, one in audit.by_account().items()} == {
        "calm": "in_sync",
        "drifted": "drifted",
    }
    assert "1 high risk in 1 of 2 accounts" in audit.file("audit.html")


def test_what_cannot_be_compared_is_reported_and_the_others_go_on(audit: Audit) -> None:
    (audit.folder / "policy.yml").write_text(json.dumps({"block_senders": senders(3)}), encoding="utf-8")
    files = {"email_security_policy_files": ["policy.yml"]}
    audit.add("no_file", {"allow_policies": [EXCEPTION]}, email_security_policy_files=["missing.yml"])
    audit.add("no_policy", {"allow_policies": [EXCEPTION]})
    # What the inventory says about reaching a host means nothing: nothing runs there.
    elsewhere = {"ansible_connection": "ssh", "ansible_host": "203.0.113.1"}
    audit.add("elsewhere", {"block_senders": senders(3)}, **elsewhere, **files)
    audit.add("shared", {"block_senders": [*senders(3), sender("other.example", comments="other team")]}, **files)
    reason = "The vendor signs nothing, SEC-1"
    accepted = [{"rule": "trusted_sender_unverified", "reason": reason}]
    run = audit.run(
        email_security_audit_fail_on="drift",
        email_security_purge_scope="^soc:",
        email_security_audit_accepted_risks=accepted,
    )
    accounts = audit.by_account()
    assert {name: one["status"] for name, one in accounts.items()} == {
        "no_file": "unreadable",
        "no_policy": "no_policy",
        "elsewhere": "in_sync",
        "shared": "in_sync",
    }
    assert "missing.yml" in accounts["no_file"]["error"]["message"]
    # An account that cannot be compared may have drifted.
    assert run.returncode == 2
    assert "1 account could not be compared: no_file." in run.stdout
    assert "could not be read" not in run.stdout
    assert accounts["no_file"]["error"]["type"] == "PolicyError"
    # Its risks are known all the same.
    for name in ("no_file", "no_policy"):
        accepted = {finding["rule"]: finding["accepted"] for finding in accounts[name]["findings"]}
        assert accepted["trusted_sender_unverified"] == reason
        assert accepted["impersonation_registry_empty"] is None


def test_a_policy_says_which_risks_of_an_entry_are_accepted(audit: Audit) -> None:
    other = policy("other.example", is_trusted_sender=True, verify_sender=False, comments="SEC-2")
    written = [{**EXCEPTION, "accepted_risks": {"trusted_sender_unverified": "{{ who }} signs nothing"}}, other]
    (audit.folder / "policy.yml.j2").write_text(json.dumps({"allow_policies": written[:1]}), encoding="utf-8")
    document = {"allow_policies": [EXCEPTION, other], "impersonation_registry": PEOPLE}
    files = {"email_security_policy_files": ["policy.yml.j2"], "email_security_allow_policies": written[1:]}
    audit.add("in_file", document, who="The vendor", **files)
    audit.add("in_variable", document, who="Nobody", email_security_allow_policies=written)
    run = audit.run(email_security_audit_fail_on="drift")
    assert run.returncode == 0, run.stdout
    reasons = {
        (name, finding["key"]["pattern"]): finding["accepted"]
        for name, one in audit.by_account().items()
        for finding in one["findings"]
        if finding["rule"] == "trusted_sender_unverified"
    }
    assert reasons == {
        ("in_file", "partner.example"): "The vendor signs nothing",
        ("in_file", "other.example"): None,
        ("in_variable", "partner.example"): "Nobody signs nothing",
        ("in_variable", "other.example"): None,
    }


def test_an_audit_knows_only_what_it_was_given_and_found_itself(audit: Audit) -> None:
    """After an apply with files of its own, and after an account has left between two audits."""
    accepting = [{**EXCEPTION, "accepted_risks": {"trusted_sender_unverified": "It signs nothing."}}]
    (audit.folder / "policy.yml").write_text(json.dumps({"allow_policies": accepting}), encoding="utf-8")
    for name in ("leaves", "stays"):
        audit.add(name, {"allow_policies": [EXCEPTION], "impersonation_registry": PEOPLE})
    once = {"import_role": {"name": "cloudflare.email_security.audit"}}
    play = {
        "hosts": "all",
        "gather_facts": False,
        "roles": [{"role": "cloudflare.email_security.apply", "email_security_policy_files": ["policy.yml"]}],
        "tasks": [
            {**once, "vars": {"email_security_audit_dest": "first"}},
            {
                "block": [
                    {"ansible.builtin.fail": {"msg": "It leaves."}, "when": "inventory_hostname == 'leaves'"},
                    {**once, "vars": {"email_security_audit_fail_on": ["unreadable"]}},
                ],
                "rescue": [{"ansible.builtin.meta": "noop"}],
                "always": [
                    {"ansible.builtin.debug": {"msg": "Left: {{ ansible_failed_result.msg | default('nothing') }}"}}
                ],
            },
        ],
    }
    (audit.folder / "playbook.yml").write_text(json.dumps([play]), encoding="utf-8")
    run = audit.run("--check", playbook="playbook.yml")
    first = json.loads((audit.folder / "first" / "audit.json").read_text(encoding="utf-8"))["accounts"]
    assert [account["status"] for account in first] == ["no_policy", "no_policy"], run.stdout
    assert [account["risks"]["high"] for account in first] == [1, 1]
    second = audit.by_account()
    assert second["leaves"]["error"]["type"] == "NotReached"
    assert second["stays"]["status"] == "no_policy"
    # Rescued, it would leave without a word; the account that stays says it.
    assert "leaves: was not reached. The report is in" in run.stdout


@pytest.fixture
def unrecorded(tmp_path: Path) -> Iterator[Audit]:
    """With a simulator that records nothing: very many entries say no more about the contract than a few."""
    with Simulator() as simulator:
        yield Audit(tmp_path, simulator)


@pytest.mark.thorough
def test_many_accounts_with_many_entries_make_one_small_report(unrecorded: Audit) -> None:
    audit = unrecorded
    desired = senders(1000)
    for number in range(20):
        drifted = [sender(f"extra{extra:02}.example") for extra in range(number)]
        audit.add(f"account{number:02}", {"block_senders": [*desired, *drifted], "impersonation_registry": PEOPLE})
    run = audit.run("--forks", "4", email_security_block_senders=desired)
    assert run.returncode == 0, run.stdout
    summary = audit.report()["summary"]
    assert (summary["accounts"], summary["in_sync"], summary["drifted"]) == (20, 1, 19)
    assert summary["entries"] == 20 * 1001 + 190
    assert summary["drift"]["delete"] == 190
    sizes = {file.name: file.stat().st_size for file in (audit.folder / "audit").iterdir()}
    assert set(sizes) == {"audit.json", "audit.junit.xml", "audit.html"}
    # One line of twenty characters for each entry would be more.
    assert max(sizes.values()) < 400_000
    for account in audit.accounts.values():
        requests = account.requests()
        assert {one["method"] for one in requests} == {"GET"}
        assert len(requests) < 20
