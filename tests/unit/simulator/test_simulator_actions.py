# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acting on messages: move, release, reclassify."""

from __future__ import annotations

import base64
from typing import Any

import pytest

A, B = "a@example.com", "b@example.com"
MOVE, RELEASE = "investigate/move", "investigate/release"


def put(client: Any, **fields: Any) -> str:
    """Put one message to A and B there; returns its id."""
    message_id: str = client.account.put_messages({"client_recipients": [A, B], **fields})[0]["id"]
    return message_id


def state(client: Any) -> dict[str, Any]:
    (message,) = client.account.messages()
    return message


def outcomes(items: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(item["message_id"], item["recipient"], item["success"], item["status"]) for item in items]


@pytest.mark.parametrize("folder", ["Inbox", "JunkEmail", "RecoverableItemsPurges"])
def test_move(client: Any, folder: str) -> None:
    message_id = put(client)
    items = client.ok("POST", MOVE, {"ids": [message_id], "destination": folder})
    assert outcomes(items) == [(message_id, A, True, "OK"), (message_id, B, True, "OK")]
    assert [(item["destination"], item["operation"], item["item_count"]) for item in items] == [(folder, "MOVE", 1)] * 2
    assert items[0]["completed_timestamp"] == items[0]["completed_at"]
    after = state(client)
    assert after["mailboxes"] == {A: folder, B: folder}
    assert (after["delivery_status"], after["post_delivery_operations"]) == (["moved"], ["MOVE"])
    (action,) = client.ok("GET", f"investigate/{message_id}/action_log")
    assert (action["operation"], action["success"], action["status"]) == ("MOVE", True, "OK")
    assert action["properties"] == {"folder": folder, "requested_by": "api-token"}
    client.account.options(deprecated_fields=False)
    assert "item_count" not in client.ok("POST", f"investigate/{message_id}/move", {"destination": "Inbox"})[0]
    assert state(client)["mailboxes"] == {A: "Inbox", B: "Inbox"}
    assert len(state(client)["action_log"]) == 2


def test_who_asked(client: Any) -> None:
    message_id = put(client)
    client.headers = {"X-Auth-Email": client.account.email, "X-Auth-Key": client.account.key}
    client.ok("POST", f"investigate/{message_id}/move", {"destination": "Inbox"})
    assert state(client)["action_log"][0]["properties"]["requested_by"] == client.account.email


def test_failing_mailboxes(client: Any) -> None:
    message_id = put(client)
    client.account.options(failing_mailboxes=[B])
    items = client.ok("POST", MOVE, {"ids": [message_id], "destination": "JunkEmail"})
    assert outcomes(items) == [(message_id, A, True, "OK"), (message_id, B, False, "mailbox not available")]
    assert state(client)["mailboxes"] == {A: "JunkEmail", B: "Inbox"}
    (action,) = state(client)["action_log"]
    assert (action["success"], action["status"]) == (False, "FAILED")
    client.account.options(failing_mailboxes=[])
    client.ok("POST", MOVE, {"ids": [message_id], "destination": "JunkEmail"})
    assert state(client)["mailboxes"] == {A: "JunkEmail", B: "JunkEmail"}
    assert state(client)["action_log"][1]["success"] is True


def test_moving_what_cannot_be_moved(client: Any) -> None:
    message_id = put(client, is_quarantined=True)
    items = client.ok("POST", MOVE, {"ids": [message_id, "nobody"], "destination": "JunkEmail"})
    assert outcomes(items) == [
        (message_id, A, False, "not in this mailbox"),
        (message_id, B, False, "not in this mailbox"),
        ("nobody", None, False, "message not found"),
    ]
    after = state(client)
    assert (after["mailboxes"], after["post_delivery_operations"]) == ({A: None, B: None}, [])
    assert client.refused("POST", "investigate/nobody/move", {"destination": "JunkEmail"}) == (404, 10404, None)
    client.account.options(integration=False)
    body = {"ids": [message_id], "destination": "JunkEmail"}
    assert client.refused("POST", MOVE, body) == (400, 10424, None)
    assert client.refused("POST", f"investigate/{message_id}/move", {"destination": "JunkEmail"})[1] == 10424


