# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what, and how often: credentials, entitlement, read-only accounts, the rate limit."""

from __future__ import annotations

import math
import re
import time

from answers import (
    AUTHENTICATION,
    INVALID_HEADERS,
    INVALID_TOKEN,
    MISSING_HEADERS,
    THROTTLED,
    UNKNOWN_KEY,
    WRONG_METHOD,
    Refusal,
    not_entitled,
)
from options import Options
from routing import Request

_BEARER = re.compile(r"Bearer ([A-Za-z0-9._~+/=-]+)")


def credential_kind(request: Request) -> str | None:
    """``token``, ``key`` or None: the log shows which sort of credential came, never the credential."""
    if "authorization" in request.headers:
        return "token"
    return "key" if "x-auth-key" in request.headers else None


def check_access(options: Options, request: Request) -> None:
    """Raises Refusal unless the request's credentials allow it on an account with these options."""
    if options.read_only and request.method != "GET":
        raise Refusal(405, WRONG_METHOD, "this simulated account is read-only")
    scope = _scope(options, request)
    if not options.entitled:
        raise not_entitled()
    if scope == "read" and request.method != "GET":
        raise Refusal(403, AUTHENTICATION, "Authentication error: the token lacks the permission to write")


def _scope(options: Options, request: Request) -> str:
    headers, known = request.headers, options.credentials
    if "authorization" in headers:
        match = _BEARER.fullmatch(headers["authorization"])
        if match is None:
            raise Refusal(400, INVALID_HEADERS, "Invalid request headers: Authorization is malformed")
        scope = known.get("tokens", {}).get(match[1])
        if scope is None:
            raise Refusal(403, INVALID_TOKEN, "Invalid access token")
        return scope
    key, email = headers.get("x-auth-key"), headers.get("x-auth-email")
    if key is None and email is None:
        raise Refusal(401, AUTHENTICATION, "Authentication error: no credentials")
    if key is None or email is None:
        raise Refusal(400, MISSING_HEADERS, "Missing X-Auth-Key or X-Auth-Email header")
    if known.get("keys", {}).get(email) != key:
        raise Refusal(403, UNKNOWN_KEY, "Unknown X-Auth-Key or X-Auth-Email")
    return "write"


class Limiter:
    """Counts an account's requests in windows; too many in one, and everything is refused for a while."""

    def __init__(self) -> None:
        self._window_ends = 0.0
        self._blocked_until = 0.0
        self._count = 0

    def count(self, options: Options) -> dict[str, str]:
        """Count a request; returns the headers that report the remaining budget. Raises Refusal, likewise."""
        limit = options.rate_limit
        if limit is None:
            return {"Ratelimit": '"default";r=1199;t=300', "Ratelimit-Policy": '"default";q=1200;w=300'}
        now = time.monotonic() if options.clock is None else options.clock
        if now >= self._window_ends and now >= self._blocked_until:
            self._count, self._window_ends = 0, now + limit["window"]
        self._count += 1
        left = max(0, int(limit["limit"]) - self._count)
        if self._count > limit["limit"] and now >= self._blocked_until:
            # With the block, the window that was used up is over too.
            self._window_ends = self._blocked_until = now + limit["block"]
        blocked = self._blocked_until - now
        seconds = math.ceil(max(blocked if blocked > 0 else self._window_ends - now, 0))
        headers = {
            "Ratelimit": f'"default";r={left};t={seconds}',
            "Ratelimit-Policy": f'"default";q={limit["limit"]:g};w={limit["window"]:g}',
        }
        if blocked > 0:
            retry_after = {"Retry-After": str(max(1, seconds))}
            raise Refusal(
                429,
                THROTTLED,
                "Please wait and consider throttling your request speed",
                headers={**headers, **retry_after},
            )
        return headers
