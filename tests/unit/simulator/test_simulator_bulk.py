# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk jobs: what they find, how they go on, what becomes of messages and jobs."""

from __future__ import annotations

from typing import Any

import pytest

PATH = "investigate/bulk"
JUNK = {"action": "MOVE", "destination": "JunkEmail"}
RELEASE = {"action": "RELEASE"}
REFUSED = (400, 10422)
COUNTERS = ("pending", "successful", "failed", "skipped", "cancelled")


def make(client: Any, action: Any = None, **search_params: Any) -> dict[str, Any]:
    job: dict[str, Any] = client.ok("POST", PATH, {**(action or JUNK), "search_params": search_params})
    return job


def look(client: Any, job: dict[str, Any]) -> dict[str, Any]:
    """The job as it is after one more look; its counters add up."""
    seen: dict[str, Any] = client.ok("GET", f"{PATH}/{job['job_id']}")
    assert sum(counts(seen)) == seen["total_messages_discovered"]
    return seen


def counts(job: dict[str, Any]) -> list[int]:
    return [job[f"messages_{name}"] for name in COUNTERS]


def rows(client: Any, job: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = client.ok("GET", f"{PATH}/{job['job_id']}/messages", params=query)
    return shown


def done(client: Any, action: Any = None, **search_params: Any) -> dict[str, Any]:
    client.account.options(bulk_progress="at_once")
    return make(client, action, **search_params)


def test_a_job_goes_on_as_it_is_looked_at(client: Any) -> None:
    client.account.put_messages(generate={"count": 900, "detections": 1, "quarantined": 0})
    body = {**JUNK, "search_params": {"detections_only": True}, "comment": "wave"}
    answer = client.send("POST", PATH, body)
    assert answer.status_code == 201
    job = answer.json()["result"]
    assert (job["status"], job["comment"], job["search_params"]) == ("PENDING", "wave", {"detections_only": True})
    assert (job["action_type"], job["action_params"]) == ("MOVE", {"type": "MOVE", "destination": "JunkEmail"})
    assert (job["started_at"], job["total_messages_discovered"]) == (None, 0)
    seen = [look(client, job) for _unused in range(7)]
    assert [(each["status"], each["messages_successful"], each["messages_pending"]) for each in seen] == [
        ("DISCOVERING", 0, 0),
        ("PROCESSING", 0, 900),
        ("PROCESSING", 250, 650),
        ("PROCESSING", 500, 400),
        ("PROCESSING", 750, 150),
        ("COMPLETED", 900, 0),
        ("COMPLETED", 900, 0),
    ]
    assert seen[-1]["completed_at"] > seen[-1]["started_at"] > job["created_at"]
    assert client.ok("GET", PATH) == [seen[-1]]
    folders = {folder for each in client.account.messages() for folder in each["mailboxes"].values()}
    assert folders == {"JunkEmail"}


def test_a_job_goes_on_as_a_test_says(client: Any) -> None:
    client.account.options(bulk_progress="control", bulk_chunk=1)
    client.account.put_messages({}, {})
    jobs = [make(client), make(client)]
    assert jobs[0]["job_id"] != jobs[1]["job_id"]
    assert look(client, jobs[0])["status"] == look(client, jobs[0])["status"] == "PENDING"
    (stepped,) = client.account.bulk_step(jobs[0]["job_id"], steps=2)
    assert (stepped["status"], stepped["messages_pending"]) == ("PROCESSING", 2)
    assert {each["status"] for each in rows(client, jobs[0])} == {"PROCESSING", "PENDING"}
    assert [each["status"] for each in client.account.bulk_step()] == ["DISCOVERING", "PROCESSING"]
    assert [each["status"] for each in client.account.bulk_step(steps=9)] == ["COMPLETED", "COMPLETED"]
    assert client.account.bulk_step() == []
    assert [each["job_id"] for each in client.account.bulk_jobs()] == [jobs[1]["job_id"], jobs[0]["job_id"]]


def test_quarantined_messages_are_released(client: Any) -> None:
    held, _there = client.account.put_messages({"is_quarantined": True}, {})
    job = done(client, RELEASE)
    assert (job["status"], counts(job), job["action_params"]) == ("COMPLETED", [0, 1, 0, 1, 0], {"type": "RELEASE"})
    (row,) = rows(client, job, status="COMPLETED")
    assert row["postfix_id"] == held["postfix_id"]
    assert row["action_params"] == {"type": "RELEASE", "client_recipient": "user@example.com"}
    assert row["message"] == client.ok("GET", f"investigate/{held['id']}")
    assert row["message"]["is_quarantined"] is False
    assert rows(client, job, status="SKIPPED")[0]["status_message"] == "the action does not apply"


def test_messages_fail_and_are_skipped(client: Any) -> None:
    client.account.put_messages(
        {"id": "good"},
        {"id": "bad mailbox", "client_recipients": ["full@example.com", "user@example.com"]},
        {"id": "unlucky"},
        {"id": "left out", "message_id": "<left@out.example>"},
        {"id": "submission", "is_phish_submission": True},
        {"id": "held", "is_quarantined": True},
    )
    outcomes = {"unlucky": "FAILED", "<left@out.example>": "SKIPPED"}
    client.account.options(failing_mailboxes=["full@example.com"], bulk_outcomes=outcomes)
    job = done(client)
    assert (job["status"], counts(job)) == ("COMPLETED", [0, 1, 2, 3, 0])
    failed = {each["message"]["id"]: each["status_message"] for each in rows(client, job, status="FAILED")}
    assert failed == {"bad mailbox": "mailbox not available", "unlucky": "the action failed"}
    folders = {each["id"]: list(each["mailboxes"].values()) for each in client.account.messages()}
    assert folders["bad mailbox"] == ["Inbox", "JunkEmail"]
    assert folders["unlucky"] == folders["left out"] == ["Inbox"]

    client.account.options(bulk_rows="recipient")
    job = done(client, message_id=client.ok("GET", "investigate/bad%20mailbox")["message_id"])
    assert counts(job) == [0, 1, 1, 0, 0]
    assert [each["action_params"]["client_recipient"] for each in rows(client, job)] == [
        "full@example.com",
        "user@example.com",
    ]


def test_jobs_put_there(client: Any) -> None:
    client.account.put_messages({})
    jobs = client.account.put_bulk_jobs(
        {"job_id": "mine", "action": "RELEASE", "search_params": {"subject": "x"}, "comment": "old", "steps": 2},
        {"action": "MOVE"},
    )
    assert jobs == client.ok("GET", PATH)
    assert [job["status"] for job in jobs] == ["PENDING", "COMPLETED"]
    assert jobs[0]["action_params"] == {"type": "MOVE", "destination": "Inbox"}
    assert (jobs[1]["job_id"], jobs[1]["comment"], jobs[1]["search_params"]) == ("mine", "old", {"subject": "x"})
    for bad in ({"action": "PURGE"}, {"action": "MOVE", "steps": "2"}):
        with pytest.raises(ValueError, match="refused"):
            client.account.put_bulk_jobs(bad)
    assert client.account.bulk_jobs() == jobs


@pytest.mark.parametrize(("stage", "counted"), [("discovering", [0, 0, 0, 0, 0]), ("processing", [0, 1, 0, 0, 2])])
def test_a_job_fails(client: Any, stage: str, counted: list[int]) -> None:
    client.account.put_messages({}, {}, {})
    client.account.options(bulk_failure=stage, bulk_chunk=1)
    job = done(client)
    assert (job["status"], counts(job)) == ("FAILED", counted)
    assert job["status_message"]
    assert job["completed_at"]


def test_a_job_is_cancelled_and_removed(client: Any) -> None:
    client.account.options(bulk_chunk=1)
    client.account.put_messages({}, {}, {})
    job = make(client)
    for _unused in range(3):
        look(client, job)
    single = f"{PATH}/{job['job_id']}"
    assert client.refused("DELETE", single) == (409, 10426, None)
    cancelled = client.ok("POST", f"{single}/cancel")
    assert (cancelled["status"], counts(cancelled)) == ("CANCELLED", [0, 1, 0, 0, 2])
    assert client.refused("POST", f"{single}/cancel") == (409, 10426, None)
    assert look(client, job) == cancelled
    assert client.ok("DELETE", single) == {"id": job["job_id"]}
    for method, path in (
        ("GET", single),
        ("DELETE", single),
        ("POST", f"{single}/cancel"),
        ("GET", f"{single}/messages"),
    ):
        assert client.refused(method, path) == (404, 10404, None)


MAIL = [
    {"id": "bec", "final_disposition": "MALICIOUS-BEC", "subject": "Quick question", "from": "ceo@evil.example"},
    {"id": "spam", "final_disposition": "SPAM", "subject": "quick Question, now", "links": ["https://shop.example/a"]},
    {"id": "clean", "final_disposition": "NONE", "subject": "Minutes", "client_recipients": ["b@shop.example"]},
    {"id": "coded", "final_disposition": "ENCRYPTED", "smtp_helo_server_ip": "192.0.2.77"},
    {"id": "old", "final_disposition": "SPAM", "scanned_at": "2020-01-01T00:00:00Z", "subject": "Long ago"},
    {"id": "reported", "datastore": "submissions", "subject": "Reported"},
]
EVERY = {"detections_only": False}
FOUND: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"bec", "spam"}),
    (EVERY, {"bec", "spam", "clean", "coded"}),
    ({"query": None, "subject": None}, {"bec", "spam"}),
    ({"final_disposition": "MALICIOUS-BEC"}, {"bec"}),
    ({"final_disposition": "MALICIOUS"}, {"bec"}),
    ({"final_disposition": "ENCRYPTED"}, set()),
    ({"final_disposition": "ENCRYPTED", **EVERY}, {"coded"}),
    ({"final_disposition": "NONE", **EVERY}, {"clean"}),
    ({"subject": "question quick"}, {"bec", "spam"}),
    ({"exact_subject": "Quick question"}, {"bec"}),
    ({"exact_subject": "quick question"}, set()),
    ({"sender": "evil.example"}, {"bec"}),
    ({"recipient": "b@shop.example", **EVERY}, {"clean"}),
    ({"domain": "shop.example", **EVERY}, {"spam", "clean"}),
    ({"smtp_helo_ip": "192.0.2.77", **EVERY}, {"coded"}),
    ({"query": "NOW quick"}, {"spam"}),
    ({"start": "2019-12-31T00:00:00Z", "end": "2020-01-02T00:00:00Z"}, {"old"}),
    ({"submissions": True}, {"reported"}),
]


