# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``settings`` removes, and what it never does: purge with its limit and scope, absent, expired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from modules.playbook import Outcome, Step, put, run_steps
from modules.samples import domain, person, policy, sender, senders, trusted
from modules.scenario import NAMING
from simulator.handle import Account

_ACCOUNT = {
    "domains": [domain("kept.example")],
    "impersonation_registry": [
        person("Manual", "manual@example.com"),
        person("Synced", "synced@example.com", provenance="SNOOPY-GOOGLE_DIRECTORY"),
    ],
    "block_senders": [
        sender("feed.example", comments="threat-feed 7"),
        sender("ours.example", comments="INC-1"),
        sender("plain.example"),
    ],
    "trusted_domains": [trusted("t.example")],
    "allow_policies": [policy("a.example")],
}
_PURGEABLE = [name for name, resource in RESOURCES.items() if resource.purgeable]


def _names(state: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Any]]:
    """The entries of the lists that the account was given."""
    return {name: [entry[NAMING[name]] for entry in state[name]] for name in _ACCOUNT}


def _step(name: str, args: Mapping[str, Any], **fields: Any) -> Step:
    return Step(name, "settings", args, control=[put(_ACCOUNT)], **fields)


def test_purge(account: Account, tmp_path: Path) -> None:
    everything: dict[str, Any] = {name: [] for name in RESOURCES}
    run = run_steps(
        account,
        tmp_path,
        [
            _step("off by default", everything),
            _step("everything", {**everything, "purge": _PURGEABLE}),
            _step("a list left out", {"block_senders": [sender("plain.example")], "purge": _PURGEABLE}),
            _step("domains", {"domains": [], "purge": ["domains"]}),
            _step("scope", {"block_senders": [], "purge": ["block_senders"], "purge_scope": "^threat-feed"}),
            _step("bad scope", {"block_senders": [], "purge": ["block_senders"], "purge_scope": "("}),
            _step("limit", {**everything, "purge": _PURGEABLE, "purge_limit": 5}),
            _step("limit in check mode", {**everything, "purge": _PURGEABLE, "purge_limit": 5}, check=True),
            _step("at the limit", {**everything, "purge": _PURGEABLE, "purge_limit": 6}),
            _step(
                "limit and a new entry",
                {"block_senders": [sender("new.example")], "purge": ["block_senders"], "purge_limit": 2},
            ),
            _step(
                "absent does not count",
                {
                    "block_senders": [sender("plain.example", state="absent"), sender("ours.example")],
                    "purge": ["block_senders"],
                    "purge_limit": 1,
                },
            ),
            _step("negative limit", {"block_senders": [], "purge_limit": -1}),
        ],
    )
    assert not run["off by default"].changed
    assert _names(run["everything"].state) == {
        "domains": ["kept.example"],
        "impersonation_registry": ["Synced"],
        "block_senders": [],
        "trusted_domains": [],
        "allow_policies": [],
    }
    assert run["everything"].returned["summary"]["block_senders"]["deleted"] == 3
    assert _names(run["a list left out"].state) == {**_names(_ACCOUNT), "block_senders": ["plain.example"]}
    assert run["domains"].failed
    assert not run["domains"].requests
    assert _names(run["scope"].state)["block_senders"] == ["ours.example", "plain.example"]
    assert "purge_scope" in run["bad scope"].msg
    assert not run["bad scope"].requests
    for name in ("limit", "limit in check mode"):
        assert run[name].failed
        assert not run[name].writes
        assert "would delete 6 entries" in run[name].msg
        assert "allows 5" in run[name].msg
        assert "3 of block_senders" in run[name].msg
    assert _names(run["at the limit"].state) == _names(run["everything"].state)
    assert "would delete 3 entries" in run["limit and a new entry"].msg
    assert not run["limit and a new entry"].writes
    assert _names(run["absent does not count"].state)["block_senders"] == ["ours.example"]
    assert "purge_limit" in run["negative limit"].msg
    assert not run["negative limit"].requests


def test_purge_limit_by_default(account: Account, tmp_path: Path) -> None:
    args = {"block_senders": [], "purge": ["block_senders"]}
    run = run_steps(
        account,
        tmp_path,
        [
            Step("101", "settings", args, control=[put({"block_senders": senders(101)})]),
            Step("100", "settings", args, control=[put({"block_senders": senders(100)})]),
        ],
    )
    assert "would delete 101 entries" in run["101"].msg
    assert not run["101"].writes
    assert run["100"].state["block_senders"] == []


