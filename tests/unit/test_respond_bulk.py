# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role respond with a bulk job: only where the service means the same, once, and message by message."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.match import CRITERIA, matcher
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._respond import request as requests_of_role
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._respond.respond import respond_spec

from modules.in_process import Report, folders_of, perform
from simulator.handle import Account
from unit.armed import fault

RESPOND = respond_spec(250)
JOBS = "investigate/bulk"
SUBJECT = "Your parcel is waiting"
MOVE = {"action": "move", "destination": "JunkEmail", "exact_subject": SUBJECT, "ticket": "INC-78", "bulk": "yes"}
BODY = {
    "action": "MOVE",
    "destination": "JunkEmail",
    "comment": "INC-78",
    "search_params": {"exact_subject": SUBJECT, "detections_only": False},
}
CREATE = {"method": "POST", "path": f"^{JOBS}$"}
# By each exact criterion: what a message of the wave has, what another has, and what is asked for.
EXACT: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "exact_subject": ({"subject": SUBJECT}, {"subject": f"{SUBJECT} here"}, SUBJECT),
    "message_id": ({"message_id": "<a@x.example>"}, {"message_id": "<aa@x.example>"}, "a@x.example"),
    "alert_id": ({"alert_id": "alert-1"}, {"alert_id": "alert-11"}, "alert-1"),
    "smtp_helo_ip": (
        {"smtp_helo_server_ip": "192.0.2.2"},
        {"smtp_helo_server_ip": "192.0.2.22"},
        "192.0.2.2",
    ),
    "delivery_status": ({"delivery_status": ["delivered", "moved"]}, {"delivery_status": ["delivered"]}, "moved"),
    "final_disposition": ({"final_disposition": "MALICIOUS-BEC"}, {"final_disposition": "SPAM"}, "MALICIOUS"),
}


def run(account: Account, *, check: bool = False, **more: Any) -> Report:
    """The role's work on what MOVE says; None takes a variable away."""
    given = {**MOVE, "max_messages": "50000", "account_id": account.id, "host": "one", **more}
    return perform(account, RESPOND, check=check, **given)


def put_wave(account: Account, count: int = 3, **fields: Any) -> list[str]:
    """A wave, and a message that the words of its subject find too."""
    wave = [wave_message(number, **fields) for number in range(count)]
    found = account.put_messages(*wave, {"subject": f"{SUBJECT}: beware", "final_disposition": "NONE"})
    return [one["id"] for one in found[:count]]


def wave_message(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "subject": SUBJECT,
        "final_disposition": "NONE",
        "client_recipients": [f"user{number}@acme.example"],
        **fields,
    }


def created(report: Report) -> list[Any]:
    return [body for path, body in report.writes if path == JOBS]


def test_every_exact_criterion_is_judged_here_and_meant_alike_there(account: Account) -> None:
    exact = {each.name for each in requests_of_role.CRITERIA if each.exact}
    assert exact == {*EXACT, "start", "end", "detections_only"}
    assert set(EXACT) <= set(CRITERIA)
    for name, (wave, other, value) in EXACT.items():
        one, two = account.put_messages(wave_message(1, **wave), wave_message(2, **other))
        mismatch = matcher({name: value})
        assert (mismatch(one), bool(mismatch(two))) == ("", True), name
        criteria = {"exact_subject": None, name: value}
        if name == "delivery_status":
            # By itself, it is true of nearly all mail.
            criteria["exact_subject"] = SUBJECT
        report = run(account, **criteria)
        assert report.ok()["states"] == {one["id"]: "moved"}, name
        assert len(account.bulk_jobs()) == 1
        assert report.result["bulk_job"]["total_messages_discovered"] == 1
        account.put_bulk_jobs()


