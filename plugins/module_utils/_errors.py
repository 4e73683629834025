# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All errors, as one small hierarchy.

The message of an error is a sentence for the person who runs the playbook. Errors from the API also keep its status,
its codes and its CF-Ray, which a request to Cloudflare's support needs. No error ever holds a request header, a request
body or a credential.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any


class EmailSecurityError(Exception):
    """Base of all errors of this collection.

    ``str(error)`` is the message. ``details()`` is what a failed task returns as ``error``.
    ``partial`` holds what was done before the failure, as keys of the task's result.
    ``unconfirmed`` is true if a write was sent and it is unknown whether it was carried out.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.partial: dict[str, Any] = {}
        self.unconfirmed = False

    def __str__(self) -> str:
        return self.message

    def about(self, subject: str) -> None:
        """Prefix the message with its subject: ``subject: message``."""
        self.message = f"{subject}: {self.message}"

    def advise(self, sentence: str) -> None:
        """Append a sentence to the message: what was tried, or what to do now."""
        self.message = f"{self.message} {sentence}"

    def after(self, first: EmailSecurityError, attempt: str) -> None:
        """Prefix this error with the one that came first.

        :param attempt: what failed with this error, such as ``reading again``.
        """
        self.message = f"{first} Then {attempt} failed: {self.message}"

    def details(self) -> dict[str, Any]:
        return {"type": type(self).__name__}


class InputError(EmailSecurityError):
    """The task itself is invalid, detected before the first request. Holds all problems, not just the first."""

    LISTED = 20

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        # One line each: the text of an entry must not imitate another problem.
        shown = [" ".join(problem.splitlines()) for problem in self.problems[: self.LISTED]]
        more = len(self.problems) - len(shown)
        if more:
            shown.append(f"and {more} more like these")
        super().__init__("\n".join(shown))

    def details(self) -> dict[str, Any]:
        # The problems are in the message, which a failed task shows already.
        return {**super().details(), "problem_count": len(self.problems)}


class PlanError(InputError):
    """The task cannot be applied to the account, detected after reading and before the first write."""


class NoAnswerError(EmailSecurityError):
    """There was no usable response, so it is unknown whether the request was carried out."""


class TransportError(EmailSecurityError):
    """The API cannot be reached, and a retry would not help: a refused certificate, for example."""


class NotSentError(EmailSecurityError):
    """The rate limit did not permit the request within ``retry_timeout``. Nothing was sent."""


class ApiError(EmailSecurityError):
    """The API responded with a failure.

    ``remedy`` ends the message if there is no specific advice.

    :param request: method and path below the account, such as ``POST settings/block_senders``.
    :param status: HTTP status.
    :param errors: the envelope's ``errors``: dicts with ``code`` and ``message``, perhaps ``source.pointer``.
    :param ray: value of the CF-Ray header, if there was one.
    :param advice: what to do about it, if that is known.
    """

    remedy = ""

    def __init__(
        self,
        request: str,
        status: int,
        errors: Sequence[dict[str, Any]] = (),
        ray: str | None = None,
        advice: str = "",
    ) -> None:
        self.request = request
        self.status = status
        self.errors = list(errors)
        self.ray = ray
        reasons = "; ".join(_in_words(error) for error in self.errors) or "no reason given"
        ray_text = f", CF-Ray {ray}" if ray else ""
        response = f"{request} was answered: {reasons} (HTTP {status}{ray_text})."
        super().__init__(f"{advice} {response}" if advice else f"{response} {self.remedy}".strip())

    def pointer(self) -> tuple[str, int] | None:
        """The item of a batch that the API's error pointer names, as (array, index), such as ``("posts", 3)``."""
        for error in self.errors:
            source = error.get("source")
            pointer = source.get("pointer") if isinstance(source, dict) else None
            found = re.search(r"\b(deletes|patches|puts|posts)\b\D{0,2}(\d+)", str(pointer or ""))
            if found:
                return found.group(1), int(found.group(2))
        return None

    def details(self) -> dict[str, Any]:
        return {
            **super().details(),
            "request": self.request,
            "http_status": self.status,
            "api_errors": self.errors,
            "cf_ray": self.ray,
        }


class AccessError(ApiError):
    """The credentials, permissions, account or subscription do not allow the request."""


class NotEntitledError(AccessError):
    """The subscription of the account does not include what was requested."""


class NotFoundError(ApiError):
    """The resource does not exist (HTTP 404)."""

    remedy = "It may have been removed meanwhile: run again."


class NotOfferedError(ApiError):
    """The API does not have this operation (HTTP 405, or 404 for the route)."""

    remedy = "Check base_url, and that the account's subscription includes it."


class ListNotOfferedError(NotOfferedError):
    """The account does not have this list of settings, though it may have others."""


class ConflictError(ApiError):
    """Somebody else got there first, or the same thing exists already (HTTP 409)."""

    remedy = "Somebody else may have been faster: run again."


class RefusedError(ApiError):
    """The API rejected the request for any other reason."""

    remedy = "Correct what it names, then run again."


class ThrottledError(ApiError):
    """The rate limit was in force for longer than the task may wait."""


def _in_words(error: dict[str, Any]) -> str:
    code = error.get("code")
    message = str(error.get("message") or "no message")
    source = error.get("source")
    pointer = source.get("pointer") if isinstance(source, dict) else None
    return f"{message}{f' at {pointer}' if pointer else ''}{f' (code {code})' if code is not None else ''}"
