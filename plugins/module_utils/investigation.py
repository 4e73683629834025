# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The message side of the API by name: search, look, move, release, reclassify, submissions, reports."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from ansible_collections.cloudflare.email_security.plugins.module_utils.client import as_query, path_segment
from ansible_collections.cloudflare.email_security.plugins.module_utils.errors import (
    NoAnswerError,
    NotFoundError,
    NotOfferedError,
    RefusedError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils.http import Answer, Http

Message = dict[str, Any]
Item = TypeVar("Item")
Found = TypeVar("Found")

# The most results the API gives on a page, and messages it moves in a request.
PAGE_SIZE = 1000
MOVE_SIZE = 1000
# How many messages are looked at side by side.
CONNECTIONS = 4
# Retired names, and what replaces each; None is gone for good. What is listed is never sent and never returned.
_RENAMED: Mapping[str, str | None] = {
    "ts": "scanned_at",
    "completed_timestamp": "completed_at",
    "requested_ts": "requested_at",
    "item_count": None,
    "action_log": None,
    "findings": None,
}
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Investigation:
    """Messages, submissions and reports of one account. Methods raise what :class:`Http` raises."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self.warnings: list[str] = []
        self._wraps_ids = False
        self._names_preview = "postfix_id"

    def search(self, filters: Mapping[str, Any], most: int | None = None) -> tuple[list[Message], bool]:
        """Messages that match, newest first. Operation: Search email messages.

        :param most: stop when there are this many.
        :returns: the messages, and whether there may be more.
        """
        found: dict[str, Message] = {}
        cursors: set[str] = set()
        query = {**as_query(filters), "per_page": min(PAGE_SIZE, most or PAGE_SIZE)}
        while True:
            answer = self.http.get_when_ready("investigate", query)
            for message in _list(answer, "investigate"):
                found.setdefault(str(message.get("id")), tidy(message))
            cursor = answer.result_info.get("next")
            if most is not None and len(found) >= most:
                more = len(found) > most or bool(cursor)
                return list(found.values())[:most], more
            if not cursor:
                return list(found.values()), False
            if cursor in cursors:
                self.warnings.append("The API gave the same cursor twice, so the search was ended there.")
                return list(found.values()), True
            cursors.add(cursor)
            query["cursor"] = cursor

    def details(self, message_id: str, *, submission: bool = False) -> Message | None:
        """One message as the API returns it, retired fields included, or None. Operation: Get message details."""
        return self._one(message_id, "", {"submission": "true"} if submission else None)

    def detections(self, message_id: str) -> Message | None:
        """Operation: Get message detection details. None for a message without."""
        return self._one(message_id, "/detections")

    def trace(self, message_id: str) -> Message | None:
        """Operation: Get email trace. None for a message without."""
        return self._one(message_id, "/trace")

    def action_log(self, message_id: str) -> list[Message] | None:
        """What was done to a message, or None when it is not there.

        Operation: Get action log; where the API does not have it, the message's own field.
        """
        try:
            answer = self.http.get(f"{_path(message_id)}/action_log")
            return [tidy(entry) for entry in _list(answer, "action_log")]
        except (NotFoundError, NotOfferedError):
            message = self.details(message_id)
            return None if message is None else [tidy(entry) for entry in message.get("action_log") or []]

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
        names = {"postfix_id": postfix_id, "id": message_id}
        try:
            answer = self.http.send("POST", "investigate/preview", {self._names_preview: names[self._names_preview]})
        except RefusedError as error:
            if error.status not in (400, 415, 422) or self._names_preview == "id":
                raise
            self._names_preview = "id"
            answer = self.http.send("POST", "investigate/preview", {"id": message_id})
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
        try:
            answer = self.http.send("POST", "investigate/release", {"ids": ids} if self._wraps_ids else ids)
        except RefusedError as error:
            if error.status not in (400, 415, 422) or self._wraps_ids:
                raise
            self._wraps_ids = True
            answer = self.http.send("POST", "investigate/release", {"ids": ids})
        return [tidy(item) for item in _list(answer, "investigate/release")]

    def reclassify(self, message_id: str, fields: Mapping[str, Any]) -> None:
        """Ask for another disposition. Operation: Change email classification."""
        self.http.send("POST", f"{_path(message_id)}/reclassify", dict(fields))

    def submissions(self, filters: Mapping[str, Any]) -> list[Message]:
        """Operation: Get reclassify submissions, all pages."""
        return self._pages("submissions", filters)

    def reports(self, filters: Mapping[str, Any]) -> list[Message]:
        """Operation: Get PhishGuard reports; pages are followed where the API says that there are more."""
        reports = [tidy(report) for report in self._pages("phishguard/reports", filters, first_page_bare=True)]
        for report in reports:
            fields = report.get("fields")
            if isinstance(fields, dict):
                report["fields"] = tidy(fields, {"ts": "occurred_at"})
        return reports

    def side_by_side(self, function: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
        """Call for each item, a bounded number at a time. Results are in the items' order."""
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            return list(pool.map(function, items))

    def _one(self, message_id: str, part: str, query: Mapping[str, Any] | None = None) -> Message | None:
        try:
            answer = self.http.get(f"{_path(message_id)}{part}", query)
        except NotFoundError:
            return None
        if not isinstance(answer.result, dict):
            raise NoAnswerError(f"{_path(message_id)}{part} was answered without a result.")
        return answer.result

    def _pages(self, path: str, filters: Mapping[str, Any], first_page_bare: bool = False) -> list[Message]:
        """All pages. ``first_page_bare`` asks for the first without saying how large, as the contract does."""
        found: list[Message] = []
        query = as_query(filters)
        page = 1
        paging: dict[str, Any] = {} if first_page_bare else {"page": 1, "per_page": PAGE_SIZE}
        while True:
            answer = self.http.get(path, {**query, **paging})
            items = _list(answer, path)
            found.extend(tidy(item) for item in items)
            total = answer.result_info.get("total_count")
            size = answer.result_info.get("per_page") or PAGE_SIZE
            if not items or total is None or len(found) >= total or (not paging and len(items) < size):
                return found
            page += 1
            paging = {"page": page, "per_page": size}


def tidy(item: Mapping[str, Any], renamed: Mapping[str, str | None] | None = None) -> Message:
    """An item with retired names left out, and their values under the names that replace them."""
    renamed = _RENAMED if renamed is None else renamed
    tidied = {name: value for name, value in item.items() if name not in renamed}
    for old, new in renamed.items():
        if new and old in item:
            tidied.setdefault(new, item[old])
    return tidied


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