@pytest.mark.parametrize(("option", "wanted"), [("message_id", "<m@mail.example>"), (None, None)])
def test_message_id_of_a_move(client: Any, option: str | None, wanted: str | None) -> None:
    message_id = put(client, message_id="<m@mail.example>")
    client.account.options(move_message_id=option)
    items = client.ok("POST", MOVE, {"ids": [message_id, "nobody"], "destination": "Inbox"})
    assert [item["message_id"] for item in items] == [wanted, wanted, None]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"ids": ["x"]}, "/destination"),
        ({"ids": ["x"], "destination": "Archive"}, "/destination"),
        ({"ids": [], "destination": "Inbox"}, "/ids"),
        ({"ids": ["x"] * 1001, "destination": "Inbox"}, "/ids"),
        ({"ids": [7], "destination": "Inbox"}, "/ids"),
        ({"destination": "Inbox"}, "/ids"),
        ({"ids": ["x"], "postfix_ids": ["x"], "destination": "Inbox"}, "/postfix_ids"),
        ({"ids": ["x"], "destination": "Inbox", "expected_disposition": "BAD"}, "/expected_disposition"),
        (["x"], ""),
    ],
)
def test_moves_that_are_refused(client: Any, body: Any, pointer: str) -> None:
    status, _unused, found = client.refused("POST", MOVE, body)
    assert (status, found) == (400, pointer)


def test_retired_ids_where_they_still_work(client: Any) -> None:
    message_id = put(client)
    client.account.options(strict=False)
    assert len(client.ok("POST", MOVE, {"postfix_ids": [message_id], "destination": "Inbox"})) == 2
    assert client.refused("POST", MOVE, {"destination": "Inbox"}) == (400, 10422, "/ids")


def test_release(client: Any) -> None:
    message_id = put(client, is_quarantined=True)
    (item,) = client.ok("POST", RELEASE, [message_id])
    postfix_id = state(client)["postfix_id"]
    assert item == {
        "id": message_id, "delivered": [A, B], "failed": None, "undelivered": None, "postfix_id": postfix_id
    }  # fmt: skip
    after = state(client)
    assert (after["is_quarantined"], after["delivery_status"]) == (False, ["delivered"])
    assert (after["mailboxes"], after["post_delivery_operations"]) == ({A: "Inbox", B: "Inbox"}, ["QUARANTINE_RELEASE"])
    assert client.ok("GET", "investigate", params={"message_action": "QUARANTINE_RELEASED"})[0]["id"] == message_id
    client.account.options(deprecated_fields=False)
    (item,) = client.ok("POST", RELEASE, [message_id])
    assert item == {"id": message_id, "delivered": None, "failed": None, "undelivered": [A, B]}
    assert len(state(client)["action_log"]) == 1


def test_release_to_a_failing_mailbox(client: Any) -> None:
    message_id = put(client, is_quarantined=True)
    client.account.options(failing_mailboxes=[B])
    (item,) = client.ok("POST", RELEASE, [message_id])
    assert (item["delivered"], item["failed"]) == ([A], [B])
    after = state(client)
    assert (after["is_quarantined"], after["mailboxes"]) == (True, {A: "Inbox", B: None})
    assert after["delivery_status"] == ["delivered", "quarantined"]
    client.account.options(failing_mailboxes=[])
    assert client.ok("POST", RELEASE, [message_id])[0]["delivered"] == [B]
    assert state(client)["is_quarantined"] is False


def test_shapes_of_a_release(client: Any) -> None:
    message_id = put(client, is_quarantined=True)
    assert client.refused("POST", RELEASE, {"ids": [message_id]}) == (400, 10400, "")
    assert client.refused("POST", RELEASE, [message_id, "nobody"]) == (404, 10404, "/1")
    assert client.refused("POST", RELEASE, []) == (400, 10422, "")
    assert state(client)["is_quarantined"] is True
    for status in (400, 415, 422):
        client.account.options(release_body="object", wrong_shape_status=status)
        assert client.refused("POST", RELEASE, [message_id]) == (status, 10400, "")
    assert client.refused("POST", RELEASE, {"id": message_id}) == (400, 10422, "/ids")
    assert client.ok("POST", RELEASE, {"ids": [message_id]})[0]["delivered"] == [A, B]


