# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account of what messages say about entries. Messages come by once, and only numbers stay. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .._messages.match import Message
from .counts import Counts, disposition_of
from .decided import Decisions, decisions_of
from .patterns import BELOW, EXACT, PERHAPS, Index, Pattern

# Whether a change would make a difference to a message.
Affects = Callable[[Message], bool]


@dataclass
class Row:
    """What is known about one entry.

    :param decides: whether the entry is there already, so that it may have decided messages.
    :param relates: whether it is of interest what the pattern is about.
    :param affects: what a planned change does; None where none is planned.
    :param decided: messages that the entry allowed or blocked, as the service says.
    :param about: messages that its pattern is about, by their fields.
    :param below: messages from below the domain that it names.
    :param affected: how many messages of which disposition the change would treat otherwise.
    :param perhaps: messages of which it is not certain that the pattern is about them.
    :param unsaid: messages that lack the fields that the pattern is about.
    :param shared: messages that it decided, or another entry with the same text.
    :param nameless: messages that an entry of its list decided, nobody knows which.
    :param uncertain: why it is not certain what the pattern is about; empty where it is.
    :param looked: whether any mail was looked at for it.
    :param unlooked: why not all messages were looked at; empty where they were.
    :param below_unlooked: whether messages from below its domain were not looked at.
    """

    pattern: Pattern
    decides: bool = True
    relates: bool = False
    affects: Affects | None = None
    decided: Counts = field(default_factory=Counts)
    about: Counts = field(default_factory=lambda: Counts(details=True))
    below: int = 0
    affected: dict[str, int] = field(default_factory=dict)
    perhaps: int = 0
    unsaid: int = 0
    shared: int = 0
    nameless: int = 0
    uncertain: str = ""
    looked: bool = False
    unlooked: str = ""
    below_unlooked: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether messages can show anything about it."""
        return self.decides or (self.relates and not self.uncertain)

    def forget(self) -> None:
        """Begin anew: its messages are about to come again."""
        fresh = Row(self.pattern)
        for name in ("decided", "about", "below", "affected", "perhaps", "unsaid", "shared", "nameless"):
            setattr(self, name, getattr(fresh, name))


class Ledger:
    """The rows of several entries, by number."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._decisions = Decisions({number: row.pattern for number, row in enumerate(rows) if row.decides})
        self._index = Index({number: row.pattern for number, row in enumerate(rows) if row.relates})
        for number, reason in self._index.uncertain.items():
            rows[number].uncertain = reason

    def add(self, message: Message, only: int | None = None) -> None:
        """Note a message, which comes once.

        :param only: the row that it is noted for, where it was looked for on behalf of that; else for all.
        """
        for name, text in decisions_of(message):
            numbers = self._decisions.deciding(name, text) if text else ()
            for number in numbers if only is None else {only}.intersection(numbers):
                self.rows[number].decided.add(message)
                self.rows[number].shared += len(numbers) > 1
            if not text:
                for row in self.rows if only is None else [self.rows[only]]:
                    row.nameless += row.pattern.list == name
        for number, relation in self._index.relations(message).items():
            if only in (None, number):
                _relate(self.rows[number], relation, message)


def _relate(row: Row, relation: str, message: Message) -> None:
    if relation == EXACT:
        row.about.add(message)
        if row.affects and row.affects(message):
            disposition = disposition_of(message)
            row.affected[disposition] = row.affected.get(disposition, 0) + 1
    elif relation == BELOW:
        row.below += 1
    elif relation == PERHAPS:
        row.perhaps += 1
    else:
        row.unsaid += 1
