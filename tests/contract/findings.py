# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded exchanges against an OpenAPI description."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from overlay import OURS, lay_over, load

HOST = "https://api.cloudflare.com"
BASE_PATH = "/client/v4"
# From here on, a body and a list count as long.
LONG_BODY = 20_000
LONG_LIST = 20
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Finding:
    """One broken rule of one exchange.

    :param side: ``request`` or ``response``.
    :param operation: METHOD and path template.
    :param rule: as JSON Schema names it, or what openapi-core calls it.
    :param place: parts of the place in the body joined by ``/``, or the name of a parameter.
    """

    side: str
    operation: str
    rule: str
    place: str
    message: str


class Description:
    """The e-mail security part of a published OpenAPI description."""

    def __init__(self, path: Path) -> None:
        document = json.loads(path.read_text())
        document["paths"] = {name: item for name, item in document["paths"].items() if name.startswith(OURS)}
        # Parts of the overlay that say no more than the description itself.
        self.idle: list[str]
        document, self.idle = lay_over(document, load())
        document["servers"] = [{"url": f"{HOST}{BASE_PATH}"}]
        # Recordings hold no credentials.
        document.pop("security", None)
        self._query_names: dict[str, set[str]] = {}
        for name, item in document["paths"].items():
            for method in METHODS:
                if method in item:
                    item[method].pop("security", None)
                    listed = [*item.get("parameters", []), *item[method].get("parameters", [])]
                    parameters = [_resolved(document, each) for each in listed]
                    self._query_names[f"{method.upper()} {name}"] = {
                        parameter["name"] for parameter in parameters if parameter["in"] == "query"
                    }
        self._templates = {
            name: re.compile(re.sub(r"{[^}]+}", "[^/]+", f"{BASE_PATH}{name}")) for name in document["paths"]
        }
        self._openapi = OpenAPI.from_dict(document)

    def operation(self, exchange: dict[str, Any]) -> str | None:
        """The operation that an exchange is about, as METHOD and path template; None when it is not described.

        A fixed path wins over one with a placeholder, as OpenAPI wants it.
        """
        found = [name for name, pattern in self._templates.items() if pattern.fullmatch(exchange["path"])]
        names = [f"{exchange['method']} {name}" for name in sorted(found, key=lambda name: name.count("{"))]
        return next((name for name in names if name in self._query_names), None)

    def request_findings(self, operation: str, exchange: dict[str, Any]) -> Iterator[Finding]:
        for name in parse_query(exchange["query"]):
            if name not in self._query_names[operation]:
                yield Finding("request", operation, "unknown query parameter", name, f"{name} is not described")
        for error in self._openapi.iter_request_errors(_request(exchange)):
            yield from _taken_apart("request", operation, error)

    def response_findings(self, operation: str, exchange: dict[str, Any]) -> Iterator[Finding]:
        for error in self._openapi.iter_response_errors(_request(exchange), _response(exchange)):
            yield from _taken_apart("response", operation, error)


def distinct(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The recorded exchanges; those that are the same to the letter only once."""
    seen: set[bytes] = set()
    for file in files:
        with file.open() as lines:
            for line in lines:
                key = hashlib.sha256(line.encode()).digest()
                if key not in seen:
                    seen.add(key)
                    yield json.loads(line)


def parse_query(query: str) -> dict[str, Any]:
    """A query string as {name: value}, with a list of values where a name comes more than once."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return {name: found if len(found) > 1 else found[0] for name, found in values.items()}


def _resolved(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in parameter:
        return parameter
    found: dict[str, Any] = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return found


def _request(exchange: dict[str, Any]) -> MockRequest:
    headers = exchange["request_headers"]
    return MockRequest(
        HOST,
        exchange["method"],
        exchange["path"],
        args=parse_query(exchange["query"]),
        headers=headers,
        data=_without_likes(exchange["request_body"] or "").encode(),
        content_type=headers.get("content-type", "application/json").partition(";")[0],
    )


def _response(exchange: dict[str, Any]) -> MockResponse:
    headers = {name.lower(): value for name, value in exchange["response_headers"].items()}
    return MockResponse(
        _without_likes(exchange["response_body"] or "").encode(),
        status_code=exchange["status"],
        headers=headers,
        content_type=headers.get("content-type", "").partition(";")[0],
    )


def _without_likes(body: str) -> str:
    """A body in which long lists hold each kind of entry once: same fields, of the same types, and the same choices.

    Thousands of generated entries of one kind say no more than the first, and would take hours.
    """
    if len(body) < LONG_BODY:
        return body
    try:
        return json.dumps(_thinned(json.loads(body)))
    except ValueError:
        return body


def _thinned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _thinned(each) for name, each in value.items()}
    if isinstance(value, list) and len(value) > LONG_LIST:
        return list({repr(_kind(each)): each for each in value}.values())
    return value


def _kind(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((name, _kind(each)) for name, each in value.items())
    # Texts in capitals are choices, such as dispositions.
    return value if isinstance(value, str) and value.isupper() else type(value).__name__


def _taken_apart(side: str, operation: str, error: Exception) -> Iterator[Finding]:
    """An error of openapi-core as the rules that were broken."""
    schema_errors = list(_schema_errors(error))
    for schema_error in schema_errors:
        place = "/".join(str(part) for part in schema_error.absolute_path)
        yield Finding(side, operation, str(schema_error.validator), place, schema_error.message)
    if not schema_errors:
        yield Finding(side, operation, type(error).__name__, "", str(error.__cause__ or error))


def _schema_errors(error: BaseException | None) -> Iterator[Any]:
    while error is not None:
        yield from getattr(error, "schema_errors", None) or ()
        error = error.__cause__
