# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens, keys and the e-mail address that belongs to a key appear nowhere, whichever way a task's outcome takes.

Not on the screen at -vvvv, in a result, a failure or a diff, nor in what callbacks, logs, caches and the journal get.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hostile.channels import Channels, assert_nowhere
from modules.entry_points import SWITCH
from modules.playbook import Run, Step, faults, options, play, put, run_steps
from modules.samples import person
from modules.scenario import REFUSED, Document
from modules.scenarios.jobs import ARGS, AT_ONCE, BULK, BULK_INFO, REPORT_INFO
from modules.scenarios.mail import ACTIONS, BY_ID, FILES, FIRST, SEARCHES
from modules.scenarios.table import DOCUMENT_READERS, EVIDENCE, READS, WRITES
from simulator.handle import Account
from unit.servers import Server

_TOKEN = "canary-token-4f1d9c02"
_KEY = "canary-key-77ab3e51"
_EMAIL = "canary@example.com"
_WRONG = "canary-wrong-0d8e6a39"
_CREDENTIALS = {"tokens": {_TOKEN: "write"}, "keys": {_EMAIL: _KEY}}
_SECRETS = (_TOKEN, _KEY, _WRONG, _EMAIL)
# Ansible hands a task's options as the playbook says them to callbacks, one of which writes them down. So playbooks say
# where a secret is, as they should.
_VARIABLES = {"CANARY_TOKEN": _TOKEN, "CANARY_KEY": _KEY, "CANARY_EMAIL": _EMAIL, "CANARY_WRONG": _WRONG}
_LOUD = ("-vvvv", "--diff")
_PLUGINS = Path(__file__).resolve().parents[2] / "plugins" / "modules"
MODULES = {file.stem for file in _PLUGINS.glob("*.py") if file.stem != "__init__"}
ENTRY_POINTS = pytest.mark.parametrize(
    "fast",
    [True, pytest.param(False, marks=pytest.mark.thorough)],
    ids=["in Ansible's process", "in a module's process"],
)


def _said(text: str) -> str:
    """A text as a playbook says it: with a lookup in place of each secret."""
    for variable, secret in _VARIABLES.items():
        text = text.replace(secret, "{{ lookup('ansible.builtin.env', '" + variable + "') }}")
    return text


def _steps(authentication: Mapping[str, Any]) -> list[Step]:
    """Every module: in check mode, for real, refused, and with a token that is wrong."""
    steps: list[Step] = []
    wrong = {"api_token": _said(_WRONG)}
    for module, scenario in WRITES.items():
        args = {**scenario.steps["create"].args, **authentication}
        steps += [
            Step(f"{module}, check", module, args, check=True, control=[put(scenario.before)]),
            Step(f"{module}, real", module, args),
            Step(
                f"{module}, refused",
                module,
                {**scenario.refused, **authentication},
                control=[options(refused_texts=[REFUSED])],
            ),
            Step(f"{module}, wrong", module, {**args, **wrong}),
        ]
    for module in [*READS, *DOCUMENT_READERS, EVIDENCE]:
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
    reads |= {BY_ID: some, BULK_INFO: {}, REPORT_INFO: {}, **dict.fromkeys(FILES, to_file)}
    steps: list[Step] = []
    for module, scenario in ACTIONS.items():
        args = {**scenario.args, **some}
        steps += [
            Step(f"{module}, check", module, args, check=True, control=scenario.before),
            Step(f"{module}, real", module, args),
            Step(f"{module}, wrong", module, {**args, "api_token": _said(_WRONG)}),
        ]
    steps += [
        Step(f"{BULK}, check", BULK, ARGS, check=True, control=AT_ONCE),
        Step(f"{BULK}, real", BULK, ARGS),
        Step(f"{BULK}, wrong", BULK, {**ARGS, "api_token": _said(_WRONG)}),
    ]
    for module, args in reads.items():
        steps += [
            Step(f"{module}, real", module, args, control=ACTIONS["message_move"].before),
            Step(f"{module}, wrong", module, {**args, "api_token": _said(_WRONG)}),
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
        Step("bad URL", "settings", {**args, "base_url": _said(f"https://{secret}@api.example/")}),
        Step("bad characters", "settings", {**args, "api_token": _said(f"{_WRONG} and more")}),
        Step("bad option", "settings", {**args, "api_tokn": "x", "purge_limit": "many"}),
    ]