def test_what_a_job_finds(client: Any) -> None:
    client.account.put_messages(*MAIL)
    for search_params, found in FOUND:
        job = done(client, **search_params)
        ids = {row["message"]["id"] for row in rows(client, job)}
        assert (search_params, ids) == (search_params, found)
        assert job["search_params"] == search_params


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/action"),
        ({"action": "PURGE", "search_params": {}}, "/action"),
        (RELEASE, "/search_params"),
        ({"action": "MOVE", "search_params": {}}, "/destination"),
        ({**JUNK, "destination": "Spam", "search_params": {}}, "/destination"),
        ({**JUNK, "search_params": {}, "expected_disposition": "NONE"}, "/expected_disposition"),
        ({**JUNK, "search_params": {"action_log": True}}, "/search_params/action_log"),
        ({**JUNK, "search_params": {"detections_only": None}}, "/search_params/detections_only"),
        ({**JUNK, "search_params": {"final_disposition": "BAD"}}, "/search_params/final_disposition"),
        ({**JUNK, "search_params": {"start": "2999-01-01T00:00:00Z"}}, "/search_params/start"),
        ({**JUNK, "search_params": {"end": "today"}}, "/search_params/end"),
        ({**JUNK, "search_params": {"subject": 5}}, "/search_params/subject"),
    ],
)
def test_bodies_that_are_refused(client: Any, body: Any, pointer: str) -> None:
    assert client.refused("POST", PATH, body) == (*REFUSED, pointer)
    assert client.account.bulk_jobs() == []


