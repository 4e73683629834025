# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fast path and the module: which of them runs a task, and that the result does not show it."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from examples.snippets import plugins
from modules.entry_points import SWITCH
from modules.forwarder import Forwarder
from modules.playbook import SPELLINGS, Step, faults, options, play, put, run_steps_twice
from modules.samples import sender
from modules.scenario import REFUSED, REQUIRED_STEPS
from modules.scenarios.jobs import ARGS, AT_ONCE, BULK, BULK_INFO, REPORT, REPORT_INFO
from modules.scenarios.mail import ACTIONS, BY_ID, FILES, FIRST, SEARCHES, SECOND, THIRD, WHOLE, put_mail
from modules.scenarios.table import READS, WRITES
from simulator.handle import Account

_MODULE = "block_sender"
_ENTRY = sender("x.example")
_VARIABLE = "cloudflare_email_security_fast_path"


def _script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_who_does_a_task(account: Account, tmp_path: Path) -> None:
    """The fast path is taken where it means the same, and only there."""
    python = _script(tmp_path / "python", f'exec "{sys.executable}" "$@"')
    # In place of sudo, which a machine may lack: the same user, but by way of become.
    become = _script(tmp_path / "become", 'until [ "$2" = -c ]; do shift; done\nexec "$@"')
    (tmp_path / "connection").mkdir()
    (tmp_path / "connection" / "elsewhere.py").write_text(_CONNECTION, encoding="utf-8")
    here: dict[str, dict[str, Any]] = {
        "plainly": {},
        "delegated to this machine": {"delegate_to": "localhost"},
        "same Python": {"vars": {"ansible_python_interpreter": sys.executable}},
        "a variable of the environment that is read": {"environment": {"CLOUDFLARE_API_TOKEN": account.token}},
        "with a loop": {"loop": [1, 2]},
        "with retries": {"until": "true", "retries": 2},
        "without a log": {"no_log": True},
    }
    elsewhere: dict[str, dict[str, Any]] = {
        "another user": {"become": True, "vars": {"ansible_become_exe": become}},
        "asynchronous": {"async": 60, "poll": 1},
        "asynchronous, in a loop": {"async": 60, "poll": 1, "loop": [1]},
        "another connection": {"vars": {"ansible_connection": "elsewhere"}},
        "another Python": {"vars": {"ansible_python_interpreter": python}},
        "another Python of the delegate": {
            "delegate_to": "localhost",
            "vars": {"ansible_python_interpreter": python},
        },
        "switched off": {"vars": {_VARIABLE: False}},
        "switched off by the task's environment": {"environment": {SWITCH: "0"}},
        "another variable of the environment": {"environment": {"LC_TIME": "C"}},
    }
    steps = [Step(name, _MODULE, _ENTRY, keywords=keywords) for name, keywords in here.items()]
    steps += [Step(name, _MODULE, _ENTRY, keywords=keywords, hands_over=True) for name, keywords in elsewhere.items()]
    nobody = {"investigate_ids": ["nobody"]}
    steps += [
        Step("relative path", "message_raw", {**nobody, "dest": "saved/"}, hands_over=True),
        Step("absolute path", "message_raw", {**nobody, "dest": "{{ playbook_dir }}/saved/"}),
    ]
    environment = {
        "ANSIBLE_CONNECTION_PLUGINS": str(tmp_path / "connection"),
        "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
    }
    run = run_steps_twice(account, _folder(tmp_path), steps, environment=environment)
    assert run.fast is not None
    assert {name: bool(run.fast[name].commands) for name in run.outcomes} == {
        step.name: step.hands_over for step in steps
    }
    for outcome in run:
        assert not outcome.failed, f"{outcome.step.name}: {outcome.msg}"
        assert outcome.requests, outcome.step.name


_CONNECTION = '''
from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = """
name: elsewhere
short_description: this machine, by another name
description: As local.
options: {}
extends_documentation_fragment: [connection_pipelining]
"""


class Connection(Local):
    transport = "elsewhere"
'''


@pytest.mark.thorough
def test_every_module_is_the_same_through_both(account: Account, tmp_path: Path) -> None:
    """One playbook with what each module does: in check mode, for real, again, and refused."""
    steps = [*_writing(), *_reading(), *_acting(), *_in_bulk(), *_saving(tmp_path / "saved")]
    assert sorted({step.module for step in steps}) == plugins("modules")
    run = run_steps_twice(account, _folder(tmp_path), [replace(step, name=str(n)) for n, step in enumerate(steps)])
    for outcome, step in zip(run, steps, strict=True):
        assert outcome.failed is (step.name == "refused"), f"{step.module}, {step.name}: {outcome.msg}"
        assert outcome.changed or step.name not in ("check", "real"), f"{step.module}, {step.name}"


