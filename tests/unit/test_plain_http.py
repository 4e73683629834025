# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials leave this machine unencrypted only where a task says so."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._options import connection

from unit.servers import ACCOUNT, EMPTY_LIST, LIST, TOKEN, Server

# Stands in for another machine: the proxy that is asked for it answers, and keeps what it was sent.
AWAY = "http://api.example:8480/client/v4"


def ask(url: str, environ: dict[str, str], **given: Any) -> Any:
    options: dict[str, Any] = {"api_token": TOKEN, "account_id": ACCOUNT, "base_url": url, "validate_certs": True}
    options |= {"timeout": 5.0, "retry_timeout": 0.0, "allow_http": False, "concurrency": 1, **given}
    with Http(connection(options, environ)) as http:
        return http.get(LIST).result


@pytest.mark.parametrize(
    "url", [AWAY, "http://10.0.0.1", "http://[2001:db8::1]/", "http://127.0.0.1.example", "HTTP://api.example"]
)
def test_another_machine_is_refused(url: str) -> None:
    with Server() as other, pytest.raises(InputError, match=r"base_url must be https.*allow_http") as refused:
        ask(url, {"http_proxy": other.url, "all_proxy": other.url})
    assert other.seen == []
    assert TOKEN not in str(refused.value)


def test_another_machine_is_spoken_to_where_that_is_allowed() -> None:
    """The same request, so that the refusals above are known to be more than an unreachable place."""
    with Server() as other:
        other.reply = (200, {}, json.dumps(EMPTY_LIST).encode())
        assert ask(AWAY, {"http_proxy": other.url}, allow_http=True) == []
    ((method, path, headers),) = other.seen
    assert (method, path.partition("?")[0]) == ("GET", f"{AWAY}/accounts/{ACCOUNT}/email-security/{LIST}")
    assert headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_redirect_is_not_followed_there_either() -> None:
    with Server() as other:
        other.reply = (307, {"Location": "http://elsewhere.example/"}, b"")
        with pytest.raises(Exception, match="Redirects are never followed"):
            ask(AWAY, {"http_proxy": other.url}, allow_http=True)
    assert len(other.seen) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_needs_no_permission(host: str) -> None:
    with Server() as here:
        assert ask(here.url.replace("127.0.0.1", host), {}) == []
    assert len(here.seen) == 1


@pytest.mark.parametrize("url", ["https://me:canary@api.example", "ftp://api.example", "http://", "file:///etc/passwd"])
def test_it_allows_nothing_else(url: str) -> None:
    with pytest.raises(InputError) as refused:
        ask(url, {}, allow_http=True)
    assert "canary" not in str(refused.value)
