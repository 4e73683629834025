# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was asked of an account, for tests to look at, and of the whole simulator, for a contract check to read."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import IO, Any

import orjson

from answers import Answer
from routing import Request

# Only headers that say something about the body: a record never holds a credential.
_RECORDED = ("accept", "content-type", "content-length", "user-agent")


class RequestLog:
    """The requests to one account, oldest first. ``mark`` is put on the requests that follow."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.mark: str | None = None
        self._numbers = itertools.count(1)

    def add(self, request: Request, credential: str | None) -> dict[str, Any]:
        """Note a request that has come in; the caller adds status, work and fault when they are known."""
        entry = {
            "n": next(self._numbers),
            "method": request.method,
            "path": request.path,
            "query": {name: values[0] if len(values) == 1 else values for name, values in request.query.items()},
            "body": request.peek(),
            "status": None,
            "work": [],
            "credential": credential,
            "fault": None,
            "mark": self.mark,
        }
        self.entries.append(entry)
        return entry

    def clear(self) -> None:
        self.entries.clear()


class Recorder:
    """Appends every exchange, whole but for credentials, to a file: one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("ab")

    def add(
        self, request: Request, answer: Answer | None, headers: dict[str, str], fault: str | None, api: str | None
    ) -> None:
        """``answer`` is None where the client got none; ``api`` is the date that the account, if any, follows."""
        exchange = {
            "api": api,
            "method": request.method,
            "path": request.url_path,
            "query": request.query_string,
            "request_headers": {name: request.headers[name] for name in _RECORDED if name in request.headers},
            "request_body": request.body.decode(errors="replace") if request.body else None,
            "status": answer.status if answer else None,
            "response_headers": headers,
            "response_body": answer.body.decode(errors="replace") if answer else None,
            "fault": fault,
        }
        self._file.write(orjson.dumps(exchange) + b"\n")
        self._file.flush()
