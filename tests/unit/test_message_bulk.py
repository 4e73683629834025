# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk jobs: which one is adopted, what is started, waited for, and ended."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    AccessError,
    EmailSecurityError,
    InputError,
    NoAnswerError,
    PlanError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import bulk, read

from modules.in_process import Report, folders_of, perform
from simulator.handle import Account
from unit.armed import fault

BULK = bulk.message_bulk_module()
INFO = read.message_bulk_info_module()
PATH = "investigate/bulk"
SUBJECT = "Your parcel is waiting"
SEARCH = {"exact_subject": SUBJECT}
MOVE = {"action": "MOVE", "destination": "JunkEmail", "comment": "INC-77"}
BODY = {**MOVE, "search_params": {"detections_only": True, **SEARCH}}
NO_JOB = "00000000-0000-4000-8000-000000000000"
CREATE = {"method": "POST", "path": f"^{PATH}$"}


def run(account: Account, search: Mapping[str, Any] | None = MappingProxyType(SEARCH), **more: Any) -> Report:
    """The module on what MOVE says, or with another action, or with a job's id."""
    check, connection = more.pop("check", False), more.pop("connection", None)
    given = more if {"action", "job_id"} & set(more) else {**MOVE, **more}
    if "job_id" not in given and search is not None:
        options = BULK.options["search_params"]["options"]
        given["search_params"] = {**{name: option.get("default") for name, option in options.items()}, **search}
    return perform(account, BULK, check=check, connection=connection, **given)


def put_wave(account: Account, count: int = 3, **fields: Any) -> list[str]:
    """The account's mail: a wave of messages alike, and one that has nothing to do with it."""
    wave = {"subject": SUBJECT, "mailboxes": {"a@example.com": "Inbox"}, **fields}
    found = account.put_messages(*[dict(wave) for _number in range(count)], {"subject": "Lunch"})
    return [message["id"] for message in found[:count]]


def job(account: Account, steps: int = 0, **more: Any) -> str:
    (made,) = account.put_bulk_jobs({**BODY, "steps": steps, **more})
    return str(made["job_id"])


def creations(report: Report) -> list[Any]:
    return [body for path, body in report.writes if path == PATH]


def test_900_messages_are_one_write_and_none_when_run_again(account: Account) -> None:
    ids = put_wave(account, 900)
    first = run(account)
    assert first.ok()["changed"]
    assert first.writes == [(PATH, BODY)]
    assert first.result["job"]["status"] == "COMPLETED"
    assert first.result["job"]["messages_successful"] == 900
    folders = folders_of(account)
    assert {frozenset(folders[each] or ()) for each in ids} == {frozenset({"JunkEmail"})}
    assert sum(found == {"JunkEmail"} for found in folders.values()) == 900
    again = run(account)
    assert not again.ok()["changed"]
    assert again.writes == []
    assert again.result["adopted"]
    assert again.result["job"]["job_id"] == first.result["job"]["job_id"]
    assert any("force=true" in warning for warning in again.engine.client.warnings)


def test_progress_is_reported_and_pauses_grow(account: Account) -> None:
    put_wave(account, 600)
    report = run(account)
    reported = report.engine.reported
    assert [sentence.split(" is ")[1] for sentence in reported if " is " in sentence] == [
        "DISCOVERING: 0 of 0 messages done.",
        "PROCESSING: 0 of 600 messages done.",
        "PROCESSING: 250 of 600 messages done.",
        "PROCESSING: 500 of 600 messages done.",
        "COMPLETED: 600 of 600 messages done.",
    ]
    naps = report.engine.time.naps
    assert naps[0] < 1 < naps[-1] <= 15


