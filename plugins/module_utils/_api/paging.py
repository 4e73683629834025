# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists that come in numbered pages, read whole: nothing missed, nothing twice."""

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

# The most entries the API gives on a page.
PAGE_SIZE = 1000

# Pages are asked for in groups, at most so many times `concurrency`. A group waits for its last page, so larger ones
# wait less; but should a list end before it was announced to, the rest of a group is asked for in vain.
_ROUNDS = 3

# A list that keeps changing while it is read is read again this often.
LIST_TRIES = 4


class Total(Enum):
    """What the ``total_count`` of a list is worth.

    EXACT counts just what the query asks for; STEADY may count more, but changes only when somebody writes; HINT may be
    anything, and 0 or missing too.
    """

    EXACT = "exact"
    STEADY = "steady"
    HINT = "hint"


@dataclass(frozen=True)
class Listing:
    """A list, and how it is read.

    :param name: what sentences call it.
    :param query: filters and order; booleans as they are.
    :param key: the field that distinguishes its entries; empty where there is none.
    :param total: what ``total_count`` is worth.
    :param trust_count: a full page that reaches ``total_count`` is the last. That saves a request; were the count too
        low, the entries behind it would not be seen.
    :param pages_optional: older descriptions know no pages here. Where the API refuses them, the list comes whole.
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
    """:param size: how many entries the API gives on a page, as far as it says so."""

    entries: Sequence[Item]
    total: int | None
    size: int

    def ends(self, read: int) -> bool:
        """Whether the list ends with this page, of which ``read`` entries have come so far.

        A server may give smaller pages than asked for, so a short one is the last only if none is missing. More
        entries than asked for are a list without pages.
        """
        count = len(self.entries)
        if count > PAGE_SIZE:
            return True
        return count < PAGE_SIZE and read >= self.total if self.total else count < self.size


class Pager:
    """Reads lists.

    :param warnings: gets what the user should know though nothing failed.
    """

    def __init__(self, http: Http, warnings: list[str]) -> None:
        self.http = http
        self.warnings = warnings
        # Names of lists whose pages the API refused.
        self._unpaged: set[str] = set()

    def read(self, listing: Listing) -> list[Item]:
        """All entries of a list.

        It is complete when its last page is short, no entry came twice, and as many came as were announced. One that
        is not (somebody writes meanwhile) is read again, until two readings agree.

        :raises NoAnswerError: it would not hold still.
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
            entries, keys, announced = self._reading(listing)
            # A count that changes from page to page: entries may have slipped over the edge of a page unseen.
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

    def _reading(self, listing: Listing) -> tuple[list[Item], list[str], set[int | None]]:
        """One reading of all pages: the entries, their keys, and every ``total_count`` announced on the way."""
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
                    # Where entries have no key, only a page that came before shows a server that does not turn pages.
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
                # A page that brings nothing new would come for ever: the server does not turn pages.
                if not new or page.ends(len(entries)) or (listing.trust_count and len(entries) == page.total):
                    return entries, keys, announced
            self.http.report_progress(f"{len(entries):,} {listing.name} read.")

    def _pages_due(self, entries: Sequence[Item], announced: set[int | None], last: int) -> int:
        """How many pages to ask for in one group: those that are announced, not many more than there were so far."""
        total = max((count for count in announced if count is not None), default=0)
        if not entries or len(entries) >= total:
            return 1
        size = len(entries) // last
        concurrency = self.http.connection.concurrency
        return min(-(-(total - len(entries)) // size), _ROUNDS * concurrency, max(last, concurrency))


def announced_count(answer: Answer) -> int:
    """How many entries an answer says there are, or 0."""
    return max(_count(answer.result_info.get(name)) or 0 for name in ("total_count", "count"))


def _key(entry: Item, key: str, alike: Counter[str]) -> str:
    """What distinguishes an entry; where it has no key, its text and which of its like it is."""
    name = entry.get(key)
    if name is not None:
        return str(name)
    text = repr(entry)
    alike[text] += 1
    return f"{alike[text]} {text}"


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None
