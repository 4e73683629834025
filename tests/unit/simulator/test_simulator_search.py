# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The search: filters, time range, cursors, slow searches, many messages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

REFUSED = (400, 10422, None)
OLD = "2020-01-01T00:00:00Z"

MAIL: list[dict[str, Any]] = [
    {
        "subject": "0 Invoice 4711",
        "from": "Billing@invoices.example",
        "alert_id": "alert-1",
        "metrics": ["m1"],
        "smtp_helo_server_ip": "198.51.100.7",
        "detections": {"attachments": [{"filename": "Scan.pdf", "sha256": "c0ffee"}, 5]},
    },
    {
        "subject": "1 invoice due",
        "envelope_from": "bounce@news.example",
        "final_disposition": "MALICIOUS-BEC",
        "links": ["https://login.Phish.example:8443/x", "http://["],
    },
    {"subject": "2 lunch", "final_disposition": "NONE", "client_recipients": ["Ada@example.com"]},
    {"subject": "3 parcel", "final_disposition": "SPAM", "is_quarantined": True, "message_id": "<three@mail.example>"},
    {"subject": "4 moved", "action_log": [{"operation": "MOVE", "properties": {"folder": "JunkEmail"}}]},
    {"subject": "5 old", "scanned_at": OLD},
    {"subject": "6 submitted", "datastore": "submissions"},
]


def subjects(messages: list[dict[str, Any]]) -> list[str]:
    return [message["subject"][0] for message in messages]


def search(client: Any, **query: Any) -> dict[str, Any]:
    answer = client.send("GET", "investigate", params=query)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    assert document["result_info"]["count"] == len(document["result"])
    return document


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "4310"),
        ({"detections_only": "false"}, "43210"),
        ({"start": "2019-12-31T00:00:00Z"}, "43105"),
        ({"start": "2019-12-31T00:00:00Z", "end": "2020-01-02T00:00:00+02:00"}, "5"),
        ({"query": "INVOICE 4711"}, "0"),
        ({"query": "invoice"}, "10"),
        ({"query": "three@mail"}, "3"),
        ({"final_disposition": "MALICIOUS"}, "410"),
        ({"final_disposition": "SPAM"}, "3"),
        ({"final_disposition": "NONE"}, ""),
        ({"final_disposition": "NONE", "detections_only": "false"}, "2"),
        ({"metric": "m1"}, "0"),
        ({"message_action": "MOVED"}, "4"),
        ({"message_action": "PREVIEW"}, ""),
        ({"recipient": "ada@EXAMPLE.com", "detections_only": "false"}, "2"),
        ({"sender": "billing@invoices.example"}, "0"),
        ({"sender": "bounce@news.example"}, "1"),
        ({"sender": "NEWS.example"}, "1"),
        ({"sender": "example"}, ""),
        ({"recipient": "example.com", "detections_only": "false"}, "43210"),
        ({"query": "scan.PDF"}, "0"),
        ({"query": "c0ffee invoice"}, "0"),
        ({"alert_id": "alert-1"}, "0"),
        ({"domain": "NEWS.example"}, "1"),
        ({"domain": "example.com"}, "4310"),
        ({"domain": "login.phish.example"}, "1"),
        ({"domain": "phish.example"}, ""),
        ({"domain": "bounce@news.example"}, ""),
        ({"smtp_helo_ip": "198.51.100.7"}, "0"),
        ({"smtp_helo_ip": "198.51.100"}, ""),
        ({"message_id": "three@mail.example"}, "3"),
        ({"subject": "INVOICE"}, "10"),
        ({"subject": "4711 invoice"}, "0"),
        ({"subject": "invoic"}, ""),
        ({"subject": " "}, ""),
        ({"delivery_status": "move_failed"}, ""),
        ({"delivery_status": "quarantined"}, "3"),
        ({"subject": "invoice", "domain": "invoices.example"}, "0"),
    ],
)
def test_filters(client: Any, query: dict[str, str], expected: str) -> None:
    client.account.put_messages(*MAIL)
    assert subjects(search(client, **query)["result"]) == list(expected)


