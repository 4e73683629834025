# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module that reads: by id, with every filter of the API, and all pages of a long list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from modules import returns
from modules.playbook import Outcome, Run, Step, put, run_steps
from modules.scenario import NAMING, ReadScenario, ReadStep
from modules.scenarios.settings import BEFORE
from modules.scenarios.table import READS
from simulator.handle import Account

_MANY = 2300
# Of lists that come in an order that may be asked for.
_DEFAULT_ORDER = {"order": "created_at", "direction": "asc"}


@pytest.mark.parametrize("module", READS)
def test_module(module: str, account: Account, tmp_path: Path) -> None:
    scenario = READS[module]
    entries = [_as_read(entry) for entry in account.put({scenario.collection: scenario.before})[scenario.collection]]
    run = _run(module, scenario, entries[1]["id"], account, tmp_path)
    for outcome in run:
        assert not outcome.changed
        assert not outcome.writes
    known = run["by id"]
    assert known.returned[scenario.collection] == [entries[1]]
    assert [one["path"] for one in known.requests] == [f"settings/{scenario.collection}/{entries[1]['id']}"]
    unknown = run["by an unknown id"]
    assert not unknown.failed
    assert unknown.returned[scenario.collection] == []
    for number, step in enumerate(scenario.steps):
        _assert_found(scenario, step, run[f"step {number}"], entries)
    assert run["in check mode"].returned == run["step 0"].returned
    assert [one["query"]["page"] for one in run["pages"].requests] == ["1", "2", "3"]
    assert run["pages"].reads == [f"settings/{scenario.collection}"] * 3
    found = run["pages"].returned[scenario.collection]
    assert len({entry["id"] for entry in found}) == len(found) == _MANY
    assert returns.differences(returns.documented(module), run) == []


def _as_read(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of the account as a module returns it: the status of a domain is in upper case, whoever wrote it."""
    return {**entry, "status": entry["status"].upper()} if "status" in entry else {**entry}


def _run(module: str, scenario: ReadScenario, known_id: str, account: Account, folder: Path) -> Run:
    many = [_numbered(scenario.many, number) for number in range(_MANY)]
    return run_steps(
        account,
        folder,
        [
            Step("by id", module, {"id": known_id}),
            Step("by an unknown id", module, {"id": "00000000-0000-4000-8000-000000000000"}),
            *(Step(f"step {number}", module, step.args) for number, step in enumerate(scenario.steps)),
            Step("in check mode", module, scenario.steps[0].args, check=True),
            Step("pages", module, control=[put({scenario.collection: many})]),
            Step("refused", module, {"api_token": "not-the-token"}),
        ],
    )


def _numbered(entry: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {
        name: value.replace("{number}", f"{number:05}") if isinstance(value, str) else value
        for name, value in entry.items()
    }


def _assert_found(
    scenario: ReadScenario, step: ReadStep, outcome: Outcome, entries: Sequence[Mapping[str, Any]]
) -> None:
    path = f"settings/{scenario.collection}"
    (request,) = [one for one in outcome.requests if one["path"] == path]
    others = [one["path"] for one in outcome.requests if one is not request]
    order = _DEFAULT_ORDER if RESOURCES[scenario.collection].is_ordered else {}
    assert request["query"] == {**order, **step.query, "page": "1", "per_page": "1000"}
    named = {entry[NAMING[scenario.collection]]: entry for entry in entries}
    found = [dict(entry) for entry in outcome.returned[scenario.collection]]
    parts = [name for name in RESOURCES[scenario.collection].parts if step.args.get(name)]
    # One more request for each part of each entry, and what it said.
    assert sorted(others) == sorted(f"{path}/{entry['id']}/{part}" for entry in found for part in parts)
    assert all(entry.pop(part, 0) != 0 for entry in found for part in parts)
    assert found == [named[name] for name in step.finds], step


def test_settings_info(account: Account, tmp_path: Path) -> None:
    account.put(BEFORE)
    many = [{"pattern": f"{number:05}.example", "pattern_type": "DOMAIN", "is_regex": False} for number in range(_MANY)]
    run = run_steps(
        account,
        tmp_path,
        [
            Step("all", "settings_info"),
            Step("in check mode", "settings_info", check=True),
            Step("two lists", "settings_info", {"gather": ["block_senders", "domains"]}),
            Step("refused", "settings_info", {"api_token": "not-the-token"}),
            Step("pages", "settings_info", {"gather": ["block_senders"]}, control=[put({"block_senders": many})]),
        ],
    )
    for outcome in run:
        assert not outcome.changed
        assert not outcome.writes
    settings = run["all"].returned["settings"]
    assert run["all"].reads == [f"settings/{name}" for name in RESOURCES]
    assert {name: [_as_seeded(name, entry) for entry in settings[name]] for name in BEFORE} == {
        name: sorted(entries, key=lambda entry: str(entry.get("pattern"))) for name, entries in BEFORE.items()
    }
    assert run["in check mode"].returned == run["all"].returned
    assert set(run["two lists"].returned["settings"]) == {"block_senders", "domains"}
    assert run["two lists"].reads == ["settings/domains", "settings/block_senders"]
    assert run["pages"].reads == ["settings/block_senders"] * 3
    assert len(run["pages"].returned["settings"]["block_senders"]) == _MANY
    assert returns.differences(returns.documented("settings_info"), run) == []


def _as_seeded(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the server adds to an entry of the registry that is put there."""
    return {field: value for field, value in entry.items() if (name, field) != ("impersonation_registry", "provenance")}
