# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, as one small hierarchy.

Every error is a sentence for the person who runs the playbook. Errors that come from the API also keep its status, its
codes and its CF-Ray, which a request to Cloudflare's support needs. No error ever holds a header, a body that was sent,
or a credential.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any


class EmailSecurityError(Exception):
    """Base of all errors of this collection.

    ``str(error)`` is the message. ``details()`` is what a failed task returns as ``error``.
    ``partial`` holds what had been done before it failed, as keys of the task's result.
    ``unconfirmed`` says that a write was sent and nobody knows whether it was carried out.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.partial: dict[str, Any] = {}
        self.unconfirmed = False

    def __str__(self) -> str:
        return self.message

    def about(self, subject: str) -> None:
        """Put what the error is about in front of its message: ``subject: message``."""
        self.message = f"{subject}: {self.message}"

    def advise(self, sentence: str) -> None:
        """Put a sentence behind the message: what was tried, or what to do now."""
        self.message = f"{self.message} {sentence}"

    def after(self, first: EmailSecurityError, attempt: str) -> None:
        """Put the error that came first in front of this one.

        :param attempt: what failed with this error, such as ``reading again``.
        """
        self.message = f"{first} Then {attempt} failed: {self.message}"

    def details(self) -> dict[str, Any]:
        return {"type": type(self).__name__}


class InputError(EmailSecurityError):
    """The task itself is wrong: found before the first request. Holds all problems, not just the first."""

    LISTED = 20

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        # One line each: what an entry holds must not pass for a line of somebody else.
        shown = [" ".join(problem.splitlines()) for problem in self.problems[: self.LISTED]]
        more = len(self.problems) - len(shown)
        if more:
            shown.append(f"and {more} more like these")
        super().__init__("\n".join(shown))

    def details(self) -> dict[str, Any]:
        # The message holds them; a failed task shows it already.
        return {**super().details(), "problem_count": len(self.problems)}


class PlanError(InputError):
    """The task does not fit the account: found after reading and before the first write."""


class NoAnswerError(EmailSecurityError):
    """No usable answer came, so it is not known whether the request was carried out."""


class TransportError(EmailSecurityError):
    """The API cannot be reached in a way that trying again would not mend, such as a refused certificate."""


class NotSentError(EmailSecurityError):
    """The rate limit did not allow the request within the time that the task may wait. Nothing was sent."""


class ApiError(EmailSecurityError):
    """The API answered, and the answer is a failure.

    ``remedy`` ends the message where nothing better is known to be done about it.

    :param request: method and path below the account, such as ``POST settings/block_senders``.
    :param status: HTTP status.
    :param errors: the envelope's ``errors``: dicts with ``code`` and ``message``, perhaps ``source.pointer``.
    :param ray: value of the CF-Ray header, if there was one.
    :param advice: what to do about it, where that is known.
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
        said = "; ".join(_in_words(error) for error in self.errors) or "no reason given"
        ray_text = f", CF-Ray {ray}" if ray else ""
        answer = f"{request} was answered: {said} (HTTP {status}{ray_text})."
        super().__init__(f"{advice} {answer}" if advice else f"{answer} {self.remedy}".strip())

    def pointer(self) -> tuple[str, int] | None:
        """The item of a batch that the API points at, as (array, index), such as ``("posts", 3)``."""
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
    """Credentials, permissions, account or subscription do not allow this."""


class NotEntitledError(AccessError):
    """The subscription of the account does not include it."""


class NotFoundError(ApiError):
    """What the request addresses is not there (HTTP 404)."""

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
    """The API does not accept what was asked (any other refusal)."""

    remedy = "Correct what it names, then run again."


class ThrottledError(ApiError):
    """The rate limit held for longer than the task may wait."""


def _in_words(error: dict[str, Any]) -> str:
    code = error.get("code")
    message = str(error.get("message") or "no message")
    source = error.get("source")
    pointer = source.get("pointer") if isinstance(source, dict) else None
    return f"{message}{f' at {pointer}' if pointer else ''}{f' (code {code})' if code is not None else ''}"