@pytest.mark.parametrize(
    "query",
    [
        {"start": "2999-01-01T00:00:00Z"},
        {"start": "2026-01-01"},
        {"end": "2026-01-01T00:00:00"},
        {"end": "yesterday"},
        {"detections_only": "yes"},
        {"final_disposition": "MALICIOUS-BEC", "links": ["https://login.Phish.example:8443/x", "http://["]},
        {"message_action": "MOVE"},
        {"delivery_status": "gone"},
        {"per_page": 0},
        {"per_page": 1001},
        {"cursor": "nonsense"},
        {"cursor": "eyJhIjoxfQ"},
        {"cursor": "eyJ3YWl0aW5nIjoieCJ9"},
        {"cursor": "eyJzZWFyY2giOlsxLDIsIngiXSwicGxhY2UiOlsiYSIsMV0sImJhY2siOmZhbHNlfQ"},
        {"page": 0},
        {"action_log": "true"},
        {"nonsense": 1},
    ],
)
def test_queries_that_are_refused(client: Any, query: dict[str, Any]) -> None:
    assert client.refused("GET", "investigate", params=query) == REFUSED


def test_pages_by_number(client: Any) -> None:
    client.account.put_messages(*MAIL)
    assert subjects(search(client, page=2, per_page=3)["result"]) == ["0"]
    client.account.options(search_page=False)
    assert client.refused("GET", "investigate", params={"page": 2}) == REFUSED
    client.account.options(strict=False)
    assert subjects(search(client, page=2, per_page=3, nonsense="x")["result"]) == ["4", "3", "1"]


def test_action_logs_where_the_search_shows_them(client: Any) -> None:
    client.account.options(api="2026-05")
    client.account.put_messages(*MAIL)
    (message,) = search(client, subject="moved", action_log="true")["result"]
    assert message["action_log"][0]["properties"] == {"folder": "JunkEmail"}
    (message,) = search(client, subject="moved")["result"]
    assert message["action_log"] == []


@pytest.mark.parametrize("how", ["null", "missing"])
def test_a_next_page_that_is_not_reported(client: Any, how: str) -> None:
    client.account.put_messages(*MAIL)
    client.account.options(search_next=how)
    info = search(client, per_page=3)["result_info"]
    assert (info["count"], info["total_count"], info.get("next", "missing")) == (
        3,
        4,
        {"null": None, "missing": "missing"}[how],
    )
    assert search(client, per_page=4)["result_info"]["next"] is None


def test_empty_lists_that_are_null(client: Any) -> None:
    client.account.options(empty_lists="null")
    for path in ("investigate", "submissions", "phishguard/reports", "settings/domains"):
        assert client.ok("GET", path) is None
    client.account.put_messages({})
    assert len(client.ok("GET", "investigate")) == 1


def test_a_slow_search_without_a_body(client: Any) -> None:
    client.account.put_messages(*MAIL)
    client.account.options(search_delay={"polls": 0, "body": "empty"})
    answer = client.send("GET", "investigate")
    assert (answer.status_code, answer.content, answer.headers.get("Content-Type")) == (202, b"", None)
    answer = client.session.get(answer.headers["Location"], headers=client.headers, timeout=5)
    assert subjects(answer.json()["result"]) == ["4", "3", "1", "0"]


def test_cursors(client: Any) -> None:
    client.account.put_messages(generate={"count": 25, "detections": 1})
    pages, cursor = [], None
    while True:
        answer = search(client, per_page=10, **({"cursor": cursor} if cursor else {}))
        pages.append(answer)
        cursor = answer["result_info"]["next"]
        if cursor is None:
            break
    infos = [page["result_info"] for page in pages]
    assert [info["count"] for info in infos] == [10, 10, 5]
    assert all((info["per_page"], info["page"], info["total_count"]) == (10, 0, 0) for info in infos)
    ids = [message["id"] for page in pages for message in page["result"]]
    assert len(set(ids)) == 25
    assert infos[0]["previous"] is None
    back = search(client, per_page=10, cursor=infos[2]["previous"])
    assert back["result"] == pages[1]["result"]
    assert search(client, per_page=10, cursor=back["result_info"]["next"])["result"] == pages[2]["result"]
    first = search(client, per_page=10, cursor=infos[1]["previous"])
    assert (first["result"], first["result_info"]["previous"]) == (pages[0]["result"], None)
    query = {"per_page": 10, "cursor": infos[0]["next"], "subject": "x"}
    assert client.refused("GET", "investigate", params=query) == REFUSED


