# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# pylint: disable=unused-import  # pylint takes a file of this name for the standard library's; ruff checks imports

"""Requests to the API: sent, waited for, and retried where that is safe.

Two guarantees are enforced here and nowhere else. A write is retried only after a rate limit, when the API has not
carried it out; any other unconfirmed write raises :class:`NoAnswerError`, which the caller resolves by reading. And a
read-only connection, which check mode uses, sends nothing but GET.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from .._errors import (
    EmailSecurityError,
    NoAnswerError,
    NotSentError,
    ThrottledError,
    TransportError,
)
from .connection import Connection, Sessions
from .envelope import Answer, read_answer
from .pacing import backoff, retry_after
from .waiting import Watch

with contextlib.suppress(ImportError):  # connection.py reports it.
    import requests

Item = TypeVar("Item")
Found = TypeVar("Found")

# Report progress after this many items.
PROGRESS_INTERVAL = 100
# Shorter waits are not reported, in seconds.
NOTABLE_WAIT = 5.0
# How often, and for how long, a read is tried without a usable response: about a minute and a half. Waits for a rate
# limit may be longer, since their end is known.
NO_ANSWER_TRIES = 8
NO_ANSWER_SECONDS = 120.0


class Http:
    """The API of one account, by path. Thread-safe.

    :param sessions: sessions to use and leave open; by default its own, closed on exit.
    :param read_only: refuse to send anything but GET.
    :param clock: seconds, monotonic.
    :param sleep: waits for seconds.
    :param notify: receives a sentence when a longer wait begins.
    :param report_progress: receives sentences about the progress of a long operation.
    :param announce_wait: receives one sentence, within ten seconds, if the API does not respond.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        sessions: Sessions | None = None,
        read_only: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        notify: Callable[[str], None] = lambda sentence: None,
        report_progress: Callable[[str], None] = lambda sentence: None,
        announce_wait: Callable[[str], None] | None = None,
    ) -> None:
        self.connection = connection
        self.read_only = read_only
        self.clock = clock
        self.sleep = sleep
        self.notify = notify
        self.report_progress = report_progress
        self._sessions = sessions or Sessions(connection)
        self._keeps_sessions = sessions is not None
        self._host = urlsplit(connection.base_url).hostname or "the API"
        self._watch = Watch(self._host, clock, announce_wait)
        # Ansible ended the task while requests were in flight.
        self._ended = False

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *exception: object) -> None:
        self._watch.close()
        if not self._keeps_sessions:
            self._sessions.close()

    def map_concurrent(
        self, function: Callable[[Item], Found], items: Sequence[Item], progress_label: str = ""
    ) -> list[Found]:
        """Call for each item, ``concurrency`` at a time. Results are in the items' order; the first error is raised.

        :param progress_label: what is done to the items, for progress reports.
        """
        numbers = itertools.count(1)

        def call(item: Item) -> Found:
            result = function(item)
            number = next(numbers)
            if progress_label and number % PROGRESS_INTERVAL == 0:
                self.report_progress(f"{number:,} of {len(items):,} {progress_label}.")
            return result

        if self.connection.concurrency == 1 or len(items) < 2:
            return [call(item) for item in items]
        # Imported late: most tasks never get here, and a module's process pays for each import.
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(self.connection.concurrency)
        try:
            found = list(pool.map(call, items))
        except Exception:
            pool.shutdown()
            raise
        except BaseException:
            # Ansible's task timeout does not wait for requests in flight; no further ones are sent.
            self._ended = True
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()
        return found

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Answer:
        """Read. Retried after connection errors, 408, 429, 5xx and unreadable responses, within ``retry_timeout``.

        :param path: below ``/accounts/{account_id}/email-security/``.
        :raises NoAnswerError: no usable response arrived in time.
        :raises ApiError: the API reported a failure.
        """
        return self._until_answered("GET", path, query, None)

    def get_when_ready(self, path: str, query: Mapping[str, Any] | None = None) -> Answer:
        """Read a result that the API may still be preparing: poll the ``Location`` of a 202.

        :raises NoAnswerError: it was not ready within ``retry_timeout``, or ``Location`` is not on the API's origin.
        """
        answer = self.get(path, query)
        deadline = self.clock() + self.connection.retry_timeout
        tries = 0
        while answer.status == 202:
            poll_url = self._poll_url(path, answer.headers.get("Location") or "")
            tries += 1
            wait = retry_after(answer.headers.get("Retry-After")) or backoff(tries)
            if self.clock() + wait > deadline:
                raise NoAnswerError(
                    f"GET {path} was not ready after {tries} tries; retry_timeout allows no further wait. "
                    "Narrow the request, or raise retry_timeout."
                )
            self._announce(f"GET {path} is not ready yet.", wait, f"try {tries + 1}")
            self.sleep(wait)
            answer = self._until_answered("GET", path, None, None, url=poll_url)
        return answer

    def _poll_url(self, path: str, location: str) -> str:
        base_url = self.connection.base_url
        try:
            poll_url = urljoin(f"{base_url}/", location)
            trusted, host = _same_origin(poll_url, base_url), urlsplit(poll_url).hostname
        except ValueError:
            trusted, host = False, None
        if not location:
            raise NoAnswerError(f"GET {path} is not ready, and the API names no place to ask again. Try later.")
        if not trusted:
            raise NoAnswerError(
                f"GET {path} is not ready, and the place to ask again is not the API's own ({host or 'no URL'}). "
                "Credentials are not sent there. Narrow the request, or try later."
            )
        return poll_url

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        """Write. Retried only after a rate limit, when the API has not carried it out.

        :raises NoAnswerError: it is unknown whether the write was carried out.
        :raises ApiError: the API reported a failure.
        """
        if self.read_only:
            raise EmailSecurityError(f"{method} {path} was not sent: this connection may only read.")
        return self._until_answered(method, path, None, body)

    def _announce(self, what: str, wait: float, then: str) -> None:
        if wait >= NOTABLE_WAIT:
            self.notify(f"{what} Waiting {math.ceil(wait)} s before {then}.")

    def _until_answered(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: Any, url: str | None = None
    ) -> Answer:
        watched = self._watch.begin(f"{method} {path}")
        try:
            return self._send_with_retries(method, path, query, body, url, watched)
        finally:
            self._watch.end(watched)

    def _send_with_retries(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: Any, url: str | None, watched: int
    ) -> Answer:
        request = f"{method} {path}"
        pace = self._sessions.pace
        started = self.clock()
        deadline = started + self.connection.retry_timeout
        again = (ThrottledError, NoAnswerError) if method == "GET" else (ThrottledError,)
        tries = unanswered = 0
        while True:
            self._await_permission(request, deadline)
            wait: float | None = None
            headers: Mapping[str, str] = {}
            try:
                if self._ended:
                    raise NotSentError(f"{request} was not sent: the task has ended.")
                response = self._exchange(method, path, query, body, url)
                self._watch.end(watched)
                headers = response.headers
                wait = retry_after(headers.get("Retry-After"))
                return read_answer(request, response.status_code, headers, response.content)
            except again as error:
                tries += 1
                unanswered += isinstance(error, NoAnswerError)
                # A Retry-After of 0, or a date in the past, does not permit retries without a pause.
                wait = max(wait or 0.0, backoff(tries))
                if isinstance(error, ThrottledError):
                    # Requests that share the limit would be refused as well.
                    pace.block(self.clock() + wait)
                silent_for = self.clock() - started if unanswered == tries else 0.0
                if unanswered == NO_ANSWER_TRIES or silent_for > NO_ANSWER_SECONDS:
                    error.advise(f"Gave up after {tries} tries. Run again later.")
                    raise
                if self.clock() + wait > deadline:
                    error.advise(
                        f"Gave up after try {tries}; retry_timeout does not allow to wait {math.ceil(wait)} s."
                    )
                    raise
                self._watch.check()
                if pace.first_to_report(self.clock() + wait):
                    self._announce(str(error), wait, f"try {tries + 1}")
            finally:
                pace.end(self.clock(), headers)
            self.sleep(wait)

    def _await_permission(self, request: str, deadline: float) -> None:
        """Wait until the rate limit, as reported by responses, permits a request.

        :raises NotSentError: the wait would exceed ``retry_timeout``.
        """
        pace = self._sessions.pace
        while wait := pace.start(self.clock()):
            until = self.clock() + wait
            what = "The rate limit of the API is almost used up."
            if until > deadline:
                raise NotSentError(
                    f"{request} was not sent: {what} More is allowed in {math.ceil(wait)} s, and retry_timeout does "
                    "not allow to wait so long. Raise it, or run again later."
                )
            if pace.first_to_report(until):
                self._announce(what, wait, f"{request} goes out")
            self.sleep(wait)

    def _exchange(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: Any, url: str | None
    ) -> requests.Response:
        connection = self.connection
        request, host = f"{method} {path}", self._host
        try:
            with self._sessions.lend() as session:
                return session.request(
                    method,
                    url or f"{connection.base_url}/accounts/{connection.account_id}/email-security/{path}",
                    params=query,
                    json=body,
                    timeout=connection.timeout,
                    # Passed with each request: REQUESTS_CA_BUNDLE overrides a session's own setting.
                    verify=connection.verify,
                    allow_redirects=False,
                )
        except requests.exceptions.ProxyError as error:
            raise NoAnswerError(f"{request} got no answer through the proxy ({_reason(error)}).") from None
        except requests.exceptions.Timeout:
            raise NoAnswerError(
                f"{request} got no answer from {host} within {connection.timeout:g} s (timeout)."
            ) from None
        except (
            requests.exceptions.ConnectionError,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as error:
            if isinstance(_innermost(error), ssl.SSLCertVerificationError):
                raise TransportError(
                    f"{request} was not sent: the certificate of {host} was not accepted ({_reason(error)}). "
                    "Check base_url, or name your authority's bundle in ca_path."
                ) from None
            if isinstance(error, requests.exceptions.SSLError) and "X509" in _reason(error):
                raise TransportError(
                    f"{request} was not sent: ca_path holds no certificate that can be read ({_reason(error)})."
                ) from None
            raise NoAnswerError(
                f"{request} got no answer from {host}: {_reason(error)}. Check the network, proxies and base_url."
            ) from None
        except (requests.exceptions.RequestException, ValueError) as error:
            # Its text may quote the URL or a header, so only its type is reported.
            raise TransportError(
                f"{request} could not be sent ({type(error).__name__}). Check base_url and proxies."
            ) from None


def _same_origin(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc) == (second.scheme, second.netloc)


def _innermost(error: BaseException) -> BaseException:
    """The root cause. The outer messages of requests and urllib3 quote URLs and objects."""
    seen: set[int] = set()
    inner = error
    while id(inner) not in seen:
        seen.add(id(inner))
        causes = [getattr(inner, "reason", None), *inner.args, inner.__cause__, inner.__context__]
        inner = next((cause for cause in causes if isinstance(cause, BaseException) and id(cause) not in seen), inner)
    return inner


def _reason(error: BaseException) -> str:
    inner = _innermost(error)
    if isinstance(inner, ssl.SSLCertVerificationError):
        return inner.verify_message
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror
    return str(inner.args[-1]) if inner.args and isinstance(inner.args[-1], str) else type(inner).__name__
