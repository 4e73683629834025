# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# pylint: disable=unused-import  # pylint takes a file of this name for the standard library's; ruff checks imports

"""Requests to the API: credentials, TLS, timeouts, waiting, and the envelope turned into a result or an error.

Two promises are kept here and nowhere else. A write is sent again only when the API said that it did not carry it out
(a rate limit); every other doubt becomes a :class:`NoAnswerError` for the caller to resolve by reading. And a read-only
connection, which is what check mode uses, cannot send anything but GET.
"""

from __future__ import annotations

import email.utils
import math
import random
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from ansible_collections.cloudflare.email_security.plugins.module_utils.errors import (
    AccessError,
    ApiError,
    ConflictError,
    EmailSecurityError,
    NoAnswerError,
    NotFoundError,
    NotOfferedError,
    RefusedError,
    ThrottledError,
    TransportError,
)

REQUESTS_IMPORT_ERROR: str | None
try:
    import requests
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None

VERSION = "0.1.0"

# Cloudflare blocks for five minutes when its rate limit is exceeded; a longer Retry-After is asked again after that.
LONGEST_WAIT = 300.0
# Shorter waits are nothing to tell of.
NOTABLE_WAIT = 5.0
# How often, and for how long, a read is tried when no usable answer comes: about a minute and a half. Rate limits are
# waited for longer, since it is known when they end.
NO_ANSWER_TRIES = 8
NO_ANSWER_SECONDS = 120.0
THROTTLE_CODES = {971, 10100}
CREDENTIAL_CODES = {6003, 6111, 9103, 9106, 9109, 10000}
ROUTE_CODE = 7003
# 10001 stands for two things, which only its message tells apart.
AMBIGUOUS_CODE = 10001


@dataclass(frozen=True)
class Connection:
    """Everything that is needed to speak for one account.

    :param headers: the credentials, as headers.
    :param verify: False, True, or the path of a CA bundle.
    :param timeout: seconds to wait for a connection, and for each piece of an answer.
    :param retry_timeout: seconds that one request may spend on waiting and trying again.
    :param proxies: as environment variables name them, lower case without ``_proxy``: http, https, all, no.
    """

    base_url: str
    account_id: str
    headers: Mapping[str, str] = field(repr=False)
    verify: bool | str = True
    timeout: float = 30.0
    retry_timeout: float = 900.0
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)

    def proxies_in_use(self) -> dict[str, str]:
        """The proxies for ``base_url``, by scheme; none when its host is excepted or it is not encrypted."""
        if urlsplit(self.base_url).scheme == "http":
            return {}  # Only ever this machine itself: a proxy would read the credentials.
        host = urlsplit(self.base_url).netloc
        if proxy_bypass_environment(host, dict(self.proxies)):
            return {}
        return {scheme: url for scheme, url in self.proxies.items() if scheme in ("http", "https", "all")}


@dataclass(frozen=True)
class Answer:
    """A successful answer: the envelope's ``result`` and ``result_info``, and the headers."""

    result: Any
    result_info: Mapping[str, Any]
    status: int
    headers: Mapping[str, str]


