# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that find and read messages, submissions and reports: every filter, all pages, what they return."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from modules import returns
from modules.in_process import NEWEST, OLDEST, both_dates
from modules.playbook import Outcome, Step, options, run_steps
from modules.scenario import ReadStep
from modules.scenarios.mail import BY_ID, FIRST, SEARCHES, SECOND, THIRD, WHOLE, SearchScenario, put_mail
from simulator.handle import Account

_PARTS = ["detections", "trace", "action_log"]
_REFUSED = Step("refused", BY_ID, {"investigate_ids": [FIRST], "api_token": "not-the-token"})


@both_dates
@pytest.mark.parametrize("module", SEARCHES)
def test_searches(module: str, account: Account, tmp_path: Path) -> None:
    scenario = SEARCHES[module]
    if account.options()["api"] == OLDEST:
        scenario = replace(scenario, newer=(), always=scenario.always if scenario.older is None else scenario.older)
    steps = {f"step {number}": step for number, step in enumerate([*scenario.steps, *scenario.newer])}
    run = run_steps(
        account,
        tmp_path,
        [
            Step("in check mode", module, scenario.steps[0].args, check=True, control=scenario.before),
            *(Step(name, module, step.args) for name, step in steps.items()),
            Step("times", module, {"start": "soon", "end": "2026-02-30"}),
            Step("pages", module, control=scenario.many),
            Step("refused", module, {"api_token": "not-the-token"}),
        ],
    )
    for outcome in run:
        assert not outcome.changed
        assert not outcome.writes
    for name, step in steps.items():
        _assert_found(scenario, step, run[name])
    assert run["in check mode"].returned == run["step 0"].returned
    assert run["times"].failed
    assert not run["times"].requests
    assert run["times"].returned["error"]["problem_count"] == 2
    assert "Traceback" not in run["times"].stdout
    requests, count = scenario.pages
    found = run["pages"].returned[scenario.returns]
    key = "id" if "id" in found[0] else "submission_id"
    assert len({entry[key] for entry in found}) == len(found) == count
    assert set(run["pages"].reads) == {scenario.path}
    assert len(run["pages"].reads) <= requests
    if account.options()["api"] == NEWEST:
        assert returns.differences(returns.documented(module), run) == []


def _assert_found(scenario: SearchScenario, step: ReadStep, outcome: Outcome) -> None:
    assert not outcome.failed, outcome.msg
    refused = [one for one in outcome.requests if one["status"] == 400]
    assert [one["query"].get("page") for one in refused] == ["1"] * len(refused)
    (request,) = [one for one in outcome.requests if one not in refused]
    assert request["path"] == scenario.path
    expected = {**scenario.always, **step.query}
    assert set(request["query"]) == set(expected), step
    wrong = {name: text for name, text in request["query"].items() if not _is_meant(text, expected[name])}
    assert wrong == {}, step
    assert [entry[scenario.naming] for entry in outcome.returned[scenario.returns]] == list(step.finds), step


def _is_meant(text: str, expected: Any) -> bool:
    if not isinstance(expected, timedelta):
        # A part of a second may be sent: the last moment of a day has one.
        return re.sub(r"\.\d+Z$", "Z", text) == expected
    ago = datetime.now(timezone.utc) - datetime.fromisoformat(text.replace("Z", "+00:00"))
    return text.endswith("Z") and expected <= ago < expected + timedelta(minutes=5)


@both_dates
def test_message_info(account: Account, tmp_path: Path) -> None:
    clean = {"id": SECOND, "final_disposition": "NONE"}
    submitted = {"id": THIRD, "datastore": "submissions"}
    # At a time: so that what the oldest API does not have is asked for as often each time.
    one = {"concurrency": 1}
    run = run_steps(
        account,
        tmp_path,
        [
            Step("details", BY_ID, {"investigate_ids": [SECOND, FIRST]}, control=[put_mail(WHOLE, clean, submitted)]),
            Step("in check mode", BY_ID, {"investigate_ids": [SECOND, FIRST]}, check=True),
            Step("everything", BY_ID, {"investigate_ids": [FIRST, SECOND], "gather": _PARTS, **one}),
            Step("submission", BY_ID, {"investigate_ids": [THIRD, FIRST], "submission": True}),
            Step("missing", BY_ID, {"investigate_ids": ["nobody", FIRST], "fail_on_missing": True}),
            Step(
                "no such operation",
                BY_ID,
                {"investigate_ids": [FIRST], "gather": ["action_log"], **one},
                control=[options(action_log=False)],
            ),
            Step("not offered", BY_ID, {"investigate_ids": [FIRST], "gather": ["preview"]}),
            _REFUSED,
        ],
    )
    for outcome in run:
        assert not outcome.changed
        assert not outcome.writes
        assert outcome.failed is (outcome.step.name in ("missing", "not offered", "refused")), outcome.msg
    assert [message["id"] for message in run["details"].returned["messages"]] == [SECOND, FIRST]
    assert run["in check mode"].returned == run["details"].returned
    first, second = run["everything"].returned["messages"]
    assert first["detections"]["final_disposition"] == "MALICIOUS"
    assert second["detections"] is None
    assert [_folder(entry) for entry in first["action_log"]] == ["JunkEmail"]
    assert [message["id"] for message in run["submission"].returned["messages"]] == [THIRD]
    assert run["submission"].returned["missing"] == [FIRST]
    assert all(request["query"] == {"submission": "true"} for request in run["submission"].requests)
    assert "nobody" in run["missing"].msg
    assert [message["id"] for message in run["missing"].returned["messages"]] == [FIRST]
    (message,) = run["no such operation"].returned["messages"]
    if account.options()["api"] == OLDEST:
        assert [_folder(entry) for entry in message["action_log"]] == ["JunkEmail"]
    else:
        assert message["action_log"] is None
    if account.options()["api"] == NEWEST:
        assert returns.differences(returns.documented(BY_ID), run) == []


def _folder(entry: Mapping[str, Any]) -> str:
    return str(entry["properties"]["folder"])


def test_hostile_texts_are_never_templated_and_never_break_a_result(account: Account, tmp_path: Path) -> None:
    texts = ["{{ 7 * 7 }}", "{% raw %}", "a\x00b", "\x1b[2J\x1b[31mred", "\u202egpj.exe", "x" * 200_000, '"}]}\n']
    mail = [{"id": f"m{number}", "subject": text, "eml": text} for number, text in enumerate(texts)]
    surrogate = {"kind": "rewritten", "times": None, "arguments": {"old": "{% raw %}", "new": "\\ud800"}}
    run = run_steps(
        account,
        tmp_path,
        [
            Step(
                "search", "investigate_info", control=[put_mail(*mail), ("POST", "/faults", [surrogate])], register="f"
            ),
            Step("by id", BY_ID, {"investigate_ids": "{{ f.messages | map(attribute='id') }}", "gather": _PARTS}),
        ],
    )
    for outcome in run:
        assert not outcome.failed, outcome.msg
        found = {message["id"]: message["subject"] for message in outcome.returned["messages"]}
        assert {name: text for name, text in found.items() if name != "m1"} == {
            f"m{number}": text for number, text in enumerate(texts) if number != 1
        }
        assert "%" not in found["m1"]
    # The terminal is not the sender's to write on.
    assert "\x1b[2J" not in run.stdout