_REFUSED = {"api_token": "not-the-token"}
# One at a time: concurrent reads end with the first refusal, and how many had gone out is chance.
_ONE = {"concurrency": 1}


def _writing() -> Iterator[Step]:
    for module, scenario in WRITES.items():
        before = [put(scenario.before)]
        for args in (scenario.steps[name].args for name in REQUIRED_STEPS):
            yield Step("check", module, args, check=True, diff=True, control=before)
            yield Step("real", module, args, diff=True)
            before = []
        yield Step("again", module, args, diff=True)
        yield Step("refused", module, scenario.refused, control=[options(refused_texts=[REFUSED])])


def _reading() -> Iterator[Step]:
    for module, read in READS.items():
        yield Step("read", module, read.steps[-1].args, control=[put({read.collection: read.before})])
        yield Step("refused", module, _REFUSED)
    yield Step("read", "settings_info", {"gather": ["block_senders", "domains"]})
    yield Step("refused", "settings_info", _REFUSED)
    yield Step("read", "policy_usage_info", {}, control=[put_mail(WHOLE)])
    yield Step("refused", "policy_usage_info", _REFUSED)
    for module, search in SEARCHES.items():
        yield Step("read", module, search.steps[0].args, control=search.before)
        yield Step("refused", module, _REFUSED)
    yield Step("read", BY_ID, {"investigate_ids": [FIRST, "nobody"]}, control=[put_mail(WHOLE)])
    yield Step("refused", BY_ID, {"investigate_ids": [FIRST], **_REFUSED})


def _acting() -> Iterator[Step]:
    for module, scenario in ACTIONS.items():
        args = {**scenario.args, "investigate_ids": [FIRST, SECOND, THIRD]}
        yield Step("check", module, args, check=True, control=scenario.before)
        yield Step("real", module, args)
        yield Step("again", module, args)
        yield Step("refused", module, {**args, **_REFUSED, **_ONE})


def _in_bulk() -> Iterator[Step]:
    yield Step("check", BULK, ARGS, check=True, control=AT_ONCE)
    yield Step("real", BULK, ARGS)
    yield Step("again", BULK, ARGS)
    yield Step("refused", BULK, {**ARGS, **_REFUSED})
    yield Step("read", BULK_INFO, {"status": "COMPLETED"})
    yield Step("refused", BULK_INFO, _REFUSED)
    yield Step("read", REPORT_INFO, control=REPORT)
    yield Step("refused", REPORT_INFO, _REFUSED)


def _saving(out: Path) -> Iterator[Step]:
    for module, scenario in FILES.items():
        (content, _bytes), *_others = scenario.versions
        args = {**scenario.args, "investigate_ids": [FIRST], "dest": str(out / module)}
        yield Step("check", module, args, check=True, control=[put_mail({"id": FIRST, scenario.content: content})])
        yield Step("real", module, args)
        yield Step("again", module, args)
        yield Step("refused", module, {**args, **_REFUSED, **_ONE})


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def test_without_requests_the_module_says_so(account: Account, tmp_path: Path) -> None:
    (tmp_path / "lacking").mkdir()
    (tmp_path / "lacking" / "requests.py").write_text("raise ImportError('none here')\n", encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(tmp_path / "lacking"), os.environ.get("PYTHONPATH", "")]))
    step = Step("no requests", _MODULE, _ENTRY, hands_over=True)
    run = run_steps_twice(account, _folder(tmp_path), [step], environment={"PYTHONPATH": path})
    assert "Failed to import the required Python library (requests)" in run["no requests"].msg


def test_the_switch(account: Account, tmp_path: Path) -> None:
    """The variable wins over the environment, and one that is neither on nor off is not guessed at."""
    steps = [
        Step("on", _MODULE, _ENTRY, keywords={"vars": {_VARIABLE: "yes"}}),
        Step("neither", _MODULE, _ENTRY, keywords={"vars": {_VARIABLE: "sometimes"}}),
    ]
    run = play(account, tmp_path, steps, environment={SWITCH: "false"})
    assert not run["on"].failed
    assert run["on"].commands == 0
    outcome = run["neither"]
    assert outcome.failed
    assert f"{_VARIABLE} must be true or false" in outcome.msg
    assert (outcome.requests, outcome.commands) == ([], 0)


