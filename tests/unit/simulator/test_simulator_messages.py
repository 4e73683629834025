# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One message: its details and what else there is about it, and how tests put it there."""

from __future__ import annotations

import base64
import datetime
from typing import Any

import pytest

NOT_FOUND = (404, 10404, None)
CLEAN = (404, 10425, None)


def put(client: Any, **fields: Any) -> str:
    """Put one message there; returns its id."""
    message_id: str = client.account.put_messages(fields)[0]["id"]
    return message_id


def test_details(client: Any) -> None:
    message_id = put(client, mailboxes={"ada@example.com": "Inbox"}, subject="Hello", scanned_at="2020-01-01T00:00:00Z")
    message = client.ok("GET", f"investigate/{message_id}")
    assert message["client_recipients"] == ["ada@example.com"]
    assert {"mailboxes", "links", "ts", "action_log", "findings"}.isdisjoint(message)
    client.account.options(deprecated_fields=True)
    message = client.ok("GET", f"investigate/{message_id}")
    assert (message["ts"], message["scanned_at"]) == ("2020-01-01T00:00:00Z",) * 2
    assert client.refused("GET", "investigate/nobody") == NOT_FOUND
    assert client.refused("GET", f"investigate/{message_id}", params={"x": 1})[0] == 400


@pytest.mark.parametrize(
    ("datastore", "found"), [("regular", (200, 404)), ("submissions", (404, 200)), ("both", (200, 200))]
)
def test_datastores(client: Any, datastore: str, found: tuple[int, int]) -> None:
    path = f"investigate/{put(client, datastore=datastore)}"
    answers = [client.send("GET", path, params=query) for query in ({}, {"submission": "true"})]
    assert tuple(answer.status_code for answer in answers) == found
    assert client.send("GET", path, params={"submission": "false"}).status_code == found[0]
    assert client.refused("GET", path, params={"submission": "1"})[0] == 400


def test_detections(client: Any) -> None:
    message_id = put(client, final_disposition="SPOOF", threat_categories=["Impersonation"])
    shown = client.ok("GET", f"investigate/{message_id}/detections")
    assert (shown["final_disposition"], shown["threat_categories"][0]["name"]) == ("SPOOF", "Impersonation")
    message_id = put(client, detections={"action": "as a test says"})
    shown = client.ok("GET", f"investigate/{message_id}/detections")
    assert (shown["action"], shown["links"][0]["text"]) == ("as a test says", "Sign in")
    message_id = put(client, links=["https://a.example/b", "https://c.example"])
    shown = client.ok("GET", f"investigate/{message_id}/detections")
    assert [link["href"] for link in shown["links"]] == ["https://a.example/b", "https://c.example"]


def test_raw(client: Any) -> None:
    raw = client.ok("GET", f"investigate/{put(client, subject='Hallo Welt')}/raw")["raw"]
    assert "\r\nSubject: Hallo Welt\r\n" in raw
    assert client.ok("GET", f"investigate/{put(client, eml='From: me')}/raw") == {"raw": "From: me"}


def test_trace(client: Any) -> None:
    message_id = put(client)
    client.ok("POST", "investigate/move", {"ids": [message_id], "destination": "JunkEmail"})
    shown = client.ok("GET", f"investigate/{message_id}/trace")
    assert [line["message"] for line in shown["outbound"]["lines"]] == ["move"]
    assert "ts" not in shown["inbound"]["lines"][0]
    assert client.ok("GET", f"investigate/{put(client, trace={'inbound': {}})}/trace")["inbound"] == {}


def test_preview(client: Any) -> None:
    message_id = put(client)
    screenshot = client.ok("GET", f"investigate/{message_id}/preview")["screenshot"]
    assert base64.b64decode(screenshot).startswith(b"\x89PNG\r\n\x1a\n")
    assert client.ok("GET", f"investigate/{message_id}")["post_delivery_operations"] == ["PREVIEW"]
    (action,) = client.ok("GET", f"investigate/{message_id}/action_log")
    assert action["operation"] == "PREVIEW"
    assert client.ok("GET", f"investigate/{put(client, preview='bm8=')}/preview") == {"screenshot": "bm8="}


@pytest.mark.parametrize(("field", "other"), [("id", "postfix_id"), ("postfix_id", "id")])
def test_preview_of_benign_mail(client: Any, field: str, other: str) -> None:
    clean, bad = client.account.put_messages({"final_disposition": "NONE"}, {})
    client.account.options(preview_body=field, wrong_shape_status=422)
    path, pointer = "investigate/preview", f"/{field}"
    assert client.ok("POST", path, {field: clean[field]})["screenshot"]
    assert client.refused("POST", path, {field: clean[other]}) == (404, 10404, pointer)
    assert client.refused("POST", path, {field: bad[field]}) == (400, 10422, pointer)
    assert client.refused("POST", path, {other: clean[other]}) == (422, 10422, pointer)
    client.headers = {"Authorization": f"Bearer {client.account.read_token}"}
    assert client.refused("POST", path, {field: clean[field]})[0] == 403
    assert client.send("GET", f"investigate/{bad['id']}/preview").status_code == 200


def test_preview_by_another_id_where_that_is_taken(client: Any) -> None:
    (clean,) = client.account.put_messages({"final_disposition": "NONE"})
    client.account.options(preview_body="postfix_id", strict=False)
    assert client.ok("POST", "investigate/preview", {"postfix_id": clean["id"]})


