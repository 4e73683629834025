# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and environment to a connection: credentials, where to, which certificates, how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.connection import Connection
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._options import ENVIRONMENT, connection

ACCOUNT = "0123456789abcdef0123456789abcdef"
BASE = {"account_id": ACCOUNT, "api_token": "canary-token"}


def connected(params: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Connection:
    defaults = {
        "validate_certs": True,
        "timeout": 30.0,
        "retry_timeout": 900.0,
        "allow_http": False,
        "concurrency": 4,
    }
    return connection({**dict.fromkeys(ENVIRONMENT), **defaults, **params}, environ or {})


def problems(params: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(InputError) as refused:
        connected(params, environ)
    assert "canary" not in str(refused.value)
    return refused.value.problems


# Credentials


@pytest.mark.parametrize(
    ("params", "environ", "headers"),
    [
        ({"api_token": "t"}, {}, {"Authorization": "Bearer t"}),
        ({"api_token": " t\n"}, {}, {"Authorization": "Bearer t"}),
        ({"api_token": "t", "api_key": "k", "api_email": "e"}, {}, {"Authorization": "Bearer t"}),
        ({"api_key": "k", "api_email": "e"}, {}, {"X-Auth-Key": "k", "X-Auth-Email": "e"}),
        ({}, {"CLOUDFLARE_API_TOKEN": "t"}, {"Authorization": "Bearer t"}),
        ({}, {"CLOUDFLARE_API_KEY": "k", "CLOUDFLARE_EMAIL": "e"}, {"X-Auth-Key": "k", "X-Auth-Email": "e"}),
        ({"api_key": "k"}, {"CLOUDFLARE_EMAIL": "e"}, {"X-Auth-Key": "k", "X-Auth-Email": "e"}),
        ({"api_token": "t"}, {"CLOUDFLARE_API_TOKEN": "other"}, {"Authorization": "Bearer t"}),
        ({"api_key": "k", "api_email": "e"}, {"CLOUDFLARE_API_TOKEN": "t"}, {"Authorization": "Bearer t"}),
        ({"api_token": ""}, {"CLOUDFLARE_API_TOKEN": "t"}, {"Authorization": "Bearer t"}),
        ({"api_token": "t", "api_key": "k"}, {}, {"Authorization": "Bearer t"}),
    ],
)
def test_credentials(params: dict[str, Any], environ: dict[str, str], headers: dict[str, str]) -> None:
    assert connected({"account_id": ACCOUNT, **params}, environ).headers == headers


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "credentials are missing: set api_token, or CLOUDFLARE_API_TOKEN"),
        ({"api_token": "  "}, "credentials are missing"),
        ({"api_key": "canary"}, "api_email is missing"),
        ({"api_email": "canary@example.com"}, "api_key is missing"),
        ({"api_token": "canary token"}, "api_token holds characters"),
        ({"api_token": "canary\r\nX-Other: 1"}, "api_token holds characters"),
        ({"api_token": "canäry-canary"}, "api_token holds characters"),
        ({"api_token": "canary\x00"}, "api_token holds characters"),
        ({"api_key": "canary key", "api_email": "e"}, "api_key holds characters"),
        ({"api_key": "k", "api_email": "canary e"}, "api_email holds characters"),
    ],
)
def test_credentials_that_cannot_be_right(params: dict[str, Any], said: str) -> None:
    (problem,) = problems({"account_id": ACCOUNT, **params})
    assert said in problem


def test_everything_that_is_missing_is_reported_at_once() -> None:
    assert [problem.split()[0] for problem in problems({})] == ["account_id", "credentials"]


@pytest.mark.parametrize(
    ("account_id", "said"),
    [
        (None, "account_id is missing: set it, or CLOUDFLARE_ACCOUNT_ID"),
        (" ", "account_id is empty"),
        ("My Company", "not its name"),
        ("../accounts", "not its name"),
        ("a/b", "not its name"),
        ("a?b", "not its name"),
        ("acme-emea", "not its name"),
        ("a" * 33, "not its name"),
    ],
)
def test_account_ids_that_cannot_be_right(account_id: str | None, said: str) -> None:
    (problem,) = problems({**BASE, "account_id": account_id})
    assert said in problem


@pytest.mark.parametrize("name", ["account_id", "base_url"])
def test_the_environment_stands_in(name: str) -> None:
    value = {"account_id": ACCOUNT, "base_url": "https://api.example/v4"}[name]
    params = {key: other for key, other in BASE.items() if key != name}
    assert getattr(connected(params, {ENVIRONMENT[name]: f" {value} "}), name) == value


