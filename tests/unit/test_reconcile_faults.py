# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing lost and nothing twice: every fault at every kind of write, run to the end.

The simulated account takes duplicates here, so that a write that is sent twice shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError, NoAnswerError

from simulator.handle import Account
from unit.armed import fault
from unit.engine import Engine, blocked, person, sent, steps, written


@dataclass(frozen=True)
class Flow:
    """A run that writes: what is there, what is desired, and what the run does for it.

    ``method`` is the one that faults happen to, ``done_before`` what is done by then.
    """

    name: str
    method: str
    account: list[dict[str, Any]]
    document: list[dict[str, Any]]
    done: list[tuple[str, str]]
    writes: int
    done_before: tuple[tuple[str, str], ...] = ()


X, Y, Z = (f"{blocked(number)['pattern']} DOMAIN" for number in (1, 2, 3))
P1, P2, P3 = (f"n{number}@example.com Person {number}" for number in (1, 2, 3))

FLOWS = {
    "create": Flow("block_senders", "POST", [], [blocked(1)], [("create", X)], 1),
    "update": Flow("block_senders", "PATCH", [blocked(1)], [blocked(1, comments="a")], [("update", X)], 1),
    "delete": Flow("block_senders", "DELETE", [blocked(1)], [blocked(1, state="absent")], [("delete", X)], 1),
    "batch": Flow(
        "block_senders",
        "POST",
        [blocked(1), blocked(2)],
        [blocked(1, comments="a"), blocked(2, state="absent"), blocked(3)],
        [("create", Z), ("update", X), ("delete", Y)],
        1,
    ),
    "create one of several": Flow(
        "impersonation_registry", "POST", [], [person(1), person(2)], [("create", P1), ("create", P2)], 2
    ),
    "delete after others": Flow(
        "impersonation_registry",
        "DELETE",
        [person(1), person(2)],
        [person(1, comments="a"), person(2, state="absent"), person(3)],
        [("create", P3), ("update", P1), ("delete", P2)],
        3,
        (("create", P3), ("update", P1)),
    ),
}


# After these it is not known whether the write was carried out.
DOUBTS = {
    "cut before": fault("cut_before"),
    "cut after": fault("cut_after"),
    "500 before": fault("status_before", status=500),
    "502 after": fault("status_after", status=502, body="html"),
    "503 before, Retry-After": fault("status_before", status=503, retry_after=2),
    "504 after": fault("status_after", status=504, body="empty"),
    "408 before": fault("status_before", status=408),
    "internal error in a 200": fault("refused_200"),
    "page instead of an answer": fault("html_200"),
    "page after the work": fault("html_200", work=True),
    "not JSON": fault("not_json"),
    "not JSON, not done": fault("not_json", work=False),
    "truncated": fault("truncated_json"),
    "truncated, looks whole": fault("truncated_json", content_length="truncated"),
}
# With these the API says that it did nothing.
THROTTLES = {
    "429 in seconds": fault("rate_limited", retry_after=7),
    "429 with a date": fault("rate_limited", retry_after="Fri, 01 Jan 2100 00:00:00 GMT"),
    "429 without Retry-After": fault("rate_limited", retry_after=None),
    "429 in HTML": fault("rate_limited", body="html"),
    "971 in a 200": fault("throttled_200"),
    "10100 in a 200": fault("throttled_200", code=10100),
}

flows = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS.keys())


def prepared(account: Account, flow: Flow) -> Engine:
    account.options(duplicates="allow")
    account.put({flow.name: flow.account})
    return Engine(account)


def assert_finished(account: Account, flow: Flow) -> None:
    """The account holds what the document says, once, and another run has nothing to do."""
    shown = written(account, flow.name)
    present = [entry for entry in flow.document if entry.get("state") != "absent"]
    assert shown == sorted(({name: entry[name] for name in shown[0]} for entry in present) if shown else [], key=repr)
    assert len(shown) == len(present)
    assert Engine(account).run({flow.name: flow.document}) == []


@flows
@pytest.mark.parametrize("armed", DOUBTS.values(), ids=DOUBTS.keys())
def test_a_doubt_is_resolved_by_reading(account: Account, flow: Flow, armed: dict[str, Any]) -> None:
    engine = prepared(account, flow)
    account.faults({**armed, "method": flow.method})
    done = engine.run({flow.name: flow.document})
    assert account.fault_report()[0]["fired"] == 1
    assert sorted(steps(done)) == sorted(flow.done)
    assert len(sent(account)) <= flow.writes + 1
    assert_finished(account, flow)


@flows
@pytest.mark.parametrize("armed", THROTTLES.values(), ids=THROTTLES.keys())
def test_a_throttled_write_is_sent_again(account: Account, flow: Flow, armed: dict[str, Any]) -> None:
    engine = prepared(account, flow)
    account.faults({**armed, "method": flow.method, "times": 2})
    assert steps(engine.run({flow.name: flow.document})) == flow.done
    assert len(sent(account)) == flow.writes + 2
    # Not read again: the API said that nothing was done.
    assert [entry["method"] for entry in account.requests()].count("GET") == 1
    assert_finished(account, flow)


@flows
@pytest.mark.parametrize("armed", [DOUBTS["cut after"], DOUBTS["500 before"]], ids=["done", "not done"])
def test_an_outage_ends_the_run_and_the_next_one_finishes(account: Account, flow: Flow, armed: dict[str, Any]) -> None:
    engine = prepared(account, flow)
    account.faults({**armed, "method": flow.method, "times": None})
    if armed["kind"] == "cut_after":
        # Reading again always shows that the work was done.
        assert steps(engine.run({flow.name: flow.document})) == flow.done
    else:
        with pytest.raises(NoAnswerError) as failed:
            engine.run({flow.name: flow.document})
        assert "HTTP 500" in str(failed.value)
        assert engine.done == list(flow.done_before)
    account.clear_faults()
    Engine(account).run({flow.name: flow.document})
    assert_finished(account, flow)


@flows
def test_an_outage_of_reading_after_a_doubt_is_told_with_both_causes(account: Account, flow: Flow) -> None:
    engine = prepared(account, flow)
    account.faults(
        {"kind": "cut_after", "method": flow.method},
        {"kind": "status_before", "method": "GET", "after": 1, "times": None, "arguments": {"status": 500}},
    )
    with pytest.raises(EmailSecurityError, match="Then reading again failed") as failed:
        engine.run({flow.name: flow.document})
    assert "HTTP 500" in str(failed.value)
    account.clear_faults()
    Engine(account).run({flow.name: flow.document})
    assert_finished(account, flow)


def test_what_was_done_before_a_failure_is_told_exactly(account: Account) -> None:
    flow = FLOWS["delete after others"]
    engine = prepared(account, flow)
    account.faults({**DOUBTS["500 before"], "method": "PATCH", "times": None})
    with pytest.raises(NoAnswerError, match=r"impersonation_registry\[0\].*not known whether it was updated"):
        engine.run({flow.name: flow.document})
    assert engine.done == [("create", P3)]
    assert not [method for method, _path in sent(account) if method == "DELETE"]


def test_lists_that_were_finished_before_a_failure_are_told(account: Account) -> None:
    engine = Engine(account)
    account.faults({**DOUBTS["500 before"], "method": "POST", "path": "trusted_domains", "times": None})
    with pytest.raises(NoAnswerError):
        engine.run({"block_senders": [blocked(1)], "trusted_domains": [{"pattern": "t.example"}]})
    assert engine.done == [("create", X)]
