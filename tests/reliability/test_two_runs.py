# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs on the same account at the same time: both end well, and the account is as desired.

A gate before the simulator lets one request pass at a time, in an order that the test chooses: in every order there is
for small runs, and in those that Hypothesis thinks of for larger ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import ConflictError, NotFoundError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.act import (
    message_move_module,
    message_release_module,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entry import entry_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import settings_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import ModuleSpec
from hypothesis import given
from hypothesis import strategies as st

from modules.in_process import Report, folders_of, perform
from modules.samples import person, policy, sender, trusted
from reliability.pair import Pair, Task
from simulator.handle import Account

SETTINGS = settings_module()
Document = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Case:
    """What two runs find, what each is asked to do, and what there must be in the end.

    :param most: more orders than their requests can come in.
    """

    before: Document
    tasks: Sequence[Task]
    after: Document
    most: int
    options: Mapping[str, Any] = field(default_factory=dict)


def document(**params: Any) -> Task:
    return Task(SETTINGS, params)


def entry(name: str, **params: Any) -> Task:
    return Task(entry_module(RESOURCES[name]), params)


def team(name: str) -> Task:
    """A team that shares the account: its entries carry its name, and it purges only those."""
    desired = [sender(f"{name}{number}.example", comments=f"team {name}") for number in (1, 2)]
    return document(block_senders=desired, purge=["block_senders"], purge_scope=f"^team {name}$")


OLD = sender("old.example")
DESIRED = [sender("a.example"), sender("b.example", comments="new"), sender("c.example")]
BEFORE = {"block_senders": [sender("b.example", comments="old"), OLD]}
PURGED = document(block_senders=DESIRED, purge=["block_senders"])
PEOPLE = [person(name, f"{name}@example.com") for name in "abc"]
TEAMS = [team("x"), team("y")]
TEAMS_AFTER = [each for task in TEAMS for each in task.params["block_senders"]]
TEAMS_BEFORE = [sender(f"{name}{number}.example", comments=f"team {name}") for name in "xy" for number in (2, 3)]

CASES = {
    "batches": Case(BEFORE, [PURGED, PURGED], {"block_senders": DESIRED}, 100),
    "changes without batch": Case(
        {"block_senders": [OLD, sender("b.example", comments="old")]},
        [document(block_senders=DESIRED[1:2], purge=["block_senders"])] * 2,
        {"block_senders": DESIRED[1:2]},
        500,
        {"batch": False},
    ),
    "new entries in a list that has no batch": Case(
        {}, [document(impersonation_registry=PEOPLE)] * 2, {"impersonation_registry": PEOPLE}, 500
    ),
    "deletions in a list that has no batch": Case(
        {"impersonation_registry": PEOPLE},
        [document(impersonation_registry=[], purge=["impersonation_registry"])] * 2,
        {"impersonation_registry": []},
        500,
    ),
    "the same entry": Case(
        {}, [entry("block_senders", **sender("a.example"))] * 2, {"block_senders": [sender("a.example")]}, 50
    ),
    "the same entry removed": Case(
        {"block_senders": [OLD]}, [entry("block_senders", **OLD, state="absent")] * 2, {"block_senders": []}, 50
    ),
    "document and entry": Case(
        BEFORE,
        [PURGED, entry("block_senders", **sender("a.example", comments=None))],
        {"block_senders": DESIRED},
        100,
    ),
    "two teams": Case(
        {"block_senders": TEAMS_BEFORE}, TEAMS, {"block_senders": TEAMS_AFTER}, 100
    ),
    "two teams without batch": Case(
        {"block_senders": TEAMS_BEFORE}, TEAMS, {"block_senders": TEAMS_AFTER}, 2000, {"batch": 405}
    ),
}  # fmt: skip


def fields(entries: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    return sorted(({name: each.get(name) for name in names} for each in entries), key=repr)


def assert_holds(account: Account, desired: Document) -> None:
    """The account has these entries, each once, and no other."""
    state = account.state()
    for name, entries in desired.items():
        names = ["comments", *RESOURCES[name].key]
        assert fields(state[name], names) == fields(entries, names)


def assert_settled(account: Account, tasks: Sequence[Task]) -> None:
    """Another run of each changes nothing."""
    for task in tasks:
        later = perform(account, task.spec, **task.params)
        assert later.ok()["changed"] is False
        assert later.writes == []


def assert_claimed_once(reports: Sequence[Report]) -> None:
    """What is made or removed once is reported by one run, and not by both."""
    claims = [
        (change["list"], change["action"], sorted(change["key"].items()))
        for report in reports
        for change in report.result.get("changes", [])
        if change["action"] != "update"
    ]
    twice = [claim for claim in claims if claims.count(claim) > 1]
    assert not twice


def pair(account: Account, case: Case) -> Pair:
    account.options(**case.options)

    def check(reports: Sequence[Report]) -> None:
        for report in reports:
            report.ok()
        assert_holds(account, case.after)
        assert_claimed_once(reports)
        assert_settled(account, case.tasks)

    return Pair(account, case.tasks, lambda: account.put(case.before), check)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_in_every_order(account: Account, case: Case) -> None:
    with pair(account, case) as both:
        assert 1 < both.in_every_order(case.most) <= case.most


def large() -> Case:
    """Every list, all kinds of changes, single calls and batches."""
    desired = {
        "block_senders": [sender(f"{number}.example", comments="new") for number in range(2, 6)],
        "impersonation_registry": [person(name, f"{name}@example.com", comments="new") for name in "bcde"],
        "trusted_domains": [trusted(f"{number}.example") for number in range(4)],
        "allow_policies": [policy(f"{number}.example", comments="new") for number in range(4)],
    }
    before = {
        "block_senders": [sender(f"{number}.example", comments="old") for number in range(4)],
        "impersonation_registry": [person(name, f"{name}@example.com", comments="old") for name in "abc"],
        "allow_policies": [policy("0.example", comments="old")],
    }
    return Case(before, [document(**desired, purge=list(desired))] * 2, desired, 0)


orders = st.lists(st.integers(0, 1), max_size=60)


@given(order=orders, batch=st.sampled_from([True, False, 405]))
def test_a_large_document_in_any_order(account: Account, order: Sequence[int], batch: bool | int) -> None:
    with pair(account, replace(large(), options={"batch": batch})) as both:
        both.in_order(order)


@given(order=orders, batch=st.booleans())
def test_teams_with_opposite_wishes_end_in_one_of_them(account: Account, order: Sequence[int], batch: bool) -> None:
    """Of two runs that want different things, one succeeds or fails with a message; nothing is made twice or lost."""
    wishes = [
        document(block_senders=[sender("a.example", comments=name), sender(f"{name}.example")], purge=["block_senders"])
        for name in ("x", "y")
    ]
    before = {"block_senders": [sender("a.example"), sender("x.example"), sender("old.example")]}

    def check(reports: Sequence[Report]) -> None:
        for report in reports:
            assert report.error is None or isinstance(report.error, ConflictError | NotFoundError), report.msg
        held = account.state()["block_senders"]
        patterns = [each["pattern"] for each in held]
        assert len(set(patterns)) == len(patterns)
        assert set(patterns) <= {"a.example", "x.example", "y.example"}
        for task in wishes:
            perform(account, task.spec, **task.params).ok()
            assert_holds(account, {"block_senders": task.params["block_senders"]})
            assert_settled(account, [task])

    account.options(batch=batch)
    with Pair(account, wishes, lambda: account.put(before), check) as both:
        both.in_order(order)


def test_where_the_api_takes_equal_entries_the_next_run_names_those_made_twice(account: Account) -> None:
    """Without a lock nobody can keep two runs from making the same entry there; it must not stay unseen."""
    account.options(duplicates="allow")
    task = document(impersonation_registry=PEOPLE[:1])

    def check(reports: Sequence[Report]) -> None:
        for report in reports:
            report.ok()
        ids = [each["id"] for each in account.state()["impersonation_registry"]]
        later = perform(account, task.spec, **task.params)
        if len(ids) == 1:
            assert later.ok()["changed"] is False
        else:
            assert all(each in later.msg for each in ids)
        assert later.writes == []
        counts.add(len(ids))

    counts: set[int] = set()
    with Pair(account, [task, task], lambda: account.put({}), check) as both:
        both.in_every_order(10)
    assert counts == {1, 2}


MESSAGES = 3
MAIL = {
    "move": (message_move_module(), {"destination": "JunkEmail"}, {}, {"JunkEmail"}),
    "release": (message_release_module(), {}, {"is_quarantined": True}, {"Inbox"}),
}


@pytest.mark.parametrize(("spec", "params", "fields_before", "folders"), MAIL.values(), ids=MAIL.keys())
def test_two_responders_act_on_the_same_wave(
    account: Account, spec: ModuleSpec, params: dict[str, Any], fields_before: dict[str, Any], folders: set[str]
) -> None:
    ids = [f"message-{number}" for number in range(MESSAGES)]
    tasks = [Task(spec, {"investigate_ids": ids, **params})] * 2

    def check(reports: Sequence[Report]) -> None:
        for report in reports:
            # Released by the other in the meantime, a message is not delivered once more, and the API says so.
            assert not report.msg or (spec.options.keys() == {"investigate_ids"} and "not delivered to" in report.msg)
        assert folders_of(account) == dict.fromkeys(ids, folders)
        assert_settled(account, tasks[:1])

    def prepare() -> None:
        account.put_messages(*({"id": each, **fields_before} for each in ids))

    with Pair(account, tasks, prepare, check) as both:
        # Several are read concurrently, so that the number of requests in a turn is not always the same.
        for order in product((0, 1), repeat=5):
            both.in_order(order)