def test_without_an_integration(client: Any) -> None:
    client.account.options(integration=False)
    assert client.refused("POST", PATH, {**JUNK, "search_params": {}})[:2] == (400, 10424)
    make(client, RELEASE)


def test_lists_say_little_of_their_pages(client: Any) -> None:
    client.account.put_messages(*[{}] * 5)
    job = done(client)
    for path in (PATH, f"{PATH}/{job['job_id']}/messages"):
        client.ok("GET", path, params={"per_page": 2, "page": 1})
        assert client.refused("GET", path, params={"cursor": "x"})[:2] == REFUSED
        assert client.refused("GET", path, params={"status": "DONE"})[:2] == REFUSED
    path = f"{PATH}/{job['job_id']}/messages"
    seen = [client.send("GET", path, params={"per_page": 2, "page": page}).json() for page in (1, 2, 3, 4)]
    assert [len(each["result"]) for each in seen] == [2, 2, 1, 0]
    infos = [each["result_info"] for each in seen]
    assert [(each["count"], each["page"], each["total_count"]) for each in infos] == [(n, 0, 0) for n in (2, 2, 1, 0)]
    assert [each["next"] is None for each in infos] == [False, False, True, True]
    assert len({row["message_id"] for each in seen for row in each["result"]}) == 5