@pytest.mark.parametrize(
    ("more", "adopted"),
    [
        ({}, True),
        ({"steps": 2}, True),
        ({"comment": "INC-78"}, False),
        ({"destination": "Inbox"}, False),
        ({"action": "RELEASE"}, False),
        ({"search_params": {**SEARCH, "detections_only": False}}, False),
        ({"search_params": {**SEARCH, "sender": "a.example"}}, False),
        # What a job shows of a search that said nothing else.
        ({"search_params": SEARCH}, True),
        ({"search_params": {**SEARCH, "sender": None, "submissions": False}}, True),
        ({"search_params": {**SEARCH, "start": "2026-01-01T00:00:00Z"}}, False),
    ],
)
def test_a_job_of_the_same_request_is_waited_for(account: Account, more: dict[str, Any], adopted: bool) -> None:
    put_wave(account)
    known = job(account, **more)
    report = run(account)
    assert report.ok()["adopted"] is adopted
    assert (report.result["job"]["job_id"] == known) is adopted
    assert report.result["changed"] is not adopted
    assert creations(report) == ([] if adopted else [BODY])
    assert report.result["job"]["status"] == "COMPLETED"


def test_what_the_service_fills_in_makes_no_other_request(account: Account) -> None:
    put_wave(account)
    account.options(bulk_search_params="filled")
    run(account).ok()
    assert run(account).ok()["adopted"]


def test_a_job_that_failed_or_was_cancelled_is_not_adopted(account: Account) -> None:
    put_wave(account)
    account.options(bulk_failure="discovering")
    report = run(account)
    assert isinstance(report.error, EmailSecurityError)
    assert "the search failed" in report.msg
    assert report.result["changed"]
    account.options(bulk_failure=None)
    report = run(account)
    assert report.ok()["changed"]
    assert not report.result["adopted"]


@pytest.mark.parametrize(
    ("start", "end", "adopted"),
    [
        # Equal as moments, however they are written; and what a service may round off.
        ("2026-01-01T01:00:00+01:00", "2026-01-31", True),
        ("2026-01-01T00:00:01Z", "2026-01-31", False),
        ("2026-01-01", None, False),
    ],
)
def test_times_compare_as_moments(account: Account, start: str, end: str | None, adopted: bool) -> None:
    account.put_bulk_jobs(
        {**BODY, "search_params": {**SEARCH, "start": "2026-01-01T00:00:00Z", "end": "2026-01-31T23:59:59.999Z"}}
    )
    assert run(account, {**SEARCH, "start": start, "end": end}, check=True).ok()["adopted"] is adopted


@pytest.mark.parametrize(
    ("span", "adopted"), [("7d", True), ("168h", True), ("1w", True), ("8d", False), ("36h", False)]
)
def test_a_span_is_the_same_span_whenever_it_is_run(account: Account, span: str, adopted: bool) -> None:
    put_wave(account)
    first = run(account, {**SEARCH, "start": "7d"})
    assert first.ok()["changed"]
    assert run(account, {**SEARCH, "start": span}, check=True).ok()["adopted"] is adopted


def test_force_starts_another(account: Account) -> None:
    put_wave(account)
    known = job(account, steps=9)
    report = run(account, force=True)
    assert report.ok()["changed"]
    assert report.result["job"]["job_id"] != known
    assert creations(report) == [BODY]


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("kind", ["cut_after", "cut_before"])
def test_after_a_lost_answer_the_job_is_looked_for(account: Account, kind: str, force: bool) -> None:
    put_wave(account)
    known = job(account, steps=9, comment="INC-77" if force else "another")
    account.faults({**fault(kind), **CREATE})
    report = run(account, force=force)
    assert report.ok()["changed"]
    assert len(creations(report)) == (1 if kind == "cut_after" else 2)
    assert report.result["job"]["job_id"] != known
    assert len(account.bulk_jobs()) == 2
    methods = [one["method"] for one in report.requests if one["path"] == PATH]
    assert methods[:3] == ["GET", "POST", "GET"]