@pytest.mark.parametrize("what", ["detections", "raw", "preview"])
@pytest.mark.parametrize("disposition", ["NONE", "UNKNOWN", None])
def test_nothing_of_the_kind_for_benign_mail(client: Any, what: str, disposition: str | None) -> None:
    path = f"investigate/{put(client, final_disposition=disposition)}/{what}"
    assert client.refused("GET", path) == CLEAN
    assert client.refused("GET", f"investigate/nobody/{what}") == NOT_FOUND


def test_action_log(client: Any) -> None:
    action = {"operation": "MOVE", "completed_at": "2026-01-01T00:00:00Z", "properties": {"folder": "DeletedItems"}}
    done = {"status": "OK", "success": True}
    message_id = put(client, action_log=[action], client_recipients=["a@example.com"])
    assert client.ok("GET", f"investigate/{message_id}/action_log") == [{**action, **done}]
    assert client.account.messages()[0]["mailboxes"] == {"a@example.com": "DeletedItems"}
    client.account.options(deprecated_fields=True)
    (shown,) = client.ok("GET", f"investigate/{message_id}")["action_log"]
    assert shown == {**action, "completed_timestamp": "2026-01-01T00:00:00Z", "status": "OK"}
    client.account.options(action_log=False)
    assert client.refused("GET", f"investigate/{message_id}/action_log") == (404, 7003, None)


def test_pages_of_an_action_log(client: Any) -> None:
    log = [{"operation": "MOVE", "status": str(number)} for number in range(25)]
    path = f"investigate/{put(client, action_log=log)}/action_log"
    answer = client.send("GET", path).json()
    assert answer["result_info"] == {"count": 20, "page": 1, "per_page": 20, "total_count": 25}
    answer = client.send("GET", path, params={"page": 3, "per_page": 10}).json()
    assert [entry["status"] for entry in answer["result"]] == ["20", "21", "22", "23", "24"]
    assert answer["result_info"] == {"count": 5, "page": 3, "per_page": 10, "total_count": 25}
    for query in ({"per_page": 1001}, {"page": 0}, {"x": 1}):
        assert client.refused("GET", path, params=query)[0] == 400


@pytest.mark.parametrize(("order", "expected"), [("oldest", "0123"), ("newest", "3210"), ("mixed", "3102")])
def test_the_order_of_an_action_log(client: Any, order: str, expected: str) -> None:
    message_id = put(client, action_log=[{"operation": "MOVE", "status": str(number)} for number in range(4)])
    client.account.options(action_log_order=order)
    log = client.ok("GET", f"investigate/{message_id}/action_log")
    assert [entry["status"] for entry in log] == list(expected)


def test_messages_can_be_put_back(client: Any) -> None:
    client.account.put_messages(
        {"is_quarantined": True, "eml": "x", "metrics": ["m"], "links": ["https://a.example"]},
        {"datastore": "both"},
        generate={"count": 2},
    )
    before = client.account.messages()
    client.account.put_messages(*before)
    assert client.account.messages() == before
    assert {message["mailboxes"].popitem()[1] for message in before} >= {None, "Inbox"}


def test_hostile_messages(client: Any) -> None:
    hostile = {"id": "../../{{ x }}", "subject": "{{ 7*7 }}\u202e\x1b[0m\x00", "to": None, "from": 7, "unknown": [1]}
    (message,) = client.account.put_messages({**hostile, "scanned_at": "never", "client_recipients": {"a": 1}})
    assert {name: message[name] for name in hostile} == hostile
    client.account.add_messages({"final_disposition": [], "action_log": [{"properties": 1}], "message_id": 1})
    (shown,) = client.ok("GET", "investigate", params={"query": "{{"})
    assert shown["id"] == hostile["id"]
    assert client.ok("GET", "investigate/..%2F..%2F%7B%7B%20x%20%7D%7D")["subject"] == hostile["subject"]


@pytest.mark.parametrize(
    "messages",
    [
        [{"id": "1"}, {"id": "1"}],
        [{"mailboxes": []}],
        [{"action_log": [1]}],
        [{"datastore": "cellar"}],
        [{"metrics": "m"}],
        [{"links": [1]}],
    ],
)
def test_messages_that_cannot_be_put(client: Any, messages: list[dict[str, Any]]) -> None:
    put(client, subject="stays")
    for take in (client.account.put_messages, client.account.add_messages):
        with pytest.raises(ValueError, match="refused"):
            take(*messages)
    assert [message["subject"] for message in client.account.messages()] == ["stays"]


def test_the_monthly_report(client: Any) -> None:
    path, today = "analytics/monthly_report", datetime.datetime.now(datetime.timezone.utc)
    last_month = today.replace(day=1) - datetime.timedelta(days=1)
    # Should another month begin while this runs, what is asserted still holds.
    before = f"{last_month:%Y-%m}"
    mail = [{"scanned_at": f"{before}-15T12:00:00Z", "final_disposition": word} for word in ("SPAM", "NONE", "SPAM")]
    client.account.put_messages(*mail, {"scanned_at": f"{today.year - 2}-12-31T12:00:00Z"})
    months = client.ok("GET", path)["by_month"]
    assert months.pop(before) == [{"disposition": "NONE", "total": 1}, {"disposition": "SPAM", "total": 2}]
    assert list(months.values()) == [[]]
    assert client.refused("GET", path, params={"page": 1})[:2] == (400, 10422)

    client.account.put_monthly_report({"by_month": {"2026-01": [{"total": 5}]}})
    assert client.ok("GET", path) == {"by_month": {"2026-01": [{"total": 5}]}}
    client.account.put_monthly_report(None)
    assert before in client.ok("GET", path)["by_month"]
