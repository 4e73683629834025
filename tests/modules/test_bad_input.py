# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input is refused before the first request, with a message that names the entry by position and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.playbook import Step, run_steps
from modules.samples import domain, person, policy, sender, trusted
from simulator.handle import Account

_GOOD = sender("good.example")

# What is wrong: the options of settings, and what the message must say.
_DOCUMENTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknown field": (
        {"block_senders": [_GOOD, sender("x.example", patern="y")]},
        ["block_senders[1]", "x.example", "patern", "did you mean pattern"],
    ),
    "read-only field": (
        {"block_senders": [sender("x.example", created_at="2026-01-01T00:00:00Z")]},
        ["block_senders[0]", "created_at"],
    ),
    "retired field": (
        {"allow_policies": [policy("x.example", is_sender=True)]},
        ["allow_policies[0]", "x.example", "is_sender", "is_trusted_sender"],
    ),
    "bad boolean": (
        {"trusted_domains": [trusted("x.example", is_recent="perhaps")]},
        ["trusted_domains[0]", "x.example", "is_recent", "true or false", "perhaps"],
    ),
    "bad number": (
        {"domains": [{"domain": "x.example", "lookback_hops": "many"}]},
        ["domains[0]", "x.example", "lookback_hops", "many"],
    ),
    "number too high": (
        {"domains": [{"domain": "x.example", "lookback_hops": 21}]},
        ["domains[0]", "x.example", "lookback_hops", "20", "21"],
    ),
    "bad list": (
        {"domains": [{"domain": "x.example", "regions": {"GLOBAL": True}}]},
        ["domains[0]", "x.example", "regions", "list"],
    ),
    "bad choice in a list": (
        {"domains": [domain("x.example", regions=["MARS"])]},
        ["domains[0]", "x.example", "regions", "GLOBAL", "MARS"],
    ),
    "too many in a list": (
        {"domains": [domain("x.example", ip_restrictions=[f"192.0.2.{number}" for number in range(101)])]},
        ["domains[0]", "x.example", "ip_restrictions", "100", "101"],
    ),
    "empty list": (
        {"domains": [domain("x.example", regions=[])]},
        ["domains[0]", "x.example", "regions", "at least 1"],
    ),
    "text that is a mapping": (
        {"block_senders": [sender("x.example", comments={"a": 1})]},
        ["block_senders[0]", "x.example", "comments", "text", "mapping"],
    ),
    "long pattern": (
        {"block_senders": [_GOOD, sender("x" * 1025)]},
        ["block_senders[1]", "xxxx", "pattern", "1024", "1025"],
    ),
    "long comments": (
        {"block_senders": [sender("x.example", comments="x" * 1025)]},
        ["block_senders[0]", "x.example", "comments", "1024", "1025"],
    ),
    "long name": (
        {"impersonation_registry": [person("x" * 1025, "x@example.com")]},
        ["impersonation_registry[0]", "x@example.com", "name", "1024"],
    ),
    "unknown type": (
        {"allow_policies": [policy("x.example", pattern_type="UNKNOWN")]},
        ["allow_policies[0]", "x.example", "pattern_type", "EMAIL, DOMAIN, IP", "UNKNOWN"],
    ),
    "private address": (
        {"block_senders": [sender("10.1.2.3", pattern_type="IP")]},
        ["block_senders[0]", "10.1.2.3", "private"],
    ),
    "empty pattern": ({"block_senders": [_GOOD, sender("")]}, ["block_senders[1]", "DOMAIN", "pattern", "empty"]),
    "blank pattern": ({"block_senders": [sender("  ")]}, ["block_senders[0]", "DOMAIN", "pattern", "empty"]),
    "no pattern": ({"block_senders": [{"pattern_type": "IP"}]}, ["block_senders[0]", "IP", "pattern is missing"]),
    "no type": (
        {"block_senders": [{"pattern": "x.example"}]},
        ["block_senders[0]", "x.example", "pattern_type is missing"],
    ),
    "no key at all": ({"block_senders": [{"comments": "x"}]}, ["block_senders[0]", "pattern is missing"]),
    "not a mapping": (
        {"block_senders": [_GOOD, "x.example"]},
        ["block_senders[1]", "must be a mapping"],
    ),
    "nothing": ({"block_senders": [_GOOD, None]}, ["block_senders[1]", "must be a mapping"]),
    "not a list": ({"block_senders": {"pattern": "x.example"}}, ["block_senders", "list"]),
    "bad state": (
        {"block_senders": [sender("x.example", state="gone")]},
        ["block_senders[0]", "x.example", "state", "present, absent", "gone"],
    ),
    "bad expires": (
        {"block_senders": [sender("x.example", expires="next week")]},
        ["block_senders[0]", "x.example", "expires", "2026-12-31", "next week"],
    ),
    "expires that is a number": (
        {"block_senders": [sender("x.example", expires=20261231.5)]},
        ["block_senders[0]", "x.example", "expires"],
    ),
    "no such day": (
        {"block_senders": [sender("x.example", expires="2026-02-30")]},
        ["block_senders[0]", "x.example", "expires", "2026-02-30"],
    ),
    "duplicate": (
        {"block_senders": [_GOOD, sender("x.example"), sender("X.Example", comments="again")]},
        ["block_senders[2]", "X.Example", "block_senders[1]", "same entry"],
    ),
    "duplicate, one absent": (
        {"trusted_domains": [trusted("x.example"), {"pattern": "x.example", "state": "absent"}]},
        ["trusted_domains[1]", "x.example", "trusted_domains[0]"],
    ),
    "duplicate address": (
        {"block_senders": [sender("192.0.2.4", pattern_type="IP"), sender("192.0.2.4/32", pattern_type="IP")]},
        ["block_senders[1]", "192.0.2.4/32", "block_senders[0]"],
    ),
    "duplicate person": (
        {"impersonation_registry": [person("Jane", "j@example.com"), person("Jane", "j@EXAMPLE.com")]},
        ["impersonation_registry[1]", "Jane", "impersonation_registry[0]"],
    ),
    "duplicate domain": (
        {"domains": [{"domain": "x.example"}, {"domain": "X.example", "lookback_hops": 2}]},
        ["domains[1]", "X.example", "domains[0]"],
    ),
    "duplicate id": (
        {"block_senders": [{"id": "7", "comments": "a"}, {"id": "7", "comments": "b"}]},
        ["block_senders[1]", "block_senders[0]"],
    ),
    "two lists": (
        {"block_senders": [sender("")], "allow_policies": [_GOOD, policy("x.example", pattern_type="UNKNOWN")]},
        ["block_senders[0]", "allow_policies[1]", "x.example"],
    ),
    "unknown list": ({"block_sender": [_GOOD]}, ["block_sender"]),
    "purge of domains": ({"domains": [], "purge": ["domains"]}, ["purge", "domains"]),
}

