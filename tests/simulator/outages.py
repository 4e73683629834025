# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outages: times in which the simulator does not listen."""

from __future__ import annotations

import asyncio
import functools
import socket
from typing import Any

import uvicorn


class Outages:
    """While an account has an outage, new connections are refused. Those that are open stay open."""

    def __init__(self) -> None:
        self._server: uvicorn.Server | None = None
        self._listener: socket.socket | None = None
        self._accounts: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def attach(self, server: uvicorn.Server, listener: socket.socket) -> None:
        """Say what is to be closed: a server that is about to run, and the one socket that it listens on."""
        self._server, self._listener = server, listener

    def begin(self, account_id: str, seconds: float | None = None) -> None:
        """Stop listening for an account, for some seconds, or until :meth:`end`."""
        server, listener = self._parts()
        if not self._accounts:
            self._family, self._address = listener.family, listener.getsockname()
            for listening in server.servers:
                listening.close()
            listener.close()
        self._accounts.add(account_id)
        if seconds is not None:
            task = asyncio.get_running_loop().create_task(self._end_later(account_id, seconds))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def end(self, account_id: str) -> None:
        """Listen again, unless another account has an outage still."""
        if account_id not in self._accounts:
            return
        self._accounts.discard(account_id)
        if self._accounts:
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

    async def _end_later(self, account_id: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.end(account_id)

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
