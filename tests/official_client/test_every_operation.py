# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official client does everything that it can do, and every answer is what it declares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from cloudflare import Cloudflare

from official_client.failures import FAILURES, NO_ROUTE, NOT_SIMULATED, calls_to_make, not_simulated
from official_client.introspection import connect, operations
from official_client.samples import PLAIN, Call
from official_client.sweep import SUCCESS, Outcome, perform
from simulator.handle import Account, Simulator

OPERATIONS = operations()
CALLS = calls_to_make(OPERATIONS.values())
# What the client's class for a page does not name: the rest of the envelope, and counts and cursors.
ENVELOPE = {"success", "errors", "messages"}
COUNTS = {"result_info.count", "result_info.total_count", "result_info.next", "result_info.previous"}
# Fields that Cloudflare documents and this client is too old for.
NEWER = {"expires_at"}

Outcomes = dict[str, Outcome]

# Some of what the client can do is deprecated, and it says so.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def client(simulator: Simulator) -> Iterator[Cloudflare]:
    with connect(simulator.base_url, Account.token) as connected:
        yield connected


@pytest.fixture(scope="module")
def outcomes(simulator: Simulator, client: Cloudflare) -> Outcomes:
    """What comes of each call, with the simulator's default options."""
    return {str(call): perform(simulator, client, call) for call in CALLS}


@pytest.fixture(scope="module")
def successes(simulator: Simulator, client: Cloudflare, outcomes: Outcomes) -> Outcomes:
    """The same, but a call that is known to fail and can be helped is made again with what helps."""
    helped = {
        str(call): perform(simulator, client, call, **known.helped_by)
        for call in CALLS
        for known in FAILURES
        if known.helped_by and known.covers(call, outcomes[str(call)])
    }
    return {**outcomes, **helped}


def test_there_are_operations_and_no_two_calls_have_the_same_name() -> None:
    assert len(OPERATIONS) > 60
    assert [name for name, number in Counter(map(str, CALLS)).items() if number > 1] == []


def test_every_operation_is_given_what_it_needs() -> None:
    needs = {
        name: missing
        for name, operation in OPERATIONS.items()
        if (
            missing := {each.name for each in operation.parameters.values() if each.required} - set(PLAIN.get(name, {}))
        )
    }
    assert needs == {}, "not covered: samples.PLAIN does not say how these are called"
    assert set(PLAIN) - set(OPERATIONS) == set(), "the client has these no more"


@pytest.mark.parametrize("call", [call for call in CALLS if not not_simulated(call.operation)], ids=str)
def test_a_call_succeeds_or_is_known_not_to(call: Call, outcomes: Outcomes, successes: Outcomes) -> None:
    outcome = successes[str(call)]
    if outcome.result != SUCCESS:
        known = [failure for failure in FAILURES if failure.covers(call, outcomes[str(call)])]
        assert known, f"{outcome.result}: {outcome.message}"
        assert not known[0].helped_by, f"not helped, {outcome.result}: {outcome.message}"
    elif call.label == "plain" and outcome.number is not None:
        assert outcome.number, "an empty list shows nothing"
    elif call.label == "all pages":
        assert outcome.number == successes[f"{call.operation.name} plain"].number


def test_what_is_not_simulated_is_not_there(outcomes: Outcomes) -> None:
    there = [
        str(call) for call in CALLS if not_simulated(call.operation) and outcomes[str(call)].result not in NO_ROUTE
    ]
    assert there == [], "simulated now: failures.NOT_SIMULATED says otherwise"


def test_no_reason_is_stale(outcomes: Outcomes) -> None:
    stale = [known for known in FAILURES if not any(known.covers(call, outcomes[str(call)]) for call in CALLS)]
    assert stale == []
    used = {not_simulated(operation) for operation in OPERATIONS.values()}
    assert set(NOT_SIMULATED) - used == set()


def test_an_answer_has_no_field_that_the_client_does_not_know(successes: Outcomes) -> None:
    unknown = {
        call: fields
        for call, outcome in successes.items()
        if (fields := {name for name in outcome.unknown - ENVELOPE - COUNTS if name.rpartition(".")[2] not in NEWER})
    }
    assert unknown == {}
