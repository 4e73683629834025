# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``policy_usage_info`` as a task: what it returns, with a token that may only read, by both dates of the API."""

from __future__ import annotations

from pathlib import Path

from modules import returns
from modules.in_process import NEWEST, both_dates
from modules.playbook import Step, put, run_steps
from modules.samples import policy, sender
from modules.scenarios.mail import put_mail
from modules.scenarios.table import EVIDENCE
from simulator.handle import Account

_SETTINGS = put(
    {
        "allow_policies": [policy("partner.example"), policy("same.example"), policy("same.example", is_regex=True)],
        "block_senders": [sender("phish.example")],
    }
)
_MAIL = put_mail(
    {"final_disposition": "NONE", "properties": {"allowlisted_pattern": "partner.example"}},
    {"final_disposition": "BULK", "properties": {"allowlisted_pattern": "same.example"}},
)


@both_dates
def test_module(account: Account, tmp_path: Path) -> None:
    reader = {"api_token": account.read_token, "since": "7d"}
    run = run_steps(
        account,
        tmp_path,
        [
            Step("usage", EVIDENCE, reader, control=[_SETTINGS, _MAIL]),
            Step("in check mode", EVIDENCE, reader, check=True),
            Step("blocked senders", EVIDENCE, {"gather": ["block_senders"], "max_requests": 5}),
            Step("refused", EVIDENCE, {"api_token": "not-the-token"}),
        ],
    )
    for outcome in run:
        assert not outcome.changed
        assert not outcome.writes
        assert outcome.failed is (outcome.step.name == "refused"), outcome.msg
    found = {(item["pattern"], item["is_regex"]): item for item in run["usage"].returned["usage"]}
    assert {key: item["status"] for key, item in found.items()} == {
        ("partner.example", False): "used",
        ("same.example", False): "unknown",
        ("same.example", True): "unknown",
        ("phish.example", False): "unused",
    }
    assert run["in check mode"].returned["usage"] == run["usage"].returned["usage"]
    assert [item["list"] for item in run["blocked senders"].returned["usage"]] == ["block_senders"]
    assert run["blocked senders"].reads == ["settings/block_senders", "investigate"]
    if account.options()["api"] == NEWEST:
        assert returns.differences(returns.documented(EVIDENCE), run) == []