def test_pages_stay_in_place_when_mail_arrives(client: Any) -> None:
    client.account.put_messages(*[{"subject": str(number)} for number in range(4)])
    first = search(client, per_page=2)
    client.account.add_messages({"subject": "9"})
    assert subjects(first["result"]) == ["3", "2"]
    assert subjects(search(client, per_page=2, cursor=first["result_info"]["next"])["result"]) == ["1", "0"]
    assert subjects(search(client)["result"]) == ["9", "3", "2", "1", "0"]


@pytest.mark.parametrize("relative", [False, True])
def test_slow_search(client: Any, relative: bool) -> None:
    client.account.put_messages(*MAIL)
    client.account.options(
        search_delay={"polls": 2, "retry_after": 0, **({"location": "relative"} if relative else {})}
    )
    answers = [client.send("GET", "investigate", params={"subject": "invoice", "per_page": 1})]
    location = answers[0].headers["Location"]
    origin = client.account.base_url.removesuffix("/client/v4")
    assert location.startswith(f"{'' if relative else origin}/client/v4/accounts/{client.account.id}/email-security/")
    for _unused in range(3):
        url = origin + location if relative else location
        answers.append(client.session.get(url, headers=client.headers, timeout=5))
    assert [answer.status_code for answer in answers] == [202, 202, 202, 200]
    assert all(answer.json()["result"] == [] for answer in answers[:3])
    assert [answer.headers.get("Retry-After") for answer in answers] == ["0", "0", "0", None]
    assert [urlsplit(answer.headers.get("Location", "")).path != "" for answer in answers] == [True, True, True, False]
    document = answers[3].json()
    assert subjects(document["result"]) == ["1"]
    # Only finding takes its time: the next page is there.
    query = {"subject": "invoice", "per_page": 1, "cursor": document["result_info"]["next"]}
    assert subjects(search(client, **query)["result"]) == ["0"]
    assert client.refused("GET", "investigate", params={"final_disposition": "x"}) == REFUSED


def test_many_messages(client: Any) -> None:
    client.account.put_messages(generate={"count": 50_000, "seed": 3, "end": "2026-01-31T00:00:00Z"})
    query = {"start": "2026-01-01T00:00:00Z", "detections_only": "false", "per_page": 1000}
    found = search(client, **query)
    assert len(found["result"]) == 1000
    again = client.account
    again.put_messages(generate={"count": 50_000, "seed": 3, "end": "2026-01-31T00:00:00Z"})
    assert search(client, **query)["result"] == found["result"]
    assert again.messages(touched=True) == []


def test_generated_messages(client: Any) -> None:
    wave = {"count": 30, "seed": 7, "fields": {"subject": "Urgent", "final_disposition": "MALICIOUS"}}
    client.account.put_messages(*MAIL, generate=[{"count": 100, "quarantined": 0.4}, wave])
    assert len(client.account.messages()) == 137
    assert len(search(client, subject="urgent", per_page=1000)["result"]) == 30
    every = search(client, detections_only="false", per_page=1000)["result"]
    assert len({message["id"] for message in every}) == 135
    assert {message["is_quarantined"] for message in every} == {True, False}


@pytest.mark.parametrize(
    "generate",
    [
        {},
        {"count": -1},
        {"count": 1, "colour": 1},
        {"count": 1, "end": "now"},
        {"count": 1, "detections": 2},
        {"count": 1, "fields": {"id": "x"}},
        [{"count": 1}, {"count": 1}],
    ],
)
def test_generating_what_is_not_right(client: Any, generate: Any) -> None:
    client.account.put_messages({})
    with pytest.raises(ValueError, match="refused"):
        client.account.put_messages(generate=generate)
    assert len(client.account.messages()) == 1