def test_options_arrive_as_a_module_gets_them(account: Account, tmp_path: Path) -> None:
    """Whatever a template makes of them, and with no template in them evaluated twice."""
    comments: dict[str, Any] = {
        "number": 5,
        "number from a template": "{{ 5 }}",
        "truth": True,
        "nothing": None,
        "left out": "{{ omit }}",
        "unsafe": "{{ lookup('ansible.builtin.env', 'HOME') }}",
        "date": "{{ '2026-01-31 10:00:00' | to_datetime }}",
        "list": [1, 2],
        "tuple": "{{ (1, 2) }}",
        "mapping": {"a": 1},
        "a template": "{% raw %}{{ 7 * 7 }}{% endraw %}",
    }
    before = [put({"block_senders": []})]
    steps = [
        Step(name, _MODULE, {**_ENTRY, "comments": value}, control=before, diff=True, register=name.replace(" ", "_"))
        for name, value in comments.items()
    ]
    # The result is data when it is used again.
    again = {**_ENTRY, "comments": "{{ a_template.entry.comments }}"}
    steps += [
        Step("used again", _MODULE, again, control=before),
        Step("key=value", _MODULE, {}, keywords={"args": {**_ENTRY, "state": "absent"}}),
        Step("unknown option", _MODULE, {**_ENTRY, "patern": "x"}),
        Step("no choice", _MODULE, {**_ENTRY, "pattern_type": "MARS"}),
        Step("no number", _MODULE, {**_ENTRY, "timeout": "soon"}),
        Step("too many at a time", _MODULE, {**_ENTRY, "concurrency": 17}),
        Step("none at a time", _MODULE, {**_ENTRY, "concurrency": 0}),
    ]
    run = run_steps_twice(account, tmp_path, steps)
    sent = {
        outcome.step.name: [
            body["comments"] for method, _path, body in outcome.writes if method == "POST" and "comments" in body
        ]
        for outcome in run
        if outcome.writes
    }
    assert sent["number"] == sent["number from a template"] == ["5"]
    assert sent["a template"] == sent["used again"] == ["{{ 7 * 7 }}"]
    assert "concurrency must be" in run["too many at a time"].msg
    assert "concurrency must be" in run["none at a time"].msg


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_however_a_task_is_written(spelling: str, account: Account, tmp_path: Path) -> None:
    args = {**_ENTRY, "is_regex": "false"}
    steps = [Step("made", _MODULE, args, spelling=spelling), Step("again", _MODULE, args, spelling=spelling)]
    run = run_steps_twice(account, _folder(tmp_path), steps)
    assert [outcome.failed for outcome in run] == [False, False], run["made"].msg
    assert [outcome.changed for outcome in run] == [True, False]
    assert run["again"].returned["entry"]["pattern"] == _ENTRY["pattern"]


def test_options_out_of_a_vault(account: Account, tmp_path: Path) -> None:
    vault = VaultLib([("default", VaultSecret(b"password"))])
    (tmp_path / "password").write_text("password", encoding="utf-8")
    texts = {"vaulted_token": account.token, "vaulted_comments": "known to few"}
    encrypted = {name: vault.encrypt(text).decode().replace("\n", "\n  ") for name, text in texts.items()}
    lines = [f"{name}: !vault |\n  {text}\n" for name, text in encrypted.items()]
    (tmp_path / "vaulted.yml").write_text("".join(lines), encoding="utf-8")
    entry = {**_ENTRY, "comments": "{{ vaulted_comments }}"}
    run = run_steps_twice(
        account,
        _folder(tmp_path),
        [Step("made", _MODULE, entry, diff=True), Step("again", _MODULE, entry)],
        connection={
            "account_id": account.id,
            "base_url": account.base_url,
            "api_token": "{{ vaulted_token }}",
        },
        arguments=["-e", f"@{tmp_path}/vaulted.yml", "--vault-password-file", str(tmp_path / "password"), "-vvv"],
    )
    assert not run["made"].failed, run["made"].msg
    assert run["made"].returned["entry"]["comments"] == "known to few"
    assert not run["again"].changed
    assert run.fast is not None
    for one in (run, run.fast):
        assert account.token not in one.stdout + one.stderr


