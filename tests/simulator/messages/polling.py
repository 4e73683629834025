# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Searches that take their time: 202 and a Location, where the result will be."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from answers import Answer, success
from options import SEARCH_DELAY
from queries import DEFAULT_PAGE, LARGEST_PAGE, integer, last, refused
from routing import Request

from .searching import Found, decode, encode

if TYPE_CHECKING:
    from accounts import Account

_KEY = "waiting"


def waiting_name(cursor: str | None) -> str | None:
    """The name of the search that a Location's cursor stands for; None where it is the cursor of a page."""
    name = None if cursor is None else decode(cursor).get(_KEY)
    return name if isinstance(name, str) else None


def still_waiting(account: Account, request: Request, name: str | None) -> Answer | None:
    """202 while the search of this name isn't done; without one, when a search begins that will take its time."""
    cursor = last(request.query, "cursor")
    delay = account.options.search_delay
    if name is None or cursor is None:
        return begin(account, request, delay["polls"], delay) if delay and cursor is None else None
    if name not in account.mail.waiting:
        raise refused("cursor", "is not one that this search gave")
    left = account.mail.waiting[name]
    if left == 0:
        return None
    account.mail.waiting[name] = None if left is None else left - 1
    return _answer(request, cursor, delay or SEARCH_DELAY)


def begin(account: Account, request: Request, polls: int | None, delay: Mapping[str, Any] | None = None) -> Answer:
    """The first 202 of a search; ``polls`` more follow, or None for no end."""
    name = secrets.token_hex(8)
    account.mail.waiting[name] = polls
    return _answer(request, encode({_KEY: name}), delay or SEARCH_DELAY)


def accepted(request: Request, location: str) -> Answer:
    """202 with a Location."""
    info = Found(per_page=integer(request.query, "per_page", DEFAULT_PAGE, LARGEST_PAGE)).info()
    answer = success([], status=202, result_info=info)
    answer.headers["Location"] = location
    return answer


def _emptied(answer: Answer) -> Answer:
    """The same without a body, nor a word about what it is."""
    return Answer(answer.status, b"", answer.headers, None)


def _answer(request: Request, cursor: str, delay: Mapping[str, Any]) -> Answer:
    query = urlencode({**request.query, "cursor": cursor}, doseq=True)
    origin = f"http://{request.headers.get('host', '')}" if delay["location"] == "absolute" else ""
    answer = accepted(request, f"{origin}{request.url_path}?{query}")
    if delay["retry_after"] is not None:
        answer.headers["Retry-After"] = str(delay["retry_after"])
    return _emptied(answer) if delay["body"] == "empty" else answer
