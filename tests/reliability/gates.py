# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to the simulator that a test can hold shut: a small reverse proxy, and who may pass it when."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType

import requests

# Nobody waits this long for a turn unless a test hangs.
LONGEST_WAIT = 60.0
# What a proxy must not pass on, since it has connections and lengths of its own.
_OWN_HEADERS = {"connection", "content-encoding", "content-length", "host", "keep-alive", "transfer-encoding"}

# Given method and path of a request; entered before it is passed on, left when its answer is there.
Guard = Callable[[str, str], AbstractContextManager[None]]


class Dropped(Exception):  # noqa: N818 - an event, which the guard of a gate tells of
    """A guard says: this request's connection closes without an answer."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Gate
    protocol_version = "HTTP/1.1"
    # Without this, an answer waits for the acknowledgement of its own headers.
    disable_nagle_algorithm = True

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN_HEADERS}
        try:
            with self.server.guard(self.command, self.path):
                answer = self.server.session().request(
                    self.command,
                    self.server.target + self.path,
                    data=body or None,
                    headers=headers,
                    allow_redirects=False,
                    timeout=LONGEST_WAIT,
                )
        except (Dropped, requests.RequestException):
            self.close_connection = True
            return
        self.send_response_only(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in _OWN_HEADERS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = pass_on  # noqa: N815 - names that the base class asks for

    def log_message(self, *words: object) -> None:
        """The simulator keeps a log."""


class Gate(http.server.ThreadingHTTPServer):
    """One way to a server, on a free port of this machine, from ``with`` to its end.

    :param target: the base URL of the server behind it, such as ``account.base_url``.
    """

    daemon_threads = True

    def __init__(self, target: str, guard: Guard) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        scheme, rest = target.split("://")
        host, _slash, path = rest.partition("/")
        self.target = f"{scheme}://{host}"
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}/{path}"
        self.guard = guard
        self._local = threading.local()

    def session(self) -> requests.Session:
        """A session for the calling thread: one thread serves one connection of a client."""
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        session: requests.Session = self._local.session
        return session

    def __enter__(self) -> Gate:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is killed while it waits is what some tests are about."""


class Turns:
    """Lets one request of several clients pass at a time, in an order that a test chooses.

    Whenever every client that is still at work has a request waiting, ``order`` says whose goes next, as a position
    among them; after its end it is always the first one's. ``taken`` holds what was chosen where there was a choice.
    """

    def __init__(self, clients: Sequence[str], order: Sequence[int] = ()) -> None:
        self.taken: list[int] = []
        self._order = list(order)
        self._queues: dict[str, list[object]] = {client: [] for client in clients}
        self._passing: object | None = None
        self._changed = threading.Condition()

    def guard(self, client: str) -> Guard:
        """For the gate of a client."""

        @contextmanager
        def wait(method: str, path: str) -> Iterator[None]:
            ticket = object()
            with self._changed:
                self._queues[client].append(ticket)
                self._choose()
                assert self._changed.wait_for(lambda: self._passing is ticket, LONGEST_WAIT), f"{client} has no turn"
            try:
                yield
            finally:
                with self._changed:
                    self._passing = None
                    self._choose()

        return wait

    def leave(self, client: str) -> None:
        """The client has finished: nobody waits for it any more."""
        with self._changed:
            del self._queues[client]
            self._choose()

    def _choose(self) -> None:
        queues = list(self._queues.values())
        if self._passing is None and queues and all(queues):
            if len(queues) > 1:
                self.taken.append(self._order[len(self.taken)] if len(self.taken) < len(self._order) else 0)
            self._passing = queues[self.taken[-1] if len(queues) > 1 else 0].pop(0)
            self._changed.notify_all()


def every_order(run: Callable[[Sequence[int]], Sequence[int]], most: int) -> int:
    """Run two clients in every order in which their requests can come. Returns how many orders there are.

    :param run: runs them in an order; returns which was ``taken``, which may be longer.
    :param most: fail when there are more.
    """
    order: list[int] = []
    count = 0
    while True:
        taken = list(run(order))
        count += 1
        assert taken[: len(order)] == order, f"{order} led to {taken}: not the same run again"
        assert count <= most, f"there are more than {most} orders"
        # The next one: the last choice of the first client becomes the second's.
        while taken and taken[-1] == 1:
            taken.pop()
        if not taken:
            return count
        order = [*taken[:-1], 1]
