# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens and keys appear nowhere: not in what is printed at -vvvv, not in a result, not in a failure or a diff."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from modules.playbook import Run, Step, faults, put, run_steps
from modules.scenario import Document
from modules.scenarios.mail import ACTIONS, BY_ID, FILES, FIRST, SEARCHES
from modules.scenarios.table import DOCUMENT_READERS, READS, WRITES
from simulator.handle import Account

_TOKEN = "canary-token-4f1d9c02"
_KEY = "canary-key-77ab3e51"
_EMAIL = "canary@example.com"
_WRONG = "canary-wrong-0d8e6a39"
_CREDENTIALS = {"tokens": {_TOKEN: "write"}, "keys": {_EMAIL: _KEY}}
_SECRETS = (_TOKEN, _KEY, _WRONG)
_LOUD = ("-vvvv", "--diff")


def _steps(authentication: Mapping[str, Any]) -> list[Step]:
    """Every module: in check mode, for real, refused, and with a token that is wrong."""
    steps: list[Step] = []
    wrong = {"api_token": _WRONG}
    for module, scenario in WRITES.items():
        args = {**scenario.steps["create"].args, **authentication}
        steps += [
            Step(f"{module}, check", module, args, check=True, control=[put(scenario.before)]),
            Step(f"{module}, real", module, args),
            Step(f"{module}, refused", module, {**scenario.refused, **authentication}),
            Step(f"{module}, wrong", module, {**args, **wrong}),
        ]
    for module in [*READS, *DOCUMENT_READERS]:
        steps += [
            Step(f"{module}, real", module, authentication),
            Step(f"{module}, wrong", module, {**authentication, **wrong}),
        ]
    return steps


def _mail_steps() -> list[Step]:
    """The modules about messages, likewise."""
    some = {"investigate_ids": [FIRST]}
    to_file = {**some, "dest": "{{ playbook_dir }}/saved/"}
    reads: dict[str, dict[str, Any]] = {name: {} for name in SEARCHES}
    reads |= {BY_ID: some, **dict.fromkeys(FILES, to_file)}
    steps: list[Step] = []
    for module, scenario in ACTIONS.items():
        args = {**scenario.args, **some}
        steps += [
            Step(f"{module}, check", module, args, check=True, control=scenario.before),
            Step(f"{module}, real", module, args),
            Step(f"{module}, wrong", module, {**args, "api_token": _WRONG}),
        ]
    for module, args in reads.items():
        steps += [
            Step(f"{module}, real", module, args, control=ACTIONS["message_move"].before),
            Step(f"{module}, wrong", module, {**args, "api_token": _WRONG}),
        ]
    return steps


def _broken(secret: str) -> list[Step]:
    """Failures of all sorts: a server that never answers, quotes the credential, or sends the client elsewhere."""
    before: Document = WRITES["settings"].before
    args = WRITES["settings"].steps["create"].args
    quote = f"Invalid credential {secret}"
    always: dict[str, Any] = {"times": None}

    def broken(name: str, fault: Mapping[str, Any], module: str = "settings") -> Step:
        return Step(
            name,
            module,
            {**(args if module == "settings" else {}), "retry_timeout": 0},
            control=[put(before), ("DELETE", "/faults", None), faults({**always, **fault})],
        )

    unreachable = {"base_url": "http://127.0.0.1:1/client/v4", "retry_timeout": 0}
    return [
        broken("no answer to a read", {"kind": "cut_before"}),
        broken("no answer to a read, info", {"kind": "cut_before"}, "settings_info"),
        broken("no answer to a write, real", {"kind": "cut_after", "method": "POST", "times": 1, "after": 1}),
        broken("quoted, 403", {"kind": "status_before", "arguments": {"status": 403, "message": quote}}),
        broken("quoted, 400", {"kind": "status_before", "arguments": {"status": 400, "message": quote}}),
        broken("elsewhere", {"kind": "redirect", "arguments": {"location": f"https://elsewhere.example/?{secret}"}}),
        broken("not JSON", {"kind": "html_200"}),
        Step("unreachable", "settings", {**args, **unreachable}),
        Step("unreachable, info", "domain_info", unreachable),
        Step("bad URL", "settings", {**args, "base_url": f"https://{secret}@api.example/"}),
        Step("bad characters", "settings", {**args, "api_token": f"{_WRONG} and more"}),
        Step("bad option", "settings", {**args, "api_tokn": "x", "purge_limit": "many"}),
    ]


