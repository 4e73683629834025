# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API by name: what can be asked of it, without saying how it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .._errors import InputError, NoAnswerError, NotFoundError
from .._resources.schema import Resource
from .._resources.values import Entry
from .envelope import Answer
from .http import Http

# The most entries the API gives on a page, and takes of a kind in a batch.
PAGE_SIZE = 1000
BATCH_SIZE = 1000

# So that an entry made meanwhile lands on the last page and shifts no other.
_BY_AGE = {"order": "created_at", "direction": "asc"}

# Pages are asked for in groups, at most so many times `concurrency`. A group waits for its last page, so larger ones
# wait less; but should a list end before it was announced to, the rest of a group is asked for in vain.
_ROUNDS = 3

# A list that keeps changing while it is read is read again this often.
LIST_TRIES = 4


@dataclass(frozen=True)
class Batch:
    """One request to ``settings/<collection>/batch``, or what it made: entries by kind.

    ``updates`` are patches: the changed fields and the id. ``deletes`` are ids.
    """

    creates: Sequence[Entry] = ()
    updates: Sequence[Entry] = ()
    deletes: Sequence[str] = ()


@dataclass(frozen=True)
class _Page:
    entries: Sequence[Entry]
    total: int | None


class Client:
    """The API for one account. Methods raise what :class:`Http` raises.

    :param warnings: gets what the user should know though nothing failed.
    """

    def __init__(self, http: Http, warnings: list[str] | None = None) -> None:
        self.http = http
        self.warnings: list[str] = [] if warnings is None else warnings

    def entries(
        self, resource: Resource, filters: Mapping[str, Any] | None = None, *, trust_count: bool = False
    ) -> list[Entry]:
        """All entries of a collection, oldest first unless ``filters`` name an order. Operation: List ….

        A list is complete when its last page is short, no id came twice, and as many came as were announced. One that
        is not (somebody writes meanwhile) is read again, until two readings agree.

        :param trust_count: a full page that reaches ``total_count`` is the last. That saves a request; were the count
            too low, the entries behind it would not be seen.
        :raises NoAnswerError: it would not hold still.
        """
        query = {**_BY_AGE, **as_query(filters or {})}
        previous: list[str] | None = None
        for _attempt in range(LIST_TRIES):
            entries, announced = self._pages(resource, query, trust_count)
            ids = [entry["id"] for entry in entries]
            # A count that changes from page to page: entries may have slipped over the edge of a page unseen.
            steady = len(set(ids)) == len(ids) and len(announced) == 1
            # With filters, total_count may speak of the whole collection.
            if steady and (filters or announced <= {None, len(ids)}):
                return entries
            if steady and ids == previous:
                self.warnings.append(
                    f"The API announced {announced.pop()} entries of {resource.name} and gave {len(ids)}, twice."
                )
                return entries
            previous = ids
        raise NoAnswerError(
            f"{resource.name} could not be read whole: {LIST_TRIES} readings differed. "
            "Somebody else is changing it; try again later."
        )

    def get(self, resource: Resource, entry_id: str) -> Entry | None:
        """One entry by id, or None. Operation: Get …."""
        try:
            return _entry(resource, self.http.get(_path(resource, entry_id)))
        except NotFoundError:
            return None

    def create(self, resource: Resource, fields: Entry) -> Entry:
        """Operation: Create …. Returns the entry that was made."""
        return _entry(resource, self.http.send("POST", resource.path, fields))

    def update(self, resource: Resource, entry_id: str, fields: Entry) -> Entry:
        """Operation: Update …, with only the fields that change. Returns the entry as it is then."""
        return _entry(resource, self.http.send("PATCH", _path(resource, entry_id), fields))

    def delete(self, resource: Resource, entry_id: str) -> None:
        """Operation: Delete …."""
        self.http.send("DELETE", _path(resource, entry_id))

    def batch(self, resource: Resource, batch: Batch) -> Batch:
        """Operation: Batch …: at most BATCH_SIZE of each kind. Deletes happen first.

        All or nothing, except for domains, for which the API does not promise that.
        """
        answer = self.http.send(
            "POST",
            f"{resource.path}/batch",
            {
                "deletes": [{"id": entry_id} for entry_id in batch.deletes],
                "patches": list(batch.updates),
                "puts": [],
                "posts": list(batch.creates),
            },
        )
        made = answer.result if isinstance(answer.result, dict) else {}
        return Batch(
            creates=[resource.tidy(entry) for entry in _entries(made.get("posts"))],
            updates=[resource.tidy(entry) for entry in _entries(made.get("patches"))],
            deletes=[str(entry.get("id")) for entry in _entries(made.get("deletes"))],
        )

    def has_more(self, resource: Resource, entries: Sequence[Entry]) -> bool:
        """Whether entries come after those that a trusted count ended with a full page."""
        full, rest = divmod(len(entries), PAGE_SIZE)
        return full > 0 and rest == 0 and bool(self._page(resource, _BY_AGE, full + 1).entries)

    def _pages(
        self, resource: Resource, query: Mapping[str, Any], trust_count: bool
    ) -> tuple[list[Entry], set[int | None]]:
        """One reading of all pages: the entries, and every ``total_count`` that was announced on the way."""
        entries: list[Entry] = []
        known: set[str] = set()
        announced: set[int | None] = set()
        last = 0
        while True:
            numbers = range(last + 1, last + 1 + self._pages_due(entries, announced, last))
            for page in self.http.map_concurrent(lambda number: self._page(resource, query, number), numbers):
                last += 1
                entries.extend(page.entries)
                announced.add(page.total)
                # A server may give smaller pages than asked for, so a short one is the last only if none is missing.
                short = len(page.entries) < PAGE_SIZE and (page.total is None or len(entries) >= page.total)
                # One that brings nothing new would come for ever: the server does not turn pages.
                new = {str(entry["id"]) for entry in page.entries} - known
                known |= new
                if not new or short or (trust_count and len(entries) == page.total):
                    return entries, announced
            self.http.report_progress(f"{len(entries):,} {resource.name} read.")

    def _pages_due(self, entries: Sequence[Entry], announced: set[int | None], last: int) -> int:
        """How many pages to ask for in one group: those that are announced, not many more than there were so far."""
        total = max((count for count in announced if count is not None), default=0)
        if not entries or len(entries) >= total:
            return 1
        size = len(entries) // last
        concurrency = self.http.connection.concurrency
        return min(-(-(total - len(entries)) // size), _ROUNDS * concurrency, max(last, concurrency))

    def _page(self, resource: Resource, query: Mapping[str, Any], number: int) -> _Page:
        answer = self.http.get(resource.path, {**query, "page": number, "per_page": PAGE_SIZE})
        if not isinstance(answer.result, list):
            raise NoAnswerError(f"GET {resource.path} was answered without a list of entries.")
        found = [resource.tidy(entry) for entry in _entries(answer.result)]
        if any(entry.get("id") is None for entry in found):
            raise NoAnswerError(f"GET {resource.path} was answered with an entry that has no id.")
        return _Page(found, _count(answer.result_info.get("total_count")))


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None


def _path(resource: Resource, entry_id: str) -> str:
    return f"{resource.path}/{path_segment(entry_id)}"


def path_segment(text: str) -> str:
    """An id as one part of a URL's path.

    :raises InputError: it is empty or made of dots, and would lead to another place; or it is no Unicode text.
    """
    try:
        segment = quote(text, safe="")
    except UnicodeEncodeError:
        segment = ""
    if text.strip(".") == "" or not segment:
        raise InputError([f"{text!r} is not an id"])
    return segment


def as_query(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Filters as query parameters; booleans in lower case, as JSON writes them."""
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in filters.items()}


def _entry(resource: Resource, answer: Answer) -> Entry:
    if not isinstance(answer.result, dict) or answer.result.get("id") is None:
        raise NoAnswerError(f"{resource.path} was answered without the entry.")
    return resource.tidy(answer.result)


def _entries(value: Any) -> list[Entry]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
