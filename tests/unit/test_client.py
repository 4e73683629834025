# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API by name: lists read whole, entries by id, and what goes over the wire."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.client import Client
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.connection import Connection
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.envelope import Answer
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.settings import Batch
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    ApiError,
    InputError,
    NoAnswerError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.allow_policies import ALLOW_POLICIES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.block_senders import BLOCK_SENDERS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.domains import DOMAINS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry

from simulator.handle import Account
from unit.engine import Engine, blocked, person

LIST = "block_senders"


def filled(account: Account, count: int) -> list[str]:
    """Put entries into the account; returns their ids."""
    return [entry["id"] for entry in account.put({LIST: [blocked(number) for number in range(count)]})[LIST]]


def ids(entries: list[Entry]) -> list[str]:
    return [entry["id"] for entry in entries]


@pytest.mark.parametrize(
    ("count", "trust", "reads"),
    [
        *[(0, True, 1), (1, True, 1), (999, True, 1), (1000, True, 1), (1001, True, 2), (2000, True, 2)],
        *[(0, False, 1), (999, False, 1), (1000, False, 2), (1001, False, 2), (2000, False, 3), (2001, False, 3)],
    ],
)
def test_a_list_is_read_in_as_few_pages_as_it_takes(account: Account, count: int, trust: bool, reads: int) -> None:
    there = filled(account, count)
    assert ids(Engine(account, concurrency=1).client.settings.entries(BLOCK_SENDERS, trust_count=trust)) == there
    log = account.requests()
    assert [entry["method"] for entry in log] == ["GET"] * reads
    assert [entry["query"]["page"] for entry in log] == [str(page) for page in range(1, reads + 1)]
    assert {entry["query"]["per_page"] for entry in log} == {"1000"}


@pytest.mark.parametrize("name", RESOURCES)
def test_every_list_that_has_an_order_is_read_by_age(account: Account, name: str) -> None:
    assert Engine(account).client.settings.entries(RESOURCES[name]) == []
    (entry,) = account.requests()
    order = {"order": "created_at", "direction": "asc"} if RESOURCES[name].is_ordered else {}
    assert entry["path"] == f"settings/{name}"
    assert entry["query"] == {**order, "page": "1", "per_page": "1000"}


# Lists that change, or lie, while they are read

PAGED = 1500


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "repeat_page"},
        {"kind": "wrong_total_count", "arguments": {"value": 7}},
        {"kind": "wrong_total_count", "arguments": {"value": 99_999}},
        {"kind": "appear_between_pages"},
        {"kind": "vanish_between_pages"},
        {"kind": "vanish_between_pages", "times": 2},
        {"kind": "appear_between_pages", "times": 2},
        {"kind": "repeat_page", "times": 2},
    ],
    ids=lambda fault: f"{fault['kind']} {fault.get('times', 1)} {fault.get('arguments', '')}",
)
def test_a_list_that_changes_is_read_again(account: Account, fault: Mapping[str, Any]) -> None:
    filled(account, PAGED)
    account.faults(fault)
    engine = Engine(account)
    read = ids(engine.client.settings.entries(BLOCK_SENDERS))
    assert account.fault_report()[0]["fired"] == fault.get("times", 1)
    assert sorted(read) == sorted(entry["id"] for entry in account.state()[LIST])


def test_a_list_that_never_holds_still_is_an_error(account: Account) -> None:
    filled(account, PAGED)
    account.faults({"kind": "appear_between_pages", "times": None})
    with pytest.raises(NoAnswerError, match=r"block_senders could not be read whole.*try again later"):
        Engine(account).client.settings.entries(BLOCK_SENDERS)
    assert len(account.requests()) < 20


def test_a_page_that_always_repeats_is_an_error(account: Account) -> None:
    filled(account, PAGED)
    account.faults({"kind": "repeat_page", "times": None})
    with pytest.raises(NoAnswerError, match="could not be read whole"):
        Engine(account).client.settings.entries(BLOCK_SENDERS)


def test_a_count_that_is_always_too_small_is_reported(account: Account) -> None:
    there = filled(account, PAGED)
    account.faults({"kind": "wrong_total_count", "times": None, "arguments": {"value": 7}})
    engine = Engine(account)
    assert ids(engine.client.settings.entries(BLOCK_SENDERS)) == there
    (warning,) = engine.client.warnings
    assert "announced 7 entries of block_senders and gave 1500" in warning


