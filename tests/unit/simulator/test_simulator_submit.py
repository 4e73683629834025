# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reporting messages as wrongly judged: POST submissions, and the reclassification of earlier descriptions."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

EML = base64.b64encode(b"From: me").decode()

Submit = Callable[..., None]


def put(client: Any, **fields: Any) -> dict[str, Any]:
    """Put one message there; returns it."""
    message: dict[str, Any] = client.account.put_messages(fields)[0]
    return message


def state(client: Any) -> dict[str, Any]:
    (message,) = client.account.messages()
    return message


def missed(message: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "message_id": message["message_id"],
        "postfix_id": message["postfix_id"],
        "recipient_emails": message["client_recipients"],
        "expected_disposition": "MALICIOUS",
        **fields,
    }


def judged(message: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"alert_id": message["alert_id"], "expected_disposition": "NONE", **fields}


def report(client: Any, kind: str, *items: Any) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = client.ok("POST", "submissions", {"type": kind, "messages": list(items)})["results"]
    return results


@pytest.fixture(params=["2026-05", "2026-08", "2026-11"])
def submit(request: pytest.FixtureRequest, client: Any) -> Submit:
    """Report one message the way that a description has it."""
    client.account.options(api=request.param)

    def submitted(message: dict[str, Any], disposition: str, **fields: Any) -> None:
        body = {"expected_disposition": disposition, **fields}
        if request.param == "2026-11":
            (result,) = report(client, "missed_detection", missed(message, **body))
            assert result["accepted"] is True
        else:
            answer = client.send("POST", f"investigate/{message['id']}/reclassify", body)
            assert (answer.status_code, answer.json()["result"]) == (202, {})

    return submitted


def test_a_submission_and_its_review(client: Any, submit: Submit) -> None:
    submit(put(client, subject="Hello"), "NONE", eml_content=EML)
    (submission,) = client.ok("GET", "submissions")
    message = state(client)
    expected = {
        "type": "Team",
        "customer_status": "unreviewed",
        "requested_disposition": "NONE",
        "original_disposition": "MALICIOUS",
        "original_postfix_id": message["postfix_id"],
        "requested_by": "api-token",
        "requested_ts": submission["requested_at"],
        "subject": "Hello",
    }
    assert {name: submission[name] for name in expected} == expected
    assert "outcome_disposition" not in submission
    assert (message["final_disposition"], message["post_delivery_operations"]) == ("MALICIOUS", ["SUBMISSION"])
    properties = message["action_log"][0]["properties"]
    assert (properties["submission_id"], properties["requested_disposition"]) == (submission["submission_id"], "NONE")
    assert client.ok("GET", f"investigate/{message['id']}", params={"submission": "true"})["id"] == message["id"]

    (reviewed,) = client.account.review()
    found = (reviewed["status"], reviewed["outcome_disposition"], reviewed["outcome"])
    assert found == ("reviewed", "NONE", "accepted")
    assert state(client)["final_disposition"] == "NONE"
    assert client.ok("GET", "investigate") == []
    assert client.account.review() == []


def test_review_with_another_outcome(client: Any, submit: Submit) -> None:
    message = put(client, final_disposition="MALICIOUS-BEC")
    for disposition in ("NONE", "SPAM"):
        submit(message, disposition)
    spam, none = client.account.submissions()
    assert (spam["requested_disposition"], none["original_disposition"]) == ("SPAM", "MALICIOUS")
    (reviewed,) = client.account.review(spam["submission_id"], outcome="MALICIOUS")
    assert (reviewed["outcome"], reviewed["outcome_disposition"]) == ("rejected", "MALICIOUS")
    assert state(client)["final_disposition"] == "MALICIOUS"
    assert client.account.submissions()[1]["status"] == "pending"


@pytest.mark.parametrize("looks", [0, 1, 2])
def test_reviewed_after_some_looks(client: Any, submit: Submit, looks: int) -> None:
    client.account.options(reclassify_after=looks)
    submit(put(client), "NONE")
    pending = "unreviewed" if client.account.options()["api"] == "2026-11" else "pending"
    seen = [client.ok("GET", "submissions")[0]["status"] for _unused in range(3)]
    assert seen == [pending] * looks + ["reviewed"] * (3 - looks)
    assert state(client)["final_disposition"] == "NONE"


def test_escalation(client: Any, submit: Submit) -> None:
    client.account.put_submissions({"submission_id": "from-a-user", "type": "User"})
    submit(put(client, final_disposition="NONE"), "MALICIOUS", escalated_submission_id="from-a-user")
    team, user = client.ok("GET", "submissions")
    assert (team["type"], team["escalated_submission_id"]) == ("Team", None)
    assert user["escalated_submission_id"] == team["submission_id"]
    escalated = (user["customer_status"], user["escalated_as"], user["escalated_by"])
    assert escalated == ("escalated", "MALICIOUS", "api-token")
    counts = [len(client.ok("GET", "submissions", params={"escalated_from_user": flag})) for flag in ("true", "false")]
    assert counts == [1, 1]


