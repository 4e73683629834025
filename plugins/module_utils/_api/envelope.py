# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The envelope around every API response, turned into a result or an error."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .._errors import (
    AccessError,
    ApiError,
    ConflictError,
    EmailSecurityError,
    NoAnswerError,
    NotEntitledError,
    NotFoundError,
    NotOfferedError,
    RefusedError,
    ThrottledError,
    TransportError,
)

THROTTLE_CODES = {971, 10100}
CREDENTIAL_CODES = {6003, 6111, 9103, 9106, 9109, 10000}
ROUTE_CODE = 7003
# 10001 has two meanings, which only its message distinguishes.
AMBIGUOUS_CODE = 10001


@dataclass(frozen=True)
class Answer:
    """A successful response: the envelope's ``result`` and ``result_info``, and the headers.

    :param has_result: False if ``result`` is absent; null counts as present.
    """

    result: Any
    result_info: Mapping[str, Any]
    status: int
    headers: Mapping[str, str]
    has_result: bool = True

    def items(self, request: str) -> list[dict[str, Any]]:
        """The result of a list operation; null is an empty list.

        :param request: method and path, for messages.
        :raises NoAnswerError: it is not a list.
        """
        if self.result is None and self.has_result:
            return []
        if not isinstance(self.result, list):
            raise NoAnswerError(f"{request} was answered without a list.")
        return [item for item in self.result if isinstance(item, dict)]


def read_answer(request: str, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Parse a response.

    :param request: method and path, for messages.
    :param headers: case-insensitive by name.
    :raises ThrottledError: the rate limit is used up.
    :raises NoAnswerError: it is unknown whether the request was carried out.
    :raises TransportError: it is a redirect.
    :raises ApiError: it reports a failure.
    """
    ray = headers.get("CF-Ray")
    envelope = _envelope(body)
    errors = _errors(envelope)
    codes = _codes(errors)
    if status == 429 or codes & THROTTLE_CODES:
        raise ThrottledError(request, status, errors, ray, "The rate limit of the API is used up.")
    ray_text = f" (CF-Ray {ray})" if ray else ""
    if status == 408 or status >= 500:
        reasons = "; ".join(str(error.get("message")) for error in errors if error.get("message"))
        raise NoAnswerError(f"{request} was answered with HTTP {status}{ray_text}{': ' + reasons if reasons else ''}.")
    if 300 <= status < 400:
        try:
            target = urlsplit(headers.get("Location", "")).hostname or "another place"
        except ValueError:
            target = "another place"
        raise TransportError(
            f"{request} was redirected to {target} (HTTP {status}). Redirects are never followed, so that credentials "
            "stay where they belong. Check base_url."
        )
    if status == 202 and not body.strip() and headers.get("Location") and request.startswith("GET "):
        # Not ready yet; Location names the URL to poll.
        return Answer(None, {}, status, headers, has_result=False)
    if status == 204 and not body.strip() and request.startswith("GET "):
        # No content. Callers that expect a list or an entry reject it.
        return Answer(None, {}, status, headers, has_result=False)
    if status < 400 and envelope is None:
        raise NoAnswerError(f"{request} was answered with HTTP {status} and not with the API's JSON{ray_text}.")
    if envelope is not None and status < 400 and envelope.get("success") is True:
        info = envelope.get("result_info")
        return Answer(
            envelope.get("result"), info if isinstance(info, dict) else {}, status, headers, "result" in envelope
        )
    raise failure(request, status, errors, ray)


def failure(request: str, status: int, errors: list[dict[str, Any]], ray: str | None) -> EmailSecurityError:
    """The error for a failure other than a rate limit, chosen by its status and the API's general error codes."""
    codes = _codes(errors)
    text = " ".join(str(error.get("message") or "") for error in errors).lower()
    if AMBIGUOUS_CODE in codes and "internal error" in text:
        ray_text = f", CF-Ray {ray}" if ray else ""
        return NoAnswerError(
            f"{request} was answered with an internal error of the API (code {AMBIGUOUS_CODE}{ray_text})."
        )
    kind: type[ApiError]
    advice = ""
    if "not available in the current subscription" in text:
        kind, advice = (
            NotEntitledError,
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
            advice = (
                "The API does not know this account. Check account_id, and that the credentials belong to it."
                if errors
                else "Nothing of the API is there. Check base_url: it usually ends with /client/v4."
            )
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


def _envelope(body: bytes) -> dict[str, Any] | None:
    try:
        decoded = json.loads(body, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) and "success" in decoded else None


def _finite(text: str) -> float | None:
    """A number; None for NaN and infinities, which Python would write as invalid JSON."""
    value = float(text)
    return value if math.isfinite(value) else None
