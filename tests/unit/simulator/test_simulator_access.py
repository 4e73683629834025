# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what: credentials, entitlement, accounts, routes, read-only accounts, the rate limit."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .samples import SAMPLES

PATH = "settings/block_senders"


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, (401, 10000)),
        ({"Authorization": "Bearer"}, (400, 6003)),
        ({"Authorization": "Bearer two words"}, (400, 6003)),
        ({"Authorization": "simulator-token"}, (400, 6003)),
        ({"Authorization": "Bearer wrong"}, (403, 9109)),
        ({"X-Auth-Key": "simulator-key"}, (400, 9106)),
        ({"X-Auth-Email": "ops@example.com"}, (400, 9106)),
        ({"X-Auth-Key": "wrong", "X-Auth-Email": "ops@example.com"}, (403, 9103)),
        ({"X-Auth-Key": "simulator-key", "X-Auth-Email": "other@example.com"}, (403, 9103)),
    ],
)
def test_credentials_that_are_refused(client: Any, headers: dict[str, str], error: tuple[int, int]) -> None:
    assert client.refused("GET", PATH, headers=headers)[:2] == error


def test_a_key_may_write(client: Any) -> None:
    client.headers = {"X-Auth-Key": client.account.key, "X-Auth-Email": client.account.email}
    client.ok("POST", PATH, SAMPLES["block_senders"])
    assert client.account.requests()[-1]["credential"] == "key"


def test_a_token_that_may_only_read(client: Any) -> None:
    client.headers = {"Authorization": f"Bearer {client.account.read_token}"}
    assert client.ok("GET", PATH) == []
    assert client.refused("POST", PATH, SAMPLES["block_senders"])[:2] == (403, 10000)


def test_credentials_of_an_account(client: Any) -> None:
    client.account.options(credentials={"tokens": {"other": "write"}, "keys": {}})
    assert client.refused("GET", PATH)[:2] == (403, 9109)
    client.headers = {"Authorization": "Bearer other"}
    client.ok("GET", PATH)


def test_an_account_that_is_not_entitled(client: Any) -> None:
    client.account.options(entitled=False)
    answer = client.send("GET", PATH)
    assert answer.status_code == 403
    assert "not available in the current subscription" in answer.text


def test_a_read_only_account(client: Any) -> None:
    client.account.options(read_only=True)
    client.ok("GET", PATH)
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        assert client.refused(method, PATH, {})[:2] == (405, 10405)
    assert [entry["status"] for entry in client.account.requests()] == [200, 405, 405, 405, 405]


def test_routes_that_are_none(client: Any) -> None:
    assert client.refused("GET", "settings/nothing")[:2] == (404, 7003)
    assert client.refused("GET", "settings")[:2] == (404, 7003)
    assert client.refused("GET", f"{PATH}/a/b")[:2] == (404, 7003)
    assert client.refused("GET", "../elsewhere")[:2] == (404, 7003)
    answer = client.send("PUT", PATH, {})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
    client.account.id = "not/an/account"
    assert client.refused("GET", PATH)[:2] == (404, 7003)


def test_only_known_accounts(simulator: Any, client: Any) -> None:
    simulator.known_accounts_only(True)
    try:
        assert client.refused("GET", PATH)[:2] == (404, 7003)
        client.account.options(batch=True)
        client.ok("GET", PATH)
    finally:
        simulator.known_accounts_only(False)


def test_accounts_do_not_meet(simulator: Any, client: Any) -> None:
    client.ok("POST", PATH, SAMPLES["block_senders"])
    assert simulator.account().state()["block_senders"] == []


def test_headers_of_every_answer(client: Any) -> None:
    rays = set()
    for path in (PATH, "settings/nothing"):
        headers = client.send("GET", path).headers
        rays.add(headers["CF-Ray"])
        assert headers["Content-Type"] == "application/json"
        assert re.fullmatch(r'"default";r=\d+;t=\d+', headers["Ratelimit"])
        assert re.fullmatch(r'"default";q=\d+;w=\d+', headers["Ratelimit-Policy"])
    assert len(rays) == 2


def test_the_rate_limit(client: Any) -> None:
    client.account.options(rate_limit={"limit": 2, "window": 60, "block": 0.4}, clock=100)
    assert [client.send("GET", PATH).headers["Ratelimit"] for _unused in range(2)] == [
        '"default";r=1;t=60',
        '"default";r=0;t=60',
    ]
    for _unused in range(2):
        answer = client.send("GET", PATH)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    client.account.options(clock=100.45)
    # The block is over; the window that was used up goes with it.
    assert client.send("GET", PATH).status_code == 200
    client.account.options(rate_limit=None)
    assert client.send("GET", PATH).headers["Ratelimit"] == '"default";r=1199;t=300'
