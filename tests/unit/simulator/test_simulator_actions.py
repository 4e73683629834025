# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acting on messages: move, release."""

from __future__ import annotations

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
    assert [(item["destination"], item["operation"]) for item in items] == [(folder, "MOVE")] * 2
    after = state(client)
    assert after["mailboxes"] == {A: folder, B: folder}
    assert (after["delivery_status"], after["post_delivery_operations"]) == (["moved"], ["MOVE"])
    (action,) = client.ok("GET", f"investigate/{message_id}/action_log")
    assert (action["operation"], action["success"], action["status"]) == ("MOVE", True, "OK")
    assert action["properties"] == {"folder": folder, "requested_by": "api-token"}


def test_move_of_one(client: Any) -> None:
    path, body = f"investigate/{put(client)}/move", {"destination": "DeletedItems"}
    assert client.refused("POST", path, body)[:2] == (404, 7003)
    client.account.options(move_single=True, deprecated_fields=True)
    items = client.ok("POST", path, body)
    assert [(item["item_count"], item["completed_timestamp"] == item["completed_at"]) for item in items] == [
        (1, True)
    ] * 2
    assert state(client)["mailboxes"] == {A: "DeletedItems", B: "DeletedItems"}
    client.account.options(integration=False)
    assert client.refused("POST", path, body)[1] == 10424
    assert client.refused("POST", "investigate/nobody/move", body) == (404, 10404, None)


def test_who_asked(client: Any) -> None:
    message_id = put(client)
    client.headers = {"X-Auth-Email": client.account.email, "X-Auth-Key": client.account.key}
    client.ok("POST", MOVE, {"ids": [message_id], "destination": "Inbox"})
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
    client.account.options(integration=False)
    body = {"ids": [message_id], "destination": "JunkEmail"}
    assert client.refused("POST", MOVE, body) == (400, 10424, None)


@pytest.mark.parametrize(("option", "expected"), [("message_id", "<m@mail.example>"), (None, None)])
def test_message_id_of_a_move(client: Any, option: str | None, expected: str | None) -> None:
    message_id = put(client, message_id="<m@mail.example>")
    client.account.options(move_message_id=option)
    items = client.ok("POST", MOVE, {"ids": [message_id, "nobody"], "destination": "Inbox"})
    assert [item["message_id"] for item in items] == [expected, expected, None]


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
        ({"ids": ["x"], "destination": "Inbox", "expected_disposition": "NONE"}, "/expected_disposition"),
        (["x"], ""),
    ],
)
def test_moves_that_are_refused(client: Any, body: Any, pointer: str) -> None:
    status, _unused, found = client.refused("POST", MOVE, body)
    assert (status, found) == (400, pointer)


def test_retired_fields_where_they_are_ignored(client: Any) -> None:
    message_id = put(client)
    client.account.options(strict=False)
    body = {"ids": [message_id], "destination": "Inbox", "expected_disposition": "BAD"}
    assert len(client.ok("POST", MOVE, body)) == 2
    assert client.refused("POST", MOVE, {"postfix_ids": [message_id], "destination": "Inbox"}) == (400, 10422, "/ids")


def test_release(client: Any) -> None:
    message_id = put(client, is_quarantined=True)
    (item,) = client.ok("POST", RELEASE, {"ids": [message_id]})
    postfix_id = state(client)["postfix_id"]
    assert item == {
        "id": message_id, "delivered": [A, B], "failed": None, "undelivered": None, "postfix_id": postfix_id
    }  # fmt: skip
    after = state(client)
    assert (after["is_quarantined"], after["delivery_status"]) == (False, ["delivered"])
    assert (after["mailboxes"], after["post_delivery_operations"]) == ({A: "Inbox", B: "Inbox"}, ["QUARANTINE_RELEASE"])
    assert client.ok("GET", "investigate", params={"message_action": "QUARANTINE_RELEASED"})[0]["id"] == message_id
    client.account.options(undated_fields=False)
    (item,) = client.ok("POST", RELEASE, {"ids": [message_id]})
    assert item == {"id": message_id, "delivered": None, "failed": None, "undelivered": [A, B]}
    assert len(state(client)["action_log"]) == 1


def test_release_to_a_failing_mailbox(client: Any) -> None:
    message_id = put(client, is_quarantined=True)
    client.account.options(failing_mailboxes=[B])
    (item,) = client.ok("POST", RELEASE, {"ids": [message_id]})
    assert (item["delivered"], item["failed"]) == ([A], [B])
    after = state(client)
    assert (after["is_quarantined"], after["mailboxes"]) == (True, {A: "Inbox", B: None})
    assert after["delivery_status"] == ["delivered", "quarantined"]
    client.account.options(failing_mailboxes=[])
    assert client.ok("POST", RELEASE, {"ids": [message_id]})[0]["delivered"] == [B]
    assert state(client)["is_quarantined"] is False


@pytest.mark.parametrize("status", [400, 404, 405, 409, 415, 422])
def test_shapes_of_a_release(client: Any, status: int) -> None:
    message_id = put(client, is_quarantined=True)
    client.account.options(wrong_shape_status=status)
    assert client.refused("POST", RELEASE, [message_id]) == (status, 10400, "")
    client.account.options(release_body="array")
    assert client.refused("POST", RELEASE, {"ids": [message_id]}) == (status, 10400, "")
    assert state(client)["is_quarantined"] is True
    assert client.ok("POST", RELEASE, [message_id])[0]["delivered"] == [A, B]


@pytest.mark.parametrize("shape", ["array", "object"])
def test_releases_that_are_refused(client: Any, shape: str) -> None:
    message_id = put(client, is_quarantined=True)
    client.account.options(release_body=shape)

    def body(*ids: Any) -> Any:
        return list(ids) if shape == "array" else {"ids": list(ids)}

    below = "" if shape == "array" else "/ids"
    assert client.refused("POST", RELEASE, body(message_id, "nobody")) == (404, 10404, f"{below}/1")
    assert client.refused("POST", RELEASE, body()) == (400, 10422, below)
    assert client.refused("POST", RELEASE, body(7)) == (400, 10422, below)
    assert state(client)["is_quarantined"] is True


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (MOVE, {"ids": ["x"], "destination": "Inbox"}),
        ("investigate/x/move", {"destination": "Inbox"}),
        (RELEASE, {"ids": ["x"]}),
        ("investigate/x/reclassify", {"expected_disposition": "NONE"}),
        ("submissions", {"type": "reclassification", "messages": []}),
    ],
)
def test_actions_need_a_token_that_may_write(client: Any, path: str, body: Any) -> None:
    client.headers = {"Authorization": f"Bearer {client.account.read_token}"}
    assert client.refused("POST", path, body)[:2] == (403, 10000)
