# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The place where the simulator listens, which can be shut."""

from __future__ import annotations

import asyncio
import functools
import socket
from typing import Any

import uvicorn


class Door:
    """While it is shut, new connections are refused, as where nobody listens. Those that are open stay open."""

    def __init__(self) -> None:
        self._server: uvicorn.Server | None = None
        self._listener: socket.socket | None = None
        self._shut_for: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def hang(self, server: uvicorn.Server, listener: socket.socket) -> None:
        """Say what to shut: a server that is about to run, and the one socket that it listens on."""
        self._server, self._listener = server, listener

    def shut(self, account_id: str, seconds: float | None = None) -> None:
        """Shut it on account of somebody, for some seconds, or until it is opened for them."""
        server, listener = self._parts()
        if not self._shut_for:
            self._family, self._address = listener.family, listener.getsockname()
            for listening in server.servers:
                listening.close()
            listener.close()
        self._shut_for.add(account_id)
        if seconds is not None:
            task = asyncio.get_running_loop().create_task(self._open_later(account_id, seconds))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def open(self, account_id: str) -> None:
        """Open it again, unless somebody else still wants it shut."""
        if account_id not in self._shut_for:
            return
        self._shut_for.discard(account_id)
        if self._shut_for:
            return
        server, _closed = self._parts()
        self._listener = listen(self._family, self._address)
        protocol: Any = functools.partial(
            server.config.http_protocol_class,
            config=server.config,
            server_state=server.server_state,
            app_state=server.lifespan.state,
        )
        server.servers = [await asyncio.get_running_loop().create_server(protocol, sock=self._listener)]

    async def _open_later(self, account_id: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.open(account_id)

    def _parts(self) -> tuple[uvicorn.Server, socket.socket]:
        assert self._server is not None
        assert self._listener is not None
        return self._server, self._listener


def listen(family: int, address: Any) -> socket.socket:
    """A socket bound to an address."""
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    return listener