def test_900_messages_are_one_write_and_none_when_run_again(account: Account) -> None:
    ids = put_wave(account, 900)
    looked = run(account, check=True)
    assert looked.ok()["changed"]
    assert looked.result["states"] == dict.fromkeys(ids, "to move")
    assert looked.writes == account.bulk_jobs() == []
    # One page of messages, and the jobs that there are.
    assert looked.reads == ["investigate", JOBS]
    assert looked.result["left_out"] == [{"reason": "with another subject", "count": 1}]

    moved = run(account)
    assert moved.writes == [(JOBS, BODY)]
    assert moved.ok()["changed"]
    assert moved.result["states"] == dict.fromkeys(ids, "moved")
    assert moved.result["counts"] == {"moved": 900}
    assert len(moved.result["outcomes"]) == 900
    folders = folders_of(account)
    assert {each for each, where in folders.items() if where == {"JunkEmail"}} == set(ids)
    report = moved.result["report"]
    assert report[0] == "900 messages match: 900 moved. Left out of what the API found: 1."
    assert "shown: 50 of 900, the rarest results first" in report
    assert report[-1].endswith("is COMPLETED: 900 messages found: 900 successful.")

    again = run(account)
    assert again.writes == []
    assert not again.ok()["changed"]
    assert again.result["states"] == dict.fromkeys(ids, "unchanged")
    assert again.result["bulk_job"]["job_id"] == moved.result["bulk_job"]["job_id"]
    assert run(account, check=True).ok()["states"] == again.result["states"]


def test_what_came_later_has_another_job(account: Account) -> None:
    put_wave(account)
    run(account).ok()
    (late,) = account.add_messages(wave_message(9))
    assert run(account, check=True).ok()["changed"]
    second = run(account)
    assert created(second) == [BODY]
    assert second.ok()["states"][late["id"]] == "moved"
    assert any("did not do 1 of the messages" in reported for reported in second.engine.reported)
    assert len(account.bulk_jobs()) == 2


def test_failed_and_skipped_messages_are_named_and_the_failed_taken_on_again(account: Account) -> None:
    first, second, third = put_wave(account)
    account.options(bulk_outcomes={first: "FAILED", second: "SKIPPED"})
    report = run(account)
    assert report.result["states"] == {first: "failed", second: "skipped", third: "moved"}
    assert report.result["changed"]
    assert "1 of its messages failed" in report.msg
    assert "force" not in report.msg
    assert report.result["report"][0].startswith("3 messages match: 1 failed, 1 moved, 1 skipped.")
    assert f"failed: {first}, user0@acme.example, the action failed" in report.result["report"]
    account.options(bulk_outcomes={second: "SKIPPED"})
    again = run(account)
    assert created(again) == [BODY]
    assert again.ok()["states"][first] == "moved"
    assert run(account).ok()["counts"] == {"skipped": 1, "unchanged": 2}


@pytest.mark.parametrize("kind", ["cut_after", "cut_before"])
def test_a_lost_answer_starts_no_second_job(account: Account, kind: str) -> None:
    ids = put_wave(account)
    account.faults({**fault(kind), **CREATE})
    report = run(account)
    assert report.ok()["states"] == dict.fromkeys(ids, "moved")
    assert len(account.bulk_jobs()) == 1
    assert len(created(report)) == (1 if kind == "cut_after" else 2)


def test_a_job_that_takes_long_is_waited_for_by_the_next_run(account: Account) -> None:
    ids = put_wave(account)
    account.options(bulk_progress="control")
    late = run(account, bulk_timeout="60")
    assert "longer than email_security_respond_bulk_timeout (60 s) allows" in late.msg
    assert late.result["changed"]
    assert late.result["states"] == dict.fromkeys(ids, "under way")
    assert run(account, check=True).ok()["states"] == dict.fromkeys(ids, "under way")
    account.options(bulk_progress="poll")
    waited = run(account)
    assert waited.writes == []
    assert not waited.ok()["changed"]
    assert waited.result["states"] == dict.fromkeys(ids, "moved")


def test_what_is_in_quarantine_needs_no_job_and_is_released_by_one(account: Account) -> None:
    held, free = account.put_messages(wave_message(1, is_quarantined=True), wave_message(2))
    states = run(account, check=True).ok()["states"]
    assert states == {held["id"]: "in quarantine", free["id"]: "to move"}
    assert run(account).ok()["states"] == {held["id"]: "in quarantine", free["id"]: "moved"}
    release = run(account, action="release", destination=None)
    assert release.ok()["states"] == {held["id"]: "released", free["id"]: "skipped"}
    put_wave(account, is_quarantined=True)
    nothing = run(account)
    assert nothing.writes == []
    assert nothing.ok()["bulk_job"] is None


