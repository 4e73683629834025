# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing lost and nothing twice when acting on messages: every fault at the look and at the act, run to the end.

What was done is read from the account's own record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    AccessError,
    EmailSecurityError,
    NoAnswerError,
    ThrottledError,
    TransportError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import act as message_actions
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import reclassify
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import ModuleSpec

from modules.in_process import Report, log_of, perform, put_mail
from simulator.handle import Account
from unit import armed
from unit.armed import fault
from unit.servers import Server
from unit.test_reconcile_faults import DOUBTS, THROTTLES


@dataclass(frozen=True)
class Flow:
    """A module that acts on three messages.

    :param entry: what the account's record says of a message that was acted on.
    :param writes: requests that it takes.
    :param looks: requests before the first of them.
    """

    spec: ModuleSpec
    done: str
    params: dict[str, Any]
    mail: dict[str, Any]
    entry: str
    writes: int
    looks: int = 3


FLOWS = {
    "move": Flow(message_actions.message_move_module(), "moved", {"destination": "JunkEmail"}, {}, "MOVE", 1),
    "release": Flow(
        message_actions.message_release_module(), "released", {}, {"is_quarantined": True}, "QUARANTINE_RELEASE", 1
    ),
    "reclassify": Flow(
        message_actions.message_reclassify_module(),
        "reclassified",
        {"expected_disposition": "MALICIOUS"},
        {"final_disposition": "NONE"},
        "SUBMISSION",
        1,
        looks=4,
    ),
}
# A request of these can be broken off in the middle.
SEVERAL = {name: FLOWS[name] for name in ("move", "release")}
PARTS = {f"{count} of three done": fault("partial_move", count=count) for count in (1, 2)}
REFUSALS: dict[str, tuple[dict[str, Any], type[EmailSecurityError], str]] = {
    "400": (fault("status_before", status=400, message="not today"), EmailSecurityError, "not today"),
    "403": (fault("status_before", status=403), AccessError, "Cloud Email Security: Write"),
    "409": (fault("status_before", status=409, message="in use"), EmailSecurityError, "in use"),
    "another failure in a 200": (fault("refused_200", code=10500, message="no"), EmailSecurityError, "no"),
}

flows = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS.keys())


def run(account: Account, flow: Flow, ids: list[str], **more: Any) -> Report:
    return perform(account, flow.spec, investigate_ids=ids, **flow.params, **more)


def done_in(account: Account, flow: Flow) -> list[str]:
    """The messages that the account's record says were acted on, each as often as it was."""
    return [message_id for message_id, log in log_of(account).items() for entry in log if entry == (flow.entry, True)]


def assert_finished(account: Account, flow: Flow, ids: list[str]) -> None:
    """Each was acted on once, and another run does nothing."""
    assert sorted(done_in(account, flow)) == sorted(ids)
    again = run(account, flow, ids)
    assert (again.ok()["changed"], again.writes) == (False, [])
    assert again.result["unchanged"] == ids
    assert again.result[flow.done] == []


@flows
@pytest.mark.parametrize("at", DOUBTS.values(), ids=DOUBTS.keys())
def test_a_doubt_about_the_act_is_resolved_by_looking(account: Account, flow: Flow, at: dict[str, Any]) -> None:
    ids = put_mail(account, 3, **flow.mail)
    account.faults({**at, "method": "POST"})
    report = run(account, flow, ids)
    assert account.fault_report()[0]["fired"] == 1
    assert sorted(report.ok()[flow.done]) == sorted(ids)
    assert report.result["changed"] is True
    assert {each["investigate_id"] for each in report.result["outcomes"]} == set(ids)
    assert len(report.writes) <= flow.writes + 1
    assert_finished(account, flow, ids)


@pytest.mark.parametrize("flow", SEVERAL.values(), ids=SEVERAL.keys())
@pytest.mark.parametrize("at", PARTS.values(), ids=PARTS.keys())
def test_only_the_rest_of_a_broken_request_is_sent_again(account: Account, flow: Flow, at: dict[str, Any]) -> None:
    ids = put_mail(account, 3, **flow.mail)
    account.faults({**at, "method": "POST"})
    report = run(account, flow, ids)
    assert sorted(report.ok()[flow.done]) == sorted(ids)
    second = report.writes[1][1]
    assert (second["ids"]) == ids[at["arguments"]["count"] :]
    lost = [each["investigate_id"] for each in report.result["outcomes"] if "answer was lost" in each["status"]]
    assert lost == ids[: at["arguments"]["count"]]
    assert_finished(account, flow, ids)


@flows
@pytest.mark.parametrize("at", THROTTLES.values(), ids=THROTTLES.keys())
def test_a_throttled_act_is_sent_again(account: Account, flow: Flow, at: dict[str, Any]) -> None:
    ids = put_mail(account, 3, **flow.mail)
    account.faults({**at, "method": "POST", "times": 2})
    report = run(account, flow, ids)
    assert report.ok()[flow.done] == ids
    assert len(report.writes) == flow.writes + 2
    # Not looked at again: the API said that nothing was done.
    assert len(report.reads) == flow.looks
    assert_finished(account, flow, ids)


@flows
@pytest.mark.parametrize("at", {**armed.DOUBTS, **armed.RATE_LIMITS}.values(), ids=lambda at: at["kind"])
def test_a_look_is_tried_again(account: Account, flow: Flow, at: dict[str, Any]) -> None:
    ids = put_mail(account, 3, **flow.mail)
    account.faults({**at, "method": "GET", "times": 2, "after": 1})
    report = run(account, flow, ids)
    assert account.fault_report()[0]["fired"] == 2
    assert report.ok()[flow.done] == ids
    assert len(report.writes) == flow.writes
    assert_finished(account, flow, ids)


