# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module that writes: create, update and absent, each in check mode, for real, and again, with what it sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from modules import returns
from modules.order import settled
from modules.playbook import Control, Outcome, Run, Step, options, put, run_steps
from modules.scenario import REFUSED, REQUIRED_STEPS, Change, WriteScenario, by_name, fill, ids_by_name
from modules.scenarios.table import WRITES
from simulator.handle import Account

# Of an entry that does not exist yet, only the server knows these.
_SERVERS_OWN = {"id", "created_at", "modified_at"}
# What the API says of an entry in a request of its own.
_PARTS = {part for resource in RESOURCES.values() for part in resource.parts}
_STEPS = ("check", "real", "check again", "again")


@pytest.mark.parametrize("module", WRITES)
def test_scenario_is_complete(module: str) -> None:
    missing = [name for name in REQUIRED_STEPS if name not in WRITES[module].steps]
    assert not missing
    for name, change in WRITES[module].steps.items():
        assert change.sends, f"{name} shows no write"
        assert set(change.leaves) == set(change.reads or [WRITES[module].collection]), name


@pytest.mark.parametrize("module", WRITES)
def test_module(module: str, account: Account, tmp_path: Path) -> None:
    scenario = WRITES[module]
    before = account.put(scenario.before)
    run = run_steps(account, tmp_path, _steps(module, scenario, account))
    state = before
    for name, change in scenario.steps.items():
        check, real, check_again, again = (run[f"{name}: {step}"] for step in _STEPS)
        assert check.state == state, f"{name} in check mode changed the account"
        _assert_writes(name, scenario, change, check, real, state)
        _assert_left(name, change, before=state, after=real.state)
        assert predicted(real.result, check.result) == predicted(check.result, check.result), name
        for outcome in (check_again, again):
            assert not outcome.changed, f"{outcome.step.name} is no longer without drift"
            assert not outcome.writes
            assert sorted(outcome.reads) == sorted(real.reads)
            assert outcome.state == real.state
        assert again.returned == check_again.returned
        if "entry" in real.returned:
            assert again.returned["entry"] == real.returned["entry"]
            assert _without_parts(real) == _entry_left(scenario, change, real)
        state = real.state
    refused = run["refused"]
    assert refused.failed
    assert refused.state == state
    assert "was answered" in refused.msg
    assert returns.differences(returns.documented(module), run) == []
    (tmp_path / "read only").mkdir()
    _assert_check_mode_needs_no_write(module, scenario, run, account, tmp_path / "read only")


def _steps(module: str, scenario: WriteScenario, account: Account) -> list[Step]:
    steps: list[Step] = []
    ids = ids_by_name(account.state())
    for name, change in scenario.steps.items():
        args = fill(change.args, ids)
        steps += [Step(f"{name}: {step}", module, args, check=step.startswith("check"), diff=True) for step in _STEPS]
    if scenario.asks_more:
        mail: Control = ("PUT", "/messages", list(scenario.mail))
        steps.append(Step("more", module, scenario.asks_more, check=True, control=[mail]))
    return [*steps, Step("refused", module, scenario.refused, control=[options(refused_texts=[REFUSED])])]


def _assert_writes(
    name: str, scenario: WriteScenario, change: Change, check: Outcome, real: Outcome, state: Mapping[str, Any]
) -> None:
    for outcome in (check, real):
        assert not outcome.failed, f"{outcome.step.name} failed: {outcome.msg}"
        assert outcome.changed, f"{outcome.step.name} changed nothing"
        lists = [read for read in outcome.reads if read.rpartition("/")[2] not in _PARTS]
        assert lists == [f"settings/{read}" for read in change.reads or [scenario.collection]], name
    assert check.writes == []
    sends = [
        {"method": method, "path": path, "body": body} for method, path, body in fill(change.sends, ids_by_name(state))
    ]
    assert real.writes == [tuple(write.values()) for write in settled(sends)], name


def _assert_left(name: str, change: Change, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """The entries that the change names are as it says; of the others none is touched or new."""
    touched = {entry_id for one in change.sends for entry_id in _ids_in(fill(one, ids_by_name(before)), before)}
    for collection, entries in after.items():
        expected = change.leaves.get(collection, {})
        found = by_name(after, collection)
        for key, fields in expected.items():
            assert key in found, f"{name}: {key} is not in {collection}"
            assert {field: found[key].get(field) for field in fields} == fields, name
        rest = [entry for entry in entries if entry not in [found[key] for key in expected]]
        assert rest == [
            entry
            for entry in before[collection]
            if str(entry["id"]) not in touched and str(entry["id"]) not in {str(found[key]["id"]) for key in expected}
        ], f"{name}: {collection} has other entries than it should"


def _ids_in(write: Any, state: Mapping[str, Any]) -> list[str]:
    text = repr(write)
    return [str(entry["id"]) for entries in state.values() for entry in entries if str(entry["id"]) in text]


def _without_parts(outcome: Outcome) -> Any:
    """The entry that a module returned, without what it asked for besides."""
    entry = outcome.returned["entry"]
    return entry and {name: value for name, value in entry.items() if name not in _PARTS}


def _entry_left(scenario: WriteScenario, change: Change, real: Outcome) -> Any:
    assert scenario.collection is not None
    left = list(change.leaves[scenario.collection])
    if not left:
        return None
    # The status of a domain is in upper case, whoever wrote it.
    return RESOURCES[scenario.collection].tidy(dict(by_name(real.state, scenario.collection)[left[0]]))


def predicted(result: Mapping[str, Any], check: Mapping[str, Any]) -> dict[str, Any]:
    """What of a result check mode could know: all but what the server gives a new entry, and when it was changed."""
    known = {name: value for name, value in result.items() if not name.startswith("_ansible")}
    known.pop("invocation", None)
    if isinstance(known.get("entry"), dict):
        # A new entry has only the fields that would be sent.
        of_check = check["entry"]
        keep = set(of_check) - {"modified_at"} if "id" in of_check else set(of_check) - _SERVERS_OWN
        known["entry"] = {name: value for name, value in known["entry"].items() if name in keep}
    if "changes" in known:
        known["changes"] = [
            {**change, "id": None if change["action"] == "create" else change["id"]} for change in known["changes"]
        ]
    return known


def _assert_check_mode_needs_no_write(
    module: str, scenario: WriteScenario, run: Run, account: Account, folder: Path
) -> None:
    """Each change again, in check mode, on the account as it was before it, which now refuses every write."""
    account.options(read_only=True)
    steps = []
    for name in scenario.steps:
        before = run[f"{name}: check"]
        steps.append(Step(name, module, before.step.args, check=True, diff=True, control=[put(before.state)]))
    replay = run_steps(account, folder, [*steps, _canary(module, scenario)])
    assert replay["a write"].failed, "the account takes writes, so this proves nothing"
    assert replay["a write"].writes
    for name in scenario.steps:
        check = run[f"{name}: check"]
        assert replay[name].changed
        assert replay[name].returned == check.returned
        assert replay[name].result["diff"] == check.result["diff"]
        assert not replay[name].writes


def _canary(module: str, scenario: WriteScenario) -> Step:
    """A real run, which the account must refuse. One request at a time: after the first refusal comes no other."""
    args = {**scenario.steps["create"].args, "concurrency": 1}
    return Step("a write", module, args, control=[put(scenario.before)])