class Http:
    """One session for one account.

    :param read_only: refuse to send anything but GET.
    :param clock: seconds, monotonic.
    :param sleep: waits for seconds.
    :param notify: is told, in a sentence, when a longer wait begins.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        read_only: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        notify: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.connection = connection
        self.read_only = read_only
        self.clock = clock
        self.sleep = sleep
        self.notify = notify
        # A session is not promised to be safe among threads, so each thread has its own.
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *exception: object) -> None:
        for session in self._sessions:
            session.close()

    @property
    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            # Without this, ~/.netrc would replace the token, and the environment would replace the CA bundle.
            session.trust_env = False
            session.headers.update(self.connection.headers)
            session.headers["User-Agent"] = f"ansible-cloudflare.email_security/{VERSION}"
            session.proxies.update(self.connection.proxies_in_use())
            self._local.session = session
            self._sessions.append(session)
        return session

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Answer:
        """Read. Tried again after connection errors, 408, 429, 5xx and unreadable answers, within ``retry_timeout``.

        :param path: below ``/accounts/{account_id}/email-security/``.
        :raises NoAnswerError: nothing usable came in time.
        :raises ApiError: the API answered with a failure.
        """
        return self._until_answered("GET", path, query, None)

    def get_when_ready(self, path: str, query: Mapping[str, Any] | None = None) -> Answer:
        """Read what the API may still be working out: a 202 says with ``Location`` where to ask again.

        :raises NoAnswerError: it was not ready within ``retry_timeout``, or the place to ask at is not the API.
        """
        answer = self.get(path, query)
        deadline = self.clock() + self.connection.retry_timeout
        tries = 0
        while answer.status == 202:
            place = self._place_to_ask_again(path, answer.headers.get("Location") or "")
            tries += 1
            wait = retry_after(answer.headers.get("Retry-After")) or backoff(tries)
            if self.clock() + wait > deadline:
                raise NoAnswerError(
                    f"GET {path} was not ready after {tries} tries; retry_timeout allows no further wait. "
                    "Narrow the request, or raise retry_timeout."
                )
            self._tell(f"GET {path} is not ready yet.", wait, tries)
            self.sleep(wait)
            answer = self._until_answered("GET", path, None, None, url=place)
        return answer

    def _place_to_ask_again(self, path: str, location: str) -> str:
        base_url = self.connection.base_url
        try:
            place = urljoin(f"{base_url}/", location)
            trusted, host = _same_origin(place, base_url), urlsplit(place).hostname
        except ValueError:
            trusted, host = False, None
        if not location:
            raise NoAnswerError(f"GET {path} is not ready, and the API names no place to ask again. Try later.")
        if not trusted:
            raise NoAnswerError(
                f"GET {path} is not ready, and the place to ask again is not the API's own ({host or 'no URL'}). "
                "Credentials are not sent there. Narrow the request, or try later."
            )
        return place

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        """Write. Tried again only after a rate limit, when the API has not carried it out.

        :raises NoAnswerError: it is not known whether it was carried out.
        :raises ApiError: the API answered with a failure.
        """
        if self.read_only:
            raise EmailSecurityError(f"{method} {path} was not sent: this connection may only read.")
        return self._until_answered(method, path, None, body)

    def _tell(self, what: str, wait: float, tries: int) -> None:
        if wait >= NOTABLE_WAIT:
            self.notify(f"{what} Waiting {wait:.0f} s before try {tries + 1}.")

    def _until_answered(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: Any, url: str | None = None
    ) -> Answer:
        started = self.clock()
        deadline = started + self.connection.retry_timeout
        again = (ThrottledError, NoAnswerError) if method == "GET" else (ThrottledError,)
        tries = unanswered = 0
        while True:
            wait: float | None = None
            try:
                response = self._exchange(method, path, query, body, url)
                wait = retry_after(response.headers.get("Retry-After"))
                return _answer(f"{method} {path}", response)
            except again as error:
                tries += 1
                unanswered += isinstance(error, NoAnswerError)
                # A Retry-After of nothing (or a date that a slow clock has passed) is no leave to knock without pause.
                wait = max(wait or 0.0, backoff(tries))
                silent_for = self.clock() - started if unanswered == tries else 0.0
                if unanswered == NO_ANSWER_TRIES or silent_for > NO_ANSWER_SECONDS:
                    error.message += f" Gave up after {tries} tries."
                    raise
                if self.clock() + wait > deadline:
                    error.message += f" Gave up after try {tries}; retry_timeout does not allow to wait {wait:.0f} s."
                    raise
                self._tell(str(error), wait, tries)
                self.sleep(wait)

    def _exchange(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: Any, url: str | None
    ) -> requests.Response:
        connection = self.connection
        request = f"{method} {path}"
        try:
            return self._session.request(
                method,
                url or f"{connection.base_url}/accounts/{connection.account_id}/email-security/{path}",
                params=query,
                json=body,
                timeout=connection.timeout,
                # Given with each request: a session's own setting loses against REQUESTS_CA_BUNDLE.
                verify=connection.verify,
                allow_redirects=False,
            )
        except requests.exceptions.ProxyError as error:
            raise NoAnswerError(f"{request} got no answer through the proxy ({_reason(error)}).") from None
        except requests.exceptions.Timeout:
            raise NoAnswerError(f"{request} got no answer within {connection.timeout:g} s (timeout).") from None
        except (
            requests.exceptions.ConnectionError,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as error:
            if isinstance(_innermost(error), ssl.SSLCertVerificationError):
                raise TransportError(
                    f"{request} was not sent: the server's certificate was not accepted ({_reason(error)}). "
                    "Check base_url, or name your authority's bundle in ca_path."
                ) from None
            if isinstance(error, requests.exceptions.SSLError) and "X509" in _reason(error):
                raise TransportError(
                    f"{request} was not sent: ca_path holds no certificate that can be read ({_reason(error)})."
                ) from None
            raise NoAnswerError(
                f"{request} got no answer: {_reason(error)}. Check the network, proxies and base_url."
            ) from None
        except (requests.exceptions.RequestException, ValueError) as error:
            # Its text may quote the URL or a header, so only its kind is passed on.
            raise TransportError(
                f"{request} could not be sent ({type(error).__name__}). Check base_url and proxies."
            ) from None


def backoff(tries: int) -> float:
    """Seconds before the next try: about 0.5, 1, 2, … 30. Spread, so that parallel runs do not knock together."""
    return min(30.0, 0.5 * 2.0 ** min(tries - 1, 10)) * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


def _same_origin(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc) == (second.scheme, second.netloc)


def retry_after(value: str | None) -> float | None:
    """A Retry-After header in seconds, at most LONGEST_WAIT; None when there is none that can be read.

    Source: RFC 9110, 10.2.3: a number of seconds or an HTTP date.
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if not math.isnan(seconds) else None


