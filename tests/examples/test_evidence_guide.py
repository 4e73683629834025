# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to evidence, followed: its commands say what it says they say, and send nothing but GET."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from examples.reader import Reader, of_account
from modules.samples import policy, sender
from simulator.handle import Account

_DOCUMENT = "docs/evidence.md"


def _mail(count: int, author: str, disposition: str = "NONE", **said: Any) -> list[dict[str, Any]]:
    return [{"from": author, "final_disposition": disposition, "properties": said}] * count


def test_the_guide(account: Account, tmp_path: Path) -> None:
    account.put(
        {
            "allow_policies": [policy("billing@used.example", pattern_type="EMAIL"), policy("forgotten.example")],
            "block_senders": [sender("old.example")],
        }
    )
    account.put_messages(
        *_mail(7, "billing@used.example", allowlisted_pattern="billing@used.example"),
        *_mail(2, "a@old.example", "MALICIOUS", blocklisted_pattern="old.example"),
        *_mail(12, "offers@shop.example"),
        *_mail(3, "billing@partner.example", "MALICIOUS"),
        *_mail(1, "billing@partner.example"),
    )
    before = account.state()
    with Reader(tmp_path, of_account(account)) as reader:
        steps = reader.follow(_DOCUMENT, {})

        shown = next(steps).ok().output
        assert "billing@used.example: used, 7 messages" in shown
        assert "forgotten.example: unused, 0 messages, the last one at no time" in shown
        assert "1 requests for mail" in shown

        next(steps).ok()
        plan = (reader.folder / "plan.md").read_text(encoding="utf-8")
        for sentence in (
            "It would have stopped 12 messages from 1 sender since",
            "12 of them clean.",
            "medium risk, <code>block_hits_clean_mail</code>",
            "It would have let 3 malicious messages through, of 4 messages from 1 sender since",
            "high risk, <code>allow_passes_malicious</code>",
            "It decided 2 messages since",
        ):
            assert sentence in plan

        next(steps).ok()
        (audited,) = json.loads((reader.folder / "audit/audit.json").read_text(encoding="utf-8"))["accounts"]
        assert {one["label"]: one["status"] for one in audited["usage"]["entries"]} == {
            "billing@used.example EMAIL": "used",
            "forgotten.example DOMAIN": "unused",
        }
        assert audited["rules"]["unused_exception"]["low"] == 1

        assert next(steps).ok().changed == [1]
        (proposed,) = yaml.safe_load((reader.folder / "unused.yml").read_text(encoding="utf-8"))["allow_policies"]
        assert proposed["pattern"] == "forgotten.example"
        assert next(steps, None) is None, "the guide has a command that this test does not expect"
    assert account.state() == before
    assert {request["method"] for request in account.requests()} == {"GET"}