def test_entries_behind_a_count_that_is_too_low_are_not_missed(account: Account) -> None:
    there = filled(account, 2000)
    account.faults({"kind": "wrong_total_count", "times": None, "arguments": {"value": 1000}})
    assert ids(Engine(account).client.settings.entries(BLOCK_SENDERS)) == there
    trusting = Engine(account).client
    assert trusting.settings.has_more(BLOCK_SENDERS, trusting.settings.entries(BLOCK_SENDERS, trust_count=True))
    document = {**blocked(1500), "comments": "known"}
    done = Engine(account).run({"block_senders": [document]})
    assert [(step.change.action, step.change.id) for step in done] == [("update", there[1500])]


class Pages(Http):
    """Stands for Http: gives entries in pages of its own size, and says that there are as many as it was asked to."""

    def __init__(self, count: int, size: int, announced: Any) -> None:
        super().__init__(Connection("https://api.example", "a1", {}))
        self.entries = [{"id": str(number)} for number in range(count)]
        self.size = size
        self.info = {} if announced is None else {"total_count": announced}
        self.reads = 0

    def get(self, path: str, query: Mapping[str, Any]) -> Answer:
        self.reads += 1
        assert self.reads < 100
        start = (query["page"] - 1) * self.size
        return Answer(self.entries[start : start + self.size], self.info, 200, {})


@pytest.mark.parametrize(
    ("count", "size", "announced"),
    [
        (2500, 1000, None),
        (2000, 1000, None),
        (1200, 500, 1200),
        (0, 1000, 0),
        (1500, 1000, "1500"),
        (1500, 1000, 1500.0),
    ],
    ids=["no count", "no count, whole pages", "smaller pages", "empty", "text", "float"],
)
def test_servers_count_and_cut_pages_in_their_own_way(count: int, size: int, announced: Any) -> None:
    pages = Pages(count, size, announced)
    assert len(Client(pages).settings.entries(BLOCK_SENDERS)) == count


def test_a_list_that_stays_shorter_than_announced_is_reported() -> None:
    client = Client(Pages(10, 1000, 2000))
    assert len(client.settings.entries(BLOCK_SENDERS)) == 10
    (warning,) = client.warnings
    assert "announced 2000 entries of block_senders and gave 10" in warning


@pytest.mark.parametrize("result", [{}, "text", [{"pattern": "x"}]], ids=["object", "text", "no id"])
def test_an_answer_that_is_no_list_of_entries_is_none(result: Any) -> None:
    pages = Pages(0, 1000, 0)
    pages.get = lambda path, query: Answer(result, {}, 200, {})  # type: ignore[method-assign]
    with pytest.raises(NoAnswerError, match="settings/block_senders"):
        Client(pages).settings.entries(BLOCK_SENDERS)


@pytest.mark.parametrize(
    "turns", [[[{}]], [[{"id": "1"}, {}]], [[{}], [{"pattern": "x"}]]], ids=["no ids", "one without", "two pages"]
)
def test_entries_without_an_id_on_pages_that_come_again_end(turns: list[list[Any]]) -> None:
    pages = Pages(0, 1000, 0)
    again = itertools.cycle(turns)
    sent = itertools.count()

    def get(path: str, query: Mapping[str, Any]) -> Answer:
        assert next(sent) < 100
        return Answer(next(again), {"total_count": 10**9}, 200, {})

    pages.get = get  # type: ignore[method-assign]
    with pytest.raises(NoAnswerError, match="block_senders"):
        Client(pages).settings.entries(BLOCK_SENDERS)


def test_null_is_an_empty_list_and_nothing_at_all_is_none() -> None:
    pages = Pages(0, 1000, 0)
    pages.get = lambda path, query: Answer(None, {}, 200, {})  # type: ignore[method-assign]
    assert Client(pages).settings.entries(BLOCK_SENDERS) == []
    pages.get = lambda path, query: Answer(None, {}, 200, {}, has_result=False)  # type: ignore[method-assign]
    with pytest.raises(NoAnswerError, match="without a list"):
        Client(pages).settings.entries(BLOCK_SENDERS)


# Filters


@pytest.mark.parametrize(
    ("name", "filters", "query"),
    [
        ("allow_policies", {"verify_sender": False}, {"verify_sender": "false"}),
        ("block_senders", {"pattern_type": "IP", "order": "pattern"}, {"pattern_type": "IP", "order": "pattern"}),
        ("domains", {"domain": ["a.example", "b.example"]}, {"domain": ["a.example", "b.example"]}),
        ("trusted_domains", {"search": "ä&b=c", "direction": "desc"}, {"search": "ä&b=c", "direction": "desc"}),
    ],
)
def test_filters_are_sent_as_the_api_reads_them(
    account: Account, name: str, filters: dict[str, Any], query: dict[str, Any]
) -> None:
    Engine(account).client.settings.entries(RESOURCES[name], filters)
    sent = account.requests()[0]["query"]
    assert {field: sent[field] for field in query} == query