def _assert_no_secret(run: Run, folder: Path) -> None:
    everything = {
        "stdout": run.stdout,
        "stderr": run.stderr,
        "results": json.dumps([outcome.result for outcome in run]),
    }
    # Where Ansible keeps files of its own, a module's or a callback's would be seen.
    left = [file for file in (folder / "ansible").rglob("*") if file.is_file()]
    everything |= {str(file): file.read_text(encoding="utf-8", errors="replace") for file in left}
    for place, text in everything.items():
        for secret in _SECRETS:
            assert secret not in text, f"{secret} is in {place}: …{text[max(0, text.find(secret) - 300) :][:400]}"


def _assert_as_meant(run: Run) -> None:
    """Credentials that nothing was done with would prove nothing."""
    for outcome in run:
        name = outcome.step.name
        assert outcome.failed is not name.endswith(("check", "real")), f"{name}: {outcome.msg}"
        if name.endswith("wrong"):
            assert "credentials are wrong" in outcome.msg, f"{name}: {outcome.msg}"
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in run.stdout


@pytest.fixture
def guarded(account: Account) -> Account:
    account.options(credentials=_CREDENTIALS)
    return account


@pytest.mark.parametrize("given", ["token", "key and e-mail"])
def test_given_as_options(given: str, guarded: Account, tmp_path: Path) -> None:
    connection = {"account_id": guarded.id, "base_url": guarded.base_url}
    if given == "token":
        steps = _steps({"api_token": _TOKEN})
    else:
        connection |= {"api_key": _KEY, "api_email": _EMAIL}
        steps = _broken(_KEY)
    run = run_steps(guarded, tmp_path, steps, connection=connection, arguments=_LOUD)
    _assert_as_meant(run)
    _assert_no_secret(run, tmp_path)
    kinds = {request["credential"] for outcome in run for request in outcome.requests}
    assert kinds == {"token" if given == "token" else "key"}


def test_modules_about_messages(guarded: Account, tmp_path: Path) -> None:
    connection = {"account_id": guarded.id, "base_url": guarded.base_url, "api_token": _TOKEN}
    run = run_steps(guarded, tmp_path, _mail_steps(), connection=connection, arguments=_LOUD)
    _assert_as_meant(run)
    _assert_no_secret(run, tmp_path)
    saved = [file for file in (tmp_path / "saved").iterdir() if _TOKEN.encode() in file.read_bytes()]
    assert saved == []
    assert {request["credential"] for outcome in run for request in outcome.requests} == {"token"}


@pytest.mark.parametrize("given", ["token", "key and e-mail"])
def test_given_by_the_environment(given: str, guarded: Account, tmp_path: Path) -> None:
    environment = {"CLOUDFLARE_ACCOUNT_ID": guarded.id, "CLOUDFLARE_BASE_URL": guarded.base_url}
    environment |= (
        {"CLOUDFLARE_API_TOKEN": _TOKEN}
        if given == "token"
        else {"CLOUDFLARE_API_KEY": _KEY, "CLOUDFLARE_EMAIL": _EMAIL}
    )
    if given == "token":
        steps = _broken(_TOKEN)
    else:
        wanted = ("settings, ", "domain_info, ", "block_sender, ")
        steps = [step for step in _steps({}) if step.name.startswith(wanted)]
    run = run_steps(guarded, tmp_path, steps, connection={}, environment=environment, arguments=_LOUD)
    _assert_as_meant(run)
    _assert_no_secret(run, tmp_path)
    assert any(outcome.requests for outcome in run)


def test_a_token_wins_over_key_and_email(guarded: Account, tmp_path: Path) -> None:
    environment = {"CLOUDFLARE_API_TOKEN": _TOKEN}
    key = {"api_key": "a-key-that-is-wrong", "api_email": _EMAIL}
    connection = {"account_id": guarded.id, "base_url": guarded.base_url, **key}
    steps = [
        Step("token from the environment", "domain_info"),
        Step("token that is wrong", "domain_info", {"api_token": _WRONG, "api_key": _KEY}),
    ]
    run = run_steps(guarded, tmp_path, steps, connection=connection, environment=environment)
    assert not run["token from the environment"].failed
    assert run["token that is wrong"].failed
    assert {request["credential"] for outcome in run for request in outcome.requests} == {"token"}