def test_change_in_place(account: Account, tmp_path: Path) -> None:
    """Under purge an entry that differs only in how it is read keeps its id; without purge a second one is made."""
    seeded = account.put(
        {
            "block_senders": [sender("one.example"), sender("203.0.113.4", pattern_type="DOMAIN", comments="kept")],
            "trusted_domains": [trusted(".*one")],
        }
    )
    desired = {
        "block_senders": [sender("203.0.113.4", pattern_type="IP"), sender("one.example", is_regex=True)],
        "trusted_domains": [trusted(".*one", is_regex=True)],
    }
    run = run_steps(
        account,
        tmp_path,
        [
            Step("without purge", "settings", desired, check=True),
            Step("with purge", "settings", {**desired, "purge": ["block_senders", "trusted_domains"]}),
        ],
    )
    assert run["without purge"].returned["summary"]["block_senders"]["created"] == 2
    first, second = seeded["block_senders"]
    (_unused, path, body), trust = run["with purge"].writes
    assert path == "settings/block_senders/batch"
    assert {part: items for part, items in body.items() if items} == {
        "patches": [{"id": second["id"], "pattern_type": "IP"}, {"id": first["id"], "is_regex": True}]
    }
    assert trust == ("PATCH", f"settings/trusted_domains/{seeded['trusted_domains'][0]['id']}", {"is_regex": True})


def test_expires(account: Account, tmp_path: Path) -> None:
    now = datetime.now(timezone.utc)
    zone = timezone(timedelta(hours=14))
    moments = {
        "yesterday": (now - timedelta(days=1)).date().isoformat(),
        "today": now.date().isoformat(),
        "tomorrow": (now + timedelta(days=1)).date().isoformat(),
        "an hour ago": (now - timedelta(hours=1)).isoformat(timespec="seconds"),
        "an hour ago, no zone": (now - timedelta(hours=1)).replace(tzinfo=None).isoformat(timespec="seconds"),
        "an hour ago, Z": (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "an hour ago, elsewhere": (now - timedelta(hours=1)).astimezone(zone).isoformat(timespec="seconds"),
        "in an hour, no zone": (now + timedelta(hours=1)).replace(tzinfo=None).isoformat(timespec="seconds"),
        "in an hour, elsewhere": (now + timedelta(hours=1)).astimezone(zone).isoformat(timespec="seconds"),
    }
    over = {"yesterday", *(name for name in moments if "ago" in name)}
    entries = [sender(f"{number}.example", expires=moment) for number, moment in enumerate(moments.values())]
    patterns = {name: f"{number}.example" for number, name in enumerate(moments)}
    account.put({"block_senders": [sender(pattern) for pattern in patterns.values()]})
    run = run_steps(
        account,
        tmp_path,
        [
            Step("check", "settings", {"block_senders": entries}, check=True),
            Step("real", "settings", {"block_senders": entries}),
            Step("again", "settings", {"block_senders": entries}),
        ],
    )
    left = {patterns[name] for name in moments if name not in over}
    assert {entry["pattern"] for entry in run["real"].state["block_senders"]} == left
    for name in ("check", "real"):
        assert run[name].returned["summary"]["block_senders"] == {
            "created": 0, "updated": 0, "deleted": len(over), "unchanged": len(left), "expired": len(over)
        }  # fmt: skip
    assert run["again"].returned["summary"]["block_senders"]["expired"] == len(over)
    assert not run["again"].changed


def test_absent(account: Account, tmp_path: Path) -> None:
    gone = {
        "domains": [{"domain": "kept.example", "state": "absent"}],
        "impersonation_registry": [{"name": "Manual", "email": "manual@example.com", "state": "absent"}],
        "block_senders": [{"pattern": "nobody.example", "pattern_type": "DOMAIN", "state": "absent"}],
        "trusted_domains": [{"pattern": "T.example", "state": "absent"}],
        "allow_policies": [{"pattern": "a.example", "pattern_type": "DOMAIN", "state": "absent"}],
    }
    run = run_steps(account, tmp_path, [_step("gone", gone), Step("again", "settings", gone)])
    outcome: Outcome = run["gone"]
    assert _names(outcome.state) == {
        "domains": [],
        "impersonation_registry": ["Synced"],
        "block_senders": ["feed.example", "ours.example", "plain.example"],
        "trusted_domains": [],
        "allow_policies": [],
    }
    assert [change["action"] for change in outcome.returned["changes"]] == ["delete"] * 4
    assert outcome.returned["summary"]["block_senders"]["unchanged"] == 1
    assert not run["again"].changed