@pytest.mark.parametrize("account", ["2026-08", "2026-11"], indirect=True)
@pytest.mark.parametrize("rows", ["message", "recipient"])
def test_messages_are_known_again_however_jobs_name_them(account: Account, rows: str) -> None:
    two = {"client_recipients": ["a@acme.example", "b@acme.example"]}
    first, second = put_wave(account, 2, **two)
    account.options(bulk_rows=rows, bulk_outcomes={first: "FAILED"})
    assert run(account).result["states"] == {first: "failed", second: "moved"}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"sender": "a@b.example", "query": "x"}, "the API finds more by query, sender than that says"),
        ({"subject": "parcel"}, "Search by what is exact (start, end, detections_only, final_disposition, message_id,"),
        ({"metric": "x", "match": "api"}, "the API finds more by metric"),
        ({"domain": "b.example", "action": "none"}, "the API finds more by domain"),
        ({"action": "reclassify", "expected_disposition": "NONE"}, "A bulk job cannot reclassify"),
        ({"bulk_timeout": "soon"}, "email_security_respond_bulk_timeout must be a whole number"),
        ({"exact_subject": None, "start": "7d"}, "Times alone would mean all mail"),
    ],
)
def test_what_no_job_may_do_is_refused_before_any_request(
    account: Account, variables: dict[str, Any], expected: str
) -> None:
    report = run(account, **variables)
    assert isinstance(report.error, InputError)
    assert expected in report.msg
    assert report.requests == []


def test_a_service_that_finds_more_than_it_says_gets_no_job(account: Account) -> None:
    """It passes over a parameter that it does not know, so that its job would act on all mail."""
    account.put_messages(wave_message(1, smtp_helo_server_ip="192.0.2.2"), wave_message(2))
    account.options(search_smtp_helo_ip=False, strict=False)
    for check in (True, False):
        report = run(account, check=check, exact_subject=None, smtp_helo_ip="192.0.2.2")
        assert "The API found more than the criteria say: 1 from another server." in report.msg
        assert report.writes == []


def test_too_many_messages_and_services_without_jobs(account: Account) -> None:
    ids = put_wave(account)
    report = run(account, max_messages="2")
    assert "3 messages match, and email_security_respond_max_messages allows 2" in report.msg
    assert report.reads == ["investigate"]
    account.options(bulk_jobs=False)
    for check in (True, False):
        report = run(account, check=check)
        assert "it has no bulk jobs" in report.msg
        assert report.result["states"] == dict.fromkeys(ids, "not done")
        assert report.writes == []


def test_what_cannot_be_read_of_a_job_is_not_known(account: Account) -> None:
    ids = put_wave(account)
    refused = fault("status_before", status=403, message="not yours")
    account.faults({**refused, "method": "GET", "path": f"^{JOBS}/[^/]+/messages$"})
    report = run(account)
    assert "not yours" in report.msg
    assert report.result["bulk_job"]["status"] == "COMPLETED"
    assert report.result["changed"]
    assert report.result["states"] == dict.fromkeys(ids, "unknown")


@pytest.mark.parametrize("looking", [fault("status_before", status=403, message="not yours"), None])
def test_whether_a_job_was_started_may_not_be_known(account: Account, looking: dict[str, Any] | None) -> None:
    ids = put_wave(account)
    account.faults({**fault("cut_before"), **CREATE, "times": None})
    if looking:
        account.faults({**looking, "method": "GET", "path": f"^{JOBS}$", "after": 1})
    report = run(account)
    assert report.error is not None
    assert report.result["states"] == dict.fromkeys(ids, "unknown")
    assert account.bulk_jobs() == []


def test_an_exact_subject_needs_no_job(account: Account) -> None:
    ids = put_wave(account)
    for match in ("strict", "api"):
        report = run(account, bulk="no", match=match)
        assert set(report.ok()["states"]) == set(ids)
        assert report.result["left_out"] == [{"reason": "with another subject", "count": 1}]
    assert account.bulk_jobs() == []
