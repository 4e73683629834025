# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For the same intent the collection sends what the official client sends, but for what is meant to differ."""

from __future__ import annotations

import contextlib
import re

import pytest
from cloudflare import APIError, Cloudflare

from modules.playbook import Step, play
from official_client import account as held
from official_client.comparison import Finding, compare
from official_client.differences import DIFFERENCES, FAILING_TASKS, NOT_USED
from official_client.failures import not_simulated
from official_client.introspection import connect, operations
from official_client.pairs import FOLDER, PAIRS, Pair
from official_client.samples import Call
from official_client.sweep import filled, send
from simulator.handle import Account, Simulator

OPERATIONS = operations()
# Some of what the client can do is deprecated, and it says so.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

Requests = dict[str, list[dict[str, object]]]


@pytest.fixture(scope="module")
def of_the_client(simulator: Simulator) -> Requests:
    """What the client sends, by pair."""
    with connect(simulator.base_url, Account.token) as client:
        return {str(pair): _sent(simulator, client, pair) for pair in PAIRS}


@pytest.fixture(scope="module")
def of_the_collection(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Requests:
    """What the modules send, by pair. All are tasks of one playbook."""
    account = simulator.account()
    folder = tmp_path_factory.mktemp("playbook")
    (folder / FOLDER).mkdir()
    steps = [Step(str(pair), pair.module, pair.options, control=held.CONTROL) for pair in PAIRS]
    run = play(account, folder, steps)
    account.forget()
    failed = {outcome.step.name: outcome.msg for outcome in run if outcome.failed}
    assert set(failed) == set(FAILING_TASKS), failed
    return {outcome.step.name: outcome.requests for outcome in run}


@pytest.fixture(scope="module")
def findings(of_the_client: Requests, of_the_collection: Requests) -> list[Finding]:
    return [
        finding
        for pair in PAIRS
        for finding in compare(pair, of_the_client[str(pair)][0], of_the_collection[str(pair)])
    ]


def test_every_operation_is_compared_or_not_used() -> None:
    compared = {pair.operation for pair in PAIRS}
    unused = {name for name in OPERATIONS if any(re.fullmatch(pattern, name) for pattern in NOT_USED)}
    unused |= {name for name, operation in OPERATIONS.items() if not_simulated(operation)}
    assert set(OPERATIONS) - compared - unused == set(), "not covered: neither in PAIRS nor in NOT_USED"
    assert compared & unused == set()
    assert [pattern for pattern in NOT_USED if not any(re.fullmatch(pattern, name) for name in OPERATIONS)] == []


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_difference_is_meant(pair: Pair, findings: list[Finding]) -> None:
    unexplained = [
        finding
        for finding in findings
        if finding.pair == str(pair) and not any(known.covers(finding) for known in DIFFERENCES)
    ]
    assert unexplained == []


def test_no_difference_is_stale(findings: list[Finding]) -> None:
    assert [known for known in DIFFERENCES if not any(known.covers(finding) for finding in findings)] == []


def _sent(simulator: Simulator, client: Cloudflare, pair: Pair) -> list[dict[str, object]]:
    account = filled(simulator)
    # What is answered is no matter here.
    with contextlib.suppress(APIError):
        send(client, account, Call(OPERATIONS[pair.operation], pair.name, pair.client))
    requests = account.requests()
    account.forget()
    assert len(requests) == 1, requests
    return requests
