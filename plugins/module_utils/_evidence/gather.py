# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gathers the messages for a ledger from the search, with the cheapest strategy and within a budget of requests.

Sends nothing but GET. Messages come in pages of 1,000 and are discarded with their page. Repeated messages are not
counted again. To bound memory, only the ids of the last pages are kept: a service that shifts its pages repeats
messages from nearby, and a repeated cursor ends the search.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from .._api.client import Client
from .._api.messages import EMPTY_PAGES, Message
from .._errors import EmailSecurityError
from .._times import parse_time
from .cost import Needs, Progress, Way, way
from .counts import seen_at
from .ledger import Ledger, Row
from .patterns import BELOW, Index

# The number of pages whose message ids are kept.
_PAGES_KEPT = 5


@dataclass(frozen=True)
class Span:
    """The time range of a search, in the API's form: RFC 3339 in UTC."""

    start: str
    end: str

    def query(self) -> dict[str, Any]:
        # By default, the API omits clean mail.
        return {"start": self.start, "end": self.end, "detections_only": False}


@dataclass(frozen=True)
class Gathered:
    """Statistics of a run.

    :param requests: how many requests were sent.
    :param oldest: the scan time of the oldest message read.
    """

    requests: int = 0
    oldest: str | None = None


@dataclass
class _Stream:
    """One search in progress.

    :param row: the number of its row; None for all rows.
    :param index: recognizes messages from subdomains of the row's domain; None if the row is not about a domain.
    :param ended: whether all pages have been read; ``broken``: why no more can be, if they have not.
    """

    row: int | None
    query: Mapping[str, Any]
    index: Index | None = None
    cursor: str = ""
    read: int = 0
    empty: int = 0
    ended: bool = False
    broken: str = ""
    cursors: set[str] = field(default_factory=set)
    recent: deque[frozenset[str]] = field(default_factory=lambda: deque(maxlen=_PAGES_KEPT))

    def take(self, page: tuple[list[Message], str, int]) -> list[Message]:
        """Record a page. Returns its new messages."""
        items, cursor, announced = page
        self.read += len(items)
        new: list[Message] = []
        ids: set[str] = set()
        for item in items:
            name = str(item.get("id") or item.get("postfix_id") or "")
            if not name or (name not in ids and not any(name in known for known in self.recent)):
                new.append(item)
                ids.add(name)
        self.recent.append(frozenset(ids))
        self.empty = 0 if new else self.empty + 1
        if not cursor:
            self.ended = announced <= self.read
            if not self.ended:
                self.broken = (
                    f"the API announced {announced:,} messages, returned {self.read:,}, and named no next page"
                )
        elif cursor in self.cursors:
            self.broken = "the API returned the same cursor twice"
        elif self.empty >= EMPTY_PAGES:
            self.broken = f"{EMPTY_PAGES} pages without a new message came one after the other"
        self.cursors.add(cursor)
        self.cursor = cursor
        return new