def test_what_cannot_be_looked_for_is_not_known(account: Account) -> None:
    put_wave(account)
    account.faults(
        {**fault("cut_after"), **CREATE},
        {**fault("status_before", status=403), "method": "GET", "path": f"^{PATH}$", "after": 1},
    )
    report = run(account)
    assert isinstance(report.error, AccessError)
    assert "not known whether the job was started" in report.msg
    assert len(creations(report)) == 1


def test_a_service_that_never_answers_ends_the_run(account: Account) -> None:
    account.faults({**fault("cut_before"), **CREATE, "times": None})
    report = run(account)
    assert isinstance(report.error, NoAnswerError)
    assert "Run again later" in report.msg
    assert len(creations(report)) == 5
    assert account.bulk_jobs() == []


def test_lists_page_by_length(account: Account) -> None:
    """Their ``page`` and ``total_count`` are 0. The job that is looked for stands last."""
    put_wave(account, 1200)
    account.put_bulk_jobs({**BODY, "steps": 9}, *[{**BODY, "comment": str(number)} for number in range(1000)])
    (known,) = [each for each in account.bulk_jobs() if each["comment"] == "INC-77"]
    report = run(account)
    assert report.result["job"]["job_id"] == known["job_id"]
    assert [one["query"].get("page") for one in report.requests if one["path"] == PATH] == ["1", "2"]
    report = perform(account, INFO, job_id=known["job_id"], messages=True)
    assert len(report.ok()["messages"]) == 1200


def test_failed_and_skipped_messages_are_listed(account: Account) -> None:
    first, second, _third = put_wave(account)
    account.options(bulk_outcomes={first: "FAILED", second: "SKIPPED"})
    report = run(account)
    assert isinstance(report.error, EmailSecurityError)
    assert f"1 of its messages failed; the first is {first}: the action failed" in report.msg
    assert [each["investigate_id"] for each in report.result["failed_messages"]] == [first]
    assert [each["investigate_id"] for each in report.result["skipped_messages"]] == [second]
    assert report.result["changed"]
    # It is so each time, until another job is asked for.
    account.options(bulk_outcomes={})
    again = run(account)
    assert again.error is not None
    assert again.writes == []
    assert run(account, force=True).ok()["job"]["messages_failed"] == 0


def test_a_wait_ends_and_the_next_run_goes_on_with_it(account: Account) -> None:
    put_wave(account)
    account.options(bulk_progress="control")
    report = run(account, wait_timeout=60)
    assert isinstance(report.error, EmailSecurityError)
    assert "wait_timeout (60 s)" in report.msg
    assert report.result["changed"]
    assert 30 < sum(report.engine.time.naps) <= 60
    account.options(bulk_progress="poll")
    assert run(account).ok()["adopted"]
    assert len(account.bulk_jobs()) == 1


def test_without_waiting_the_job_is_returned_as_it_is(account: Account) -> None:
    put_wave(account)
    report = run(account, wait=False)
    assert report.ok()["job"]["status"] == "PENDING"
    assert report.engine.time.naps == []


def test_a_job_that_somebody_removes_meanwhile(account: Account) -> None:
    put_wave(account)
    account.faults({**fault("delete_before"), "method": "GET", "path": f"^{PATH}/", "after": 1})
    report = run(account)
    assert "somebody removed it" in report.msg
    assert report.result["changed"]


def test_check_mode_counts_what_matches_and_what_is_meant(account: Account) -> None:
    account.put_messages(
        {"from": "billing@phish.example"},
        {"from": "ceo@example.com", "links": ["https://phish.example/login"]},
        {"from": "ceo@example.com", "to": ["it@phish.example"], "client_recipients": ["it@phish.example"]},
        {"from": "a@other.example"},
    )
    report = run(account, {"domain": "phish.example"}, check=True)
    assert report.ok()["changed"]
    assert report.writes == []
    assert report.result["job"] is None
    matching = report.result["matching"]
    assert {each["reason"]: each["count"] for each in matching.pop("left_out")} == {
        "neither from the domain nor to it": 1,
        "to the domain, not from it": 1,
    }
    assert matching == {"total": 3, "strict": 1, "truncated": False}