@flows
@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_refused_is_told_and_the_next_run_finishes(account: Account, flow: Flow, case: str) -> None:
    at, kind, said = REFUSALS[case]
    ids = put_mail(account, 3, **flow.mail)
    # The second request is refused where there are several.
    account.faults({**at, "method": "POST", "after": flow.writes // 2, "times": None})
    report = run(account, flow, ids)
    assert isinstance(report.error, kind)
    assert said in report.msg
    assert ids[flow.writes // 2] in report.msg
    assert sorted(report.result[flow.done]) == sorted(done_in(account, flow)) == sorted(ids[: flow.writes // 2])
    assert report.result["changed"] is bool(done_in(account, flow))
    account.clear_faults()
    run(account, flow, ids).ok()
    assert_finished(account, flow, ids)


@flows
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_is_sent_after_a_redirect(account: Account, flow: Flow, method: str) -> None:
    ids = put_mail(account, 3, **flow.mail)
    with Server() as lure:
        account.faults({**fault("redirect", location=f"{lure.url}/x", status=307), "method": method, "times": None})
        report = run(account, flow, ids)
        assert lure.seen == []
    assert isinstance(report.error, TransportError)
    assert "redirected to 127.0.0.1" in report.msg
    assert done_in(account, flow) == []
    account.clear_faults()
    run(account, flow, ids).ok()
    assert_finished(account, flow, ids)


@flows
@pytest.mark.parametrize("at", [DOUBTS["cut after"], DOUBTS["cut before"], DOUBTS["500 before"]], ids=repr)
def test_an_outage_of_acting(account: Account, flow: Flow, at: dict[str, Any]) -> None:
    ids = put_mail(account, 3, **flow.mail)
    account.faults({**at, "method": "POST", "times": None})
    report = run(account, flow, ids)
    if at["kind"] == "cut_after":
        # Looking again always shows that it was done.
        assert sorted(report.ok()[flow.done]) == sorted(ids)
    else:
        assert isinstance(report.error, NoAnswerError)
        assert ids[0] in report.msg
        assert (report.result[flow.done], report.result["changed"]) == ([], False)
        # A few times, with pauses that grow.
        assert 2 <= len(report.writes) <= 10
    account.clear_faults()
    run(account, flow, ids).ok()
    assert_finished(account, flow, ids)


@flows
def test_an_outage_of_looking_acts_on_nothing(account: Account, flow: Flow) -> None:
    ids = put_mail(account, 3, **flow.mail)
    account.faults({**fault("status_before", status=502, body="html"), "method": "GET", "after": 1, "times": None})
    report = run(account, flow, ids)
    assert isinstance(report.error, NoAnswerError)
    assert "HTTP 502" in report.msg
    assert report.writes == []
    account.clear_faults()
    run(account, flow, ids).ok()
    assert_finished(account, flow, ids)


@flows
def test_an_outage_of_looking_after_a_doubt_is_told_with_both_causes(account: Account, flow: Flow) -> None:
    ids = put_mail(account, 3, **flow.mail)
    account.faults(
        {**fault("cut_after"), "method": "POST"},
        {**fault("status_before", status=500), "method": "GET", "after": flow.looks, "times": None},
    )
    report = run(account, flow, ids)
    assert isinstance(report.error, EmailSecurityError)
    # What was sent and never answered, and why it is not known what became of it.
    assert "POST" in report.msg
    assert "HTTP 500" in report.msg
    assert ids[0] in report.msg
    assert report.result[flow.done] == []
    account.clear_faults()
    run(account, flow, ids).ok()
    assert_finished(account, flow, ids)


@flows
def test_a_block_that_outlasts_retry_timeout_is_told(account: Account, flow: Flow) -> None:
    ids = put_mail(account, 3, **flow.mail)
    account.faults({**fault("rate_limited", retry_after=300), "method": "POST", "times": None})
    report = run(account, flow, ids, connection={"retry_timeout": 60.0})
    assert isinstance(report.error, ThrottledError)
    assert "rate limit" in report.msg
    assert done_in(account, flow) == report.result[flow.done] == []
    account.clear_faults()
    run(account, flow, ids).ok()
    assert_finished(account, flow, ids)


@flows
@pytest.mark.parametrize("at", [DOUBTS["cut after"], DOUBTS["cut before"]], ids=["done", "not done"])
def test_killed_halfway_and_run_again(
    account: Account, flow: Flow, at: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection goes at the first of three requests, and everything later is refused, until the next run."""
    monkeypatch.setattr(message_actions, "MOVE_SIZE", 1)
    monkeypatch.setattr(reclassify, "SUBMIT_SIZE", 1)
    ids = put_mail(account, 3, **flow.mail)
    account.faults(
        {**at, "method": "POST"},
        {**fault("status_before", status=403), "after": flow.looks + 1, "times": None},
    )
    report = run(account, flow, ids)
    assert isinstance(report.error, EmailSecurityError)
    assert len(report.writes) == 1
    done = done_in(account, flow)
    assert done == (ids[:1] if at["kind"] == "cut_after" else [])
    account.clear_faults()
    again = run(account, flow, ids)
    assert again.ok()[flow.done] == [each for each in ids if each not in done]
    assert again.result["unchanged"] == done
    assert_finished(account, flow, ids)
