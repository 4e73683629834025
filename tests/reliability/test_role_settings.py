# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every role under every setting: the same accounts, files and summaries come of it as without the setting."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from modules.samples import policy, sender, senders
from reliability.role_settings import REFUSED, ROLES, SETTINGS, Setting
from simulator.handle import Account, Simulator

PLAIN = Setting("plain", "nothing set")
COLLECTION = "cloudflare.email_security"
# In the order of their plays. The audit may be refused, and its accounts then have left.
ORDER = ("export", "respond", "apply", "audit")
WRITTEN = ("one", "two")
AUDITED = ("calm", "drifted", "locked")
ACCOUNTS = {
    "one": {"block_senders": senders(2)},
    "two": {"block_senders": [*senders(1), sender("gone.example")]},
    "calm": {"block_senders": senders(3)},
    "drifted": {"allow_policies": [policy("a.example", is_trusted_sender=True, verify_sender=False)]},
    "locked": {},
}
VARIABLES = {
    "email_security_block_senders": senders(3),
    "email_security_purge": ["block_senders"],
    "email_security_export_dest": "out",
    "email_security_respond_domain": "phish.example",
    "email_security_respond_action": "move",
    "email_security_respond_destination": "JunkEmail",
    "email_security_audit_fail_on": "drift",
}


@pytest.fixture(scope="module")
def accounts(simulator: Simulator) -> Iterator[dict[str, Account]]:
    made = {name: simulator.account() for name in ACCOUNTS}
    yield made
    for account in made.values():
        account.forget()


@pytest.fixture(scope="module")
def plain(accounts: dict[str, Account], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return results(PLAIN, accounts, tmp_path_factory.mktemp("plain"))


def results(setting: Setting, accounts: dict[str, Account], folder: Path) -> dict[str, Any]:
    """The outcome of each role: of one process with a play for each, and one for the playbook ``audit``."""
    for name, account in accounts.items():
        account.put(ACCOUNTS[name])
        account.put_messages({"from": "a@phish.example", "subject": "Invoice", "client_recipients": ["u@acme.example"]})
        account.clear_requests()
    hosts = {
        name: {
            "email_security_account_id": account.id,
            "email_security_api_token": "a-wrong-token" if name == "locked" else account.token,
            "email_security_base_url": account.base_url,
            # Nobody may ever go there.
            "ansible_connection": "ssh",
            "ansible_host": "203.0.113.1",
        }
        for name, account in accounts.items()
    }
    (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": VARIABLES}}))
    (folder / "ansible.cfg").write_text("[defaults]\n")
    (folder / "playbook.yml").write_text(json.dumps([_playbook(), *(_play(role, setting.times) for role in ORDER)]))
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CLOUDFLARE_"))}
    own = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_SHOW_CUSTOM_STATS": "1", "ANSIBLE_CONFIG": str(folder / "ansible.cfg")}
    finished = subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.json", "playbook.yml"],
        cwd=folder,
        env={**environ, **own, **setting.environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return {"printed": f"{finished.stdout}\n{finished.stderr}", **_gathered(folder, finished.stdout, accounts)}


def _playbook() -> dict[str, Any]:
    """The audit as its playbook has it; its accounts come back for the play that has the role alone."""
    names = {"email_security_hosts": ",".join(AUDITED), "email_security_audit_dest": "by_playbook"}
    return {
        "import_playbook": f"{COLLECTION}.audit",
        "vars": {**names, "email_security_audit_fail_on": []},
        "tags": ["the_role"],
    }


def _play(role: str, times: int) -> dict[str, Any]:
    # Under roles, Ansible leaves out one that has run already.
    last = {"import_role": {"name": f"{COLLECTION}.{role}"}, "tags": ["the_role"]}
    # An audit that fails keeps its accounts from the next one.
    tasks = [*[{**last, "vars": {"email_security_audit_fail_on": []}}] * (times - 1), last]
    hosts = ",".join(AUDITED if role == "audit" else WRITTEN)
    return {"hosts": hosts, "gather_facts": False, "tasks": tasks}


def _gathered(folder: Path, stdout: str, accounts: dict[str, Account]) -> dict[str, Any]:
    reported = stdout.partition("RUN: ")[2]
    stats = json.JSONDecoder().raw_decode(reported)[0] if reported else {}
    state = {name: accounts[name].state() for name in WRITTEN}
    patterns = {name: sorted(one["pattern"] for one in state[name]["block_senders"]) for name in WRITTEN}
    moved = {name: [one["mailboxes"] for one in accounts[name].messages(touched=True)] for name in WRITTEN}
    files = sorted((folder / "out").rglob("*.yml"))
    counts = re.findall(r"^(\w+) +:.*changed=(\d+).*failed=(\d+)", stdout, re.M)
    return {
        "apply": (patterns, stats.get("email_security_apply")),
        "respond": (moved, stats.get("email_security_respond")),
        "export": {str(file.relative_to(folder)): file.read_text() for file in files},
        "audit": _report(folder / "audit"),
        "playbook": _report(folder / "by_playbook"),
        "recap": {name: {"failed": int(failed), "changed": int(changed)} for name, changed, failed in counts},
    }


def _report(folder: Path) -> Any:
    """What was found, but for what differs from one time to another."""
    file = folder / "audit.json"
    if not file.exists():
        return None
    accounts = json.loads(file.read_text())["accounts"]
    for account in accounts:
        if account["error"]:
            account["error"] = account["error"]["type"]
        for one in (*account["changes"], *account["findings"]):
            one |= dict.fromkeys(("id", "created_at", "first_seen"))
    return accounts


def test_without_a_setting_every_role_does_what_it_is_for(plain: dict[str, Any]) -> None:
    patterns = [one["pattern"] for one in senders(3)]
    assert plain["apply"][0] == {"one": patterns, "two": patterns}, plain["printed"]
    assert all(mailboxes[0] == {"u@acme.example": "JunkEmail"} for mailboxes in plain["respond"][0].values())
    assert len(plain["export"]) == len(WRITTEN) * len(RESOURCES)
    statuses = {account["account"]: account["status"] for account in plain["audit"]}
    assert statuses == {"calm": "in_sync", "drifted": "drifted", "locked": "unreadable"}
    assert plain["audit"] == plain["playbook"]
    # Each account answers for itself, and an audit changes nothing.
    done = {"failed": 0, "changed": 3}
    failed = {"failed": 1, "changed": 0}
    assert plain["recap"] == {
        **dict.fromkeys(WRITTEN, done),
        "calm": {"failed": 0, "changed": 0},
        "drifted": failed,
        "locked": failed,
    }


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_same_comes_of_it(
    setting: Setting, plain: dict[str, Any], accounts: dict[str, Account], tmp_path: Path
) -> None:
    found = results(setting, accounts, tmp_path)
    printed = found.pop("printed")
    if setting.times > 1:  # The second time, all is done already, and says so.
        found["apply"], found["respond"] = ((found[role][0], plain[role][1]) for role in ("apply", "respond"))
    for role in ROLES:
        if setting.end(role) != REFUSED:
            assert found[role] == plain[role], printed
            continue
        assert found[role] is None
        assert re.sub(r"\s+", " ", printed).count("Give the play strategy: linear") >= 1
        # The first refusal ends it for all; which accounts get as far as one of their own is up to chance.
        assert any(found["recap"][name]["failed"] for name in AUDITED)
    if REFUSED not in setting.otherwise.values():
        assert found["recap"] == plain["recap"], printed
    assert found["playbook"] == plain["playbook"], printed