@pytest.mark.parametrize(
    ("search", "total"),
    [
        ({"exact_subject": "Invoice"}, 1),
        ({"final_disposition": "MALICIOUS-BEC"}, 1),
        ({"final_disposition": "MALICIOUS"}, 3),
        ({"final_disposition": "ENCRYPTED", "detections_only": False}, 1),
        ({"final_disposition": "SPAM", "exact_subject": "Invoice"}, 0),
    ],
)
def test_what_the_search_cannot_be_asked_is_judged_here(account: Account, search: dict[str, Any], total: int) -> None:
    """And so a count is what the job then finds."""
    account.put_messages(
        {"subject": "Invoice"},
        {"subject": "Invoice overdue"},
        {"subject": "x", "final_disposition": "MALICIOUS-BEC"},
        {"subject": "x", "final_disposition": "ENCRYPTED"},
        {"subject": "x", "final_disposition": "SPAM"},
    )
    matching = run(account, search, check=True).ok()["matching"]
    assert (matching["total"], matching["strict"]) == (total, total)
    assert run(account, search).ok()["job"]["total_messages_discovered"] == total


@pytest.mark.parametrize(("most", "fits"), [(3, True), (2, False), (0, False)])
@pytest.mark.parametrize("check", [True, False])
def test_max_messages_guards(account: Account, most: int, fits: bool, check: bool) -> None:
    put_wave(account)
    report = run(account, max_messages=most, check=check)
    assert (report.error is None) is fits
    assert fits or isinstance(report.error, PlanError)
    assert fits or f"max_messages allows {most}" in report.msg
    assert creations(report) == ([BODY] if fits and not check else [])


def test_submissions_cannot_be_counted(account: Account) -> None:
    search = {**SEARCH, "submissions": True}
    assert run(account, search, check=True).ok()["matching"] is None
    assert isinstance(run(account, search, max_messages=5).error, PlanError)
    assert account.bulk_jobs() == []


