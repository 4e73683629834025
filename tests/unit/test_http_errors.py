# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The error that each response of the API becomes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils import _errors as errors
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    AccessError,
    ApiError,
    ConflictError,
    EmailSecurityError,
    NoAnswerError,
    NotEntitledError,
    NotFoundError,
    NotOfferedError,
    RefusedError,
)

from simulator.handle import Account
from unit.armed import UNCONFIRMED, fault
from unit.engine import Engine, blocked, connect

LIST = "settings/block_senders"


def tried(account: Account) -> int:
    return len(account.requests())


NO_ROUTE = {"status": 404, "code": 7003, "message": "Could not route to /accounts/x"}


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        ({"status": 400, "code": 6003, "message": "Invalid request headers"}, AccessError, "api_token"),
        ({"status": 401, "code": 10000, "message": "Authentication error"}, AccessError, "api_token"),
        ({"status": 403, "code": 10000, "message": "Authentication error"}, AccessError, "Cloud Email Security: Read"),
        ({"status": 403, "code": 9109, "message": "Invalid access token"}, AccessError, "credentials"),
        ({"status": 400, "code": 9103, "message": "Unknown X-Auth-Key"}, AccessError, "api_key"),
        ({"status": 400, "code": 9106, "message": "Missing X-Auth-Key"}, AccessError, "api_email"),
        ({"status": 403, "code": 1, "message": "No"}, AccessError, "permission"),
        ({"status": 405, "code": 10001, "message": "Method not allowed for token"}, AccessError, "permission"),
        (
            {"status": 403, "code": 1, "message": "Email is not available in the current subscription"},
            NotEntitledError,
            "not entitled",
        ),
        (NO_ROUTE, NotOfferedError, "Check account_id"),
        ({"status": 404, "body": "html"}, NotOfferedError, "Check base_url"),
        ({"status": 405, "code": 1}, NotOfferedError, "HTTP 405"),
        ({"status": 404, "code": 10404, "message": "not found"}, NotFoundError, "not found"),
        ({"status": 409, "code": 10409, "message": "exists"}, ConflictError, "exists"),
        ({"status": 400, "code": 10422, "message": "pattern is too long"}, RefusedError, "pattern is too long"),
        ({"status": 422, "code": 10422, "message": "not so"}, RefusedError, "not so"),
        ({"status": 413, "body": "html"}, RefusedError, "no reason given"),
        ({"status": 400, "body": "empty"}, RefusedError, "no reason given"),
    ],
    ids=lambda value: f"{value['status']}-{value.get('code', value.get('body'))}" if isinstance(value, dict) else "",
)
def test_each_refusal_is_reported_as_what_it_is(
    account: Account, arguments: dict[str, Any], kind: type[ApiError], said: str
) -> None:
    account.faults({**fault("status_before", **arguments), "times": None})
    engine = Engine(account)
    with pytest.raises(ApiError) as failed:
        engine.http.get(LIST)
    error = failed.value
    assert error.__class__ is kind
    assert said in str(error)
    assert f"GET {LIST} was answered" in str(error)
    assert f"(HTTP {arguments['status']}, CF-Ray {error.ray})" in str(error)
    details = error.details()
    assert details["type"] == kind.__name__
    assert (details["http_status"], details["cf_ray"], details["request"]) == (
        arguments["status"],
        error.ray,
        f"GET {LIST}",
    )
    if "code" in arguments:
        assert [each["code"] for each in error.errors] == [arguments["code"]]
        assert f"(code {arguments['code']})" in str(error)
    assert (tried(account), engine.time.naps) == (1, [])


def test_a_refusal_in_a_200_is_a_refusal(account: Account) -> None:
    account.faults(fault("refused_200", code=4711, message="Not today"))
    with pytest.raises(RefusedError, match=r"Not today \(code 4711\) \(HTTP 200"):
        Engine(account).http.get(LIST)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_permission_that_is_needed_is_named(account: Account, method: str) -> None:
    account.faults(fault("status_before", status=403, code=10000))
    engine = Engine(account)
    with pytest.raises(AccessError, match={"GET": "Security: Read", "POST": "Security: Write"}[method]):
        engine.http.get(LIST) if method == "GET" else engine.http.send(method, LIST, blocked(1))


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Authorization": "Bearer wrong-canary"}, "credentials"),
        ({"Authorization": "Bearer wrong canary"}, "api_token"),
        ({"X-Auth-Key": "wrong-canary", "X-Auth-Email": "canary@example.com"}, "credentials"),
        ({"X-Auth-Key": "wrong-canary"}, "api_email"),
        ({}, "api_token"),
    ],
    ids=["token", "malformed", "key", "no e-mail", "none"],
)
def test_wrong_credentials_are_reported_and_not_shown(account: Account, headers: dict[str, str], said: str) -> None:
    with pytest.raises(AccessError, match=said) as failed:
        Engine(account, headers=headers).http.get(LIST)
    assert "canary" not in str(failed.value) + repr(failed.value) + str(failed.value.details())


@pytest.mark.parametrize("armed", UNCONFIRMED.values(), ids=UNCONFIRMED)
def test_an_outage_is_reported_with_its_ray_and_without_the_token(account: Account, armed: dict[str, Any]) -> None:
    account.faults({**armed, "times": None})
    with pytest.raises(NoAnswerError) as failed:
        Engine(account, retry_timeout=0.0).http.get(LIST)
    assert account.token not in str(failed.value) + repr(failed.value) + str(failed.value.details())
    if armed["kind"] not in ("cut_before", "truncated_json"):
        assert "CF-Ray" in str(failed.value)


def test_what_the_server_says_of_its_failure_is_passed_on(account: Account) -> None:
    account.faults({**fault("status_before", status=503, message="Down for maintenance"), "times": None})
    with pytest.raises(NoAnswerError, match="Down for maintenance"):
        Engine(account, retry_timeout=0.0).http.get(LIST)


def test_a_connection_does_not_show_its_secrets(account: Account) -> None:
    used = connect(account, proxies={"https": "http://someone:canary@proxy.example"})
    assert account.token not in repr(used)
    assert "canary" not in repr(used)


def test_a_read_only_connection_sends_no_write(account: Account) -> None:
    engine = Engine(account, read_only=True)
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        with pytest.raises(EmailSecurityError, match=f"^{method} .*may only read"):
            engine.http.send(method, LIST, {})
    engine.http.get(LIST)
    assert [entry["method"] for entry in account.requests()] == ["GET"]


@pytest.mark.parametrize(
    ("source", "pointer"),
    [
        ({"pointer": "/posts/3/pattern"}, ("posts", 3)),
        ({"pointer": "#/patches/0"}, ("patches", 0)),
        ({"pointer": "body.deletes[12].id"}, ("deletes", 12)),
        ({"pointer": "/pattern"}, None),
        ({"pointer": None}, None),
        ("posts/3", None),
    ],
)
def test_pointers(source: Any, pointer: tuple[str, int] | None) -> None:
    assert errors.ApiError("POST x", 400, [{"code": 1, "source": source}]).pointer() == pointer