def _answer(request: str, response: requests.Response) -> Answer:
    status = response.status_code
    ray = response.headers.get("CF-Ray")
    envelope = _envelope(response)
    errors = _errors(envelope)
    codes = _codes(errors)
    if status == 429 or codes & THROTTLE_CODES:
        raise ThrottledError(request, status, errors, ray, "The rate limit of the API is used up.")
    told = f" (CF-Ray {ray})" if ray else ""
    if status == 408 or status >= 500:
        said = "; ".join(str(error.get("message")) for error in errors if error.get("message"))
        raise NoAnswerError(f"{request} was answered with HTTP {status}{told}{': ' + said if said else ''}.")
    if 300 <= status < 400:
        try:
            target = urlsplit(response.headers.get("Location", "")).hostname or "another place"
        except ValueError:
            target = "another place"
        raise TransportError(
            f"{request} was redirected to {target} (HTTP {status}). Redirects are never followed, so that credentials "
            "stay where they belong. Check base_url."
        )
    if status < 400 and envelope is None:
        raise NoAnswerError(f"{request} was answered with HTTP {status} and not with the API's JSON{told}.")
    if envelope is not None and status < 400 and envelope.get("success") is True:
        info = envelope.get("result_info")
        return Answer(envelope.get("result"), info if isinstance(info, dict) else {}, status, response.headers)
    raise failure(request, status, errors, ray)


def failure(request: str, status: int, errors: list[dict[str, Any]], ray: str | None) -> EmailSecurityError:
    """The error for a failure that is not a rate limit, told from its status and the API's general error codes."""
    codes = _codes(errors)
    text = " ".join(str(error.get("message") or "") for error in errors).lower()
    if AMBIGUOUS_CODE in codes and "internal error" in text:
        told = f", CF-Ray {ray}" if ray else ""
        return NoAnswerError(f"{request} was answered with an internal error of the API (code {AMBIGUOUS_CODE}{told}).")
    kind: type[ApiError]
    advice = ""
    if "not available in the current subscription" in text:
        kind, advice = (
            AccessError,
            (
                "This account is not entitled to it: its subscription does not have Email Security. Check account_id, "
                "or have the subscription changed."
            ),
        )
    elif codes & CREDENTIAL_CODES and status != 403:
        kind, advice = AccessError, "The API did not accept the credentials. Check api_token, or api_key and api_email."
    elif status in (401, 403) or codes & CREDENTIAL_CODES or AMBIGUOUS_CODE in codes:
        needed = "Read" if request.startswith("GET ") else "Write"
        kind = AccessError
        advice = (
            "The credentials are wrong or may not do this. Check them, and that the token has the permission "
            f"'Cloud Email Security: {needed}' for this account."
        )
    elif status == 405 or (status == 404 and (ROUTE_CODE in codes or not errors)):
        kind = NotOfferedError
        if request.startswith("GET "):
            advice = "The API does not know this account. Check account_id, and that the credentials belong to it."
    elif status == 404:
        kind = NotFoundError
    elif status == 409:
        kind = ConflictError
    else:
        kind = RefusedError
    return kind(request, status, errors, ray, advice)


def _errors(envelope: dict[str, Any] | None) -> list[dict[str, Any]]:
    errors = (envelope or {}).get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _codes(errors: list[dict[str, Any]]) -> set[int]:
    return {error["code"] for error in errors if isinstance(error.get("code"), int)}


def _envelope(response: requests.Response) -> dict[str, Any] | None:
    try:
        decoded = response.json()
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) and "success" in decoded else None


def _innermost(error: BaseException) -> BaseException:
    """The first cause. The outer texts of requests and urllib3 quote URLs and objects."""
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