@pytest.mark.parametrize(
    ("search", "more", "problem"),
    [
        ({}, {}, "at least one criterion"),
        ({"start": "7d", "detections_only": False}, {}, "at least one criterion"),
        ({"sender": ""}, {}, "sender must not be empty"),
        ({**SEARCH, "start": "yesterday"}, {}, "search_params: start must be a time"),
        ({**SEARCH, "start": "1d", "end": "2d"}, {}, "must not be after end"),
        (SEARCH, {"action": "RELEASE", "destination": "Inbox"}, "destination belongs to action=MOVE"),
        (SEARCH, {"wait_timeout": -1}, "wait_timeout must not be below 0"),
        (SEARCH, {"max_messages": -1}, "max_messages must not be below 0"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(
    account: Account, search: dict[str, Any], more: dict[str, Any], problem: str
) -> None:
    report = run(account, search, **more)
    assert isinstance(report.error, InputError)
    assert problem in report.msg
    assert report.requests == []


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("state", "steps", "cancelled", "removed"),
    [
        ("cancelled", 3, True, False),
        ("cancelled", 9, False, False),
        ("absent", 3, True, True),
        ("absent", 9, False, True),
    ],
)
@pytest.mark.parametrize("by_id", [True, False])
def test_jobs_are_cancelled_and_removed(
    account: Account, state: str, steps: int, cancelled: bool, removed: bool, check: bool, by_id: bool
) -> None:
    put_wave(account, 600)
    known = job(account, steps)
    account.options(bulk_progress="control")
    named: dict[str, Any] = {"job_id": known} if by_id else {}
    report = run(account, state=state, check=check, **named)
    expected = ([known] if cancelled else [], [known] if removed else [])
    assert (report.ok()["cancelled"], report.result["removed"]) == expected
    assert report.result["changed"] is (cancelled or removed)
    assert (report.writes == []) is (check or not (cancelled or removed))
    if not check:
        assert [each["status"] for each in account.bulk_jobs()] == (
            [] if removed else ["CANCELLED" if cancelled else "COMPLETED"]
        )
        again = run(account, state=state, **named)
        assert not again.ok()["changed"]
        assert again.writes == []


def test_only_jobs_of_the_same_request_are_removed(account: Account) -> None:
    account.put_bulk_jobs(BODY, {**BODY, "comment": "another"}, {**BODY, "steps": 9})
    report = run(account, state="absent")
    assert len(report.ok()["removed"]) == 2
    assert [each["comment"] for each in account.bulk_jobs()] == ["another"]


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/cancel$"), ("DELETE", f"^{PATH}/")])
def test_after_a_lost_answer_of_an_end_the_job_is_looked_at(
    account: Account, kind: str, method: str, path: str
) -> None:
    known = job(account)
    account.options(bulk_progress="control")
    account.faults({**fault(kind), "method": method, "path": path})
    report = run(account, state="absent")
    assert (report.ok()["cancelled"], report.result["removed"]) == ([known], [known])
    assert len(report.writes) == (3 if kind == "cut_before" else 2)
    assert account.bulk_jobs() == []


def test_a_job_that_ends_before_it_can_be_cancelled(account: Account) -> None:
    put_wave(account)
    known = job(account, steps=3)
    account.faults({**fault("status_before", status=409), "method": "POST", "path": "/cancel$"})
    report = run(account, state="cancelled")
    # The look, which takes the simulated job further, finds it ended.
    assert report.ok()["cancelled"] == []
    assert report.result["job"]["job_id"] == known


def test_an_id_that_no_job_has(account: Account) -> None:
    assert "was not found" in run(account, state="cancelled", job_id=NO_JOB).msg
    assert run(account, state="absent", job_id=NO_JOB).ok()["changed"] is False


def test_release(account: Account) -> None:
    account.put_messages({"subject": SUBJECT, "is_quarantined": True}, {"subject": SUBJECT})
    report = run(account, action="RELEASE")
    assert report.writes == [(PATH, {"action": "RELEASE", "search_params": BODY["search_params"]})]
    assert report.ok()["job"]["messages_successful"] == 1
    assert len(report.result["skipped_messages"]) == 1


def test_jobs_are_listed_and_their_messages_chosen(account: Account) -> None:
    first, *_others = put_wave(account)
    account.options(bulk_outcomes={first: "FAILED"})
    known = job(account, steps=9)
    assert [each["job_id"] for each in perform(account, INFO).ok()["jobs"]] == [known]
    assert perform(account, INFO, status="PENDING").ok()["jobs"] == []
    assert perform(account, INFO, action_type="RELEASE").ok()["jobs"] == []
    report = perform(account, INFO, job_id=known, messages=True, message_status="FAILED")
    assert [each["message"]["id"] for each in report.ok()["messages"]] == [first]
    assert perform(account, INFO, job_id=NO_JOB, messages=True).ok()["jobs"] == []
    assert "job_id is missing" in perform(account, INFO, messages=True).msg
    assert "messages=true is missing" in perform(account, INFO, job_id=known, message_status="FAILED").msg


def test_an_older_service_counts_less_and_lists_all_the_same(account: Account) -> None:
    first, second, _third = put_wave(account)
    account.options(api="2026-08", bulk_outcomes={first: "FAILED", second: "SKIPPED"})
    report = run(account)
    assert "1 of its messages failed" in report.msg
    assert len(report.result["skipped_messages"]) == 1


def test_a_service_without_jobs_says_so(account: Account) -> None:
    account.options(api="2026-05")
    report = run(account)
    assert "has no bulk jobs" in report.msg
    assert report.writes == []