# Where to


@pytest.mark.parametrize(
    ("given", "used"),
    [
        (None, "https://api.cloudflare.com/client/v4"),
        (" ", "https://api.cloudflare.com/client/v4"),
        ("https://api.fed.example/client/v4/", "https://api.fed.example/client/v4"),
        ("http://127.0.0.1:8480/client/v4", "http://127.0.0.1:8480/client/v4"),
        ("http://localhost:1/x//", "http://localhost:1/x"),
        ("http://[::1]:1/x", "http://[::1]:1/x"),
    ],
)
def test_base_urls(given: str | None, used: str) -> None:
    assert connected({**BASE, "base_url": given}).base_url == used


@pytest.mark.parametrize(
    ("base_url", "said"),
    [
        ("http://api.cloudflare.com/client/v4", "must be https"),
        ("http://localhost.example.com", "must be https"),
        ("http://127.0.0.1.example.com", "must be https"),
        ("http://10.0.0.1", "must be https"),
        ("http://0.0.0.0", "must be https"),
        ("https://canary:canary@api.cloudflare.com", "must not hold credentials"),
        ("http://127.0.0.1@example.com", "must not hold credentials"),
        ("https://api.cloudflare.com/?key=canary", "must not hold credentials, a query"),
        ("https://api.cloudflare.com/#x", "a fragment"),
        ("api.cloudflare.com", "must be a URL such as"),
        ("ftp://api.cloudflare.com", "must be a URL such as"),
        ("https://", "must be a URL such as"),
        ("https://[::1", "must be a URL such as"),
        ("https://api.cloudflare.com:port", "must be a URL such as"),
    ],
)
def test_base_urls_that_cannot_be_right(base_url: str, said: str) -> None:
    (problem,) = problems({**BASE, "base_url": base_url})
    assert problem.startswith("base_url")
    assert said in problem


def test_http_elsewhere_must_be_allowed() -> None:
    base_url = "http://gateway.example/client/v4"
    (problem,) = problems({**BASE, "base_url": base_url})
    assert "allow_http" in problem
    assert connected({**BASE, "base_url": base_url, "allow_http": True}).base_url == base_url


@pytest.mark.parametrize("base_url", ["ftp://gateway.example", "http://canary:canary@gateway.example"])
def test_nothing_but_http_is_allowed_by_that(base_url: str) -> None:
    (problem,) = problems({**BASE, "base_url": base_url, "allow_http": True})
    assert problem.startswith("base_url must")


@pytest.mark.parametrize("value", [1, 16])
def test_concurrency(value: int) -> None:
    assert connected({**BASE, "concurrency": value}).concurrency == value


@pytest.mark.parametrize("value", [-1, 0, 17])
def test_concurrency_that_cannot_be_right(value: int) -> None:
    (problem,) = problems({**BASE, "concurrency": value})
    assert problem == "concurrency must be a number of requests, from 1 to 16"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout", 0.0),
        ("timeout", -1.0),
        ("timeout", float("nan")),
        ("retry_timeout", -1.0),
        ("retry_timeout", float("nan")),
    ],
)
def test_times_that_cannot_be_right(name: str, value: float) -> None:
    (problem,) = problems({**BASE, name: value})
    assert problem.startswith(f"{name} must be a number of seconds")


def test_no_retries_can_be_asked_for() -> None:
    assert connected({**BASE, "retry_timeout": 0.0}).retry_timeout == 0


@pytest.mark.parametrize(
    ("params", "environ", "name"),
    [
        ({"ca_path": "/nowhere/ca.pem"}, {}, "ca_path"),
        ({}, {"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"}, "REQUESTS_CA_BUNDLE"),
        ({}, {"CURL_CA_BUNDLE": "/nowhere/ca.pem"}, "CURL_CA_BUNDLE"),
    ],
)
def test_a_bundle_that_is_not_there_is_reported_by_the_name_it_was_given(
    params: dict[str, Any], environ: dict[str, str], name: str
) -> None:
    (problem,) = problems({**BASE, **params}, environ)
    assert problem.startswith(name)
    assert "/nowhere/ca.pem" in problem


def test_no_bundle_is_needed_where_none_is_used() -> None:
    used = connected({**BASE, "validate_certs": False, "ca_path": "/nowhere/ca.pem"})
    assert used.verify is False


def test_a_connection_can_be_shown() -> None:
    used = connected(BASE, {"HTTPS_PROXY": "http://someone:canary@proxy.example"})
    assert "canary" not in repr(used)
    assert ACCOUNT in repr(used)
