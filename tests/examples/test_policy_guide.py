# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to policy as code, followed from its first line to its last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.documents import LEFT_OUT
from examples.reader import Reader, of_account
from examples.snippets import file_of
from simulator.handle import Account, Simulator

_DOCUMENT = "docs/policy_as_code.md"
_OLD: dict[str, Any] = {"pattern": "old.example", "pattern_type": "DOMAIN", "is_regex": False}


@pytest.fixture
def acme(simulator: Simulator) -> Iterator[Account]:
    """The account that the guide's inventory names, with something in it."""
    account = simulator.account("0123456789abcdef0123456789abcdef")
    account.forget()
    account.put({"block_senders": [_OLD]})
    yield account
    account.forget()


def _blocked(account: Account) -> set[str]:
    return {entry["pattern"] for entry in account.state()["block_senders"]}


def _writes(account: Account) -> list[str]:
    return [entry["path"] for entry in account.requests() if entry["method"] != "GET"]


def test_the_guide(acme: Account, tmp_path: Path) -> None:
    with Reader(tmp_path, {**of_account(acme), "CLOUDFLARE_ACCOUNT_ID": ""}) as reader:
        steps = reader.follow(_DOCUMENT, LEFT_OUT[_DOCUMENT])

        next(steps).ok()
        assert "old.example" in (reader.folder / "exported/acme/block_senders.yml").read_text()

        same = next(steps).ok()
        assert same.changed == [0]
        assert "block_senders: 1 unchanged" in same.output

        both = next(steps).ok()
        assert both.changed == [1, 1]
        assert "block_senders: 2 created" in both.output
        lookalike = r"(^|\.)acme-[a-z]+-login\.example$"
        assert _blocked(acme) == {"old.example", "phish.example", lookalike}

        acme.clear_requests()
        assert next(steps).ok().changed == [0]
        acme.put({})
        drifted = reader.type("ansible-playbook drift.yml -i inventory.yml --check --diff")
        assert drifted.returncode == 2
        assert "3 entries are not as written." in drifted.output
        assert _writes(acme) == []

        acme.put({"block_senders": [_OLD, {**_OLD, "pattern": "stale.example", "comments": "threat-feed: 1"}]})
        assert next(steps).ok().changed == [1]
        assert _blocked(acme) == {"old.example", "bad-1.example", "bad-2.example"}

        acme.clear_requests()
        assert next(steps).ok().changed == [1]
        assert _writes(acme) == []
        assert next(steps, None) is None, "the guide has a command that this test does not expect"

        # What the guide shows and no command of its own uses: purge, a token for each host, another policy file, a CSV.
        apply = "ansible-playbook cloudflare.email_security.apply -i inventory.yml"
        reader.type("unset CLOUDFLARE_API_TOKEN")
        assert "credentials are missing" in reader.type(apply).output
        reader.type(f"export ACME_TOKEN={acme.token}")
        reader.type(apply).ok()
        assert _blocked(acme) == {"phish.example", lookalike}
        reader.type(f'{apply} -e \'{{"email_security_policy_files": ["policies/temporary.yml"]}}\'').ok()
        assert {entry["pattern"] for entry in acme.state()["allow_policies"]} == {"events@conference.example"}
        reader.write("senders.csv", "Blocked Sender,Blocked Sender Type,Is Regex,Notes\ncsv.example,DOMAIN,false,CSV\n")
        reader.type(f"{apply} -e @with_csv.yml").ok()
        assert "csv.example" in _blocked(acme)


def test_an_exception_of_the_guide_ends(acme: Account, tmp_path: Path) -> None:
    over = file_of(_DOCUMENT, "policies/temporary.yml").replace('"2035-06-30"', '"2025-06-30"')
    with Reader(tmp_path, of_account(acme)) as reader:
        reader.write("policy.yml", over.replace("events@", "old@"))
        apply = (
            "ansible-playbook cloudflare.email_security.apply -i localhost, -e email_security_policy_files=policy.yml"
        )
        assert "1 expired" in reader.type(apply).ok().output
        assert acme.state()["allow_policies"] == []
