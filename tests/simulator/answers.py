# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers, and the refusals that become answers: the API's envelope, and its error codes in one place."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

JSON = "application/json"
HTML = "text/html; charset=UTF-8"

# Documented codes.
INVALID_HEADERS = 6003
NO_ROUTE = 7003
UNKNOWN_KEY = 9103
MISSING_HEADERS = 9106
INVALID_TOKEN = 9109
AUTHENTICATION = 10000
NOT_ALLOWED = 10001
# 971 comes in an answer that says 200; the older 10100 also with a 429.
THROTTLED_200 = 971
THROTTLED = 10100

# The API documents no codes for these: the numbers are the simulator's own.
WRONG_METHOD = 10405
NOT_ENTITLED = 10403
UNSUPPORTED_MEDIA = 10415
INVALID_BODY = 10400
INVALID_FIELD = 10422
NOT_FOUND = 10404
DUPLICATE = 10409
LOCKED = 10423
NO_INTEGRATION = 10424
NOT_A_DETECTION = 10425
WRONG_STATE = 10426
SIMULATED = 10500

_RAYS = itertools.count(secrets.randbits(60))


@dataclass(slots=True)
class Answer:
    """What goes back to the client: a status, headers and a body, encoded."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str | None = JSON

    def lines(self) -> dict[str, str]:
        """The headers to send, without Content-Length."""
        typed = {"Content-Type": self.content_type} if self.content_type else {}
        return {**typed, "CF-Ray": f"{next(_RAYS) & 0xFFFFFFFFFFFFFFFF:016x}-SIM", **self.headers}


class Refusal(Exception):  # noqa: N818 - an answer of the API, nothing that went wrong here
    """The API says no. ``problems`` are errors of its envelope: code, message, and a pointer into the body or none."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        pointer: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.problems: list[tuple[int, str, str | None]] = [(code, message, pointer)]
        self.headers = dict(headers or {})

    def below(self, prefix: str) -> Refusal:
        """The same refusal, as seen from further up: its pointers begin with this one."""
        self.problems = [(code, message, prefix + (pointer or "")) for code, message, pointer in self.problems]
        return self

    def answer(self, *, pointers: bool = True) -> Answer:
        errors = []
        for code, message, pointer in self.problems:
            source = {"source": {"pointer": pointer}} if pointers and pointer is not None else {}
            errors.append({"code": code, "message": message, **source})
        return Answer(self.status, failure(errors), self.headers)


def not_entitled() -> Refusal:
    """What an account gets that has not paid for what it asks for."""
    return Refusal(403, NOT_ENTITLED, "Email Security is not available in the current subscription")


def success(result: Any, *, status: int = 200, result_info: Mapping[str, Any] | None = None) -> Answer:
    document: dict[str, Any] = {"success": True, "errors": [], "messages": [], "result": result}
    if result_info is not None:
        document["result_info"] = result_info
    return Answer(status, orjson.dumps(document))


def failure(errors: list[dict[str, Any]]) -> bytes:
    return orjson.dumps({"success": False, "errors": errors, "messages": [], "result": None})


def html_page(status: int, title: str) -> bytes:
    """What a gateway in front of the API shows when it has something to say of its own."""
    return (
        f"<!DOCTYPE html>\n<html><head><title>{status} {title}</title></head>\n<body>{title}</body></html>\n".encode()
    )
