# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A way to the simulator that counts the connections that are opened."""

from __future__ import annotations

import select
import socket
import socketserver
import threading
from types import TracebackType
from urllib.parse import urlsplit


class _PassOn(socketserver.BaseRequestHandler):
    server: Forwarder

    def handle(self) -> None:
        self.server.opened += 1
        with socket.create_connection(self.server.target) as there:
            sides = [self.request, there]
            while True:
                for side in select.select(sides, [], [])[0]:
                    data = side.recv(65536)
                    if not data:
                        return
                    (there if side is self.request else self.request).sendall(data)


class Forwarder(socketserver.ThreadingTCPServer):
    """Passes on to the simulator what comes to ``base_url``. ``opened`` counts the connections."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, base_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _PassOn)
        parts = urlsplit(base_url)
        self.target = (parts.hostname or "", parts.port or 80)
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}{parts.path}"
        self.opened = 0

    def __enter__(self) -> Forwarder:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
