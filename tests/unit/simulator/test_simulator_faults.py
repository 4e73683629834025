# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each kind of fault does what it says."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from .samples import COLLECTIONS, ORDERED, SAMPLES, another, batch

PATH = "settings/block_senders"
ENTRY = SAMPLES["block_senders"]


def arm(client: Any, kind: str, *, method: str = "*", path: str = "", **arguments: Any) -> None:
    client.account.faults({"kind": kind, "method": method, "path": path, "arguments": arguments})


def count(client: Any) -> int:
    return len(client.account.state()["block_senders"])


def last(client: Any) -> dict[str, Any]:
    return client.account.requests()[-1]


@pytest.mark.parametrize(("kind", "done"), [("cut_before", 0), ("cut_after", 1)])
def test_cut(client: Any, kind: str, done: int) -> None:
    arm(client, kind)
    with pytest.raises(requests.ConnectionError):
        client.send("POST", PATH, ENTRY)
    assert count(client) == done
    assert (last(client)["fault"], last(client)["status"], last(client)["body"]) == (kind, None, ENTRY)
    client.ok("GET", PATH)
    assert (last(client)["fault"], last(client)["status"]) == (None, 200)


@pytest.mark.parametrize(("kind", "done"), [("status_before", 0), ("status_after", 1)])
def test_status(client: Any, kind: str, done: int) -> None:
    arm(client, kind, status=503, retry_after="Wed, 21 Oct 2026 07:28:00 GMT", code=1234, message="busy")
    answer = client.send("POST", PATH, ENTRY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "Wed, 21 Oct 2026 07:28:00 GMT")
    assert answer.json()["errors"] == [{"code": 1234, "message": "busy"}]
    assert count(client) == done
    assert (last(client)["fault"], last(client)["status"]) == (kind, 503)


def test_bodies_of_a_status(client: Any) -> None:
    arm(client, "status_before", status=502, body="html")
    arm(client, "status_before", status=500, body="empty", retry_after=2)
    arm(client, "status_before", status=500)
    answer = client.send("GET", PATH)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=UTF-8")
    assert answer.text.startswith("<!DOCTYPE html>")
    answer = client.send("GET", PATH)
    assert (answer.status_code, answer.content, answer.headers["Retry-After"]) == (500, b"", "2")
    assert client.refused("GET", PATH)[:2] == (500, 10500)


def test_rate_limited(client: Any) -> None:
    arm(client, "rate_limited")
    arm(client, "rate_limited", retry_after=None, body="html")
    answer = client.send("POST", PATH, ENTRY)
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["errors"][0]["code"]) == (429, "1", 10100)
    answer = client.send("POST", PATH, ENTRY)
    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers
    assert answer.text.startswith("<")
    assert count(client) == 0


def test_failures_that_say_200(client: Any) -> None:
    arm(client, "throttled_200")
    arm(client, "throttled_200", code=10100)
    arm(client, "refused_200", code=10001, message="Method not allowed for token")
    assert [client.refused("POST", PATH, ENTRY)[:2] for _unused in range(3)] == [(200, 971), (200, 10100), (200, 10001)]
    assert count(client) == 0


def test_bodies_that_are_not_json(client: Any) -> None:
    arm(client, "html_200")
    arm(client, "not_json", work=False)
    arm(client, "not_json")
    for expected in (0, 0, 1):
        answer = client.send("POST", PATH, ENTRY)
        assert answer.status_code == 200
        with pytest.raises(requests.JSONDecodeError):
            answer.json()
        assert count(client) == expected


