# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists that not every account has, and batches that take some kinds of change only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.playbook import Step, options, put, run_steps
from simulator.handle import Account

_OPTIONAL = ("content_policies", "sending_domain_restrictions", "url_ignore_patterns")
_CONTENT = {"name": "Fake", "pattern": "wire", "targets": ["BODY"]}
_PARTNERS = "settings/sending_domain_restrictions"


def _policies(count: int) -> list[dict[str, Any]]:
    return [{**_CONTENT, "name": f"{number:05}"} for number in range(count)]


def test_1500_content_policies_are_two_writes_and_then_two_reads(account: Account, tmp_path: Path) -> None:
    args = {"content_policies": _policies(1500)}
    run = run_steps(account, tmp_path, [Step("create", "settings", args), Step("again", "settings", args)])
    created, again = run["create"], run["again"]
    assert [(method, path) for method, path, _body in created.writes] == [
        ("POST", "settings/content_policies/batch")
    ] * 2
    assert [len(body["posts"]) for _method, _path, body in created.writes] == [1000, 500]
    assert len(created.state["content_policies"]) == 1500
    assert not again.changed
    assert not again.writes
    assert again.reads == ["settings/content_policies"] * 2


@pytest.mark.parametrize("offered", [True, False, 405], ids=["offered", "404", "405"])
def test_a_batch_that_takes_deletes_only(account: Account, tmp_path: Path, offered: bool | int) -> None:
    account.options(sending_domain_restrictions_batch=offered)
    before = account.put({"sending_domain_restrictions": [{"domain": f"{n}.example", "exclude": []} for n in "abc"]})
    ids = {entry["domain"]: entry["id"] for entry in before["sending_domain_restrictions"]}
    entries = [
        {"domain": "new.example"},
        {"domain": "a.example", "comments": "changed"},
        *({"domain": f"{name}.example", "state": "absent"} for name in "bc"),
    ]
    outcome = run_steps(account, tmp_path, [Step("all", "settings", {"sending_domain_restrictions": entries})])["all"]
    assert not outcome.failed, outcome.msg
    gone = [ids["b.example"], ids["c.example"]]
    batch = ("POST", f"{_PARTNERS}/batch", {"deletes": [{"id": entry_id} for entry_id in gone]})
    singles = [("DELETE", f"{_PARTNERS}/{entry_id}", None) for entry_id in gone]
    first, second, asked, *rest = outcome.writes
    assert [first, second, asked] == [
        ("POST", _PARTNERS, {"domain": "new.example", "exclude": []}),
        ("PATCH", f"{_PARTNERS}/{ids['a.example']}", {"comments": "changed"}),
        batch,
    ]
    assert sorted(rest) == ([] if offered is True else sorted(singles))
    assert {entry["domain"] for entry in outcome.state["sending_domain_restrictions"]} == {"new.example", "a.example"}


@pytest.mark.parametrize("offered", [False, 405, 403], ids=["404", "405", "403"])
def test_lists_that_the_account_does_not_have(account: Account, tmp_path: Path, offered: bool | int) -> None:
    lacking = dict.fromkeys(_OPTIONAL, offered)
    kept = {"pattern": "a.example", "pattern_type": "DOMAIN", "is_regex": False}
    run = run_steps(
        account,
        tmp_path,
        [
            Step("read", "settings_info", control=[put({"block_senders": [kept]}), options(**lacking)]),
            Step("read this alone", "settings_info", {"gather": list(_OPTIONAL)}),
            Step("info", "content_policy_info"),
            Step("by id", "content_policy_info", {"id": "00000000-0000-4000-8000-000000000000"}),
            Step("entry", "content_policy", _CONTENT),
            Step(
                "named", "settings", {"block_senders": [], "content_policies": [_CONTENT], "purge": ["block_senders"]}
            ),
            Step("not named", "settings", {"block_senders": [kept]}),
        ],
    )
    read = run["read"]
    assert not read.failed, read.msg
    assert not set(_OPTIONAL) & set(read.returned["settings"])
    assert len(read.returned["settings"]["block_senders"]) == 1
    (warning,) = read.result["warnings"]
    assert "does not have content_policies, sending_domain_restrictions, url_ignore_patterns" in warning
    for name in ("read this alone", "info", "by id", "entry", "named"):
        outcome = run[name]
        assert outcome.failed, name
        assert "does not have the list content_policies" in outcome.msg
        assert "Leave the list out, or have the plan changed" in outcome.msg
        assert not outcome.writes
    assert not run["not named"].failed
    assert not run["not named"].changed


def test_the_scope_of_purge_reads_what_a_list_calls_its_notes(account: Account, tmp_path: Path) -> None:
    before = [
        {**_CONTENT, "enabled": True, "name": name, "notes": note} for name, note in (("a", "soc: 1"), ("b", "hr: 1"))
    ]
    args = {"content_policies": [], "purge": ["content_policies"], "purge_scope": "^soc:"}
    outcome = run_steps(
        account, tmp_path, [Step("purge", "settings", args, control=[put({"content_policies": before})])]
    )["purge"]
    assert [entry["name"] for entry in outcome.state["content_policies"]] == ["b"]