def _run(
    account: Account,
    folder: Path,
    steps: list[Step],
    *,
    fast: bool,
    connection: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Run the steps with every channel open, and find no secret in any of them."""
    channels = Channels(folder / "channels", fast=fast, callbacks=["step_recorder"])
    run = play(
        account,
        folder / "run",
        steps,
        connection,
        {**channels.environment, **_VARIABLES, **(environment or {})},
        _LOUD,
    )
    texts = channels.texts()
    assert_nowhere(
        _SECRETS,
        {
            "stdout": run.stdout,
            "stderr": run.stderr,
            "results": json.dumps([outcome.result for outcome in run]),
            **texts,
        },
    )
    last = steps[-1].name
    for place in ("ansible.log", "dump.jsonl"):
        assert last in texts[place], f"{place} does not hold the whole run"
    by_module = [bool(outcome.commands) for outcome in run]
    assert not all(by_module) if fast else all(by_module), "it went through the other entry point"
    return run


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


def test_no_module_is_forgotten() -> None:
    assert {step.module for step in [*_steps({}), *_mail_steps()]} == MODULES
    for ending in ("real", "wrong"):
        assert {step.module for step in [*_steps({}), *_mail_steps()] if step.name.endswith(ending)} == MODULES


@ENTRY_POINTS
def test_a_token_given_as_an_option(guarded: Account, tmp_path: Path, fast: bool) -> None:
    connection = {"account_id": guarded.id, "base_url": guarded.base_url}
    run = _run(guarded, tmp_path, _steps({"api_token": _said(_TOKEN)}), fast=fast, connection=connection)
    _assert_as_meant(run)
    kinds = {request["credential"] for outcome in run for request in outcome.requests}
    assert kinds == {"token"}


@ENTRY_POINTS
def test_key_and_email_given_as_options(guarded: Account, tmp_path: Path, fast: bool) -> None:
    connection = {
        "account_id": guarded.id,
        "base_url": guarded.base_url,
        "api_key": _said(_KEY),
        "api_email": _said(_EMAIL),
    }
    run = _run(guarded, tmp_path, [*_steps({}), *_broken(_KEY)], fast=fast, connection=connection)
    _assert_as_meant(run)
    kinds = {request["credential"] for outcome in run for request in outcome.requests}
    # Steps with a token that is wrong send that.
    assert kinds == {"key", "token"}


@ENTRY_POINTS
def test_modules_about_messages(guarded: Account, tmp_path: Path, fast: bool) -> None:
    connection = {
        "account_id": guarded.id,
        "base_url": guarded.base_url,
        "api_key": _said(_KEY),
        "api_email": _said(_EMAIL),
    }
    run = _run(guarded, tmp_path, _mail_steps(), fast=fast, connection=connection)
    _assert_as_meant(run)
    files = [file.read_bytes() for file in (tmp_path / "run" / "saved").iterdir()]
    assert files
    assert [secret for secret in _SECRETS for content in files if secret.encode() in content] == []


@pytest.mark.parametrize("given", ["token", "key and e-mail"])
@ENTRY_POINTS
def test_given_by_the_environment(given: str, guarded: Account, tmp_path: Path, fast: bool) -> None:
    environment = {"CLOUDFLARE_ACCOUNT_ID": guarded.id, "CLOUDFLARE_BASE_URL": guarded.base_url}
    environment |= (
        {"CLOUDFLARE_API_TOKEN": _TOKEN}
        if given == "token"
        else {"CLOUDFLARE_API_KEY": _KEY, "CLOUDFLARE_EMAIL": _EMAIL}
    )
    if given == "token":
        steps = _broken(_TOKEN)
    else:
        expected = ("settings, ", "domain_info, ", "block_sender, ")
        steps = [step for step in _steps({}) if step.name.startswith(expected)]
    run = _run(guarded, tmp_path, steps, fast=fast, connection={}, environment=environment)
    _assert_as_meant(run)
    assert any(outcome.requests for outcome in run)


@ENTRY_POINTS
def test_spaces_around_a_credential_hide_nothing(guarded: Account, tmp_path: Path, fast: bool) -> None:
    """They are not sent, and so are not part of what a server quotes."""
    quoted = {"kind": "status_before", "arguments": {"status": 400, "message": f"bad credential {_TOKEN}"}}
    step = Step("quoted", "domain_info", control=[faults({"times": None, **quoted})])
    environment = {"CLOUDFLARE_API_TOKEN": f" {_TOKEN}\n"}
    connection = {"account_id": guarded.id, "base_url": guarded.base_url}
    run = _run(guarded, tmp_path, [step], fast=fast, connection=connection, environment=environment)
    assert "bad credential ****" in run["quoted"].msg


@ENTRY_POINTS
def test_what_an_account_holds_is_not_censored(guarded: Account, tmp_path: Path, fast: bool) -> None:
    """Whoever runs this may be protected against impersonation too, and an export with asterisks would be applied."""
    comments = f"{_EMAIL} asked for it"
    jane = person("Ops", _EMAIL, comments=comments)
    guarded.put({"impersonation_registry": [jane]})
    connection = {"account_id": guarded.id, "base_url": guarded.base_url, "api_key": _KEY, "api_email": _EMAIL}
    document = {"impersonation_registry": [{**jane, "comments": f"{_EMAIL} asked again"}]}
    steps = [
        Step("one", "impersonation_registry_entry_info"),
        Step("document", "settings_info"),
        Step("change", "settings", document, diff=True),
        Step("entry", "impersonation_registry_entry", {**jane, "comments": comments}, diff=True),
    ]
    run = play(guarded, tmp_path / "run", steps, connection, {SWITCH: str(fast).lower()}, _LOUD)
    assert [outcome.msg for outcome in run if outcome.failed] == []
    (found,) = run["one"].returned["impersonation_registry"]
    assert (found["email"], found["comments"]) == (_EMAIL, comments)
    (found,) = run["document"].returned["settings"]["impersonation_registry"]
    assert (found["email"], found["comments"]) == (_EMAIL, comments)
    (change,) = run["change"].returned["changes"]
    assert (change["before"]["comments"], change["after"]["comments"]) == (comments, f"{_EMAIL} asked again")
    assert f"{_EMAIL} asked again" in json.dumps(run["change"].result["diff"])
    assert run["entry"].returned["entry"]["email"] == _EMAIL
    (kept,) = guarded.state()["impersonation_registry"]
    assert (kept["email"], kept["comments"]) == (_EMAIL, comments)
    # Where it is the credential, it is hidden all the same.
    for outcome in run:
        given = outcome.result["invocation"]["module_args"]
        assert (given["api_email"], given["api_key"]) == (("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",) * 2)


@ENTRY_POINTS
def test_no_module_follows_a_redirect(guarded: Account, tmp_path: Path, fast: bool) -> None:
    """Another host hears nothing at all: not from a read, not from a write, not from a search that is polled."""
    connection = {"account_id": guarded.id, "base_url": guarded.base_url, "api_token": _TOKEN}
    steps = [step for step in [*_steps({}), *_mail_steps()] if step.name.endswith("real")]
    with Server() as lure:
        away = faults({"kind": "redirect", "times": None, "arguments": {"location": f"{lure.url}/take"}})
        poll = faults({"kind": "foreign_202", "times": None, "arguments": {"location": f"{lure.url}/take"}})
        clear = ("DELETE", "/faults", None)
        sent = [Step(step.module, step.module, step.args, control=[clear, *step.control, away]) for step in steps]
        sent += [Step("polled", "investigate_info", {"retry_timeout": 0}, control=[clear, poll])]
        run = play(guarded, tmp_path / "run", sent, connection, {SWITCH: str(fast).lower()})
        assert lure.seen == []
    for outcome in run:
        assert outcome.failed, outcome.step.name
        assert outcome.requests, outcome.step.name
        assert "redirected to" in outcome.msg or "Credentials are not sent there" in outcome.msg, outcome.msg


@ENTRY_POINTS
def test_the_password_of_a_proxy_is_not_shown(guarded: Account, tmp_path: Path, fast: bool) -> None:
    password = "canary-proxy-91c2"
    connection = {"account_id": guarded.id, "base_url": "https://api.example/client/v4", "api_token": _said(_TOKEN)}
    with Server() as proxy:
        proxy.reply = (407, {"Connection": "close"}, b"")
        url = proxy.url.replace("//", f"//someone:{password}@")
        steps = [
            Step("refused", "domain_info", {"retry_timeout": 0}),
            Step("settings", "settings_info", {"retry_timeout": 0}),
        ]
        channels = Channels(tmp_path / "channels", fast=fast, callbacks=["step_recorder"])
        environment = {**channels.environment, **_VARIABLES, "https_proxy": url, "no_proxy": "127.0.0.1"}
        run = play(guarded, tmp_path / "run", steps, connection, environment, _LOUD)
        assert len(proxy.seen) == 2, "the proxy was not used"
        assert not [headers for _method, _path, headers in proxy.seen if _TOKEN in str(headers)]
    assert "through the proxy" in run["refused"].msg
    assert_nowhere([password, _TOKEN], {"stdout": run.stdout, "stderr": run.stderr, **channels.texts()})


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