def test_truncated_json(client: Any) -> None:
    arm(client, "truncated_json")
    arm(client, "truncated_json", content_length="truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.send("POST", PATH, ENTRY)
    assert count(client) == 1
    answer = client.send("GET", PATH)
    assert answer.text.startswith('{"success":true')
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize(("when", "done"), [("before", 0), ("after", 1)])
def test_slow(client: Any, when: str, done: int) -> None:
    arm(client, "slow", seconds=0.3, when=when)
    with pytest.raises(requests.ReadTimeout):
        client.session.post(
            f"{client.account.base_url}/accounts/{client.account.id}/email-security/{PATH}",
            json=ENTRY,
            headers=client.headers,
            timeout=0.1,
        )
    assert count(client) == done
    time.sleep(0.3)
    # Whoever left didn't stop the work.
    assert count(client) == 1
    assert (last(client)["fault"], last(client)["status"]) == ("slow", 201)


def test_latency(client: Any) -> None:
    client.account.options(latency_ms=60)
    start = time.monotonic()
    client.ok("GET", PATH)
    assert time.monotonic() - start >= 0.06


def test_redirect(client: Any) -> None:
    arm(client, "redirect", location="https://elsewhere.example/", status=307)
    answer = client.send("POST", PATH, ENTRY)
    assert (answer.status_code, answer.headers["Location"]) == (307, "https://elsewhere.example/")
    assert count(client) == 0


def test_pages_that_do_not_add_up(client: Any) -> None:
    client.account.put({"block_senders": [another("block_senders", n) for n in range(6)]})

    def page(number: int) -> list[str]:
        entries = client.ok("GET", PATH, params={"page": number, "per_page": 2})
        return [entry["pattern"][:6] for entry in entries]

    arm(client, "wrong_total_count", value=99)
    assert client.send("GET", PATH).json()["result_info"]["total_count"] == 99

    arm(client, "repeat_page")
    answers = [client.send("GET", PATH, params={"page": n, "per_page": 2}).json() for n in (1, 2)]
    assert answers[0]["result"] == answers[1]["result"]
    assert [answer["result_info"]["page"] for answer in answers] == [1, 2]

    arm(client, "vanish_between_pages")
    assert [page(n) for n in (1, 2, 3)] == [["n00000", "n00001"], ["n00003", "n00004"], ["n00005"]]

    arm(client, "appear_between_pages", entry={"pattern": "first.example"})
    assert [page(n) for n in (1, 2)] == [["n00001", "n00002"], ["n00002", "n00003"]]
    assert page(1) == ["first.", "n00001"]


@pytest.mark.parametrize("name", COLLECTIONS)
def test_what_appears_is_a_whole_entry(client: Any, name: str) -> None:
    fields = set(client.ok("POST", f"settings/{name}", SAMPLES[name]))
    for query in ({"direction": "asc"}, {"direction": "desc"}) if name in ORDERED else ({},):
        arm(client, "appear_between_pages")
        before = client.ok("GET", f"settings/{name}", params=query)
        new, *rest = client.ok("GET", f"settings/{name}", params=query)
        assert rest == before
        assert set(new) == fields


def test_deleted_by_somebody_else(client: Any) -> None:
    first, second, third = client.account.put({"block_senders": [another("block_senders", n) for n in (1, 2, 3)]})[
        "block_senders"
    ]
    arm(client, "delete_before")
    client.ok("GET", PATH)
    assert client.refused("PATCH", f"{PATH}/{first['id']}", {"comments": "x"})[0] == 404
    arm(client, "delete_before")
    body = batch(patches=[{"id": second["id"], "comments": "x"}])
    assert client.refused("POST", f"{PATH}/batch", body) == (404, 10404, "/patches/0")
    arm(client, "delete_before", id=third["id"])
    assert client.ok("GET", PATH) == []


def test_created_by_somebody_else(client: Any) -> None:
    arm(client, "create_before")
    client.ok("GET", PATH)
    assert client.refused("POST", PATH, ENTRY)[0] == 409
    arm(client, "create_before", index=1)
    posts = [another("block_senders", n) for n in (1, 2)]
    assert client.refused("POST", f"{PATH}/batch", batch(posts=posts)) == (409, 10409, "/posts/1/pattern")
    arm(client, "create_before", entry=another("block_senders", 3))
    assert [entry["pattern"] for entry in client.ok("GET", PATH)] == [
        "spam.example",
        "n00002.example",
        "n00003.example",
    ]


def test_which_requests_a_fault_happens_to(client: Any) -> None:
    client.account.faults(
        {
            "kind": "status_before",
            "method": "get",
            "path": r"senders$",
            "after": 1,
            "times": 2,
            "arguments": {"status": 500},
        },
        {"kind": "status_before", "path": "trusted", "times": None, "arguments": {"status": 503}},
    )
    assert [client.send("GET", PATH).status_code for _unused in range(4)] == [200, 500, 500, 200]
    assert client.send("POST", PATH, ENTRY).status_code == 201
    assert [client.send("GET", "settings/trusted_domains").status_code for _unused in range(3)] == [503] * 3
    report = client.account.fault_report()
    assert [(fault["seen"], fault["fired"]) for fault in report] == [(4, 2), (3, 3)]
    client.account.clear_faults()
    assert client.account.fault_report() == []
    assert client.ok("GET", "settings/trusted_domains") == []


def test_one_fault_at_a_time(client: Any) -> None:
    arm(client, "status_before", status=500)
    arm(client, "status_before", status=501)
    assert [client.send("GET", PATH).status_code for _unused in range(3)] == [500, 501, 200]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "nonsense"},
        {"kind": "status_before"},
        {"kind": "cut_after", "arguments": {"status": 500}},
        {"kind": "cut_after", "path": "("},
        {"kind": "cut_after", "query": {"page": 2}},
        {"kind": "cut_after", "times": "1"},
        {"kind": "cut_after", "extra": 1},
    ],
)
def test_faults_that_cannot_be_armed(client: Any, fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="refused"):
        client.account.faults({"kind": "cut_after"}, fault)
    assert client.account.fault_report() == []


