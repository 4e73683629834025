# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The search: pages by cursor, an early end, answers that are not ready yet, and what stays in memory."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.client import Client
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.envelope import Answer
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import NoAnswerError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import investigate_info_module

from modules.in_process import both_dates, perform, put_mail
from simulator.handle import Account
from unit.engine import Engine
from unit.servers import Server

SEARCH = investigate_info_module()
ALL = {"detections": 1.0}


def generate(account: Account, count: int) -> None:
    account.put_messages(generate={"count": count, **ALL})


def test_twenty_thousand_messages_are_twenty_requests(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the pages, only the one that is being read is kept beside what is returned."""
    generate(account, 20_000)
    engine = Engine(account, read_only=True)
    ready = engine.http.get_when_ready
    pages: list[weakref.ref[Answer]] = []
    alive: list[int] = []

    def counted(path: str, query: Mapping[str, Any] | None = None) -> Answer:
        answer = ready(path, query)
        pages.append(weakref.ref(answer))
        alive.append(sum(page() is not None for page in pages))
        return answer

    monkeypatch.setattr(engine.http, "get_when_ready", counted)
    found, more = Client(engine.http).messages.search({"detections_only": True})
    assert (len(found), len({message["id"] for message in found}), more) == (20_000, 20_000, False)
    assert len(account.requests()) == len(pages) == 20
    assert max(alive) <= 2
    gc.collect()
    assert not any(page() for page in pages)


@pytest.mark.parametrize(
    ("most", "requests", "sizes", "truncated"),
    [
        (None, 3, ["1000"] * 3, False),
        (1, 1, ["1"], True),
        (1000, 1, ["1000"], True),
        (1001, 2, ["1000"] * 2, True),
        (2500, 3, ["1000"] * 3, False),
        (5000, 3, ["1000"] * 3, False),
    ],
)
def test_max_results_ends_the_search(
    account: Account, most: int | None, requests: int, sizes: list[str], truncated: bool
) -> None:
    generate(account, 2500)
    report = perform(account, SEARCH, max_results=most)
    result = report.ok()
    assert len(result["messages"]) == min(most or 2500, 2500)
    assert result["truncated"] is truncated
    assert [one["query"]["per_page"] for one in report.requests] == sizes
    assert len(report.requests) == requests
    # Only cursors: the number of a page is past its end of life.
    assert ["cursor" in one["query"] for one in report.requests] == [False, *[True] * (requests - 1)]
    assert not any("page" in one["query"] for one in report.requests)


def test_newest_first_and_once(account: Account) -> None:
    generate(account, 1500)
    account.faults({"kind": "appear_between_pages", "arguments": {"entry": {"subject": "new"}}})
    result = perform(account, SEARCH).ok()
    times = [message["scanned_at"] for message in result["messages"]]
    assert times == sorted(times, reverse=True)
    assert len({message["id"] for message in result["messages"]}) == len(times) == 1500


@pytest.mark.parametrize(("given", "sent"), [({}, "true"), ({"detections_only": False}, "false")])
def test_whether_clean_mail_is_asked_for_is_always_said(account: Account, given: dict[str, Any], sent: str) -> None:
    report = perform(account, SEARCH, **given)
    assert [one["query"] for one in report.requests] == [{"detections_only": sent, "per_page": "1000"}]


def test_a_repeated_cursor_ends_the_search_with_a_warning(account: Account) -> None:
    generate(account, 5000)
    account.faults({"kind": "repeat_cursor", "times": None})
    report = perform(account, SEARCH)
    assert report.ok()["truncated"] is True
    assert len(report.result["messages"]) == 2000
    assert len(report.requests) == 2
    assert [text for text in report.engine.client.warnings if "same cursor twice" in text]


@pytest.mark.parametrize("location", ["absolute", "relative"])
def test_a_slow_search_is_asked_for_again(account: Account, location: str) -> None:
    ids = put_mail(account, 2)
    account.options(search_delay={"polls": 2, "location": location, "retry_after": 7})
    report = perform(account, SEARCH)
    assert {message["id"] for message in report.ok()["messages"]} == set(ids)
    assert [one["status"] for one in report.requests] == [202, 202, 202, 200]
    # The place that was named is asked, and nothing is added to it.
    assert len({one["query"].get("cursor") for one in report.requests[1:]}) == 1
    assert report.engine.time.naps == [7.0] * 3
    assert "not ready yet" in report.engine.said[0]


@pytest.mark.parametrize("retry_after", [None, "soon", 0])
def test_without_a_useful_retry_after_the_pauses_grow(account: Account, retry_after: Any) -> None:
    put_mail(account)
    account.options(search_delay={"polls": 4, "retry_after": retry_after})
    report = perform(account, SEARCH)
    report.ok()
    naps = report.engine.time.naps
    assert len(naps) == 5
    assert all(nap >= 0.3 for nap in naps)
    assert naps == sorted(naps)


def test_all_pages_of_a_slow_search(account: Account) -> None:
    generate(account, 2500)
    account.options(search_delay={"polls": 1})
    report = perform(account, SEARCH)
    assert len(report.ok()["messages"]) == 2500
    assert [one["status"] for one in report.requests] == [202, 202, 200, 200, 200]


def test_a_search_without_end_ends_with_retry_timeout(account: Account) -> None:
    account.faults({"kind": "endless_202"})
    report = perform(account, SEARCH, connection={"retry_timeout": 60.0})
    assert isinstance(report.error, NoAnswerError)
    assert "not ready" in report.msg
    assert "retry_timeout" in report.msg
    assert sum(report.engine.time.naps) <= 60
    assert len(report.requests) < 30


@pytest.mark.parametrize("location", ["{lure}/client/v4/results", "//{host}/results", "{lure}@elsewhere.example/"])
def test_nothing_is_sent_to_another_place(account: Account, location: str) -> None:
    with Server() as lure:
        named = location.format(lure=lure.url, host=lure.url.removeprefix("http://"))
        account.faults({"kind": "foreign_202", "arguments": {"location": named}})
        report = perform(account, SEARCH)
        assert lure.seen == []
    assert isinstance(report.error, NoAnswerError)
    assert "Credentials are not sent there" in report.msg
    assert "127.0.0.1" in report.msg or "elsewhere.example" in report.msg
    assert len(report.requests) == 1


@pytest.mark.parametrize("location", ["http://[", "http://[::1", "https://api.example:port/"])
def test_a_place_that_is_no_url_is_reported_in_a_sentence(account: Account, location: str) -> None:
    account.faults({"kind": "foreign_202", "arguments": {"location": location}})
    report = perform(account, SEARCH)
    assert isinstance(report.error, NoAnswerError)
    assert "place to ask again" in report.msg


def test_an_answer_that_is_not_ready_and_names_no_place(account: Account) -> None:
    with Server() as server:
        body = {"success": True, "errors": [], "messages": [], "result": [], "result_info": {}}
        server.reply = (202, {}, json.dumps(body).encode())
        report = perform(account, SEARCH, connection={"base_url": server.url})
    assert isinstance(report.error, NoAnswerError)
    assert "not ready" in report.msg
    # There was no other place; to name this one as foreign would be wrong.
    assert "127.0.0.1" not in report.msg


@pytest.mark.parametrize("result", [{}, "text", 7])
def test_an_answer_without_a_list_is_no_empty_one(account: Account, result: Any) -> None:
    with Server() as server:
        server.reply = (200, {}, json.dumps({"success": True, "result": result}).encode())
        report = perform(account, SEARCH, connection={"base_url": server.url})
    assert isinstance(report.error, NoAnswerError)
    assert "without a list" in report.msg


@pytest.mark.parametrize("how", ["null", "missing"])
def test_more_messages_and_no_way_to_them_is_reported(account: Account, how: str) -> None:
    generate(account, 1500)
    account.options(search_next=how)
    report = perform(account, SEARCH)
    assert (len(report.ok()["messages"]), report.result["truncated"]) == (1000, True)
    assert [text for text in report.engine.client.warnings if "announced 1,500 messages, gave 1,000" in text]
    # Whoever asked for fewer has them.
    short = perform(account, SEARCH, max_results=10)
    assert (len(short.ok()["messages"]), short.result["truncated"]) == (10, True)
    assert short.engine.client.warnings == []


def test_null_is_no_message(account: Account) -> None:
    account.options(empty_lists="null")
    assert perform(account, SEARCH).ok() == {"changed": False, "messages": [], "left_out": [], "truncated": False}


def test_a_slow_search_without_a_body_is_asked_for_again(account: Account) -> None:
    ids = put_mail(account, 2)
    account.options(search_delay={"polls": 1, "body": "empty"})
    report = perform(account, SEARCH)
    assert {message["id"] for message in report.ok()["messages"]} == set(ids)
    assert [one["status"] for one in report.requests] == [202, 202, 200]


def test_filters_of_the_newest_description(account: Account) -> None:
    rejected, _other = account.put_messages(
        {"delivery_status": ["rejected"], "smtp_helo_server_ip": "192.0.2.99"}, {"delivery_status": ["delivered"]}
    )
    report = perform(account, SEARCH, delivery_status="rejected", smtp_helo_ip="192.0.2.99")
    assert [message["id"] for message in report.ok()["messages"]] == [rejected["id"]]
    (request,) = report.requests
    assert (request["query"]["delivery_status"], request["query"]["smtp_helo_ip"]) == ("rejected", "192.0.2.99")


def test_empty_pages_with_ever_new_cursors_come_to_an_end(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(account, read_only=True)
    calls: list[int] = []

    def empty(path: str, query: Mapping[str, Any] | None = None) -> Answer:
        calls.append(1)
        assert len(calls) < 500, "asked for ever"
        return Answer([], {"next": f"cursor-{len(calls)}"}, 200, {})

    monkeypatch.setattr(engine.http, "get_when_ready", empty)
    client = Client(engine.http)
    found, more = client.messages.search({})
    assert (found, more) == ([], True)
    assert client.warnings


def test_hostile_texts_come_through_unchanged(account: Account) -> None:
    texts = ["{{ 7 * 7 }}", "\x1b[31mred\x1b[0m", "a\x00b", "\u202egpj.exe", "x" * 100_000, "../../etc/passwd"]
    account.put_messages(*[{"subject": text} for text in texts])
    account.faults({"kind": "rewritten", "arguments": {"old": '"{{ 7 * 7 }}"', "new": '"\\ud800{{ 7 }}"'}})
    found = {message["subject"] for message in perform(account, SEARCH).ok()["messages"]}
    assert found == {*texts[1:], "\ud800{{ 7 }}"}


@both_dates
def test_retired_names_are_not_returned(account: Account) -> None:
    put_mail(account, action_log=[{"operation": "MOVE"}])
    (message,) = perform(account, SEARCH).ok()["messages"]
    assert {"ts", "findings", "action_log"} & set(message) == set()
    assert message["scanned_at"]
