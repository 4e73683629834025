# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The message operations of the API by name: search, read, move, release, reclassify, submissions, reports."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._errors import (
    AccessError,
    ApiError,
    NoAnswerError,
    NotFoundError,
    NotOfferedError,
    RefusedError,
    ThrottledError,
)
from .._resources.retired import tidy
from . import paging
from .envelope import Answer
from .http import Http
from .paging import Listing, Pager, Total, announced_count
from .parameters import as_query, path_segment

Message = dict[str, Any]

# The maximum number of messages in a move request.
MOVE_SIZE = 1000
# The maximum number of messages in a submission. The API publishes no limit; this keeps a request below 100 KB.
SUBMIT_SIZE = 100
# A search ends after this many consecutive pages without a new message.
EMPTY_PAGES = 20
# The statuses with which the API may reject a body in the other form.
_OTHER_FORM = {400, 404, 405, 409, 415, 422}
# Retired names and their replacements; None has no replacement. Retired names are never sent and never returned.
_RENAMED: Mapping[str, str | None] = {
    "ts": "scanned_at",
    "completed_timestamp": "completed_at",
    "requested_ts": "requested_at",
    "item_count": None,
    "action_log": None,
    "findings": None,
}
_REPORT_RENAMED: Mapping[str, str | None] = {"ts": "created_at"}
_REPORT_FIELDS_RENAMED: Mapping[str, str | None] = {"ts": "occurred_at"}
_LINE_RENAMED: Mapping[str, str | None] = {"ts": "logged_at"}
# For lists that older API descriptions return whole, and newer ones in pages whose ``total_count`` may be 0 or absent.
_UNCOUNTED: Mapping[str, Any] = {"total": Total.HINT, "pages_optional": True}
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class MessageOperations:
    """Messages, submissions and reports of one account. Methods raise what :class:`Http` raises."""

    def __init__(self, http: Http, pager: Pager) -> None:
        self._http = http
        self._pager = pager
        # Paths of operations that accept only the older form of their body.
        self._older: set[str] = set()
        self._has_action_log = True

    def search(
        self,
        filters: Mapping[str, Any],
        most: int | None = None,
        counts: Callable[[Message], bool] | None = None,
    ) -> tuple[list[Message], bool]:
        """Messages that match, newest first. Operation: Search email messages.

        :param most: stop after this many messages that count.
        :param counts: whether a message counts; by default, every one does.
        :returns: the messages, and whether there may be more.
        """
        found: dict[str, Message] = {}
        # For each message that counts, how many were found up to and including it.
        counted: list[int] = []
        cursors: set[str] = set()
        read = empty = 0
        page_size = paging.PAGE_SIZE if counts else min(paging.PAGE_SIZE, most or paging.PAGE_SIZE)
        cursor = ""
        while True:
            items, cursor, announced = self.search_page(filters, cursor, page_size)
            before = len(found)
            read += len(items)
            for item in items:
                if str(item.get("id")) not in found:
                    message = found[str(item.get("id"))] = tidy_message(item)
                    if counts is None or counts(message):
                        counted.append(len(found))
            empty = empty + 1 if len(found) == before else 0
            if most is not None and len(counted) >= most:
                more = len(counted) > most or bool(cursor) or announced > read
                return list(found.values())[: counted[most - 1]], more
            if not cursor and announced <= read:
                return list(found.values()), False
            ended = ""
            if not cursor:
                ended = f"The API announced {announced:,} messages, gave {read:,}, and does not say where the rest is."
            elif cursor in cursors:
                ended = "The API gave the same cursor twice, so the search was ended there."
            elif empty >= EMPTY_PAGES:
                ended = f"{empty} pages without a message came one after the other; there may be more."
            if ended:
                self._pager.warnings.append(ended)
                return list(found.values()), True
            cursors.add(cursor)
            self._http.report_progress(f"{len(found):,} messages found so far.")

    def search_page(
        self, filters: Mapping[str, Any], cursor: str = "", size: int | None = None
    ) -> tuple[list[Message], str, int]:
        """One page of a search, newest first. Operation: Search email messages.

        :param cursor: of this page; empty for the first page.
        :param size: the maximum number of messages; by default, the API's maximum.
        :returns: the messages as the API returns them, the cursor of the next page (empty if there is none), and how
            many messages the API announces.
        """
        query = {**as_query(filters), "per_page": size or paging.PAGE_SIZE, **({"cursor": cursor} if cursor else {})}
        answer = self._http.get_when_ready("investigate", query)
        next_cursor = str(answer.result_info.get("next") or "")
        return answer.items("GET investigate"), next_cursor, announced_count(answer)

    def details(self, message_id: str, *, submission: bool = False) -> Message | None:
        """One message as the API returns it, retired fields included, or None. Operation: Get message details."""
        return self._one(message_id, "", {"submission": "true"} if submission else None)

    def detections(self, message_id: str) -> Message | None:
        """Operation: Get message detection details. None if the message has none."""
        return self._one(message_id, "/detections")

    def trace(self, message_id: str) -> Message | None:
        """Operation: Get email trace. None if the message has none."""
        found = self._one(message_id, "/trace")
        for way in (found or {}).values():
            if isinstance(way, dict) and isinstance(way.get("lines"), list):
                way["lines"] = [tidy(line, _LINE_RENAMED) if isinstance(line, dict) else line for line in way["lines"]]
        return found

    def action_log(self, message_id: str) -> list[Message] | None:
        """The actions on a message, in no particular order. Operation: Get action log.

        :returns: None if the message does not exist or the API lacks the operation; see :func:`logged_in`.
        """
        if not self._has_action_log:
            return None
        # Log entries have no unique key, and in older API descriptions the list has neither pages nor a count.
        listing = Listing(f"{_path(message_id)}/action_log", "action log entries", key="", **_UNCOUNTED)
        try:
            return [tidy_message(entry) for entry in self._pager.read(listing)]
        except NotOfferedError:
            self._has_action_log = False
        except NotFoundError:
            pass
        return None

    def raw(self, message_id: str) -> bytes | None:
        """The EML, or None. Operation: Get raw email content."""
        found = self._one(message_id, "/raw")
        if found is None:
            return None
        if not isinstance(found.get("raw"), str):
            raise NoAnswerError(f"{_path(message_id)}/raw was answered without the message.")
        return str(found["raw"]).encode("utf-8", "surrogatepass")

    def preview(self, message_id: str) -> bytes | None:
        """The PNG of a message that is a detection, or None. Operation: Get email preview."""
        try:
            found = self._one(message_id, "/preview")
        except RefusedError:
            return None
        return None if found is None else _png(message_id, found)

    def generate_preview(self, message_id: str, postfix_id: str) -> bytes:
        """The PNG of a message that is not a detection. Operation: Preview for non-detection messages."""
        answer = self._in_either_form("investigate/preview", {"id": message_id}, {"postfix_id": postfix_id})
        return _png(message_id, answer.result if isinstance(answer.result, dict) else {})

    def move(self, message_ids: Sequence[str], destination: str) -> list[Message]:
        """Operation: Move multiple messages, at most MOVE_SIZE. Returns one item per message and recipient."""
        answer = self._http.send("POST", "investigate/move", {"ids": list(message_ids), "destination": destination})
        return [tidy_message(item) for item in answer.items("POST investigate/move")]

    def release(self, message_ids: Sequence[str]) -> list[Message]:
        """Operation: Release messages from quarantine. Returns one item per message."""
        ids = list(message_ids)
        answer = self._in_either_form("investigate/release", {"ids": ids}, ids)
        return [tidy_message(item) for item in answer.items("POST investigate/release")]

    def submit(self, form: str, messages: Sequence[Mapping[str, Any]]) -> list[Message]:
        """Request another disposition for at most SUBMIT_SIZE messages. Operation: Create submissions.

        :param form: ``reclassification`` or ``missed_detection``; it determines the required fields of each message.
        :returns: for each message, refused ones included, ``id``, ``accepted`` and perhaps ``error``.
        :raises NotOfferedError: the API lacks the operation; :meth:`reclassify` is its predecessor.
        """
        answer = self._http.send("POST", "submissions", {"type": form, "messages": [dict(each) for each in messages]})
        results = answer.result.get("results") if isinstance(answer.result, dict) else None
        return [item for item in results if isinstance(item, dict)] if isinstance(results, list) else []

    def reclassify(self, message_id: str, fields: Mapping[str, Any]) -> None:
        """Request another disposition of one message. Operation: Change email classification (deprecated)."""
        self._http.send("POST", f"{_path(message_id)}/reclassify", dict(fields))

    def _in_either_form(self, path: str, body: Any, older: Any) -> Answer:
        """Send a body in its newer form and, if that is refused, in the older one. Later calls use the accepted form.

        :raises ApiError: both were refused; the message holds both reasons.
        """
        if path in self._older:
            return self._http.send("POST", path, older)
        try:
            return self._http.send("POST", path, body)
        except ApiError as error:
            if error.status not in _OTHER_FORM or isinstance(error, (AccessError, ThrottledError)):
                raise
            newer = error
        try:
            answer = self._http.send("POST", path, older)
        except ApiError as error:
            if error.status not in _OTHER_FORM:
                raise
            # Only one of the two errors is about the message, and it is unknown which.
            newer.advise(f"The older form of the request was refused as well: {error}")
            raise newer from None
        self._older.add(path)
        return answer

    def submissions(self, filters: Mapping[str, Any]) -> list[Message]:
        """Operation: Get reclassify submissions, all pages."""
        listing = Listing(
            "submissions", "submissions", filters, key="submission_id", total=Total.HINT, trust_count=True
        )
        return [tidy_message(item) for item in self._pager.read(listing)]

    def reports(self, filters: Mapping[str, Any]) -> list[Message]:
        """Operation: Get PhishGuard reports, all pages; in one response if the API does not page them."""
        listing = Listing("phishguard/reports", "PhishGuard reports", filters, **_UNCOUNTED)
        reports = [tidy(report, _REPORT_RENAMED) for report in self._pager.read(listing)]
        for report in reports:
            fields = report.get("fields")
            if isinstance(fields, dict):
                report["fields"] = tidy(fields, _REPORT_FIELDS_RENAMED)
        return reports

    def monthly_report(self) -> dict[str, list[Message]]:
        """The number of messages per disposition: by month (``2026-10``), items of ``disposition`` and ``total``.

        Operation: Get monthly report.
        """
        try:
            result = self._http.get("analytics/monthly_report").result
        except NotOfferedError as error:
            error.advise("Or it has no monthly report.")
            raise
        months = result.get("by_month") if isinstance(result, dict) else None
        counts = sorted(months.items()) if isinstance(months, dict) else []
        return {
            month: [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []
            for month, items in counts
        }

    def _one(self, message_id: str, part: str, query: Mapping[str, Any] | None = None) -> Message | None:
        try:
            answer = self._http.get(f"{_path(message_id)}{part}", query)
        except NotFoundError:
            return None
        if not isinstance(answer.result, dict):
            raise NoAnswerError(f"{_path(message_id)}{part} was answered without a result.")
        return answer.result


def logged_in(message: Mapping[str, Any]) -> list[Message] | None:
    """The action log in a message's own details; None if they have none. Newer API descriptions lack the field.

    :param message: as :meth:`MessageOperations.details` returns it.
    """
    entries = message.get("action_log")
    return [tidy_message(entry) for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else None


def tidy_message(item: Mapping[str, Any]) -> Message:
    """A message, or an entry of its log, with retired names replaced."""
    return tidy(item, _RENAMED)


def _png(message_id: str, found: Mapping[str, Any]) -> bytes:
    try:
        image = base64.b64decode(str(found.get("screenshot") or ""), validate=True)
    except (binascii.Error, ValueError):
        image = b""
    if not image.startswith(PNG_SIGNATURE):
        raise NoAnswerError(f"{_path(message_id)}: the preview that came is not a PNG image.")
    return image


def _path(message_id: str) -> str:
    return f"investigate/{path_segment(message_id)}"
