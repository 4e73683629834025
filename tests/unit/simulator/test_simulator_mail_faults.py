# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults of searches and actions."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from simulator.handle import Simulator

MOVE = "investigate/move"


def arm(client: Any, kind: str, **arguments: Any) -> None:
    client.account.faults({"kind": kind, "arguments": arguments})


def put(client: Any, number: int = 3, **fields: Any) -> list[str]:
    """Put messages there; returns their ids."""
    return [message["id"] for message in client.account.put_messages(*[dict(fields) for _unused in range(number)])]


def cursor_of(client: Any, **query: Any) -> Any:
    return client.send("GET", "investigate", params={"per_page": 1, **query}).json()["result_info"]["next"]


def folders(client: Any) -> list[str]:
    """Where the messages are, oldest first."""
    return [folder for message in client.account.messages()[::-1] for folder in message["mailboxes"].values()]


def test_the_same_cursor_again(client: Any) -> None:
    put(client)
    arm(client, "repeat_cursor")
    cursor = cursor_of(client)
    assert cursor_of(client, cursor=cursor) == cursor
    assert cursor_of(client, cursor=cursor) != cursor


def test_a_search_without_end(client: Any) -> None:
    arm(client, "endless_202")
    answer = client.send("GET", "investigate")
    for _unused in range(5):
        assert (answer.status_code, answer.json()["result"]) == (202, [])
        answer = client.session.get(answer.headers["Location"], headers=client.headers, timeout=5)
    assert client.ok("GET", "investigate") == []


def test_a_search_that_goes_on_elsewhere(client: Any) -> None:
    arm(client, "foreign_202")
    arm(client, "foreign_202", location="//evil.example/")
    places = [client.send("GET", "investigate").headers["Location"] for _unused in range(2)]
    assert places == ["https://elsewhere.example/results", "//evil.example/"]


def test_an_answer_rewritten(client: Any) -> None:
    put(client, 1, subject="PLACE")
    arm(client, "rewritten", old='"PLACE"', new='"\\ud800"')
    assert client.ok("GET", "investigate")[0]["subject"] == "\ud800"


def test_a_move_that_breaks_off(client: Any) -> None:
    ids = put(client)
    arm(client, "partial_move", count=2)
    # Nothing to break off.
    client.ok("POST", MOVE, {"ids": ids[:2], "destination": "Inbox"})
    with pytest.raises(requests.ConnectionError):
        client.send("POST", MOVE, {"ids": ids, "destination": "JunkEmail"})
    assert folders(client) == ["JunkEmail", "JunkEmail", "Inbox"]
    assert client.account.requests()[-1]["body"]["ids"] == ids


@pytest.mark.parametrize("shape", ["array", "object"])
def test_a_release_that_breaks_off(client: Any, shape: str) -> None:
    ids = put(client, 2, is_quarantined=True)
    client.account.options(release_body=shape)
    arm(client, "partial_move")
    with pytest.raises(requests.ConnectionError):
        client.send("POST", "investigate/release", ids if shape == "array" else {"ids": ids})
    assert [message["is_quarantined"] for message in client.account.messages()] == [True, False]


def test_submissions_that_break_off(client: Any) -> None:
    messages = client.account.put_messages({}, {})
    items = [{"alert_id": message["alert_id"], "expected_disposition": "NONE"} for message in messages]
    arm(client, "partial_move")
    with pytest.raises(requests.ConnectionError):
        client.send("POST", "submissions", {"type": "reclassification", "messages": items})
    (submission,) = client.account.submissions()
    assert submission["original_postfix_id"] == messages[0]["postfix_id"]


@pytest.mark.parametrize(("kind", "folder"), [("cut_before", "Inbox"), ("cut_after", "JunkEmail")])
def test_cut(client: Any, kind: str, folder: str) -> None:
    ids = put(client, 1)
    arm(client, kind)
    with pytest.raises(requests.ConnectionError):
        client.send("POST", MOVE, {"ids": ids, "destination": "JunkEmail"})
    assert folders(client) == [folder]


def test_done_by_somebody_else(client: Any) -> None:
    ids = put(client, 1, is_quarantined=True)
    arm(client, "done_before")
    client.ok("GET", "investigate")
    (item,) = client.ok("POST", "investigate/release", {"ids": ids})
    assert (item["delivered"], item["undelivered"]) == (None, ["user@example.com"])


def test_gone_before(client: Any) -> None:
    ids = put(client)
    arm(client, "delete_before")
    assert client.refused("GET", f"investigate/{ids[0]}/raw")[0] == 404
    arm(client, "delete_before")
    assert client.refused("POST", "investigate/release", {"ids": ids[1:]}) == (404, 10404, "/ids/0")
    arm(client, "delete_before", id=ids[2])
    assert client.ok("GET", "investigate") == []


def test_pages_that_do_not_add_up(client: Any) -> None:
    ids = put(client)
    arm(client, "vanish_between_pages")
    cursor = cursor_of(client)
    client.account.faults({"kind": "appear_between_pages", "arguments": {"entry": {"subject": "new"}}})
    (second,) = client.ok("GET", "investigate", params={"per_page": 1, "cursor": cursor})
    assert second["id"] == ids[1]
    found = client.ok("GET", "investigate")
    assert [found[0]["subject"], *[message["id"] for message in found[1:]]] == ["new", ids[1], ids[0]]

    client.account.put_submissions(*[{"submission_id": str(number)} for number in range(3)])
    arm(client, "repeat_page")
    pages = [client.ok("GET", "submissions", params={"page": page, "per_page": 1}) for page in (1, 2)]
    assert pages[0] == pages[1]
    for path in ("submissions", f"investigate/{ids[0]}/action_log"):
        arm(client, "wrong_total_count", value=99)
        assert client.send("GET", path).json()["result_info"]["total_count"] == 99


def test_a_seed_with_mail(tmp_path: Any) -> None:
    file = tmp_path / "seed.yml"
    file.write_text(
        "seeded:\n  messages: {generate: {count: 3}}\n  submissions: [{submission_id: s}]\n  phishguard_reports: [{}]\n"
    )
    with Simulator("--seed", str(file)) as simulator:
        account = simulator.account("seeded")
        assert len(account.messages()) == 3
        assert account.submissions()[0]["submission_id"] == "s"
