# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Updates that give an entry the key that another one has until then: it has to go first, and only just before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import PlanError
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import settings_module

from modules.in_process import Report, perform
from modules.samples import person, policy, sender, trusted
from simulator.handle import Account

SETTINGS = settings_module()
Entry = Mapping[str, Any]

# How an entry with a key is made, for each list whose keys can change.
MAKERS = {
    "block_senders": lambda key, **more: sender(f"{key}.example", **more),
    "trusted_domains": lambda key, **more: trusted(f"{key}.example", **more),
    "allow_policies": lambda key, **more: policy(f"{key}.example", **more),
    "impersonation_registry": lambda key, **more: person("Same Name", f"{key}@example.com", **more),
}


@dataclass(frozen=True)
class Move:
    """Who has which key, by id, and who is to have it.

    :param desired: keys by id; None is an entry that must not be there.
    :param purge: whether entries that are not named go.
    """

    before: Mapping[str, str]
    desired: Mapping[str, str | None]
    purge: bool = False

    @property
    def after(self) -> dict[str, str]:
        kept = {} if self.purge else self.before
        return {entry_id: key for entry_id, key in {**kept, **self.desired}.items() if key is not None}


MOVES = {
    "into the key of a purged entry": Move({"1": "a", "2": "b"}, {"1": "b"}, purge=True),
    "into the key of an entry that must not be there": Move({"1": "a", "2": "b"}, {"1": "b", "2": None}),
    "a chain": Move({"1": "a", "2": "b", "3": "c"}, {"1": "b", "2": "c", "3": "d"}),
    "a chain, the other way round": Move({"1": "d", "2": "c", "3": "b"}, {"1": "c", "2": "b", "3": "a"}),
    "a chain into the key of a purged entry": Move(
        {"1": "a", "2": "b", "3": "c", "4": "z"}, {"1": "b", "2": "c"}, purge=True
    ),
    "two pairs": Move({"1": "a", "2": "b", "3": "c", "4": "d"}, {"1": "b", "2": None, "3": "d", "4": None}),
}
SWAPS = {
    "a swap": Move({"1": "a", "2": "b"}, {"1": "b", "2": "a"}),
    "a ring": Move({"1": "a", "2": "b", "3": "c"}, {"1": "b", "2": "c", "3": "a"}),
    "a swap beside a chain": Move({"1": "a", "2": "b", "3": "c"}, {"1": "b", "2": "a", "3": "d"}),
}

lists = pytest.mark.parametrize("name", MAKERS)
batch = pytest.mark.parametrize("batch", [True, False], ids=["batch", "single calls"])


def prepared(account: Account, name: str, move: Move, **options: Any) -> dict[str, Any]:
    """Make the account as it is before; returns the options of a run that makes it as desired."""
    make = MAKERS[name]
    account.options(**options)
    account.put({name: [make(key, id=entry_id) for entry_id, key in move.before.items()]})
    desired = [
        # For an entry that must not be there, its id says enough.
        {"id": entry_id, "state": "absent"} if key is None else make(key, id=entry_id, comments="moved")
        for entry_id, key in move.desired.items()
    ]
    return {name: desired, "purge": [name] if move.purge else []}


def keys(name: str, entries: Sequence[Entry]) -> dict[str, str]:
    field = "email" if name == "impersonation_registry" else "pattern"
    return {each["id"]: each[field][0] for each in entries}


def single_writes(report: Report) -> list[tuple[str, str]]:
    return [(one["method"], one["path"].split("/")[-1]) for one in report.requests if one["method"] != "GET"]


@lists
@batch
@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES.keys())
def test_keys_move_as_desired(account: Account, name: str, batch: bool, move: Move) -> None:
    params = prepared(account, name, move, batch=batch)
    report = perform(account, SETTINGS, **params)
    report.ok()
    assert keys(name, account.state()[name]) == move.after
    assert 409 not in [one["status"] for one in report.requests]
    assert report.reads == [f"settings/{name}"]
    later = perform(account, SETTINGS, **params)
    assert later.ok()["changed"] is False
    assert later.writes == []


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES.keys())
def test_check_mode_predicts_the_changes(account: Account, move: Move) -> None:
    params = prepared(account, "block_senders", move)
    predicted = perform(account, SETTINGS, check=True, **params)
    assert predicted.writes == []
    assert predicted.ok() == perform(account, SETTINGS, **params).ok()


def test_an_entry_goes_only_right_before_the_one_that_takes_its_key(account: Account) -> None:
    """Everything else is made and changed first, and what nobody waits for goes last."""
    before = {"1": "b", "2": "f", "3": "c", "4": "g", "5": "a"}
    name = "impersonation_registry"
    params = prepared(account, name, Move(before, {"1": "a", "2": "b", "3": "c"}, purge=True))
    params[name].append(person("New", "new@example.com"))
    report = perform(account, SETTINGS, **params)
    report.ok()
    writes = single_writes(report)
    assert writes[0] == ("POST", name)
    assert writes[-1] == ("DELETE", "4")
    place = writes.index(("DELETE", "5"))
    # 2 gets the key that 1 has until then, so that it comes after it.
    assert writes[place : place + 3] == [("DELETE", "5"), ("PATCH", "1"), ("PATCH", "2")]
    assert len(writes) == 6


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES.keys())
def test_moves_over_the_edges_of_batches(account: Account, move: Move) -> None:
    """More changes than a batch holds, so that what depends on each other is in different ones."""
    params = prepared(account, "block_senders", move)
    fillers = [sender(f"{letter}{number:04}.example") for letter in "abcd" for number in range(700)]
    params["block_senders"] += [{**filler, "comments": "new"} for filler in fillers]
    undesired = [sender(f"undesired{number:04}.example") for number in range(1500)] if move.purge else []
    account.put({"block_senders": [*account.state()["block_senders"], *fillers, *undesired]})
    report = perform(account, SETTINGS, purge_limit=5000, **params)
    report.ok()
    held = account.state()["block_senders"]
    assert len(held) == len(move.after) + len(fillers)
    assert {each["id"]: each["pattern"][0] for each in held if len(each["id"]) == 1} == move.after
    assert 409 not in [one["status"] for one in report.requests]
    # What nobody waits for goes beside and after the last of the changes.
    assert len(report.writes) == (4 if move.purge else 3)


@lists
@batch
@pytest.mark.parametrize("move", SWAPS.values(), ids=SWAPS.keys())
def test_a_swap_is_refused_before_the_first_write(account: Account, name: str, batch: bool, move: Move) -> None:
    params = prepared(account, name, move, batch=batch)
    before = account.state()
    for check in (True, False):
        # What comes before it in the run is not written either.
        report = perform(account, SETTINGS, check=check, domains=[], **params)
        assert isinstance(report.error, PlanError), report.error
        assert f"{name}[0]" in report.msg
        assert f"{name}[1]" in report.msg
        assert "Leave id out" in report.msg
        assert report.writes == []
    assert account.state() == before


@lists
def test_the_advice_about_a_swap_works(account: Account, name: str) -> None:
    """Without ids, entries keep their keys, and get what else the others had."""
    params = prepared(account, name, SWAPS["a swap"])
    for number, desired in enumerate(params[name]):
        del desired["id"]
        desired["comments"] = str(number)
    perform(account, SETTINGS, **params).ok()
    assert keys(name, account.state()[name]) == {"1": "a", "2": "b"}
    assert [each["comments"] for each in account.state()[name]] == ["1", "0"]
