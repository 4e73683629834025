# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An answer of a server as bytes, and what the client makes of it. No socket: requests itself decodes the bytes.

The bytes are a status, headers and a body, one header a line, with an empty line before the body::

    429
    Retry-After: 3

    {"success": false, ...}

Anything else is an answer too: what cannot be read as a status is 200, what is no header is left out.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import urllib3
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Answer, Connection, Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._censor import sanitize_result
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import replace_controls
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

TOKEN = "canary-token-6e0d"
CONNECTION = Connection(
    base_url="https://api.example/client/v4",
    account_id="a1",
    headers={"Authorization": f"Bearer {TOKEN}"},
    retry_timeout=0.0,
)
Canned = tuple[int, list[tuple[str, str]], bytes]


def parsed(data: bytes) -> Canned:
    """Status, headers and body."""
    head, _empty, body = data.partition(b"\n\n")
    first, *lines = head.decode("latin-1").split("\n")
    status = int(first) if re.fullmatch("[1-9][0-9]{2}", first) else 200
    headers = [(name, value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon]
    return status, headers, body


@contextmanager
def answering(answer: Callable[[PreparedRequest], Canned]) -> Iterator[None]:
    """Every request within gets this answer, whatever server it is for."""

    def send(adapter: HTTPAdapter, request: PreparedRequest, **options: Any) -> Response:
        status, headers, body = answer(request)
        raw = urllib3.HTTPResponse(
            io.BytesIO(body),
            urllib3.HTTPHeaderDict(headers),
            status,
            preload_content=False,
            decode_content=False,
        )
        return adapter.build_response(request, raw)

    with mock.patch.object(HTTPAdapter, "send", send):
        yield


def idle(seconds: float) -> None:
    """In place of waiting."""


def outcome(data: bytes) -> Answer | EmailSecurityError:
    """What one GET comes to. Any other exception is a defect."""
    canned = parsed(data)
    with answering(lambda request: canned), Http(CONNECTION, sleep=idle) as http:
        try:
            return http.get("settings/domains")
        except EmailSecurityError as error:
            return error


def check(data: bytes) -> Answer | EmailSecurityError:
    """What one GET comes to, which must hold what the client promises.

    :raises AssertionError: it does not.
    """
    came = outcome(data)
    if isinstance(came, Answer):
        assert 200 <= came.status < 400
        assert isinstance(came.result_info, dict)
        reported: dict[str, Any] = {"result": came.result}
    else:
        reported = {"msg": replace_controls(str(came)), "error": came.details()}
        assert "GET settings/domains" in reported["msg"]
        assert TOKEN not in repr(reported)
        assert not [letter for letter in reported["msg"] if letter < " " and letter not in "\t\n"]
    # What a task returns is JSON that can be sent as UTF-8.
    json.dumps(sanitize_result(reported), ensure_ascii=False).encode()
    return came
