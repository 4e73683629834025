# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists: pages, order, filters, search."""

from __future__ import annotations

from typing import Any

import pytest

from .samples import COLLECTIONS, NAMES, ORDERED, SAMPLES, another

REFUSED = (400, 10422, None)


def names(entries: list[dict[str, Any]], field: str = "pattern") -> list[str]:
    return [entry[field] for entry in entries]


@pytest.mark.parametrize("name", COLLECTIONS)
def test_pages(client: Any, name: str) -> None:
    client.account.put({name: [another(name, n) for n in range(45)]})
    path = f"settings/{name}"
    answer = client.send("GET", path).json()
    assert answer["result_info"] == {"count": 20, "page": 1, "per_page": 20, "total_count": 45}
    answer = client.send("GET", path, params={"page": 3, "per_page": 20}).json()
    assert answer["result_info"] == {"count": 5, "page": 3, "per_page": 20, "total_count": 45}
    assert client.ok("GET", path, params={"page": 4}) == []
    every = [entry for page in (1, 2, 3) for entry in client.ok("GET", path, params={"page": page})]
    assert len({entry["id"] for entry in every}) == 45
    assert every == client.ok("GET", path, params={"per_page": 1000})


@pytest.mark.parametrize("name", ORDERED)
def test_order(client: Any, name: str) -> None:
    field, path = NAMES[name], f"settings/{name}"
    for number in (2, 3, 1):
        client.ok("POST", path, another(name, number))
    expected = [another(name, number)[field] for number in (1, 2, 3)]
    assert names(client.ok("GET", path), field) == [expected[1], expected[2], expected[0]]
    assert names(client.ok("GET", path, params={"direction": "desc"}), field) == [expected[0], expected[2], expected[1]]
    assert names(client.ok("GET", path, params={"order": field}), field) == expected
    assert names(client.ok("GET", path, params={"order": field, "direction": "desc"}), field) == expected[::-1]


def test_a_list_that_takes_pages_only(client: Any) -> None:
    for name in ("search", "order", "direction"):
        assert client.refused("GET", "settings/url_ignore_patterns", params={name: "asc"}) == REFUSED


def test_entries_put_there_are_listed_by_age(client: Any) -> None:
    entries = [{**another("block_senders", n), "created_at": f"202{n}-01-01T00:00:00Z"} for n in (3, 1, 2)]
    client.account.put({"block_senders": entries})
    assert names(client.ok("GET", "settings/block_senders")) == ["n00001.example", "n00002.example", "n00003.example"]


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"page": "x"},
        {"per_page": 0},
        {"per_page": 1001},
        {"per_page": "-1"},
        {"order": "comments"},
        {"direction": "up"},
        {"pattern_type": "URL"},
        {"verify_sender": "1"},
        {"nonsense": "1"},
    ],
)
def test_queries_that_are_refused(client: Any, query: dict[str, Any]) -> None:
    assert client.refused("GET", "settings/allow_policies", params=query) == REFUSED


def test_unknown_parameters_can_be_ignored(client: Any) -> None:
    client.account.options(strict=False)
    assert client.ok("GET", "settings/allow_policies", params={"nonsense": "1"}) == []


ALLOW = [
    {**SAMPLES["allow_policies"], "pattern": "a.example", "pattern_type": "DOMAIN", "comments": "Blue team"},
    {**SAMPLES["allow_policies"], "pattern": "b@b.example", "is_trusted_sender": False, "is_exempt_recipient": True},
    {**SAMPLES["allow_policies"], "pattern": "192.0.2.1", "pattern_type": "IP", "verify_sender": False},
    {**SAMPLES["allow_policies"], "pattern": "old", "pattern_type": "UNKNOWN", "is_acceptable_sender": True},
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"pattern_type": "IP"}, [2]),
        ({"pattern_type": "UNKNOWN"}, [3]),
        ({"pattern": "a.example"}, [0]),
        ({"pattern": "example"}, []),
        ({"is_trusted_sender": "false"}, [1]),
        ({"is_exempt_recipient": "true"}, [1]),
        ({"is_acceptable_sender": "true"}, [3]),
        ({"verify_sender": "false"}, [2]),
        ({"search": "EXAMPLE"}, [0, 1]),
        ({"search": "blue"}, [0]),
        ({"search": "example", "pattern_type": "EMAIL"}, [1]),
    ],
)
def test_filters_of_allow_policies(client: Any, query: dict[str, str], expected: list[int]) -> None:
    client.account.put({"allow_policies": ALLOW})
    answer = client.send("GET", "settings/allow_policies", params=query).json()
    assert names(answer["result"]) == [ALLOW[index]["pattern"] for index in expected]
    assert answer["result_info"]["total_count"] == len(expected)


INTEGRATION = "6f1f33a1-3a7b-4a52-9b83-5a7a8a1a2b3c"
DOMAINS = [
    {"domain": "a.example", "allowed_delivery_modes": ["DIRECT", "API"], "status": "active"},
    {"domain": "b.example", "allowed_delivery_modes": ["API"], "status": "pending", "integration_id": INTEGRATION},
    {"domain": "c.example", "allowed_delivery_modes": ["BCC"], "status": None},
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"domain": ["a.example", "C.example"]}, ["a.example", "c.example"]),
        ({"status": "PENDING"}, ["b.example"]),
        ({"integration_id": INTEGRATION}, ["b.example"]),
        ({"allowed_delivery_mode": "API"}, ["a.example", "b.example"]),
        ({"active_delivery_mode": "API"}, ["b.example"]),
        ({"search": "B.ex"}, ["b.example"]),
    ],
)
def test_filters_of_domains(client: Any, query: dict[str, Any], expected: list[str]) -> None:
    client.account.put({"domains": DOMAINS})
    assert names(client.ok("GET", "settings/domains", params=query), "domain") == expected


def test_filters_of_the_others(client: Any) -> None:
    client.account.put(
        {
            "trusted_domains": [{**another("trusted_domains", n), "is_similarity": n == 2} for n in (1, 2)],
            "block_senders": [{**another("block_senders", 1), "pattern_type": "IP"}, another("block_senders", 2)],
            "impersonation_registry": [
                {**another("impersonation_registry", 1), "provenance": "SNOOPY-GOOGLE_DIRECTORY"},
                {**another("impersonation_registry", 2), "name": "Grace Hopper"},
            ],
        }
    )
    for path, query, expected in (
        ("trusted_domains", {"is_similarity": "true"}, "n00002.example"),
        ("trusted_domains", {"is_recent": "true", "pattern": "n00001.example"}, "n00001.example"),
        ("block_senders", {"pattern_type": "IP"}, "n00001.example"),
        ("impersonation_registry", {"provenance": "A1S_INTERNAL"}, "n00002@example.com"),
        ("impersonation_registry", {"search": "grace"}, "n00002@example.com"),
    ):
        assert names(client.ok("GET", f"settings/{path}", params=query), NAMES[path]) == [expected]