def test_reclassify(client: Any) -> None:
    message_id = put(client, subject="Hello")
    body = {"expected_disposition": "NONE", "eml_content": base64.b64encode(b"From: me").decode()}
    answer = client.send("POST", f"investigate/{message_id}/reclassify", body)
    assert (answer.status_code, answer.json()["result"]) == (202, {})
    (submission,) = client.ok("GET", "submissions")
    message = state(client)
    wanted = {
        "type": "Team",
        "status": "pending",
        "customer_status": "unreviewed",
        "requested_disposition": "NONE",
        "original_disposition": "MALICIOUS",
        "original_postfix_id": message["postfix_id"],
        "requested_by": "api-token",
        "requested_ts": submission["requested_at"],
        "subject": "Hello",
    }
    assert {name: submission[name] for name in wanted} == wanted
    assert "outcome_disposition" not in submission
    assert (message["final_disposition"], message["post_delivery_operations"]) == ("MALICIOUS", ["SUBMISSION"])
    assert message["action_log"][0]["properties"]["submission_id"] == submission["submission_id"]
    assert client.ok("GET", f"investigate/{message_id}", params={"submission": "true"})["id"] == message_id

    (reviewed,) = client.account.review()
    assert (reviewed["status"], reviewed["outcome_disposition"], reviewed["outcome"]) == (
        "reviewed",
        "NONE",
        "accepted",
    )
    assert state(client)["final_disposition"] == "NONE"
    assert client.ok("GET", "investigate") == []
    assert client.account.review() == []


def test_review_with_another_outcome(client: Any) -> None:
    path = f"investigate/{put(client, final_disposition='MALICIOUS-BEC')}/reclassify"
    for disposition in ("NONE", "SPAM"):
        client.ok("POST", path, {"expected_disposition": disposition})
    spam, none = client.account.submissions()
    assert (spam["requested_disposition"], none["original_disposition"]) == ("SPAM", "MALICIOUS")
    (reviewed,) = client.account.review(spam["submission_id"], outcome="MALICIOUS")
    assert (reviewed["outcome"], reviewed["outcome_disposition"]) == ("rejected", "MALICIOUS")
    assert state(client)["final_disposition"] == "MALICIOUS"
    assert client.account.submissions()[1]["status"] == "pending"


@pytest.mark.parametrize("looks", [0, 1, 2])
def test_reviewed_after_some_looks(client: Any, looks: int) -> None:
    client.account.options(reclassify_after=looks)
    client.ok("POST", f"investigate/{put(client)}/reclassify", {"expected_disposition": "NONE"})
    seen = [client.ok("GET", "submissions")[0]["status"] for _unused in range(3)]
    assert seen == ["pending"] * looks + ["reviewed"] * (3 - looks)
    assert state(client)["final_disposition"] == "NONE"


def test_escalation(client: Any) -> None:
    client.account.put_submissions({"submission_id": "from-a-user", "type": "User"})
    body = {"expected_disposition": "MALICIOUS", "escalated_submission_id": "from-a-user"}
    client.ok("POST", f"investigate/{put(client, final_disposition='NONE')}/reclassify", body)
    team, user = client.ok("GET", "submissions")
    assert (team["type"], team["escalated_submission_id"]) == ("Team", "from-a-user")
    assert (user["customer_status"], user["escalated_as"], user["escalated_by"]) == (
        "escalated",
        "MALICIOUS",
        "api-token",
    )
    assert [
        len(client.ok("GET", "submissions", params={"escalated_from_user": flag})) for flag in ("true", "false")
    ] == [
        1,
        1,
    ]


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
    message_id = put(client)
    assert client.refused("POST", f"investigate/{message_id}/reclassify", body) == (400, 10422, pointer)
    assert client.refused("POST", "investigate/nobody/reclassify", body)[0] == 404
    assert client.account.submissions() == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (MOVE, {"ids": ["x"], "destination": "Inbox"}),
        ("investigate/x/move", {"destination": "Inbox"}),
        (RELEASE, ["x"]),
        ("investigate/x/reclassify", {"expected_disposition": "NONE"}),
    ],
)
def test_actions_need_a_token_that_may_write(client: Any, path: str, body: Any) -> None:
    client.headers = {"Authorization": f"Bearer {client.account.read_token}"}
    assert client.refused("POST", path, body)[:2] == (403, 10000)
    assert client.refused("GET", path)[0] in (404, 405)
