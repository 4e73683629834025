# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract check finds what differs: a check that cannot fail would be worth nothing."""

from __future__ import annotations

import importlib
import json
import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHECK = Path(__file__).resolve().parents[2] / "contract"
THING = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 5}}}
DESCRIPTION = {
    "openapi": "3.0.3",
    "info": {"title": "tiny", "version": "1"},
    "paths": {
        "/accounts/{account_id}/email-security/things": {
            "parameters": [{"name": "account_id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "post": {
                "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": THING}}},
                "responses": {"201": {"description": "made", "content": {"application/json": {"schema": THING}}}},
            },
        }
    },
}
GOOD = {
    "method": "POST",
    "path": "/client/v4/accounts/a1/email-security/things",
    "query": "page=1",
    "request_headers": {"content-type": "application/json", "user-agent": "ansible-cloudflare.email_security/0"},
    "request_body": '{"name": "good"}',
    "status": 201,
    "response_headers": {"content-type": "application/json"},
    "response_body": '{"name": "good"}',
    "fault": None,
}


@dataclass(frozen=True)
class Done:
    """How a run of the check ended, and what it printed."""

    returncode: object
    stdout: str


Check = Callable[..., Done]


@pytest.fixture
def run_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """The check on a tiny description and on exchanges, with no meant differences."""
    monkeypatch.syspath_prepend(CHECK)
    monkeypatch.setattr(importlib.import_module("differences"), "DIFFERENCES", ())

    def run(*exchanges: dict[str, Any]) -> Done:
        description, recording = tmp_path / "openapi.json", tmp_path / "exchanges.jsonl"
        description.write_text(json.dumps(DESCRIPTION))
        recording.write_text("".join(json.dumps(exchange) + "\n" for exchange in exchanges))
        monkeypatch.setattr(sys, "argv", ["contract", str(description), str(recording)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(CHECK / "__main__.py"), run_name="__main__")
        return Done(ended.value.code, capsys.readouterr().out)

    return run


def test_an_exchange_as_described_passes(run_check: Check) -> None:
    done = run_check(GOOD)
    assert done.returncode == 0, done.stdout
    assert "1 requests of 1 operations and 1 answers checked" in done.stdout


@pytest.mark.parametrize(
    ("changed", "reported"),
    [
        ({"request_body": '{"name": "too long"}'}, "DIFFERS request"),
        ({"request_body": '{"title": "x"}'}, "DIFFERS request"),
        ({"query": "size=1"}, "size is not described"),
        ({"response_body": '{"name": 7}'}, "DIFFERS response"),
        ({"status": 200}, "DIFFERS response"),
        ({"path": "/client/v4/accounts/a1/email-security/others"}, "it is not described"),
        ({"method": "PUT"}, "it is not described"),
    ],
)
def test_a_difference_fails(run_check: Check, changed: dict[str, Any], reported: str) -> None:
    done = run_check({**GOOD, **changed})
    assert done.returncode == 1
    assert reported in done.stdout


def test_what_others_than_the_modules_ask_is_not_judged_but_its_answer_is(run_check: Check) -> None:
    odd = {**GOOD, "request_headers": {"content-type": "application/json"}, "request_body": "{}"}
    assert run_check(GOOD, odd).returncode == 0
    assert "DIFFERS response" in run_check(GOOD, {**odd, "response_body": "{}"}).stdout


def test_an_armed_fault_is_not_judged(run_check: Check) -> None:
    broken = {**GOOD, "status": 503, "response_body": "<html>", "fault": "status_before"}
    assert run_check(GOOD, broken).returncode == 0


def test_nothing_recorded_is_no_success(run_check: Check) -> None:
    done = run_check()
    assert done.returncode == 1
    assert "Nothing to check" in done.stdout


def test_what_newer_descriptions_add_is_known(run_check: Check) -> None:
    message = {"alert_id": "alert-1", "expected_disposition": "NONE"}
    answer = {"success": True, "errors": [], "messages": [], "result": {"results": [{"id": "1", "accepted": True}]}}
    submission = {
        **GOOD,
        "path": GOOD["path"].replace("things", "submissions"),
        "query": "",
        "request_body": json.dumps({"type": "reclassification", "messages": [message]}),
        "response_body": json.dumps(answer),
    }
    done = run_check(submission)
    assert done.returncode == 0, done.stdout
    assert "DIFFERS request" in run_check({**submission, "request_body": '{"messages": []}'}).stdout
