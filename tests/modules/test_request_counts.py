# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests the modules send, by the simulator's own count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.playbook import Outcome, Step, options, put, run_steps
from modules.samples import batch, person, sender, senders
from simulator.handle import Account

_BATCH = "settings/block_senders/batch"


@dataclass(frozen=True)
class Load:
    """:param writes: for each batch, how many deletes, patches and posts it has."""

    before: Sequence[dict[str, Any]]
    desired: Sequence[dict[str, Any]]
    reads: int
    writes: Sequence[tuple[int, int, int]]
    more: dict[str, Any] = field(default_factory=dict)


def _changed(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{**entry, "comments": "changed"} for entry in senders(count, start)]


def _absent(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{**entry, "state": "absent"} for entry in senders(count, start)]


_PURGE = {"purge": ["block_senders"], "purge_limit": 5000}

LOADS = {
    "5,000 without drift": Load(senders(5000), senders(5000), 5, []),
    "2,500 new": Load([], senders(2500), 1, [(0, 0, 1000), (0, 0, 1000), (0, 0, 500)]),
    "1,500 new, 200 purged": Load(senders(200), senders(1500, 200), 1, [(0, 0, 1000), (200, 0, 500)], _PURGE),
    "all kinds in one": Load(
        senders(800), [*_changed(700), *senders(600, 1000), *_absent(100, 700)], 1, [(100, 700, 600)]
    ),
    "1,200 changed, 10 new": Load(
        senders(1200), [*_changed(1200), *senders(10, 1200)], 2, [(0, 1000, 10), (0, 200, 0)]
    ),
    "1,200 removed": Load(senders(1200), _absent(1200), 2, [(1000, 0, 0), (200, 0, 0)]),
    "1,000 exactly": Load(senders(1000), senders(1000), 1, []),
}


def test_batches(account: Account, tmp_path: Path) -> None:
    steps: list[Step] = []
    for name, load in LOADS.items():
        args = {"block_senders": load.desired, **load.more}
        before = [put({"block_senders": load.before})]
        steps.append(Step(f"{name}: check", "settings", args, check=True, control=before))
        steps.append(Step(name, "settings", args))
    run = run_steps(account, tmp_path, steps)
    for name, load in LOADS.items():
        check, real = run[f"{name}: check"], run[name]
        for outcome in (check, real):
            assert not outcome.failed, f"{name}: {outcome.msg}"
            assert outcome.reads == ["settings/block_senders"] * load.reads, name
            assert outcome.changed is bool(load.writes), name
        assert not check.writes
        assert [(method, path) for method, path, _unused in real.writes] == [("POST", _BATCH)] * len(load.writes)
        assert [_sizes(body) for _unused, _unused, body in real.writes] == list(load.writes), name
        assert check.returned["summary"] == real.returned["summary"]
        counts = real.returned["summary"]["block_senders"]
        past = {"create": "created", "update": "updated", "delete": "deleted"}
        omitted = {action: counts[done] - 1000 for action, done in past.items() if counts[done] > 1000}
        assert real.returned["changes_omitted"] == ({"block_senders": omitted} if omitted else {}), name
        left = {entry["pattern"] for entry in real.state["block_senders"]}
        desired = {entry["pattern"] for entry in load.desired if entry.get("state") != "absent"}
        assert left == desired, name


def _sizes(body: dict[str, Any]) -> tuple[int, int, int]:
    assert body["puts"] == []
    return len(body["deletes"]), len(body["patches"]), len(body["posts"])


_DESIRED = {
    "block_senders": [
        {**sender("gone.example"), "state": "absent"},
        sender("changed.example", comments="new"),
        sender("new-2.example"),
        sender("new-1.example"),
    ]
}
_BEFORE = {"block_senders": [sender("gone.example"), sender("changed.example"), sender("too.example", comments="x")]}


def test_single_calls_where_there_is_no_batch(account: Account, tmp_path: Path) -> None:
    """Creates, updates, deletes: in the order of a batch's meaning, never lifting what is put back."""
    run = run_steps(
        account,
        tmp_path,
        [
            Step("404", "settings", _DESIRED, control=[put(_BEFORE), options(batch=False)]),
            Step("405", "settings", _DESIRED, control=[put(_BEFORE), options(batch=405)]),
            Step("one", "settings", {"block_senders": [sender("new-3.example")]}, control=[options(batch=True)]),
        ],
    )
    for name in ("404", "405"):
        outcome = run[name]
        assert not outcome.failed, outcome.msg
        assert outcome.reads == ["settings/block_senders"]
        attempt, *single = outcome.writes
        assert attempt[:2] == ("POST", _BATCH)
        assert [(method, body) for method, _unused, body in single] == [
            ("POST", sender("new-1.example")),
            ("POST", sender("new-2.example")),
            ("PATCH", {"comments": "new"}),
            ("DELETE", None),
        ]
        assert _patterns(outcome) == {"changed.example", "new-1.example", "new-2.example", "too.example"}
    assert run["one"].writes == [("POST", "settings/block_senders", sender("new-3.example"))]


def test_the_impersonation_registry_has_no_batch(account: Account, tmp_path: Path) -> None:
    before = account.put({"impersonation_registry": [person("Gone", "g@example.com"), person("Old", "o@example.com")]})
    gone, old = (entry["id"] for entry in before["impersonation_registry"])
    desired = [
        {"name": "Gone", "email": "g@example.com", "state": "absent"},
        person("Old", "o@example.com", comments="new"),
        person("B", "b@example.com"),
        person("A", "a@example.com"),
    ]
    args = {"impersonation_registry": desired}
    outcome = run_steps(account, tmp_path, [Step("single", "settings", args)])["single"]
    path = "settings/impersonation_registry"
    assert outcome.writes == [
        ("POST", path, person("A", "a@example.com")),
        ("POST", path, person("B", "b@example.com")),
        ("PATCH", f"{path}/{old}", {"comments": "new"}),
        ("DELETE", f"{path}/{gone}", None),
    ]


def test_a_batch_holds_what_it_says(account: Account, tmp_path: Path) -> None:
    before = account.put(_BEFORE)
    gone, changed, _unused = (entry["id"] for entry in before["block_senders"])
    outcome = run_steps(account, tmp_path, [Step("batch", "settings", _DESIRED)])["batch"]
    assert outcome.writes == [
        (
            "POST",
            _BATCH,
            batch(
                deletes=[{"id": gone}],
                patches=[{"id": changed, "comments": "new"}],
                posts=[sender("new-1.example"), sender("new-2.example")],
            ),
        )
    ]


def _patterns(outcome: Outcome) -> set[str]:
    return {entry["pattern"] for entry in outcome.state["block_senders"]}
