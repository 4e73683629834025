# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Concurrent requests: bounded, in order, and stopped by the first failure; and what is reported on the way."""

from __future__ import annotations

from collections import Counter

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import RefusedError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.block_senders import BLOCK_SENDERS
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings import report

from simulator.handle import Account
from unit.engine import Engine, blocked, person, sent
from unit.gauge import Gauge
from unit.test_steps import planned

PEOPLE = "impersonation_registry"


@pytest.mark.parametrize("concurrency", [1, 3])
def test_pages(account: Account, monkeypatch: pytest.MonkeyPatch, concurrency: int) -> None:
    account.put({"block_senders": [blocked(number) for number in range(6500)]})
    gauge = Gauge(monkeypatch, concurrency, alone=1)
    engine = Engine(account, concurrency=concurrency)
    entries = engine.client.settings.entries(BLOCK_SENDERS)
    assert [entry["pattern"] for entry in entries] == [blocked(number)["pattern"] for number in range(6500)]
    assert len(account.requests()) == 7
    assert gauge.most == concurrency
    assert engine.reported[0] == "1,000 block_senders read."


def test_no_more_pages_than_are_announced(account: Account) -> None:
    account.put({"block_senders": [blocked(number) for number in range(2001)]})
    Engine(account, concurrency=16).client.settings.entries(BLOCK_SENDERS)
    assert len(account.requests()) == 3


def test_an_announcement_without_limit_brings_few_requests(account: Account) -> None:
    account.put({"block_senders": [blocked(number) for number in range(1000)]})
    account.faults({"kind": "wrong_total_count", "times": None, "arguments": {"value": 10**9}})
    engine = Engine(account, concurrency=4)
    assert len(engine.client.settings.entries(BLOCK_SENDERS)) == 1000
    assert len(account.requests()) <= 2 * 5
    assert "announced" in engine.client.warnings[0]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_single_calls(account: Account, monkeypatch: pytest.MonkeyPatch, concurrency: int) -> None:
    gauge = Gauge(monkeypatch, concurrency, alone=1)
    engine = Engine(account, concurrency=concurrency)
    done = engine.run({PEOPLE: [person(number) for number in range(120)]})
    assert len(done) == len(sent(account)) == len(account.state()[PEOPLE]) == 120
    assert gauge.most == concurrency
    assert engine.reported == [f"100 of 120 {PEOPLE} created."]


def test_kinds_of_single_calls_follow_each_other(account: Account) -> None:
    there = account.put({PEOPLE: [person(number) for number in range(20)]})[PEOPLE]
    document = [person(number, comments="new") for number in range(10)]
    document += [person(number) for number in range(50, 60)]
    Engine(account).run({PEOPLE: document}, purge=[PEOPLE])
    assert [method for method, _path in sent(account)] == ["POST"] * 10 + ["PATCH"] * 10 + ["DELETE"] * 10
    assert len(there) == 20


def test_the_first_failure_keeps_the_rest_back(account: Account) -> None:
    account.faults({"kind": "status_before", "method": "POST", "after": 10, "times": 1, "arguments": {"status": 400}})
    engine = Engine(account)
    with pytest.raises(RefusedError, match="Person"):
        engine.run({PEOPLE: [person(number) for number in range(100)]})
    # What was under way is finished and reported.
    assert 10 <= len(account.state()[PEOPLE]) == len(engine.done) < 50
    account.clear_requests()
    assert len(Engine(account).run({PEOPLE: [person(number) for number in range(100)]})) == 100 - len(engine.done)


def test_unconfirmed_steps_among_single_calls_are_resolved_together(account: Account) -> None:
    account.faults({"kind": "cut_after", "method": "POST", "after": 5, "times": 3})
    account.faults({"kind": "status_before", "method": "POST", "after": 8, "times": 1, "arguments": {"status": 409}})
    engine = Engine(account)
    done = engine.run({PEOPLE: [person(number) for number in range(40)]})
    assert len(done) == len({step.change.identity for step in done}) == len(account.state()[PEOPLE]) == 40


def test_a_large_diff_is_cut_and_says_so() -> None:
    made = planned({}, [blocked(number) for number in range(report.DIFF_ENTRIES + 7)])
    pieces = report.diff(made.changes)
    assert len(pieces) == report.DIFF_ENTRIES + 1
    assert pieces[-1] == {"prepared": "... and 7 more entries.\n"}
    assert len(report.diff(made.changes[: report.DIFF_ENTRIES])) == report.DIFF_ENTRIES


def test_many_changes_of_a_kind_are_counted_and_not_all_listed() -> None:
    desired = [blocked(number) for number in range(report.CHANGES_LISTED + 7)]
    made = planned({key: key for key in range(20_000, 20_003)}, desired, purge=True)
    shown = report.listed(report.in_order(made.changes), {}, lambda change: {})
    assert Counter(change["action"] for change in shown["changes"]) == {"create": report.CHANGES_LISTED, "delete": 3}
    assert shown["changes_omitted"] == {"block_senders": {"create": 7}}
    assert report.listed(made.changes[: report.CHANGES_LISTED], {}, lambda change: {})["changes_omitted"] == {}
