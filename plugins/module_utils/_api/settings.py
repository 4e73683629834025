# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings operations of the API by name: lists of entries, single entries, batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import (
    ApiError,
    ListNotOfferedError,
    NoAnswerError,
    NotEntitledError,
    NotFoundError,
    NotOfferedError,
)
from .._resources.schema import Resource
from .._resources.values import Entry
from . import paging
from .envelope import Answer
from .http import Http
from .paging import Listing, Pager, Total
from .parameters import path_segment

# The maximum number of entries of each kind in a batch.
BATCH_SIZE = 1000

# An entry created during the read then lands on the last page and shifts no other.
_BY_AGE = {"order": "created_at", "direction": "asc"}


@dataclass(frozen=True)
class Batch:
    """One request to ``settings/<collection>/batch``, or its result: entries by kind.

    ``updates`` are patches: the changed fields and the id. ``deletes`` are ids.
    """

    creates: Sequence[Entry] = ()
    updates: Sequence[Entry] = ()
    deletes: Sequence[str] = ()


class SettingsOperations:
    """Settings of one account. Methods raise what :class:`Http` raises."""

    def __init__(self, http: Http, pager: Pager) -> None:
        self._http = http
        self._pager = pager

    def entries(
        self, resource: Resource, filters: Mapping[str, Any] | None = None, *, trust_count: bool = False
    ) -> list[Entry]:
        """All entries of a collection, oldest first unless ``filters`` name an order. Operation: List ….

        Lists without a sort parameter keep the API's order.

        :param trust_count: see :class:`Listing`.
        :raises NoAnswerError: the list kept changing, or an entry has no id.
        :raises ListNotOfferedError: the account lacks the list, which is optional.
        """
        listing = Listing(
            resource.path,
            resource.name,
            {**_order(resource), **(filters or {})},
            # With filters, total_count may count the whole collection.
            total=Total.STEADY if filters else Total.EXACT,
            trust_count=trust_count,
        )
        try:
            found = [resource.tidy(entry) for entry in self._pager.read(listing)]
        except (NotEntitledError, NotFoundError, NotOfferedError) as error:
            if resource.optional:
                raise _lacking(resource, error) from error
            raise
        if any(entry.get("id") is None for entry in found):
            raise NoAnswerError(f"GET {resource.path} was answered with an entry that has no id.")
        return found

    def get(self, resource: Resource, entry_id: str) -> Entry | None:
        """One entry by id, or None. Operation: Get ….

        :raises ListNotOfferedError: as :meth:`entries`.
        """
        try:
            return _entry(resource, self._http.get(_path(resource, entry_id)))
        except NotFoundError:
            return None
        except (NotEntitledError, NotOfferedError) as error:
            if resource.optional:
                raise _lacking(resource, error) from error
            raise

    def part(self, resource: Resource, entry_id: str, part: str) -> Entry | None:
        """A sub-resource of an entry, or None if it has none.

        Operation: Get domain verification, for the part ``verification``.
        """
        try:
            found = self._http.get(f"{_path(resource, entry_id)}/{part}").result
        except NotFoundError:
            return None
        return found if isinstance(found, dict) else None

    def create(self, resource: Resource, fields: Entry) -> Entry:
        """Operation: Create …. Returns the created entry."""
        return _entry(resource, self._http.send("POST", resource.path, fields))

    def update(self, resource: Resource, entry_id: str, fields: Entry) -> Entry:
        """Operation: Update …, with only the fields that change. Returns the updated entry."""
        return _entry(resource, self._http.send("PATCH", _path(resource, entry_id), fields))

    def delete(self, resource: Resource, entry_id: str) -> None:
        """Operation: Delete …."""
        self._http.send("DELETE", _path(resource, entry_id))

    def batch(self, resource: Resource, batch: Batch) -> Batch:
        """Operation: Batch …: at most BATCH_SIZE of each kind that the list's batch takes. Deletes are applied first.

        Atomic, except for domains, for which the API does not promise that.
        """
        parts: dict[str, list[Entry]] = {
            "deletes": [{"id": entry_id} for entry_id in batch.deletes],
            "patches": list(batch.updates),
            "puts": [],
            "posts": list(batch.creates),
        }
        body = {name: parts[name] for name in resource.batch}
        answer = self._http.send("POST", f"{resource.path}/batch", body)
        made = answer.result if isinstance(answer.result, dict) else {}
        return Batch(
            creates=[resource.tidy(entry) for entry in _entries(made.get("posts"))],
            updates=[resource.tidy(entry) for entry in _entries(made.get("patches"))],
            deletes=[str(entry.get("id")) for entry in _entries(made.get("deletes"))],
        )

    def has_more(self, resource: Resource, entries: Sequence[Entry]) -> bool:
        """Whether more entries follow a read that ended with a full page because its count was trusted."""
        full, rest = divmod(len(entries), paging.PAGE_SIZE)
        listing = Listing(resource.path, resource.name, _order(resource))
        return full > 0 and rest == 0 and bool(self._pager.page(listing, full + 1).entries)


def _path(resource: Resource, entry_id: str) -> str:
    return f"{resource.path}/{path_segment(entry_id)}"


def _order(resource: Resource) -> Mapping[str, str]:
    return _BY_AGE if resource.is_ordered else {}


def _lacking(resource: Resource, error: ApiError) -> ListNotOfferedError:
    """The same error, with what it means for an optional list."""
    advice = (
        f"This account does not have the list {resource.name}: its plan does not include it, or the API does not offer "
        "it. Leave the list out, or have the plan changed. If other lists fail too, check account_id and base_url."
    )
    return ListNotOfferedError(error.request, error.status, error.errors, error.ray, advice)


def _entry(resource: Resource, answer: Answer) -> Entry:
    if not isinstance(answer.result, dict) or answer.result.get("id") is None:
        raise NoAnswerError(f"{resource.path} was answered without the entry.")
    return resource.tidy(answer.result)


def _entries(value: Any) -> list[Entry]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
