# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between ASGI and the rest: reading a request whole, sending an answer whole, or not."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from answers import Answer
from routing import Request

_TRANSPORT = "simulator.transport"


class OpenProtocol(HttpToolsProtocol):
    """HTTP that lets the application at its connection, since ASGI knows no way to close one without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_TRANSPORT: self.transport}  # type: ignore[dict-item]


async def read_request(scope: Any, receive: Any) -> Request | None:
    """The request with its whole body, or None where the client left before it had sent that."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return Request(
        method=scope["method"],
        url_path=scope["raw_path"].decode("ascii", "replace"),
        query_string=scope["query_string"].decode("ascii", "replace"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=b"".join(chunks),
    )


class Wire:
    """The way back to the client."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self._transport = scope["extensions"][_TRANSPORT]
        self._receive = receive
        self._send = send

    async def send(self, answer: Answer, headers: dict[str, str], break_off: int | None = None) -> None:
        """Send an answer; after ``break_off`` bytes of its body, where given, the connection closes."""
        lines = dict(headers)
        if answer.status != 204:
            lines["Content-Length"] = str(len(answer.body))
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in lines.items()]
        await self._send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if break_off is None:
            await self._send({"type": "http.response.body", "body": answer.body})
            return
        await self._send({"type": "http.response.body", "body": answer.body[:break_off], "more_body": True})
        # Unlike abort(), this lets what was written go out first.
        self._transport.close()
        await self.left()

    async def cut(self) -> None:
        """Close the connection without a word."""
        self._transport.abort()
        await self.left()

    async def left(self) -> None:
        """Wait until the client, or this side, has closed the connection."""
        # The server would answer 500 by itself if the application returned before it knows that nobody listens.
        while (await self._receive())["type"] != "http.disconnect":
            pass
