# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the API, and the way from a method and a path to the operation that answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import orjson

from answers import (
    INVALID_BODY,
    JSON,
    NO_ROUTE,
    UNSUPPORTED_MEDIA,
    WRONG_METHOD,
    Answer,
    Refusal,
    not_entitled,
    success,
)

if TYPE_CHECKING:
    from accounts import Account
    from options import Options


@dataclass(slots=True)
class Request:
    """A request to the API. ``path`` is what follows …/email-security/, ``segments`` the same, split and decoded."""

    method: str
    url_path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    account_id: str | None = field(init=False, default=None)
    path: str = field(init=False, default="")
    segments: tuple[str, ...] = field(init=False, default=())
    query: dict[str, list[str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in parse_qsl(self.query_string, keep_blank_values=True):
            self.query.setdefault(name, []).append(value)
        # ['', 'client', 'v4', 'accounts', <id>, 'email-security', …]
        parts = self.url_path.split("/")
        if len(parts) < 5 or parts[1:4] != ["client", "v4", "accounts"]:
            return
        self.account_id = unquote(parts[4])
        if parts[5:6] == ["email-security"]:
            self.path = "/".join(parts[6:])
            self.segments = tuple([unquote(part) for part in parts[6:]])
        else:
            # Not this API, but the account's log should show that somebody asked.
            self.path = self.url_path

    def document(self) -> Any:
        """The body as parsed JSON. Raises Refusal where it isn't any."""
        if self.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise Refusal(415, UNSUPPORTED_MEDIA, f"Content-Type must be {JSON}")
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise Refusal(400, INVALID_BODY, f"the body is not JSON: {error}") from None

    def peek(self) -> Any:
        """The body as parsed JSON, or None: for the log, which judges nothing."""
        try:
            return orjson.loads(self.body) if self.body else None
        except orjson.JSONDecodeError:
            return None


@dataclass(slots=True)
class Call:
    """A request that found its operation. ``subject`` is what the route is about, such as a Resource."""

    account: Account
    options: Options
    request: Request
    arguments: Mapping[str, str]
    subject: Any

    def behaviour(self, name: str) -> Any:
        """What a behaviour that differs by date is on this account."""
        return self.options.behaviour(name)

    def require_offered(self, name: str) -> None:
        """Raises Refusal where the account's API lacks an operation: as for any route, or method, that is none."""
        match self.behaviour(name):
            case False:
                raise Refusal(404, NO_ROUTE, f"Could not route to {self.request.url_path}")
            case 403:
                raise not_entitled()
            case 405:
                raise Refusal(405, WRONG_METHOD, "Method not allowed for this route", headers={"Allow": "GET"})

    def listed(self, items: list[Any], info: Mapping[str, Any] | None = None) -> Answer:
        """The answer that shows a list."""
        return success(items or (None if self.options.empty_lists == "null" else []), result_info=info)


Operation = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    segments: tuple[str, ...]
    operation: Operation
    subject: Any
    # The behaviours that say whether an account's API has this operation: all of them must.
    offered: Collection[str]

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        arguments = {}
        for template, segment in zip(self.segments, segments, strict=True):
            if template.startswith("{"):
                arguments[template[1:-1]] = segment
            elif template != segment:
                return None
        return arguments


class Router:
    """Routes in the order in which they were added: the first that fits answers."""

    def __init__(self) -> None:
        self._routes: dict[int, list[_Route]] = {}

    def add(
        self, method: str, template: str, operation: Operation, subject: Any = None, *, offered: Collection[str] = ()
    ) -> None:
        segments = tuple(template.split("/"))
        self._routes.setdefault(len(segments), []).append(_Route(method, segments, operation, subject, offered))

    def call(self, account: Account, request: Request) -> Answer:
        """Carry out the operation that a request asks for. Raises Refusal."""
        methods = []
        for route in self._routes.get(len(request.segments), ()):
            arguments = route.match(request.segments)
            if arguments is None:
                continue
            if route.method == request.method:
                call = Call(account, account.options, request, arguments, route.subject)
                for name in route.offered:
                    call.require_offered(name)
                return route.operation(call)
            methods.append(route.method)
        if methods:
            allow = ", ".join(sorted(set(methods)))
            raise Refusal(405, WRONG_METHOD, "Method not allowed for this route", headers={"Allow": allow})
        raise Refusal(404, NO_ROUTE, f"Could not route to {request.url_path}")
