# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mail of one account: its messages in the order of time, its submissions, its PhishGuard reports."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from settings.store import Clock

from . import filling, generating, month
from .deciding import Settings
from .message import Action, Fields, Message, texts

Position = tuple[int, str]


def position(message: Message) -> Position:
    return message.at, message.id


class Mail:
    """What the messages half of the API knows about an account."""

    def __init__(self, clock: Clock, settings: Settings | None = None) -> None:
        self.clock = clock
        # What decides about generated mail: the account's own entries, as they are when it is made.
        self._settings: Settings = settings or {}
        # Oldest first; only those that a search can find.
        self.order: list[Message] = []
        # Newest first.
        self.submissions: list[Fields] = []
        self.reports: list[Fields] = []
        # What a test wants the monthly report to be; None: it is counted.
        self.monthly_report: Any = None
        # Slow searches: how often each is still answered with 202; None is for ever.
        self.waiting: dict[str, int | None] = {}
        # How often each pending submission has been listed.
        self.looks: dict[str, int] = {}
        self._messages: dict[str, Message] = {}

    def __len__(self) -> int:
        return len(self._messages)

    def get(self, message_id: Any, *, submission: bool = False) -> Message | None:
        """The message with this id, from the datastore of submissions or the regular one."""
        message = self._messages.get(str(message_id))
        hidden = "regular" if submission else "submissions"
        return None if message is None or message.datastore == hidden else message

    def by_postfix(self, postfix_id: Any) -> Message | None:
        return next((message for message in self._messages.values() if message.postfix_id == postfix_id), None)

    def of_submissions(self) -> list[Message]:
        """The messages of the datastore of submissions, oldest first."""
        return [message for message in self._messages.values() if message.datastore != "regular"]

    def index(self, name: str) -> dict[Any, Message]:
        """The messages by a field of their details, where that is a text."""
        values = ((message.value(name), message) for message in self._messages.values())
        return {value: message for value, message in values if isinstance(value, str)}

    def remove(self, message: Message) -> None:
        del self._messages[message.id]
        if message.datastore != "submissions":
            del self.order[bisect.bisect_left(self.order, position(message), key=position)]

    def put(self, document: Any) -> list[Message]:
        """Replace all messages. Raises ValueError, and then changes nothing, where that can't be done."""
        return self._take({}, document)

    def add(self, document: Any) -> list[Message]:
        """Messages that arrive beside those that are there. Raises ValueError, likewise."""
        return self._take(dict(self._messages), document)

    def put_submissions(self, document: Any) -> None:
        stamp = self.clock.stamp
        filled = [filling.submission(given, stamp()) for given in _objects(document)]
        self.submissions = _newest_first(filled, "requested_at")
        self.looks = {str(each["submission_id"]): 0 for each in self.submissions if each["status"] == "pending"}

    def put_reports(self, document: Any) -> None:
        stamp = self.clock.stamp
        filled = [filling.report(given, stamp(), number) for number, given in enumerate(_objects(document), 1)]
        self.reports = _newest_first(filled, "created_at")

    def export(self, *, touched: bool = False) -> list[Fields]:
        """The messages, newest first, as ``put`` takes them; only those that something happened to, where so asked."""
        return [exported(message) for message in reversed(self._messages.values()) if message.touched or not touched]

    def log(self, message: Message, operation: str, *, success: bool = True, **properties: Any) -> Action:
        """Note in a message's action log, and in its details, that something was done to it."""
        now = self.clock.stamp()
        action = {
            "operation": operation,
            "started_at": now,
            "completed_at": now,
            "status": "OK" if success else "FAILED",
            "success": success,
            "properties": properties,
        }
        message.record.actions.append(action)
        operations = texts(message.value("post_delivery_operations"))
        if success and operation not in operations:
            message.write(post_delivery_operations=[*operations, operation])
        return action

    def _take(self, messages: dict[str, Message], document: Any) -> list[Message]:
        given, new = document, itertools.chain[Message]()
        if isinstance(document, dict):
            if not set(document) <= {"messages", "generate", "month"}:
                raise ValueError("messages are a list, or an object with messages, generate, month, or several of them")
            new = itertools.chain(
                *map(generating.generate, _several(document.get("generate"))),
                *(month.generate(requested, self._settings) for requested in _several(document.get("month"))),
            )
            given = document.get("messages", [])
        filled = [filling.message(each, self.clock.stamp()) for each in _objects(given)]
        for message in itertools.chain(filled, new):
            if message.id in messages:
                raise ValueError(f"two messages have the id {message.id!r}; generated ones need a seed of their own")
            messages[message.id] = message
        every = sorted(messages.values(), key=position)
        self._messages = {message.id: message for message in every}
        self.order = [message for message in every if message.datastore != "submissions"]
        return filled


def exported(message: Message) -> Fields:
    """A message as a test may put it back."""
    document = message.details()
    for name in ("mailboxes", "metrics", "links", "datastore"):
        document[name] = getattr(message, name)
    document["action_log"] = message.actions
    if message.touched:
        said = {name: getattr(message.record, name) for name in filling.ANSWERS}
        document |= {name: value for name, value in said.items() if value is not None}
    return document


def _several(descriptions: Any) -> list[Any]:
    """One description, a list of them, or none."""
    return descriptions if isinstance(descriptions, list) else [] if descriptions is None else [descriptions]


def _objects(document: Any) -> Iterable[Mapping[str, Any]]:
    if not isinstance(document, list) or not all(isinstance(each, dict) for each in document):
        raise ValueError("there must be a list of objects")
    return document


def _newest_first(entries: list[Fields], name: str) -> list[Fields]:
    return sorted(entries, key=lambda entry: str(entry[name]), reverse=True)
