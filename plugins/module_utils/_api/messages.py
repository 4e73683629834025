# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The message side of the API by name: search, look, move, release, reclassify, submissions, reports."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._errors import NoAnswerError, NotFoundError, NotOfferedError, RefusedError
from .envelope import Answer
from .http import Http
from .settings import (
    LIST_TRIES,
    as_query,
    path_segment,
)

Message = dict[str, Any]

# The most results the API gives on a page, and messages it moves in a request.
PAGE_SIZE = 1000
MOVE_SIZE = 1000
# So many pages of a search may hold nothing new, one after the other.
EMPTY_PAGES = 20
# Retired names, and what replaces each; None is gone for good. What is listed is never sent and never returned.
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
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Investigation:
    """Messages, submissions and reports of one account. Methods raise what :class:`Http` raises."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self.warnings: list[str] = []
        self._release_shape: str | None = None
        # The shape that the API takes, once it is known.
        self._preview_shape: str | None = None
        self._has_action_log = True

    def search(
        self,
        filters: Mapping[str, Any],
        most: int | None = None,
        counts: Callable[[Message], bool] | None = None,
    ) -> tuple[list[Message], bool]:
        """Messages that match, newest first. Operation: Search email messages.

        :param most: stop when there are this many that count.
        :param counts: whether a message does; all of them do when left out.
        :returns: the messages, and whether there may be more.
        """
        found: dict[str, Message] = {}
        # How many messages there are up to each that counts.
        counted: list[int] = []
        cursors: set[str] = set()
        empty = 0
        query = {**as_query(filters), "per_page": PAGE_SIZE if counts else min(PAGE_SIZE, most or PAGE_SIZE)}
        while True:
            answer = self.http.get_when_ready("investigate", query)
            before = len(found)
            for item in _list(answer, "investigate"):
                if str(item.get("id")) not in found:
                    message = found[str(item.get("id"))] = tidy(item)
                    if counts is None or counts(message):
                        counted.append(len(found))
            empty = empty + 1 if len(found) == before else 0
            cursor = str(answer.result_info.get("next") or "")
            if most is not None and len(counted) >= most:
                more = len(counted) > most or bool(cursor)
                return list(found.values())[: counted[most - 1]], more
            if not cursor:
                return list(found.values()), False
            if cursor in cursors:
                self.warnings.append("The API gave the same cursor twice, so the search was ended there.")
                return list(found.values()), True
            if empty >= EMPTY_PAGES:
                self.warnings.append(f"{empty} pages without a message came one after the other; there may be more.")
                return list(found.values()), True
            cursors.add(cursor)
            query["cursor"] = cursor
            self.http.report_progress(f"{len(found):,} messages found so far.")

    def details(self, message_id: str, *, submission: bool = False) -> Message | None:
        """One message as the API returns it, retired fields included, or None. Operation: Get message details."""
        return self._one(message_id, "", {"submission": "true"} if submission else None)

    def detections(self, message_id: str) -> Message | None:
        """Operation: Get message detection details. None for a message without."""
        return self._one(message_id, "/detections")

    def trace(self, message_id: str) -> Message | None:
        """Operation: Get email trace. None for a message without."""
        found = self._one(message_id, "/trace")
        for way in (found or {}).values():
            if isinstance(way, dict) and isinstance(way.get("lines"), list):
                way["lines"] = [tidy(line, _LINE_RENAMED) if isinstance(line, dict) else line for line in way["lines"]]
        return found

    def action_log(self, message_id: str, message: Message | None = None) -> list[Message] | None:
        """What was done to a message, or None when it is not there.

        Operation: Get action log; where the API does not have it, the message's own field.

        :param message: its details, where they are known already.
        """
        if self._has_action_log:
            try:
                answer = self.http.get(f"{_path(message_id)}/action_log")
                return [tidy(entry) for entry in _list(answer, "action_log")]
            except NotOfferedError:
                self._has_action_log = False
            except NotFoundError:
                pass
        message = message or self.details(message_id)
        if message is None:
            return None
        entries = message.get("action_log")
        return [tidy(entry) for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []

    def raw(self, message_id: str) -> bytes | None:
        """The EML, or None. Operation: Get raw email content."""
        found = self._one(message_id, "/raw")
        if found is None:
            return None
        if not isinstance(found.get("raw"), str):
            raise NoAnswerError(f"{_path(message_id)}/raw was answered without the message.")
        return str(found["raw"]).encode("utf-8", "surrogatepass")

    def preview(self, message_id: str) -> bytes | None:
        """The PNG of a message that was a detection, or None. Operation: Get email preview."""
        try:
            found = self._one(message_id, "/preview")
        except RefusedError:
            return None
        return None if found is None else _png(message_id, found)

    def generate_preview(self, message_id: str, postfix_id: str) -> bytes:
        """The PNG of a message that was no detection. Operation: Preview for non-detection messages.

        Sends the field that the contract names; where that is refused, the one that newer descriptions name.
        """
        bodies = {"postfix_id": {"postfix_id": postfix_id}, "id": {"id": message_id}}
        answer, self._preview_shape = self._in_either_shape("investigate/preview", bodies, self._preview_shape)
        return _png(message_id, answer.result if isinstance(answer.result, dict) else {})

    def move(self, message_ids: Sequence[str], destination: str) -> list[Message]:
        """Operation: Move multiple messages, at most MOVE_SIZE. Returns an item per message and recipient."""
        answer = self.http.send("POST", "investigate/move", {"ids": list(message_ids), "destination": destination})
        return [tidy(item) for item in _list(answer, "investigate/move")]

    def release(self, message_ids: Sequence[str]) -> list[Message]:
        """Release messages from quarantine. Operation: Release messages from quarantine. Returns an item per message.

        Sends the array that the contract wants; where that is refused, the object that newer clients send.
        """
        ids = list(message_ids)
        bodies = {"array": ids, "object": {"ids": ids}}
        answer, self._release_shape = self._in_either_shape("investigate/release", bodies, self._release_shape)
        return [tidy(item) for item in _list(answer, "investigate/release")]

    def reclassify(self, message_id: str, fields: Mapping[str, Any]) -> None:
        """Ask for another disposition. Operation: Change email classification."""
        self.http.send("POST", f"{_path(message_id)}/reclassify", dict(fields))

    def _in_either_shape(self, path: str, bodies: Mapping[str, Any], known: str | None) -> tuple[Answer, str]:
        """Send a body in the first of its shapes, and in the second where that is refused; says which was taken."""
        first, second = bodies
        if known:
            return self.http.send("POST", path, bodies[known]), known
        try:
            return self.http.send("POST", path, bodies[first]), first
        except RefusedError as error:
            if error.status not in (400, 415, 422):
                raise
            try:
                return self.http.send("POST", path, bodies[second]), second
            except RefusedError:
                # Both are refused, so it was not for the shape, and what was said first is the reason.
                raise error from None

    def submissions(self, filters: Mapping[str, Any]) -> list[Message]:
        """Operation: Get reclassify submissions, all pages."""
        return [tidy(item) for item in self._pages("submissions", filters, "submission_id")]

    def reports(self, filters: Mapping[str, Any]) -> list[Message]:
        """Operation: Get PhishGuard reports; pages are followed where the API says that there are more."""
        answer = self.http.get("phishguard/reports", as_query(filters))
        found = _list(answer, "phishguard/reports")
        if len(found) < max(_number(answer.result_info.get(name)) for name in ("total_count", "count")):
            found = self._pages("phishguard/reports", filters, "id")
        reports = [tidy(report, _REPORT_RENAMED) for report in found]
        for report in reports:
            fields = report.get("fields")
            if isinstance(fields, dict):
                report["fields"] = tidy(fields, _REPORT_FIELDS_RENAMED)
        return reports

    def _one(self, message_id: str, part: str, query: Mapping[str, Any] | None = None) -> Message | None:
        try:
            answer = self.http.get(f"{_path(message_id)}{part}", query)
        except NotFoundError:
            return None
        if not isinstance(answer.result, dict):
            raise NoAnswerError(f"{_path(message_id)}{part} was answered without a result.")
        return answer.result

    def _pages(self, path: str, filters: Mapping[str, Any], key: str) -> list[Message]:
        """All pages, each entry once. A list that changes while it is read is read again.

        :raises NoAnswerError: it would not hold still.
        """
        for _attempt in range(LIST_TRIES):
            found: dict[str, Message] = {}
            read = page = 0
            while True:
                page += 1
                answer = self.http.get(path, {**as_query(filters), "page": page, "per_page": PAGE_SIZE})
                items, before = _list(answer, path), len(found)
                read += len(items)
                found.update((str(item.get(key, read + number)), item) for number, item in enumerate(items))
                # What total_count counts is not certain, so it ends a list only where it is just what came.
                total = _number(answer.result_info.get("total_count"))
                if read == total or (len(items) < PAGE_SIZE and read > total) or len(found) == before:
                    break
            if len(found) == read:
                return list(found.values())
        raise NoAnswerError(f"{path} could not be read whole: entries came twice, {LIST_TRIES} times. Try again later.")


def tidy(item: Mapping[str, Any], renamed: Mapping[str, str | None] | None = None) -> Message:
    """An item with retired names left out, and their values under the names that replace them."""
    renamed = _RENAMED if renamed is None else renamed
    tidied = {name: value for name, value in item.items() if name not in renamed}
    for old, new in renamed.items():
        if new and old in item:
            tidied.setdefault(new, item[old])
    return tidied


def _number(value: Any) -> float:
    return value if isinstance(value, (int, float)) else 0


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


def _list(answer: Answer, path: str) -> list[Message]:
    if not isinstance(answer.result, list):
        raise NoAnswerError(f"{path} was answered without a list.")
    return [item for item in answer.result if isinstance(item, dict)]
