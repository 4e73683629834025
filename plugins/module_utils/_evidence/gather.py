# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks the search for the messages that a ledger is about: in the cheapest way, within a number of requests.

Nothing but GET is sent. Messages come in pages of 1,000 and are dropped with their page. A message that comes again
is not counted again; so that memory does not grow with the mail, only the messages of the last pages are remembered:
a service that shifts its pages repeats what stood near, and one that repeats a place is stopped.
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

# Of so many pages, the messages are remembered.
_PAGES_REMEMBERED = 5


@dataclass(frozen=True)
class Span:
    """The time that is asked about, as the API takes it: RFC 3339 in UTC."""

    start: str
    end: str

    def query(self) -> dict[str, Any]:
        # The API leaves out clean mail unless it is asked for.
        return {"start": self.start, "end": self.end, "detections_only": False}


@dataclass(frozen=True)
class Gathered:
    """What it took.

    :param requests: pages that were asked for.
    :param oldest: when the oldest message that came was scanned.
    """

    requests: int = 0
    oldest: str | None = None


@dataclass
class _Stream:
    """One search on its way.

    :param row: the row that it is for; None for all of them.
    :param index: which decides whether a message is from below the row's domain; None where the row is about no domain.
    :param ended: whether all its pages have come; ``broken`` why no more come, where they have not.
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
    recent: deque[frozenset[str]] = field(default_factory=lambda: deque(maxlen=_PAGES_REMEMBERED))

    def take(self, page: tuple[list[Message], str, int]) -> list[Message]:
        """Note a page; returns the messages of it that have not come before."""
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
                    f"the API announced {announced:,} messages, gave {self.read:,}, and named no place to go on"
                )
        elif cursor in self.cursors:
            self.broken = "the API named the same place to go on twice"
        elif self.empty >= EMPTY_PAGES:
            self.broken = f"{EMPTY_PAGES} pages without a new message came one after the other"
        self.cursors.add(cursor)
        self.cursor = cursor
        return new


class Gatherer:
    """Fills a ledger.

    :param budget: the most requests that it sends.
    """

    def __init__(self, client: Client, span: Span, ledger: Ledger, budget: int) -> None:
        self.client = client
        self.span = span
        self.ledger = ledger
        self.budget = self.left = budget
        self._oldest: tuple[datetime, str] | None = None
        self._finds_below = False

    def run(self) -> Gathered:
        """Ask. Fails for nothing: rows of which not everything was looked at say why."""
        asked = [row for row in self.ledger.rows if row.is_asked]
        scan = _Stream(None, self.span.query())
        if asked:
            self._scan(scan, asked)
        if asked and not scan.ended:
            for row in asked:
                row.unlooked = scan.broken or self._spent(scan)
            if not scan.broken:
                self._search()
        return Gathered(self.budget - self.left, self._oldest[1] if self._oldest else None)

    def _scan(self, stream: _Stream, asked: Sequence[Row]) -> None:
        """Read all mail, as long as that is the way to go."""
        needs = _needs(asked)
        start, end = (parse_time(text, end_of_day=False) for text in (self.span.start, self.span.end))
        progress, probed = Progress(start, end), False
        while self.left and not (stream.ended or stream.broken):
            if way(needs, progress, self.left, self.budget) is Way.SEARCH:
                reach = None if probed else progress.reach(self.left - 1)
                if reach is None or progress.remaining <= self.left or not self._is_all_after(reach):
                    return
                # The service may keep less than is asked about.
                progress, probed = replace(progress, start=max(start, reach)), True
            self._advance([stream])
            reached = self._oldest[0] if self._oldest else None
            progress = replace(progress, reached=reached, pages=progress.pages + 1)
            self.client.http.report_progress(f"{stream.read:,} messages looked at.")

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
        """Ask for each entry on its own; a page of each first, so that what is quickly known is known."""
        due = [
            _Stream(
                number,
                {**self.span.query(), row.pattern.filter: row.pattern.search_text},
                Index({0: row.pattern}) if row.pattern.is_domain else None,
            )
            for number, row in enumerate(self.ledger.rows)
            if row.pattern.filter and row.is_asked
        ]
        # First those that a search covers entirely.
        due.sort(key=lambda stream: self.ledger.rows[stream.row or 0].pattern.is_domain)
        while due and self.left:
            now = due[: self.left]
            self._advance(now)
            broken = next((stream.broken for stream in now if stream.broken), "")
            for stream in now:
                self._note(stream)
            if broken:
                return
            due = [*due[len(now) :], *(stream for stream in now if not stream.ended)]
            self.client.http.report_progress(f"{len(due):,} entries still to be looked for.")
        for row in self.ledger.rows:
            row.below_unlooked = row.below_unlooked and not self._finds_below

    def _note(self, stream: _Stream) -> None:
        """What a row's search has come to."""
        row = self.ledger.rows[stream.row or 0]
        row.unlooked = "" if stream.ended else stream.broken or self._spent(stream)
        row.below_unlooked = row.pattern.is_domain

    def _advance(self, streams: Sequence[_Stream]) -> None:
        """Take the next page of each."""

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
                self.ledger.rows[stream.row].forget()
            for row in self.ledger.rows if stream.row is None else [self.ledger.rows[stream.row]]:
                row.looked = True
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
        requests = f"the most requests that are allowed, {self.budget:,}, were sent"
        if not stream.read:
            return f"{requests} before it was looked for"
        reached = f" before {self._oldest[1]}" if stream.row is None and self._oldest else ""
        return f"{requests}; mail{reached} was not looked at" if reached else f"{requests} before all of it had come"


def _needs(rows: Sequence[Row]) -> Needs:
    certain = sum(bool(row.pattern.filter) and row.pattern.is_address for row in rows)
    partial = sum(bool(row.pattern.filter) and row.pattern.is_domain for row in rows)
    return Needs(certain, partial, len(rows) - certain - partial)
