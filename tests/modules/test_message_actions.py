# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that act on messages: in check mode, for real, and again, with exactly what they sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from modules import returns
from modules.in_process import OLDEST, both_dates, log_of
from modules.playbook import Outcome, Run, Step, faults, options, run_steps
from modules.scenarios.mail import ACTIONS, FIRST, SECOND, THIRD, ActionScenario, B
from simulator.handle import Account

_IDS = [FIRST, SECOND, THIRD]
_EMPTY: dict[str, Any] = {"unchanged": [], "missing": [], "outcomes": []}


@both_dates
@pytest.mark.parametrize("module", ACTIONS)
def test_module(module: str, account: Account, tmp_path: Path) -> None:
    scenario = ACTIONS[module]
    if account.options()["api"] == OLDEST:
        # Its refusal of the newer form comes first. One at a time, so that logs are asked for as often each time.
        args = {**scenario.args, "concurrency": 1}
        scenario = replace(scenario, args=args, sends=[*scenario.sends, *scenario.older], reads=())
    run = run_steps(account, tmp_path, _steps(module, scenario))
    for outcome in run:
        assert "Traceback" not in outcome.stdout
        if outcome.step.check:
            assert not outcome.writes, outcome.step.name
    _assert_done_once(scenario, run)
    _assert_failures(scenario, run)
    _assert_a_lost_answer_is_looked_for(scenario, run)
    assert run["read only: check"].returned == run["check"].returned
    assert run["read only: real"].failed, "the account takes writes, so this proves nothing"
    assert run["read only: real"].writes
    assert returns.differences(returns.documented(module), run) == []
    # The last step that did something was cut off after its work.
    assert {name: len(log) for name, log in log_of(account).items() if name != THIRD} == {FIRST: 1, SECOND: 1}


def _steps(module: str, scenario: ActionScenario) -> list[Step]:
    args = {**scenario.args, "investigate_ids": _IDS}
    some = {**args, "investigate_ids": ["nobody", FIRST]}
    clear = ("DELETE", "/faults", None)
    probes = len(scenario.sends) > 1
    lost = {"kind": "cut_after", "method": "POST", "after": int(probes)}
    refused = {
        "kind": "status_before",
        "method": "POST",
        "times": None,
        "arguments": {"status": 409, "message": "not now"},
    }
    failing = [*scenario.before, options(failing_mailboxes=[B])]
    return [
        Step("check", module, args, check=True, control=scenario.before),
        Step("real", module, args),
        Step("check again", module, args, check=True),
        Step("again", module, args),
        Step("missing: check", module, some, check=True, control=scenario.before),
        Step("missing: real", module, some),
        *([Step("in part", module, args, control=failing)] if scenario.per_recipient else []),
        Step("refused", module, args, control=[*scenario.before, options(failing_mailboxes=[]), faults(refused)]),
        Step("read only: check", module, args, check=True, control=[*scenario.before, options(read_only=True), clear]),
        Step("read only: real", module, args),
        Step("lost", module, args, control=[*scenario.before, options(read_only=False), faults(lost)]),
    ]


def _reads(outcome: Outcome) -> list[str]:
    """Sent concurrently, they come in any order."""
    return sorted(unquote(path) for path in outcome.reads)


def _writes(outcome: Outcome) -> list[tuple[str, str, Any]]:
    return [(method, unquote(path), body) for method, path, body in outcome.writes]


def _assert_done_once(scenario: ActionScenario, run: Run) -> None:
    check, real = run["check"], run["real"]
    for outcome in (check, real):
        assert not outcome.failed, outcome.msg
        assert outcome.changed
        assert not scenario.reads or _reads(outcome) == sorted(scenario.reads)
    assert _writes(real) == list(scenario.sends)
    assert check.returned == {**real.returned, "outcomes": []}
    assert check.returned == {**_EMPTY, scenario.done: [FIRST, SECOND], "unchanged": [THIRD]}
    assert {outcome["investigate_id"] for outcome in real.returned["outcomes"]} == {FIRST, SECOND}
    assert all(outcome["success"] for outcome in real.returned["outcomes"])
    for outcome in (run["check again"], run["again"]):
        assert not outcome.failed, outcome.msg
        assert not outcome.changed
        assert not outcome.writes
        assert outcome.returned == {**_EMPTY, scenario.done: [], "unchanged": _IDS}


def _assert_failures(scenario: ActionScenario, run: Run) -> None:
    check, real = run["missing: check"], run["missing: real"]
    for outcome in (check, real):
        assert outcome.failed
        assert outcome.changed
        assert "nobody" in outcome.msg
    assert check.returned == {**real.returned, "outcomes": []}
    assert _without_error(check) == {**_EMPTY, scenario.done: [FIRST], "missing": ["nobody"]}
    if scenario.per_recipient:
        part = run["in part"]
        assert part.failed
        assert B in part.msg
        assert not part.changed
        assert part.returned[scenario.done] == []
        assert len(part.writes) == len(scenario.sends)
    refused = run["refused"]
    assert refused.failed
    assert "not now" in refused.msg
    assert FIRST in refused.msg
    assert not refused.changed
    assert refused.returned["error"]["http_status"] == 409
    assert refused.returned["outcomes"] == []
    assert {**_without_error(refused), "outcomes": []} == {**_EMPTY, scenario.done: [], "unchanged": [THIRD]}


def _without_error(outcome: Outcome) -> Mapping[str, Any]:
    return {name: value for name, value in outcome.returned.items() if name != "error"}


def _assert_a_lost_answer_is_looked_for(scenario: ActionScenario, run: Run) -> None:
    lost = run["lost"]
    assert not lost.failed, lost.msg
    assert sorted(lost.returned[scenario.done]) == [FIRST, SECOND]
    assert _writes(lost) == list(scenario.sends)
    assert any("response was lost" in outcome["status"] for outcome in lost.returned["outcomes"])