# Single entries


def test_an_entry_by_id(account: Account) -> None:
    (there,) = filled(account, 1)
    client = Engine(account).client
    found = client.settings.get(BLOCK_SENDERS, there)
    assert found is not None
    assert found["pattern"] == blocked(0)["pattern"]
    assert client.settings.get(BLOCK_SENDERS, "00000000-0000-0000-0000-000000000000") is None


@pytest.mark.parametrize("entry_id", ["../domains", "a/b", "a?b=c", "a#b", "ä", "%2e", "a b"])
def test_an_id_stays_one_piece_of_the_path(account: Account, entry_id: str) -> None:
    account.put({LIST: [{"id": entry_id, **blocked(1)}]})
    found = Engine(account).client.settings.get(BLOCK_SENDERS, entry_id)
    assert found is None or found["id"] == entry_id
    assert all(entry["path"].startswith("settings/block_senders/") for entry in account.requests())


@pytest.mark.parametrize("entry_id", ["", ".", ".."])
def test_an_id_that_leads_elsewhere_is_refused(account: Account, entry_id: str) -> None:
    with pytest.raises(InputError, match="is not an id"):
        Engine(account).client.settings.get(BLOCK_SENDERS, entry_id)
    assert account.requests() == []


def test_another_account_is_not_no_entry(account: Account) -> None:
    """An account that the API does not know must not look like an entry that is not there."""
    account.faults({"kind": "status_before", "arguments": {"status": 404, "code": 7003}})
    with pytest.raises(ApiError, match="account_id"):
        Engine(account).client.settings.get(BLOCK_SENDERS, "x")


def test_ids_are_text_whatever_the_server_says(account: Account) -> None:
    account.put({LIST: [{"id": 17, **blocked(1)}]})
    client = Engine(account).client
    (entry,) = client.settings.entries(BLOCK_SENDERS)
    assert entry["id"] == "17"
    assert client.settings.update(BLOCK_SENDERS, "17", {"comments": "a"})["id"] == "17"


@pytest.mark.parametrize("retired", [True, False], ids=["with retired names", "without"])
def test_retired_names_never_reach_a_result(account: Account, retired: bool) -> None:
    account.options(deprecated_fields=retired)
    account.put({"allow_policies": [{**blocked(1), "is_trusted_sender": True, "verify_sender": True}]})
    (entry,) = Engine(account).client.settings.entries(ALLOW_POLICIES)
    assert not set(entry) & set(ALLOW_POLICIES.renamed)
    assert (entry["is_trusted_sender"], "modified_at" in entry) == (True, True)


def test_what_is_cleared_goes_as_null(account: Account) -> None:
    account.put({"impersonation_registry": [person(1, external_directory_node_id="n1", comments="old")]})
    Engine(account).run({"impersonation_registry": [person(1, external_directory_node_id="", comments="")]})
    assert account.requests()[-1]["body"] == {"external_directory_node_id": None, "comments": ""}


def test_a_batch_has_all_four_arrays_and_says_what_it_made(account: Account) -> None:
    gone, changed = filled(account, 2)
    made = Engine(account).client.settings.batch(
        BLOCK_SENDERS, Batch([blocked(5)], [{"id": changed, "comments": "a"}], [gone])
    )
    assert account.requests()[-1]["body"] == {
        "deletes": [{"id": gone}],
        "patches": [{"id": changed, "comments": "a"}],
        "puts": [],
        "posts": [blocked(5)],
    }
    assert [entry["pattern"] for entry in made.creates] == [blocked(5)["pattern"]]
    assert (ids(list(made.updates)), made.deletes) == ([changed], [gone])


@pytest.mark.parametrize("text", ["\u202e", "\x00", "{{ 1 }}", "\x1b[31m", "é" * 1024], ids=repr)
def test_hostile_text_comes_back_as_it_was_sent(account: Account, text: str) -> None:
    client = Engine(account).client
    made = client.settings.create(BLOCK_SENDERS, blocked(1, comments=text))
    assert made["comments"] == text
    assert client.settings.entries(BLOCK_SENDERS) == [made]


def test_a_new_domain_is_returned_with_its_id(account: Account) -> None:
    fields = {
        "domain": "x.example",
        "allowed_delivery_modes": ["API"],
        "drop_dispositions": [],
        "ip_restrictions": [],
        "regions": ["DE"],
    }
    made = Engine(account).client.settings.create(DOMAINS, fields)
    assert made["id"] == account.state()["domains"][0]["id"]
