# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that act on messages: move, release, reclassify."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from .._api.messages import MOVE_SIZE, Message, logged_in
from .._spec import Context, ModuleSpec
from .._times import parse_time
from .perform import Action, Outcome, Status, perform
from .read import DISPOSITIONS
from .reclassify import Reclassify

DESTINATIONS = ("Inbox", "JunkEmail", "DeletedItems", "RecoverableItemsDeletions", "RecoverableItemsPurges")
_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


def message_move_module() -> ModuleSpec:
    return _action_module(
        {
            "destination": {"type": "str", "choices": list(DESTINATIONS), "required": True},
            "force": {"type": "bool", "default": False},
        },
        Move,
    )


def message_release_module() -> ModuleSpec:
    return _action_module({}, Release)


def message_reclassify_module() -> ModuleSpec:
    return _action_module(
        {
            "expected_disposition": {"type": "str", "choices": list(DISPOSITIONS), "required": True},
            "eml": {"type": "path"},
            "escalated_submission_id": {"type": "str"},
        },
        Reclassify,
    )


def _action_module(options: Mapping[str, Any], make: Callable[[Context], Action]) -> ModuleSpec:
    return ModuleSpec(
        options={"investigate_ids": {"type": "list", "elements": "str", "required": True}, **options},
        run=lambda context: perform(context, make(context)),
    )


class Move(Action):
    """Operation: Move multiple messages. A message is unchanged if its latest move went to the destination."""

    done = "moved"

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.destination: str = context.params["destination"]
        self.check_first = not context.params["force"]
        self.size = MOVE_SIZE

    def check(self, ids: Sequence[str]) -> Mapping[str, Status]:
        found = self.client.http.map_concurrent(self._check_one, ids, "messages checked")
        return dict(zip(ids, found, strict=True))

    def _check_one(self, message_id: str) -> Status:
        log = self.client.messages.action_log(message_id)
        if log is None:
            message = self.client.messages.details(message_id)
            if message is None:
                return Status.MISSING
            log = logged_in(message)
        if log is None:
            return Status.UNKNOWN
        return Status.UNCHANGED if last_folder(log) == self.destination.lower() else Status.DUE

    def act(self, ids: Sequence[str]) -> list[Outcome]:
        known = set(ids)
        outcomes = []
        for item in self.client.messages.move(ids, self.destination):
            named = text_or_none(item.get("message_id"))
            message_id = ids[0] if len(ids) == 1 else named if named in known else None
            outcomes.append(Outcome(message_id, item.get("success") is True, text_or_none(item.get("status")), item))
        return outcomes


class Release(Action):
    """Operation: Release messages from quarantine. A message that is not in quarantine is unchanged."""

    done = "released"

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.size = MOVE_SIZE

    def check(self, ids: Sequence[str]) -> Mapping[str, Status]:
        found = self.client.http.map_concurrent(self._check_one, ids, "messages checked")
        return dict(zip(ids, found, strict=True))

    def _check_one(self, message_id: str) -> Status:
        message = self.client.messages.details(message_id)
        if message is None:
            return Status.MISSING
        return Status.DUE if message.get("is_quarantined") is True else Status.UNCHANGED

    def act(self, ids: Sequence[str]) -> list[Outcome]:
        return [_release_outcome(item) for item in self.client.messages.release(ids)]


def _release_outcome(item: Message) -> Outcome:
    parts = {name: _texts(item.get(name)) for name in ("delivered", "failed", "undelivered")}
    failed = [*parts["failed"], *parts["undelivered"]]
    status = f"not delivered to {', '.join(failed)}" if failed else "released"
    return Outcome(text_or_none(item.get("id")), not failed, status, parts)


def last_folder(log: Sequence[Message]) -> str | None:
    """The folder of the latest successful move, in lower case.

    The order of a log is not documented, so times decide. Between moves of the same time, the order that the log's
    first and last times suggest does.
    """
    moves = [entry for entry in log if str(entry.get("operation")).upper() == "MOVE" and _succeeded(entry)]
    if not moves:
        return None
    times = [_time_of(entry) for entry in moves]
    newest_first = times[0] > times[-1]
    latest = max(range(len(moves)), key=lambda number: (times[number], -number if newest_first else number))
    properties = moves[latest].get("properties")
    return str(properties.get("folder") or "").lower() if isinstance(properties, dict) else None


def _time_of(entry: Message) -> datetime:
    """When an action was completed, or else started."""
    for name in ("completed_at", "started_at"):
        try:
            return parse_time(str(entry.get(name) or ""), end_of_day=False)
        except ValueError:
            pass
    return _LONG_AGO


def _succeeded(entry: Message) -> bool:
    """The newer log has a flag; the older one has a status as text."""
    if entry.get("success") is not None:
        return entry["success"] is True
    status = str(entry.get("status") or "").lower()
    return not any(word in status for word in ("fail", "error", "pending"))


def text_or_none(value: Any) -> str | None:
    """A name in a response, or None if it is not text. After a write, a malformed response must not raise an error."""
    return value if isinstance(value, str) else None


def _texts(value: Any) -> list[str]:
    """Names in a response, where null means none."""
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []
