# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GET …/investigate: the messages that a search finds, newest first, in pages that follow cursors.

A cursor holds the place in the order of time where a page ended and the time range of the search it belongs to. So
messages that come or go between two pages don't shift them.
"""

from __future__ import annotations

import base64
import binascii
import bisect
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson

from options import Options
from queries import DEFAULT_PAGE, LARGEST_PAGE, Query, check_names, flag, integer, last, refused

from . import filters
from .filters import Test
from .mail import Mail, Position, position
from .message import Message
from .times import DAY, now, parse_time
from .vocabulary import delivery_statuses

_KNOWN = ("start", "end", "detections_only", "cursor", "per_page")

_DEFAULT_RANGE = 30 * DAY


@dataclass(slots=True)
class Found:
    """A page of messages, and the cursors of those beside it."""

    messages: list[Message] = field(default_factory=list)
    per_page: int = DEFAULT_PAGE
    next: str | None = None
    previous: str | None = None

    def info(self) -> dict[str, Any]:
        """The ``result_info`` of the answer."""
        return {
            "count": len(self.messages),
            "per_page": self.per_page,
            "next": self.next,
            "previous": self.previous,
            "page": 0,
            "total_count": 0,
        }

    def info_without_next(self, total: int, how: str) -> dict[str, Any]:
        """One that counts all messages, and doesn't say how to get at them: ``next`` is null, or missing."""
        info = {**self.info(), "next": None, "total_count": total}
        if how == "missing":
            del info["next"]
        return info


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was understood. ``place`` is where its page begins, from the newest message on or ``backwards``."""

    start: int
    end: int
    tests: tuple[Test, ...]
    digest: str
    per_page: int
    skip: int = 0
    place: Position | None = None
    backwards: bool = False

    def cursor(self, place: Message, *, backwards: bool = False) -> str:
        return encode({"search": [self.start, self.end, self.digest], "place": position(place), "back": backwards})


def understand(query: Query, options: Options) -> Search:
    """A search from its parameters. Raises Refusal where one can't be right, or (strict) isn't known."""
    known = _filters(options)
    paged = {"page"} if options.search_page else set()
    logged = {"action_log"} if options.behaviour("search_action_log") else set()
    if options.strict:
        check_names(query, {*_KNOWN, *known, *paged, *logged})
    per_page = integer(query, "per_page", DEFAULT_PAGE, LARGEST_PAGE)
    skip = (integer(query, "page", 1) - 1) * per_page if paged else 0
    text = last(query, "detections_only")
    detections = text is None or flag("detections_only", text)
    tests = [make(value) for name, make in known.items() if (value := last(query, name)) is not None]
    if detections:
        tests.insert(0, filters.detected)
    start, end = _range(query)
    digest = _digest(query)
    cursor = last(query, "cursor")
    if cursor is None:
        return Search(start, end, tuple(tests), digest, per_page, skip)
    document = decode(cursor)
    try:
        start, end, made_for = document["search"]
        at, message_id = document["place"]
        backwards = document["back"]
        understood = all(isinstance(each, int) for each in (start, end, at)) and isinstance(message_id, str)
    except (KeyError, TypeError, ValueError):
        understood = False
    if not understood:
        raise refused("cursor", "is not one that this search gave")
    if made_for != digest:
        raise refused("cursor", "belongs to another search")
    return Search(start, end, tuple(tests), digest, per_page, 0, (at, message_id), backwards)


def _filters(options: Options) -> dict[str, Callable[[str], Test]]:
    """The filters that the account's API has."""
    asked = options.behaviour
    known = dict(filters.FILTERS)
    known["domain"] = filters.sender_domain if asked("search_domain") == "sender" else filters.any_domain
    if asked("search_delivery_status"):
        known["delivery_status"] = filters.delivery_status(delivery_statuses(asked("move_failed")))
    if asked("search_smtp_helo_ip"):
        known["smtp_helo_ip"] = filters.smtp_helo_ip
    return known


def matching(mail: Mail, params: Mapping[str, Any], options: Options) -> list[Message]:
    """All messages that the search parameters of a bulk job find, which were checked; newest first."""
    known = {**_filters(options), "exact_subject": filters.exact_subject, "final_disposition": filters.any_disposition}
    tests = [make(params[name]) for name, make in known.items() if params.get(name) is not None]
    if params.get("detections_only", True):
        tests.insert(0, filters.detected)
    current = now()
    start, end = parse_time(params.get("start")), parse_time(params.get("end"))
    start, end = current - _DEFAULT_RANGE if start is None else start, current if end is None else end
    candidates = mail.of_submissions() if params.get("submissions") else mail.order
    return list(filters.passing((message for message in candidates if start <= message.at <= end), tests))[::-1]


def count(mail: Mail, search: Search) -> int:
    """How many messages a search finds on all its pages."""
    candidates = (message for message in mail.order if search.start <= message.at <= search.end)
    return sum(1 for _unused in filters.passing(candidates, search.tests))


def find(mail: Mail, search: Search) -> Found:
    """The page that a search asks for."""
    order = mail.order
    lowest = bisect.bisect_left(order, search.start, key=lambda message: message.at)
    highest = bisect.bisect_right(order, search.end, key=lambda message: message.at)
    if search.backwards and search.place is not None:
        begin = max(lowest, bisect.bisect_right(order, search.place, key=position))
        newer = _some(order[begin:highest], search)
        page = newer[: search.per_page][::-1]
        more_before, more_after = len(newer) > search.per_page, bool(page)
    else:
        if search.place is not None:
            highest = max(lowest, min(highest, bisect.bisect_left(order, search.place, key=position)))
        older = _some(reversed(order[lowest:highest]), search)
        page = older[: search.per_page]
        more_before, more_after = search.place is not None and bool(page), len(older) > search.per_page
    return Found(
        page,
        search.per_page,
        search.cursor(page[-1]) if more_after else None,
        search.cursor(page[0], backwards=True) if more_before else None,
    )


def _some(candidates: Iterable[Message], search: Search) -> list[Message]:
    """One more than fit on the page, so that one knows whether there are more."""
    found = filters.passing(candidates, search.tests)
    return list(islice(found, search.skip, search.skip + search.per_page + 1))


def _range(query: Query) -> tuple[int, int]:
    current = now()
    start, end = _time(query, "start"), _time(query, "end")
    if start is not None and start > current:
        raise refused("start", "must not be in the future")
    end = current if end is None else end
    return (current - _DEFAULT_RANGE if start is None else start), end


def _time(query: Query, name: str) -> int | None:
    text = last(query, name)
    if text is None:
        return None
    at = parse_time(text)
    if at is None:
        raise refused(name, "must be a date and time as in RFC 3339")
    return at


def _digest(query: Query) -> str:
    """What makes two requests pages of the same search: everything but the page."""
    own = sorted((name, values) for name, values in query.items() if name not in ("cursor", "per_page", "page"))
    return hashlib.blake2b(orjson.dumps(own), digest_size=6).hexdigest()


def encode(document: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(document)).decode().rstrip("=")


def decode(cursor: str) -> dict[str, Any]:
    """What a cursor holds. Raises Refusal where it can't be one."""
    try:
        document = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError):
        document = None
    if not isinstance(document, dict):
        raise refused("cursor", "is not one that this search gave")
    return document