def test_wrongly_judged_messages(client: Any) -> None:
    first, second = client.account.put_messages({}, {"final_disposition": "SPAM"})
    results = report(
        client, "reclassification", judged(second), judged({"alert_id": "unknown"}), judged(first), judged(first)
    )
    assert [(each["accepted"], each["error"]) for each in results] == [
        (True, None),
        (False, "message not found"),
        (True, None),
        (True, None),
    ]
    submissions = client.account.submissions()
    assert [each["original_postfix_id"] for each in submissions] == [
        first["postfix_id"],
        first["postfix_id"],
        second["postfix_id"],
    ]
    ids = [each["submission_id"] for each in submissions]
    assert [each["id"] for each in results] == [ids[2], "unknown", ids[1], ids[0]]


def test_missed_detections(client: Any) -> None:
    message, other = client.account.put_messages({"final_disposition": "NONE"}, {"final_disposition": "NONE"})
    bad = [missed(message, postfix_id="unknown"), missed(message, message_id=other["message_id"])]
    results = report(client, "missed_detection", *bad, missed(message, eml_content=EML))
    assert [each["accepted"] for each in results] == [False, False, True]
    (submission,) = client.account.submissions()
    assert (submission["requested_disposition"], submission["original_disposition"]) == ("MALICIOUS", "NONE")


def test_generated_messages_have_alerts_of_their_own(client: Any) -> None:
    client.account.put_messages(generate={"count": 600, "detections": 1})
    found = client.ok("GET", "investigate", params={"per_page": 1000})
    assert len({message["alert_id"] for message in found}) == 600
    assert all(each["accepted"] for each in report(client, "reclassification", *map(judged, found)))
    assert len(client.account.submissions()) == 600
    (message,) = client.ok("GET", "investigate", params={"alert_id": found[7]["alert_id"]})
    assert message["id"] == found[7]["id"]


def test_how_results_are_reported(client: Any) -> None:
    first, second = client.account.put_messages({}, {})
    client.account.options(
        refused_submissions=[first["alert_id"]], submission_result_id="message", submissions_status=201
    )
    body = {"type": "reclassification", "messages": [judged(first), judged(second)]}
    answer = client.send("POST", "submissions", body)
    assert answer.status_code == 201
    assert answer.json()["result"] == {
        "results": [
            {"id": first["alert_id"], "accepted": False, "error": "not accepted for review"},
            {"id": second["alert_id"], "accepted": True, "error": None},
        ]
    }
    assert len(client.account.submissions()) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"type": "other"}, "/type"),
        ({"type": None}, "/type"),
        ({"messages": []}, "/messages"),
        ({"messages": ["x"]}, "/messages"),
        ({"messages": [{"expected_disposition": "NONE"}]}, "/messages/0/alert_id"),
        ({"messages": [{"alert_id": "x"}]}, "/messages/0/expected_disposition"),
        (
            {"messages": [{"alert_id": "x", "expected_disposition": "MALICIOUS-BEC"}]},
            "/messages/0/expected_disposition",
        ),
        (
            {"messages": [{"alert_id": "x", "expected_disposition": "NONE", "postfix_id": "x"}]},
            "/messages/0/postfix_id",
        ),
        ({"type": "missed_detection", "messages": [{"alert_id": "x"}]}, "/messages/0/message_id"),
        ({"extra": 1}, "/extra"),
    ],
)
def test_submissions_that_are_refused(client: Any, change: dict[str, Any], pointer: str) -> None:
    body = {"type": "reclassification", "messages": [judged(put(client))], **change}
    assert client.refused("POST", "submissions", body) == (400, 10422, pointer)
    assert client.account.submissions() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("recipient_emails", "a@example.com"), ("eml_content", "From: me"), ("escalated_submission_id", 7)],
)
def test_fields_of_a_missed_detection(client: Any, field: str, value: Any) -> None:
    body = {"type": "missed_detection", "messages": [missed(put(client), **{field: value})]}
    assert client.refused("POST", "submissions", body) == (400, 10422, f"/messages/0/{field}")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/expected_disposition"),
        ({"expected_disposition": "MALICIOUS-BEC"}, "/expected_disposition"),
        ({"expected_disposition": "NONE", "eml_content": "From: me"}, "/eml_content"),
        ({"expected_disposition": "NONE", "eml_content": ""}, "/eml_content"),
        ({"expected_disposition": "NONE", "escalated_submission_id": 7}, "/escalated_submission_id"),
        ({"expected_disposition": "NONE", "reason": "x"}, "/reason"),
    ],
)
def test_reclassifications_that_are_refused(client: Any, body: dict[str, Any], pointer: str) -> None:
    client.account.options(reclassify=True)
    message_id = put(client)["id"]
    assert client.refused("POST", f"investigate/{message_id}/reclassify", body) == (400, 10422, pointer)
    assert client.refused("POST", "investigate/nobody/reclassify", body)[0] == 404
    assert client.account.submissions() == []
