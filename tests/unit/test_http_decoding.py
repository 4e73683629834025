# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever bytes come back: an answer, or an error in our own words; never a traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.envelope import Answer
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    EmailSecurityError,
    NoAnswerError,
    TransportError,
)

from unit.servers import Server, ask


@pytest.fixture
def plain() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.mark.parametrize(
    "location", ["", "http://[::1", "//", "http://", "\x00", "http://a:b:c", "javascript:x", "/x"], ids=repr
)
def test_a_redirect_to_nowhere_is_reported_as_one(plain: Server, location: str) -> None:
    plain.reply = (302, {"Location": location}, b"")
    with pytest.raises(TransportError):
        ask(plain.url)


@pytest.mark.parametrize(
    "envelope",
    [
        {"success": False, "errors": 5},
        {"success": False, "errors": "text"},
        {"success": False, "errors": [None, 5, "text", []]},
        {"success": False, "errors": {"code": 1}},
        {"success": False, "errors": [{"code": [], "message": {}, "source": []}]},
        {"success": False, "errors": [{"code": {"a": 1}, "message": 5, "source": {"pointer": []}}]},
        {"success": False, "errors": None},
        {"success": "yes", "errors": []},
        {"success": None},
        {"success": True, "result_info": []},
        {"success": True, "result_info": {"total_count": "many"}, "result": [None, 5, {}]},
        {"success": False, "errors": [{"code": 1, "message": "\ud800\x00\u202e\x1b[31m"}]},
        {},
        [],
        None,
        5,
    ],
    ids=lambda value: repr(value)[:40],
)
@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_any_json_is_an_answer_or_an_error_of_ours(plain: Server, envelope: Any, status: int) -> None:
    plain.reply = (status, {}, json.dumps(envelope).encode())
    came = outcome(plain.url)
    if isinstance(came, Answer):
        assert status == 200
        assert isinstance(came.result_info, dict)
    else:
        json.dumps([str(came), came.details()])
        assert "GET settings/domains" in str(came)


def outcome(url: str) -> Answer | EmailSecurityError:
    try:
        return ask(url, retry_timeout=0.0)
    except EmailSecurityError as error:
        return error


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"\x00", b"[" * 100_000, b'{"success": true', b"1" * 5000],
    ids=lambda body: repr(body[:8]),
)
def test_any_bytes_are_an_error_of_ours(plain: Server, body: bytes) -> None:
    plain.reply = (200, {}, body)
    with pytest.raises(NoAnswerError, match="GET settings/domains"):
        ask(plain.url, retry_timeout=0.0)