def test_connections_refused_until_disarmed(client: Any) -> None:
    arm(client, "connection_refused", path="senders")
    # A connection of its own, as the control side keeps one open.
    with requests.Session() as session:
        session.trust_env = False
        url = f"{client.account.base_url}/accounts/{client.account.id}/email-security/{PATH}"
        with pytest.raises(requests.ConnectionError):
            session.get(url, headers=client.headers, timeout=5)
        for _unused in range(2):
            with pytest.raises(requests.ConnectionError) as refused:
                session.get(url, headers=client.headers, timeout=5)
            assert "refused" in str(refused.value)
        client.account.clear_faults()
        assert session.get(url, headers=client.headers, timeout=5).status_code == 200
    assert [entry["work"] for entry in client.account.requests()] == [[], [200]]


def test_connections_refused_for_a_while(client: Any) -> None:
    arm(client, "connection_refused", seconds=0.2)
    with pytest.raises(requests.ConnectionError):
        client.send("POST", PATH, ENTRY)
    with pytest.raises(requests.ConnectionError, match="refused"):
        requests.get(client.account.base_url, timeout=5)
    deadline = time.monotonic() + 10
    while True:
        try:
            assert client.send("POST", PATH, ENTRY).status_code == 201
            break
        except requests.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_slow_until_the_client_leaves(client: Any) -> None:
    for when in ("before", "after"):
        arm(client, "slow", seconds=None, when=when)
    for number in (1, 2):
        with pytest.raises(requests.ReadTimeout):
            client.session.post(
                f"{client.account.base_url}/accounts/{client.account.id}/email-security/{PATH}",
                json=another("block_senders", number),
                headers=client.headers,
                timeout=0.1,
            )
    deadline = time.monotonic() + 10
    while count(client) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert [entry["work"] for entry in client.account.requests()] == [[201], [201]]


def test_work_that_comes_late(client: Any) -> None:
    arm(client, "cut_before_late_work", method="POST")
    with pytest.raises(requests.ConnectionError):
        client.send("POST", PATH, ENTRY)
    assert client.ok("GET", PATH) == []
    assert [entry["pattern"] for entry in client.ok("GET", PATH)] == [ENTRY["pattern"]]
    assert client.account.requests()[0]["work"] == [201]


def test_the_log_tells_what_was_done(client: Any) -> None:
    arm(client, "cut_before")
    arm(client, "cut_after")
    arm(client, "done_before")
    for _unused in range(2):
        with pytest.raises(requests.ConnectionError):
            client.send("POST", PATH, ENTRY)
    client.send("POST", PATH, another("block_senders"))
    assert [(entry["status"], entry["work"]) for entry in client.account.requests()] == [
        (None, []),
        (None, [201]),
        (409, [201, 409]),
    ]


def test_an_item_refused(client: Any) -> None:
    good, bad = another("block_senders", 1), another("block_senders", 2)
    client.account.faults({"kind": "refuse_item", "times": None, "arguments": {"text": bad["pattern"]}})
    assert client.refused("POST", f"{PATH}/batch", batch(posts=[good, bad])) == (400, 10422, "/posts/1/pattern")
    assert client.refused("POST", PATH, bad)[0] == 400
    assert count(client) == 0
    made = client.ok("POST", PATH, good)
    assert client.refused("PATCH", f"{PATH}/{made['id']}", {"pattern": bad["pattern"]})[0] == 400
    client.ok("DELETE", f"{PATH}/{made['id']}")
    client.account.options(pointers=False)
    assert client.refused("POST", f"{PATH}/batch", batch(posts=[good, bad]))[2] is None


def test_faults_of_one_page(client: Any) -> None:
    client.account.faults({"kind": "cut_before", "query": {"page": "2"}})
    client.ok("GET", PATH, params={"page": 1})
    with pytest.raises(requests.ConnectionError):
        client.send("GET", PATH, params={"page": 2})
    assert client.account.fault_report()[0]["seen"] == 1
