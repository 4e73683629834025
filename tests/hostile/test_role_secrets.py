# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles with canaries for credentials: in no file that they write, and in nothing that a run leaves anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hostile.channels import Channels, assert_nowhere
from hostile.plays import COLLECTION, Printed, ansible_playbook
from modules.samples import person, sender
from simulator.handle import Account

_TOKEN = "canary-token-5be2a7d1"
_KEY = "canary-key-c3409f18"
_EMAIL = "canary@example.com"
_WRONG = "canary-wrong-e1b7724d"
_SECRETS = (_TOKEN, _KEY, _EMAIL, _WRONG)
_EVERY_ROLE = ("apply", "export", "audit", "respond")
_ROLES = Path(__file__).resolve().parents[2] / "roles"

_VARIABLES: dict[str, Any] = {
    "email_security_block_senders": [sender("new.example")],
    "email_security_export_dest": "exported",
    "email_security_audit_dest": "audited",
    "email_security_respond_domain": "phish.example",
    "email_security_respond_action": "move",
    "email_security_respond_destination": "JunkEmail",
    "email_security_respond_evidence": "evidence",
    "email_security_respond_save_eml": True,
}


def run(account: Account, folder: Path, credentials: dict[str, str], *arguments: str, fast: bool) -> list[Printed]:
    """Every role, and no secret anywhere afterwards, but in the inventory."""
    account.options(credentials={"tokens": {_TOKEN: "write"}, "keys": {_EMAIL: _KEY}})
    account.put({"block_senders": [sender("old.example")], "impersonation_registry": [person("Jane", "j@example.com")]})
    account.put_messages({"from": "a@phish.example", "final_disposition": "MALICIOUS"})
    work = folder / "work"
    work.mkdir()
    channels = Channels(folder / "channels", fast=fast)
    own = {"email_security_account_id": account.id, "email_security_base_url": account.base_url}
    variables = {**_VARIABLES, **own, **{f"email_security_{name}": value for name, value in credentials.items()}}
    printed = [
        ansible_playbook(
            work,
            f"{COLLECTION}.{role}",
            "-vvvv",
            "--diff",
            *arguments,
            variables=variables,
            environment=channels.environment,
        )
        for role in _EVERY_ROLE
    ]
    written = {str(file): file.read_text("utf-8", "replace") for file in work.rglob("*") if file.is_file()}
    inventory = written.pop(str(work / "inventory.json"))
    assert [secret for secret in _SECRETS if secret in inventory], "there was nothing to be found"
    screens = {role: one.everything for role, one in zip(_EVERY_ROLE, printed, strict=True)}
    assert_nowhere(_SECRETS, {**screens, **written, **channels.texts()})
    return printed


def test_no_role_is_forgotten() -> None:
    # No credential is of use to validate.
    assert {folder.name for folder in _ROLES.iterdir() if (folder / "tasks").is_dir()} == {*_EVERY_ROLE, "validate"}


@pytest.mark.parametrize(("given", "fast"), [("token", True), ("key and e-mail", False)])
def test_when_all_is_well(account: Account, tmp_path: Path, given: str, fast: bool) -> None:
    credentials = {"api_token": _TOKEN} if given == "token" else {"api_key": _KEY, "api_email": _EMAIL}
    printed = run(account, tmp_path, credentials, fast=fast)
    assert [one.returncode for one in printed] == [0] * len(_EVERY_ROLE), printed[-1].everything[-3000:]
    names = {file.name for file in (tmp_path / "work").rglob("*") if file.is_file()}
    assert names >= {"block_senders.yml", "audit.html", "audit.json", "audit.junit.xml"}
    assert [name for name in names if name.endswith(".eml")]
    assert [name for name in names if name.endswith("-outcomes.json")]
    kinds = {request["credential"] for request in account.requests()}
    assert kinds == {"token" if given == "token" else "key"}


def test_when_the_server_refuses_and_quotes(account: Account, tmp_path: Path) -> None:
    said = f"Invalid credential {_WRONG}"
    account.faults({"kind": "status_before", "times": None, "arguments": {"status": 403, "message": said}})
    printed = run(account, tmp_path, {"api_token": _WRONG}, fast=True)
    # The audit reports an account that cannot be read, and does not fail for it.
    assert [one.returncode for one in printed] == [2, 2, 0, 2]
    retried = [file.read_text() for file in (tmp_path / "channels" / "retry").iterdir()]
    assert retried
    assert set(retried) == {"acme\n"}


def test_in_check_mode(account: Account, tmp_path: Path) -> None:
    printed = run(account, tmp_path, {"api_token": _TOKEN}, "--check", fast=True)
    assert [one.returncode for one in printed] == [0] * len(_EVERY_ROLE), printed[-1].everything[-3000:]
    assert [request for request in account.requests() if request["method"] != "GET"] == []
