# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people read when credentials or the connection are wrong: one sentence that says what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modules.playbook import Step, options, run_steps
from modules.samples import sender
from simulator.handle import Account, Simulator

_SENDER = {"pattern": "x.example", "pattern_type": "DOMAIN"}
_LOOK = "block_sender_info"


def test_nothing_is_sent_with_options_that_cannot_be_right(account: Account, tmp_path: Path) -> None:
    """The message names the option, and the environment variable where there is one."""
    token = {"api_token": account.token}
    cases: dict[str, tuple[dict[str, Any], list[str]]] = {
        "no credentials": ({}, ["credentials are missing", "api_token", "CLOUDFLARE_API_TOKEN"]),
        "empty token": ({"api_token": ""}, ["credentials are missing", "api_token"]),
        "no e-mail": ({"api_key": "k"}, ["api_email is missing", "CLOUDFLARE_EMAIL"]),
        "no key": ({"api_email": "a@example.com"}, ["api_key is missing", "CLOUDFLARE_API_KEY"]),
        "no account": ({**token, "account_id": ""}, ["account_id is empty", "CLOUDFLARE_ACCOUNT_ID"]),
        "account's name": ({**token, "account_id": "My Company"}, ["account_id must be the id", "32 hexadecimal"]),
        "http": ({**token, "base_url": "http://api.example/client/v4"}, ["base_url must be https"]),
        "http, much like this machine": (
            {**token, "base_url": "http://127.0.0.1.example/client/v4"},
            ["base_url must be https"],
        ),
        "no URL": ({**token, "base_url": "api.example"}, ["base_url must be a URL"]),
        "credentials in the URL": ({**token, "base_url": "https://me:pw@api.example"}, ["base_url must not hold"]),
        "no such bundle": ({**token, "ca_path": "/no/such/bundle.pem"}, ["ca_path", "/no/such/bundle.pem"]),
        "no time": ({**token, "timeout": 0}, ["timeout must be"]),
    }
    connection = {"account_id": account.id, "base_url": account.base_url}
    steps = [Step(name, _LOOK, args) for name, (args, _unused) in cases.items()]
    run = run_steps(account, tmp_path, steps, connection=connection)
    for outcome in run:
        assert outcome.failed
        assert not outcome.requests
        assert outcome.returned["error"]["type"] == "InputError"
        for text in cases[outcome.step.name][1]:
            assert text in outcome.msg, outcome.msg


def test_what_the_api_does_not_allow(account: Account, tmp_path: Path, simulator: Simulator) -> None:
    unknown = "0" * 32
    cases: dict[str, tuple[str, dict[str, Any], list[str]]] = {
        "wrong token": (_LOOK, {"api_token": "no-such-token"}, ["credentials are wrong", "Cloud Email Security: Read"]),
        "wrong key": (
            _LOOK,
            {"api_token": "", "api_key": "no-such-key", "api_email": account.email},
            ["credentials are wrong"],
        ),
        "read-only token": (
            "block_sender",
            {**_SENDER, "api_token": account.read_token},
            ["block_sender (x.example DOMAIN)", "Cloud Email Security: Write"],
        ),
        "read-only token, settings": (
            "settings",
            {"block_senders": [sender("x.example"), sender("y.example")], "api_token": account.read_token},
            ["Cloud Email Security: Write"],
        ),
        "read-only token, check": ("block_sender", {**_SENDER, "api_token": account.read_token}, []),
        "wrong account": (_LOOK, {"account_id": unknown}, ["does not know this account", "Check account_id"]),
        "wrong account, by id": (_LOOK, {"account_id": unknown, "id": "7"}, ["does not know this account"]),
        "unreachable": (
            _LOOK,
            {"base_url": "http://127.0.0.1:1/client/v4", "retry_timeout": 0},
            ["got no answer", "Connection refused", "retry_timeout"],
        ),
        "not entitled": (_LOOK, {}, ["not entitled", "subscription"]),
    }
    steps = [
        Step(
            name,
            module,
            args,
            check=name.endswith("check"),
            control=[options(entitled=False)] if name == "not entitled" else [],
        )
        for name, (module, args, _unused) in cases.items()
    ]
    simulator.known_accounts_only(True)
    try:
        run = run_steps(account, tmp_path, steps)
    finally:
        simulator.known_accounts_only(False)
    for outcome in run:
        name = outcome.step.name
        assert outcome.failed is (name != "read-only token, check"), f"{name}: {outcome.msg}"
        for text in cases[name][2]:
            assert text in outcome.msg, f"{name}: {outcome.msg}"
        assert "Traceback" not in outcome.stdout
        assert len(outcome.msg) < 500, outcome.msg
    assert run["not entitled"].state["block_senders"] == []
    assert run["read-only token"].returned["error"]["http_status"] == 403
    assert run["read-only token"].returned["error"]["cf_ray"]
