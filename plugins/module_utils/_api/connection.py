# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach one account, and the open connections to it."""

from __future__ import annotations

import contextlib
import ipaddress
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from .pacing import Pace

REQUESTS_IMPORT_ERROR: str | None
try:
    import requests
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None

VERSION = "0.1.0"


@dataclass(frozen=True)
class Connection:
    """Everything that requests to one account need.

    :param headers: the credentials, as headers.
    :param verify: False, True, or the path of a CA bundle.
    :param timeout: seconds to wait for a connection, and for each part of a response.
    :param retry_timeout: seconds that one request may spend on waits and retries.
    :param concurrency: the maximum number of requests in flight.
    :param proxies: as environment variables name them, lower case without ``_proxy``: http, https, all, no.
    """

    base_url: str
    account_id: str
    headers: Mapping[str, str] = field(repr=False)
    verify: bool | str = True
    timeout: float = 30.0
    retry_timeout: float = 900.0
    concurrency: int = 4
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)

    def proxies_in_use(self) -> dict[str, str]:
        """The proxies for ``base_url``, by scheme; none for a loopback host or one that ``no_proxy`` excludes."""
        parts = urlsplit(self.base_url)
        if parts.scheme == "http" and is_loopback(parts.hostname or ""):
            return {}  # A proxy would read the credentials.
        if proxy_bypass_environment(parts.netloc, dict(self.proxies)):
            return {}
        return {scheme: url for scheme, url in self.proxies.items() if scheme in ("http", "https", "all")}


class Sessions:
    """Open sessions of one connection, reused between requests, and the state of its rate limit.

    A session is not guaranteed to be thread-safe, so only one thread uses it at a time.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        # Other runs with the same credentials may have as many requests in flight.
        self.pace = Pace(reserve=5 * connection.concurrency)
        self._idle: list[requests.Session] = []

    @contextlib.contextmanager
    def lend(self) -> Iterator[requests.Session]:
        try:
            session = self._idle.pop()
        except IndexError:
            session = self._open()
        try:
            yield session
        finally:
            self._idle.append(session)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _open(self) -> requests.Session:
        session = requests.Session()
        # Without this, ~/.netrc would replace the token, and the environment would replace the CA bundle.
        session.trust_env = False
        session.headers.update(self.connection.headers)
        session.headers["User-Agent"] = f"ansible-cloudflare.email_security/{VERSION}"
        session.proxies.update(self.connection.proxies_in_use())
        return session


def is_loopback(host: str) -> bool:
    """Whether a host is this machine. No name is resolved."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