class Gatherer:
    """Fills a ledger.

    :param budget: the maximum number of requests.
    """

    def __init__(self, client: Client, span: Span, ledger: Ledger, budget: int) -> None:
        self.client = client
        self.span = span
        self.ledger = ledger
        self.budget = self.left = budget
        self._oldest: tuple[datetime, str] | None = None
        self._finds_below = False

    def run(self) -> Gathered:
        """Search. Never fails: rows without complete results have a reason."""
        asked = [row for row in self.ledger.rows if row.is_asked]
        scan = _Stream(None, self.span.query())
        if asked:
            self._scan(scan, asked)
        if asked and not scan.ended:
            for row in asked:
                row.incomplete = scan.broken or self._spent(scan)
            if not scan.broken:
                self._search()
        return Gathered(self.budget - self.left, self._oldest[1] if self._oldest else None)

    def _scan(self, stream: _Stream, asked: Sequence[Row]) -> None:
        """Read all mail, as long as that is the cheaper strategy."""
        needs = _needs(asked)
        start, end = (parse_time(text, end_of_day=False) for text in (self.span.start, self.span.end))
        progress, probed = Progress(start, end), False
        while self.left and not (stream.ended or stream.broken):
            if way(needs, progress, self.left, self.budget) is Way.SEARCH:
                reach = None if probed else progress.reach(self.left - 1)
                if reach is None or progress.remaining <= self.left or not self._is_all_after(reach):
                    return
                # The service may retain less mail than the time range covers.
                progress, probed = replace(progress, start=max(start, reach)), True
            self._advance([stream])
            reached = self._oldest[0] if self._oldest else None
            progress = replace(progress, reached=reached, pages=progress.pages + 1)
            self.client.http.report_progress(f"{stream.read:,} messages read.")

    def _is_all_after(self, time: datetime) -> bool:
        """Whether there is no mail before a time."""
        end = time.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
        if end <= self.span.start:
            return True
        self.left -= 1
        try:
            items, cursor, announced = self.client.messages.search_page({**self.span.query(), "end": end}, size=1)
        except EmailSecurityError:
            return False
        return not (items or cursor or announced)

    def _search(self) -> None:
        """Search for each entry separately, with one page of each first, so that short searches end early."""
        due = [
            _Stream(
                number,
                {**self.span.query(), row.pattern.filter: row.pattern.search_text},
                Index({0: row.pattern}) if row.pattern.is_domain else None,
            )
            for number, row in enumerate(self.ledger.rows)
            if row.pattern.filter and row.is_asked
        ]
        # Entries for which a search is complete come first.
        due.sort(key=lambda stream: self.ledger.rows[stream.row or 0].pattern.is_domain)
        while due and self.left:
            now = due[: self.left]
            self._advance(now)
            broken = next((stream.broken for stream in now if stream.broken), "")
            for stream in now:
                self._record(stream)
            if broken:
                return
            due = [*due[len(now) :], *(stream for stream in now if not stream.ended)]
            self.client.http.report_progress(f"{len(due):,} entries left to search for.")
        for row in self.ledger.rows:
            row.below_incomplete = row.below_incomplete and not self._finds_below

    def _record(self, stream: _Stream) -> None:
        """Record in its row how complete a search is."""
        row = self.ledger.rows[stream.row or 0]
        row.incomplete = "" if stream.ended else stream.broken or self._spent(stream)
        row.below_incomplete = row.pattern.is_domain

    def _advance(self, streams: Sequence[_Stream]) -> None:
        """Read the next page of each search."""

        def fetch(stream: _Stream) -> tuple[list[Message], str, int] | EmailSecurityError:
            try:
                return self.client.messages.search_page(stream.query, stream.cursor)
            except EmailSecurityError as error:
                return error

        pages = self.client.http.map_concurrent(fetch, streams)
        self.left -= len(streams)
        for stream, page in zip(streams, pages, strict=True):
            if isinstance(page, EmailSecurityError):
                stream.broken = str(page).rstrip(".")
                continue
            if stream.row is not None and not stream.cursor:
                self.ledger.rows[stream.row].reset()
            for row in self.ledger.rows if stream.row is None else [self.ledger.rows[stream.row]]:
                row.searched = True
            for message in stream.take(page):
                self._add(stream, message)

    def _add(self, stream: _Stream, message: Message) -> None:
        seen = seen_at(message)
        if seen and (self._oldest is None or seen < self._oldest):
            self._oldest = seen
        self.ledger.add(message, stream.row)
        if stream.index is not None and not self._finds_below:
            self._finds_below = BELOW in stream.index.relations(message).values()

    def _spent(self, stream: _Stream) -> str:
        requests = f"the limit of {self.budget:,} requests was reached"
        if not stream.read:
            return f"{requests} before the search for it"
        reached = f" before {self._oldest[1]}" if stream.row is None and self._oldest else ""
        return f"{requests}; mail{reached} was not read" if reached else f"{requests} before all of it was read"


def _needs(rows: Sequence[Row]) -> Needs:
    certain = sum(bool(row.pattern.filter) and row.pattern.is_address for row in rows)
    partial = sum(bool(row.pattern.filter) and row.pattern.is_domain for row in rows)
    return Needs(certain, partial, len(rows) - certain - partial)
