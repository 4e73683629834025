# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of the role ``apply``, as the runs of several accounts leave it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modules.test_apply_role import APPLY, domain, playbook
from simulator.handle import Account, Simulator

BLOCKED = {"pattern": "phish.example", "pattern_type": "DOMAIN"}


def _inventory(folder: Path, hosts: dict[str, dict[str, Any]]) -> list[str]:
    (folder / "inventory.yml").write_text(json.dumps({"accounts": {"hosts": hosts}}))
    return ["-i", "inventory.yml", "--forks", "3", "-e", "email_security_apply_report=out/plan.json"]


def _statuses(file: Path) -> dict[str, str]:
    return {account["account"]: account["status"] for account in json.loads(file.read_text())["accounts"]}


def test_every_account_is_in_the_report(account: Account, simulator: Simulator, tmp_path: Path) -> None:
    """In parallel: one changes, one is as written, one is refused, one has no policy, one fails before the role."""
    other = simulator.account()
    other.put({"block_senders": [{**BLOCKED, "is_regex": False}], "domains": [domain("x.example")]})
    policy = {"email_security_block_senders": [BLOCKED]}
    hosts = {
        "changed": policy,
        "unchanged": {**policy, "email_security_account_id": other.id},
        "refused": {"email_security_block_senders": [{"pattern": "x y", "pattern_type": "DOMAIN"}]},
        "nothing": {},
        "before": policy,
    }
    arguments = [*_inventory(tmp_path, hosts), "-e", '{"email_security_allow_same_account": true}']
    play = {
        "hosts": "accounts",
        "gather_facts": False,
        "vars": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [
            {"ansible.builtin.fail": {}, "when": "inventory_hostname == 'before'"},
            {"ansible.builtin.import_role": {"name": APPLY, "rolespec_validate": False}},
        ],
    }
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    run = playbook("play.yml", *arguments, "--check", account=account, cwd=tmp_path, ANSIBLE_STRATEGY="free")
    assert run.returncode == 2, run.output
    file = tmp_path / "out" / "plan.json"
    report = json.loads(file.read_text())
    assert _statuses(file) == {
        "changed": "changed",
        "unchanged": "unchanged",
        "refused": "failed",
        "nothing": "failed",
        "before": "not_reached",
    }
    errors = {one["account"]: one["error"] for one in report["accounts"]}
    assert "pattern must not hold white space" in errors["refused"]
    assert "There is no policy" in errors["nothing"]
    assert report["check_mode"] is True
    assert report["summary"]["changes"] == {"create": 1, "update": 0, "delete": 0}
    (change,) = next(one["changes"] for one in report["accounts"] if one["account"] == "changed")
    assert (change["list"], change["action"], change["before"]) == ("block_senders", "create", None)
    assert change["after"]["pattern"] == "phish.example"
    other.forget()


def test_the_report_says_what_changes_would_do_to_mail(account: Account, tmp_path: Path) -> None:
    """In check mode and for real alike; without permission to look at mail, the change is made all the same."""
    account.put_messages(*[{"from": "a@phish.example", "final_disposition": "NONE"} for _unused in range(12)])
    accepting = {**BLOCKED, "accepted_risks": {"block_hits_clean_mail": "Nobody asked for it."}}
    arguments = ["-i", "acme,", "-e", json.dumps({"email_security_block_senders": [accepting]})]
    arguments += ["-e", "email_security_apply_report=plan.json", "-e", "email_security_apply_impact=7d"]
    impacts = []
    for more in (["--check"], []):
        playbook(APPLY, *arguments, *more, account=account, cwd=tmp_path).ok()
        (change,) = json.loads((tmp_path / "plan.json").read_text())["accounts"][0]["changes"]
        impacts.append(change["impact"])
        assert [(risk["rule"], risk["severity"], risk["accepted"]) for risk in change["risks"]] == [
            ("block_hits_clean_mail", "medium", "Nobody asked for it.")
        ]
    assert impacts[0] == impacts[1]
    assert impacts[0]["affected"] == {"NONE": 12}
    wrong = [*arguments, "-e", "email_security_apply_impact_max_requests=0"]
    reported = playbook(APPLY, *wrong, account=account, cwd=tmp_path).failed()
    assert "email_security_apply_impact_max_requests must be at least 1" in reported


def test_the_report_of_a_run_is_of_that_run_alone(account: Account, tmp_path: Path) -> None:
    arguments = ["-i", "acme,", "-e", json.dumps({"email_security_block_senders": [BLOCKED]})]
    written = tmp_path / "plan.md"
    arguments += ["-e", f"email_security_apply_report={written}"]
    first = playbook(APPLY, *arguments, account=account, cwd=tmp_path).ok()
    assert first.changed == {"acme": 1}
    assert "## Email security: 1 created, 0 updated, 0 deleted (1 account)" in written.read_text()
    playbook(APPLY, *arguments, account=account, cwd=tmp_path).ok()
    assert "## Email security: no change (1 account)" in written.read_text()
    wrong = [*arguments, "-e", "email_security_apply_report=plan.txt"]
    assert "must end in .md or .json" in playbook(APPLY, *wrong, account=account, cwd=tmp_path).failed()