# For one entry the key is all that tells it; the module's name stands for its position.
_ENTRIES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "unknown option": ("block_sender", {"pattern": "x.example", "patern": "y"}, ["patern"]),
    "no pattern": ("block_sender", {"pattern_type": "IP"}, ["block_sender", "IP", "pattern is missing"]),
    "no pattern to remove": ("trusted_domain", {"state": "absent"}, ["trusted_domain", "pattern is missing"]),
    "empty pattern": ("allow_policy", {"pattern": "", "pattern_type": "DOMAIN"}, ["allow_policy", "pattern", "empty"]),
    "long pattern": (
        "allow_policy",
        {"pattern": "x" * 1025, "pattern_type": "DOMAIN"},
        ["allow_policy", "pattern", "1024"],
    ),
    "unknown type": ("block_sender", {"pattern": "x.example", "pattern_type": "UNKNOWN"}, ["pattern_type", "UNKNOWN"]),
    "bad boolean": ("trusted_domain", {"pattern": "x.example", "is_recent": "perhaps"}, ["is_recent"]),
    "no name": (
        "impersonation_registry_entry",
        {"email": "j@example.com"},
        ["impersonation_registry_entry", "j@example.com", "name is missing"],
    ),
    "hops": ("domain", {"domain": "x.example", "lookback_hops": 0}, ["domain", "x.example", "lookback_hops"]),
    "region": ("domain", {"domain": "x.example", "regions": ["MARS"]}, ["regions", "MARS"]),
    "id and filter": ("block_sender_info", {"id": "7", "pattern": "x"}, ["id", "pattern", "mutually exclusive"]),
    "unknown order": ("block_sender_info", {"order": "age"}, ["order", "age"]),
    "unknown gather": ("settings_info", {"gather": ["everything"]}, ["gather", "everything"]),
}


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_documents(account: Account, tmp_path: Path, check: bool) -> None:
    # In check mode the same code refuses: a few of each kind show it.
    names = list(_DOCUMENTS)[:: 8 if check else 1]
    steps = [Step(name, "settings", _DOCUMENTS[name][0], check=check) for name in names]
    _assert_refused(account, tmp_path, steps, {name: _DOCUMENTS[name][1] for name in names})


def test_entries(account: Account, tmp_path: Path) -> None:
    steps = [Step(name, module, args) for name, (module, args, _unused) in _ENTRIES.items()]
    _assert_refused(account, tmp_path, steps, {name: texts for name, (_unused, _unused, texts) in _ENTRIES.items()})


def _assert_refused(account: Account, folder: Path, steps: list[Step], messages: dict[str, list[str]]) -> None:
    run = run_steps(account, folder, steps)
    wrong: list[str] = []
    for outcome in run:
        name = outcome.step.name
        if not outcome.failed:
            wrong.append(f"{name}: was not refused")
        if outcome.requests:
            wrong.append(f"{name}: {len(outcome.requests)} requests")
        wrong += [f"{name}: {text!r} is not in: {outcome.msg}" for text in messages[name] if text not in outcome.msg]
        if "Traceback" in outcome.stdout:
            wrong.append(f"{name}: a traceback was printed")
    assert wrong == []