def test_the_proxy_of_a_task(account: Account, tmp_path: Path) -> None:
    """A proxy in the task's own environment is used by both entry points; here it is one that nobody answers at."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        proxy = {"https_proxy": f"http://127.0.0.1:{nobody.getsockname()[1]}", "no_proxy": ""}
        quick = {**_ENTRY, "base_url": "https://api.invalid/client/v4", "retry_timeout": 0}
        run = run_steps_twice(
            account,
            _folder(tmp_path),
            [
                Step("through it", _MODULE, quick, keywords={"environment": proxy}),
                Step("past it", _MODULE, _ENTRY, keywords={"environment": {**proxy, "no_proxy": "127.0.0.1"}}),
            ],
        )
    assert run["through it"].failed
    assert "proxy" in run["through it"].msg
    assert not run["past it"].failed, run["past it"].msg


def test_a_loop_keeps_its_connection(account: Account, tmp_path: Path) -> None:
    account.put({"block_senders": [_ENTRY]})
    step = Step("loop", _MODULE, _ENTRY, keywords={"loop": [1, 2, 3, 4]})
    opened = {}
    for switch in ("true", "false"):
        with Forwarder(account.base_url) as forwarder:
            connection = {"account_id": account.id, "api_token": account.token, "base_url": forwarder.base_url}
            outcome = play(account, tmp_path / switch, [step], connection=connection, environment={SWITCH: switch})[
                "loop"
            ]
            assert not outcome.failed
            assert len(outcome.reads) == 4
            opened[switch] = forwarder.opened
    assert opened == {"true": 1, "false": 4}


def test_another_account_gets_a_connection_of_its_own(account: Account, tmp_path: Path) -> None:
    """In one loop, with credentials that change: none is ever used for the next."""
    tokens = {"token-1": "write", "token-2": "read"}
    account.options(credentials={"tokens": tokens})
    keywords = {"loop": ["token-1", "token-2", "token-3", "token-1"]}
    step = Step("loop", _MODULE, {**_ENTRY, "api_token": "{{ item }}"}, keywords=keywords)
    outcome = run_steps_twice(account, tmp_path, [step])["loop"]
    results = outcome.result["results"]
    refused = ["credentials are wrong" in result.get("msg", "") for result in results]
    assert refused == [False, False, True, False]


def test_the_tasks_timeout(account: Account, tmp_path: Path) -> None:
    """Ansible ends a task that takes too long with the same words, and the next one works."""
    slow = {"timeout": 3}
    steps = [
        Step("slow", "block_sender_info", control=[options(latency_ms=60_000)], keywords=slow),
        Step("next", "block_sender_info", control=[options(latency_ms=0)]),
    ]
    ends = []
    for switch in ("true", "false"):
        run = play(account, tmp_path / switch, steps, environment={SWITCH: switch})
        assert run["slow"].failed
        assert not run["next"].failed
        ends.append({name: value for name, value in run["slow"].result.items() if name != "timedout"})
        assert bool(run["slow"].commands) is (switch == "false")
    assert ends[0] == ends[1]


def test_waits_are_reported_while_they_last(account: Account, tmp_path: Path) -> None:
    limited = faults({"kind": "rate_limited", "arguments": {"retry_after": 5}})
    step = Step("limited", "block_sender_info", control=[limited])
    run = play(account, tmp_path, [step], environment={SWITCH: "true"}, arguments=["-v"])
    live, _colon, _result = run["limited"].stdout.partition("ok: [account]")
    assert "<account> " in live
    assert "Waiting 5 s" in live
    assert run["limited"].commands == 0
    assert any("Waiting 5 s" in str(warning) for warning in run["limited"].result["warnings"])


def test_an_address_is_hidden_as_an_option_and_shown_as_data(account: Account, tmp_path: Path) -> None:
    account.put({"impersonation_registry": [{"name": "Ops", "email": account.email, "is_email_regex": False}]})
    connection = {"account_id": account.id, "base_url": account.base_url}
    credentials = {"api_key": account.key, "api_email": account.email}
    by_environment = {"CLOUDFLARE_API_KEY": account.key, "CLOUDFLARE_EMAIL": account.email}
    steps = [
        Step("option", "settings_info", credentials),
        Step("environment", "settings_info", keywords={"environment": by_environment}),
    ]
    run = run_steps_twice(account, tmp_path, steps, connection=connection, arguments=["-vvv"])
    assert run.fast is not None
    for outcome in (*run, *run.fast):
        assert not outcome.failed, outcome.msg
        (person,) = outcome.returned["settings"]["impersonation_registry"]
        assert person["email"] == account.email
        if "invocation" in outcome.result:
            shown = outcome.result["invocation"]["module_args"]
            assert shown["api_email"] == shown["api_key"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