def test_jobs_are_filtered(client: Any) -> None:
    moving, releasing = done(client), done(client, RELEASE)
    client.account.options(bulk_progress="control")
    waiting = make(client)

    def ids(**query: Any) -> list[str]:
        return [job["job_id"] for job in client.ok("GET", PATH, params=query)]

    assert ids() == [job["job_id"] for job in (waiting, releasing, moving)]
    assert ids(action_type="MOVE") == [waiting["job_id"], moving["job_id"]]
    assert ids(status="COMPLETED", action_type="RELEASE") == [releasing["job_id"]]


def test_search_parameters_may_come_back_with_all_the_others(client: Any) -> None:
    client.account.options(bulk_search_params="filled")
    shown = make(client, subject="wave")["search_params"]
    assert (shown["subject"], shown["detections_only"], shown["submissions"]) == ("wave", True, False)
    assert shown["exact_subject"] is None


def test_faults_at_jobs(client: Any) -> None:
    client.account.put_messages(*[{}] * 3)
    body = {**JUNK, "search_params": {}}
    client.account.faults({"kind": "done_before", "method": "POST"})
    client.ok("POST", PATH, body)
    assert len(client.account.bulk_jobs()) == 2
    client.account.faults({"kind": "status_after", "method": "POST", "arguments": {"status": 502}})
    assert client.send("POST", PATH, body).status_code == 502
    newest = client.account.bulk_jobs()[0]["job_id"]
    assert len(client.account.bulk_jobs()) == 3

    client.account.faults({"kind": "repeat_page"})
    pages = [client.ok("GET", PATH, params={"per_page": 1, "page": page}) for page in (1, 2)]
    assert pages[0] == pages[1]
    client.account.faults({"kind": "appear_between_pages"})
    first = client.ok("GET", PATH, params={"per_page": 2})
    assert client.ok("GET", PATH, params={"per_page": 2, "page": 2})[0] == first[1]
    client.account.faults({"kind": "vanish_between_pages"})
    assert client.ok("GET", PATH)[1:] == client.ok("GET", PATH)
    client.account.faults({"kind": "wrong_total_count", "arguments": {"value": 7}})
    assert client.send("GET", PATH).json()["result_info"]["total_count"] == 7
    client.account.faults({"kind": "delete_before"})
    client.ok("GET", PATH)
    assert client.refused("GET", f"{PATH}/{newest}")[0] == 404
    assert len(client.account.bulk_jobs()) == 2
    assert len(client.account.messages()) == 3
