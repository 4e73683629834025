# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Complete reads of lists that come in numbered pages: no entry missing, none twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .._errors import NoAnswerError, RefusedError
from .envelope import Answer
from .http import Http
from .parameters import as_query

Item = dict[str, Any]

# The maximum number of entries on a page.
PAGE_SIZE = 1000

# Pages are requested in groups of at most this many times `concurrency`. A group waits for its slowest page, so larger
# groups wait less; but if a list ends earlier than announced, the rest of a group is requested in vain.
_ROUNDS = 3

# How often to read a list that keeps changing.
LIST_TRIES = 4


class Total(Enum):
    """How reliable the ``total_count`` of a list is.

    EXACT counts exactly what the query matches; STEADY may count more, but changes only when somebody writes; HINT may
    be anything, including 0 or absent.
    """

    EXACT = "exact"
    STEADY = "steady"
    HINT = "hint"


@dataclass(frozen=True)
class Listing:
    """A list, and how to read it.

    :param name: its name in messages.
    :param query: filters and order; booleans as Python's.
    :param key: the field that identifies an entry; empty if there is none.
    :param total: how reliable ``total_count`` is.
    :param trust_count: take a full page that reaches ``total_count`` for the last. That saves a request, but if the
        count is too low, it misses the entries beyond it.
    :param pages_optional: older API descriptions do not page this list. If the API refuses pages, read it whole.
    """

    path: str
    name: str
    query: Mapping[str, Any] = field(default_factory=dict)
    key: str = "id"
    total: Total = Total.EXACT
    trust_count: bool = False
    pages_optional: bool = False


@dataclass(frozen=True)
class Page:
    """:param size: the API's page size, PAGE_SIZE unless it reports a smaller one."""

    entries: Sequence[Item]
    total: int | None
    size: int

    def ends(self, read: int) -> bool:
        """Whether the list ends with this page.

        A server may return smaller pages than requested, so a short one is the last only if no entry is missing. More
        entries than requested mean that the list is not paged.

        :param read: how many entries of the list have been read so far, this page included.
        """
        count = len(self.entries)
        if count > PAGE_SIZE:
            return True
        return count < PAGE_SIZE and read >= self.total if self.total else count < self.size


class Pager:
    """Reads lists.

    :param warnings: collects what the user should know although nothing failed.
    """

    def __init__(self, http: Http, warnings: list[str]) -> None:
        self.http = http
        self.warnings = warnings
        # Names of lists whose pages the API refused.
        self._unpaged: set[str] = set()

    def read(self, listing: Listing) -> list[Item]:
        """All entries of a list.

        It is complete if its last page is short, no entry came twice, and the number of entries is the announced one.
        Otherwise somebody may be writing, and the list is read again until two reads agree.

        :raises NoAnswerError: it kept changing.
        """
        if listing.name in self._unpaged:
            return self._whole(listing)
        try:
            return self._steady(listing)
        except RefusedError as error:
            if not listing.pages_optional or error.status not in (400, 422):
                raise
        entries = self._whole(listing)
        self._unpaged.add(listing.name)
        return entries

    def page(self, listing: Listing, number: int) -> Page:
        """One page, counted from 1."""
        answer = self.http.get(listing.path, {**as_query(listing.query), "page": number, "per_page": PAGE_SIZE})
        size = _count(answer.result_info.get("per_page"))
        return Page(
            answer.items(f"GET {listing.path}"),
            _count(answer.result_info.get("total_count")),
            size if size and 0 < size < PAGE_SIZE else PAGE_SIZE,
        )

    def _whole(self, listing: Listing) -> list[Item]:
        answer = self.http.get(listing.path, as_query(listing.query))
        entries = answer.items(f"GET {listing.path}")
        announced = announced_count(answer)
        if announced > len(entries):
            self.warnings.append(f"The API announced {announced} {listing.name} and gave {len(entries)}.")
        return entries

    def _steady(self, listing: Listing) -> list[Item]:
        previous: list[str] | None = None
        for _attempt in range(LIST_TRIES):
            entries, keys, announced = self._read_pages(listing)
            # If the count changes between pages, entries may have shifted from one page to another unseen.
            steady = len(set(keys)) == len(keys) and (len(announced) == 1 or listing.total is Total.HINT)
            if steady and (listing.total is not Total.EXACT or announced <= {None, len(keys)}):
                return entries
            if steady and keys == previous:
                self.warnings.append(
                    f"The API announced {announced.pop()} entries of {listing.name} and gave {len(keys)}, twice."
                )
                return entries
            previous = keys
        raise NoAnswerError(
            f"{listing.name} could not be read whole: {LIST_TRIES} readings differed. "
            "Somebody else is changing it; try again later."
        )

    def _read_pages(self, listing: Listing) -> tuple[list[Item], list[str], set[int | None]]:
        """Read all pages once. Returns the entries, their keys, and every ``total_count`` announced."""
        entries: list[Item] = []
        keys: list[str] = []
        known: set[str] = set()
        alike: Counter[str] = Counter()
        announced: set[int | None] = set()
        last = 0
        without_key: set[int] = set()
        while True:
            numbers = range(last + 1, last + 1 + self._pages_due(entries, announced, last))
            last = numbers[-1]
            for page in self.http.map_concurrent(lambda number: self.page(listing, number), numbers):
                if any(entry.get(listing.key) is None for entry in page.entries):
                    # Without keys, only a repeated page reveals a server that ignores the page number.
                    text = hash(repr(page.entries))
                    if text in without_key:
                        return entries, keys, announced
                    without_key.add(text)
                entries.extend(page.entries)
                announced.add(page.total)
                page_keys = [_key(entry, listing.key, alike) for entry in page.entries]
                keys.extend(page_keys)
                new = set(page_keys) - known
                known |= new
                # A page without new entries would repeat for ever: the server ignores the page number.
                if not new or page.ends(len(entries)) or (listing.trust_count and len(entries) == page.total):
                    return entries, keys, announced
            self.http.report_progress(f"{len(entries):,} {listing.name} read.")

    def _pages_due(self, entries: Sequence[Item], announced: set[int | None], last: int) -> int:
        """How many pages to request in the next group: those announced, but at most as many as read so far.

        At least ``concurrency`` are permitted.
        """
        total = max((count for count in announced if count is not None), default=0)
        if not entries or len(entries) >= total:
            return 1
        size = len(entries) // last
        concurrency = self.http.connection.concurrency
        return min(-(-(total - len(entries)) // size), _ROUNDS * concurrency, max(last, concurrency))


def announced_count(answer: Answer) -> int:
    """The number of entries that a response announces, or 0."""
    return max(_count(answer.result_info.get(name)) or 0 for name in ("total_count", "count"))


def _key(entry: Item, key: str, alike: Counter[str]) -> str:
    """What identifies an entry: its key or, without one, its text and an ordinal among equal texts."""
    name = entry.get(key)
    if name is not None:
        return str(name)
    text = repr(entry)
    alike[text] += 1
    return f"{alike[text]} {text}"


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None
