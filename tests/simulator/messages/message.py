# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A message as it is kept: small, since there may be a hundred thousand of them.

What many generated messages have in common stands once, in a ``base`` that they share, and what belongs to one of them
follows from its id. Only a message that a test put there, or that something happened to, has fields of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .vocabulary import INBOX, is_detection

Fields = dict[str, Any]
Action = dict[str, Any]

# The fields that follow from the id of a generated message.
DERIVED = frozenset(("id", "postfix_id", "alert_id", "message_id", "scanned_at", "sent_at", "sent_date"))


@dataclass(slots=True)
class Record:
    """What is known about a message beside its details. None in ``mailboxes`` is a mailbox that it isn't in."""

    mailboxes: dict[str, str | None]
    actions: list[Action] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    datastore: str = "regular"
    # Answers that a test wants instead of those that are made up.
    detections: Any = None
    trace: Any = None
    eml: str | None = None
    preview: str | None = None


class Message:
    """One message. ``at`` is when it was scanned."""

    __slots__ = ("_record", "at", "base", "id", "own")

    def __init__(
        self, message_id: str, at: int, base: Mapping[str, Any], own: Fields | None = None, record: Record | None = None
    ) -> None:
        self.id = message_id
        self.at = at
        self.base = base
        self.own = own
        self._record = record

    def value(self, name: str) -> Any:
        """A field of the details."""
        own = self.own
        if own is None:
            if name not in DERIVED:
                return self.base.get(name)
            own = self._derived()
        return own[name] if name in own else self.base.get(name)

    def details(self) -> Fields:
        """The details, without deprecated fields that repeat others."""
        return {**self.base, **(self._derived() if self.own is None else self.own)}

    def write(self, **fields: Any) -> None:
        self.own = {**(self._derived() if self.own is None else self.own), **fields}

    @property
    def touched(self) -> bool:
        """Whether it was put there by a test, or something happened to it."""
        return self.own is not None or self._record is not None

    @property
    def record(self) -> Record:
        """What is known beside the details; made when it is first needed."""
        if self._record is None:
            self._record = Record(self.mailboxes)
        return self._record

    @property
    def mailboxes(self) -> dict[str, str | None]:
        if self._record is not None:
            return self._record.mailboxes
        folder = None if self.value("is_quarantined") is True else INBOX
        return dict.fromkeys(self.recipients, folder)

    @property
    def actions(self) -> list[Action]:
        return [] if self._record is None else self._record.actions

    @property
    def metrics(self) -> list[str]:
        return [] if self._record is None else self._record.metrics

    @property
    def links(self) -> list[str]:
        return [] if self._record is None else self._record.links

    @property
    def datastore(self) -> str:
        return "regular" if self._record is None else self._record.datastore

    @property
    def is_detection(self) -> bool:
        return is_detection(self.value("final_disposition"))

    @property
    def postfix_id(self) -> Any:
        return self.id[:16] if self.own is None else self.value("postfix_id")

    @property
    def recipients(self) -> list[str]:
        return texts(self.value("client_recipients"))

    def _derived(self) -> Fields:
        # <16 characters>-YYYY-MM-DDTHH:MM:SS-<number>
        postfix_id, stamp = self.id[:16], f"{self.id[17:36]}Z"
        return {
            "id": self.id,
            "postfix_id": postfix_id,
            "alert_id": f"{postfix_id}-alert" if is_detection(self.base.get("final_disposition")) else None,
            "message_id": f"<{postfix_id}@mail.example>",
            "scanned_at": stamp,
            "sent_at": stamp,
            "sent_date": stamp,
        }


def texts(value: Any) -> list[str]:
    """The texts in a field: itself, or its members. A test may have put anything there."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
