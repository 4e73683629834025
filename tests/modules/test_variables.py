# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables that begin with the collection's prefix: none is misspelt in silence, wherever it comes from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.variables import (
    PLAYBOOKS,
    RESULTS,
    options,
    unknown_names,
)

from modules.test_apply_role import APPLY, CHECKOUT, playbook
from simulator.handle import Account, Simulator

_NAME = re.compile(r"(?<![\w/])email_security_\w+")
_UNCHECKED = {"rolespec_validate": False}
_LINES = "{{ ansible_failed_result.msg.splitlines() }}"
_ROLES = ["apply", "audit", "export", "respond"]


def test_every_name_that_the_collection_uses_is_known() -> None:
    """A new variable of a playbook, or a new result of a role, is to be named where the others are."""
    files = [
        *CHECKOUT.glob("roles/*/*/*.yml"),
        *CHECKOUT.glob("playbooks/**/*.yml"),
        *CHECKOUT.glob("extensions/eda/rulebooks/*.yml"),
    ]
    used = {name for file in files for name in _NAME.findall(file.read_text(encoding="utf-8"))}
    # The folder that role export writes to.
    assert unknown_names(sorted(used - {"email_security_policy"})) == []
    assert sorted((RESULTS | PLAYBOOKS) - used) == []
    assert not (RESULTS | PLAYBOOKS) & set(options())


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("email_security_purge_scop", "did you mean email_security_purge_scope?"),
        ("email_security_respond_domian", "did you mean email_security_respond_domain?"),
        ("email_security_audit_failon", "did you mean email_security_audit_fail_on?"),
        ("email_security_block_sender", "did you mean email_security_block_senders?"),
        ("email_security_xyzzy", "correct it, or begin a variable of your own with email_security_custom_"),
    ],
)
def test_the_name_that_was_meant_is_reported(name: str, meant: str) -> None:
    assert unknown_names([name]) == [f"{name} is no variable of this collection; {meant}"]
    assert unknown_names(["email_security_custom_team", f"my_{name}", f"__{name}"]) == []


def _inventory(folder: Path, account: Account) -> None:
    (folder / "group_vars").mkdir()
    (folder / "group_vars" / "all.yml").write_text(
        "email_security_custom_team: SOC\n"
        "email_security_purge_scop: '^ours:'\n"
        "email_security_purge: true\n"
        "email_security_allow_policies: {pattern: partner.example}\n"
        "email_security_export_lists: [block_sender]\n"
    )
    hosts = {"one": account.id, "two": f" {account.id.upper()}", "three": "acme", "four": " "}
    variables = {host: {"email_security_account_id": account_id} for host, account_id in hosts.items()}
    (folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": variables}}, sort_keys=False))


def test_all_hosts_variables_are_checked_before_any_request(account: Account, tmp_path: Path) -> None:
    """By every role, each mistake once, with its place; whichever host it is set for, and wherever it is set."""
    _inventory(tmp_path, account)
    blocks: list[dict[str, Any]] = [
        {
            "block": [{"name": role, "include_role": {"name": f"cloudflare.email_security.{role}", **_UNCHECKED}}],
            "rescue": [{"name": "Failed", "debug": {"msg": _LINES}, "when": "ansible_failed_result is defined"}],
        }
        for role in _ROLES
    ]
    fact = {"name": "Set a fact", "set_fact": {"email_security_concurency": 3}, "when": "inventory_hostname == 'three'"}
    play = {"hosts": "all", "connection": "local", "gather_facts": False, "tasks": [fact, *blocks]}
    (tmp_path / "roles.yml").write_text(yaml.safe_dump([play]))
    run = playbook("roles.yml", "-i", "inventory.yml", account=account, cwd=tmp_path).ok()
    reported = [
        "group_vars/all.yml:2:1: email_security_purge_scop is no variable of this collection; "
        "did you mean email_security_purge_scope?",
        "email_security_concurency is no variable of this collection; did you mean email_security_concurrency?",
        "group_vars/all.yml:3:1: email_security_purge must be a list, such as [impersonation_registry], not true",
        "email_security_allow_policies must be a list, not a mapping",
        "email_security_export_lists: there is no 'block_sender'; did you mean block_senders?",
        "email_security_account_id of the host three must be the id of an account (32 hexadecimal characters), not its",
        f" mean one account, {account.id}; give each its own email_security_account_id, or set "
        "email_security_allow_same_account to true where that is meant",
    ]
    failures = re.findall(r"^TASK \[Failed\] .*?(?=^TASK|^PLAY)", run.output, re.M | re.S)
    assert len(failures) == len(_ROLES)
    for role, failure in zip(_ROLES, failures, strict=True):
        once = failure[: failure.index("]\n}")]
        assert [text for text in reported if once.count(text) != 1] == [], once
        # A form may leave it empty, and then it is the environment's, which is said first.
        empty = role != "respond"
        assert once.count("the hosts one, two mean" if empty else "the hosts one, two, four mean") == 1
        assert once.count("email_security_account_id of the host four is empty") == empty
        assert once.count('",\n') + 1 == len(reported) + empty
    assert account.requests() == []


def test_hosts_may_mean_one_account_where_that_is_said(account: Account, tmp_path: Path) -> None:
    """Without a variable, all mean the environment's account."""
    (tmp_path / "policy.yml").write_text("block_senders: []\n")
    arguments = [APPLY, "-i", "one,two", "-e", "email_security_policy_files=policy.yml"]
    said = playbook(*arguments, account=account, cwd=tmp_path).failed()
    assert f"the hosts one, two mean one account, {account.id}; give each" in said
    assert account.requests() == []
    playbook(*arguments, "-e", "email_security_allow_same_account=true", account=account, cwd=tmp_path).ok()
    assert [one["path"] for one in account.requests()] == ["settings/block_senders"] * 2


def test_a_play_s_own_variable_tells_each_host_its_account(simulator: Simulator, tmp_path: Path) -> None:
    """An expression that differs from host to host is no copied id; a plain id is one."""
    accounts = {host: simulator.account() for host in ("one", "two")}
    ids = {host: account.id for host, account in accounts.items()}
    first = accounts["one"]
    (tmp_path / "policy.yml").write_text("block_senders: []\n")
    play = {
        "hosts": "all",
        "connection": "local",
        "gather_facts": False,
        "vars": {
            "ids": ids,
            "email_security_account_id": "{{ ids[inventory_hostname] }}",
            "email_security_policy_files": ["policy.yml"],
        },
        "roles": [APPLY],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    playbook("play.yml", "-i", "one,two", account=first, cwd=tmp_path).ok()
    assert [len(account.requests()) for account in accounts.values()] == [1, 1]


def test_a_playbook_without_roles_knows_its_variables_too(account: Account, tmp_path: Path) -> None:
    name = "cloudflare.email_security.retract"
    variables = ["-e", "email_security_retract_id=x", "-e", "email_security_retract_destinaton=DeletedItems"]
    said = playbook(name, *variables, account=account, cwd=tmp_path).failed()
    assert "did you mean email_security_retract_destination?" in said
    assert account.requests() == []


def test_an_inventory_that_matches_no_host_is_no_success(account: Account, tmp_path: Path) -> None:
    run = playbook(APPLY, "-i", "acme,", "-e", "email_security_hosts=acne", account=account, cwd=tmp_path)
    assert run.returncode == 4
    assert "no host of the inventory matches acne; correct the inventory (-i), or email_security_hosts" in run.output
    assert account.requests() == []
