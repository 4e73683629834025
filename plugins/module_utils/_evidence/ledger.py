# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What messages show about entries. Each message is processed once, and only statistics are kept. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .._messages.match import Message
from .counts import Counts, disposition_of
from .decided import Decisions, decisions_of
from .patterns import BELOW, EXACT, UNDETERMINED, Index, Pattern

# Returns whether a change would make a difference to a message.
Affects = Callable[[Message], bool]


@dataclass
class Row:
    """What is known about one entry.

    :param decides: whether the entry exists, so that it may have decided messages.
    :param relates: whether to match messages against its pattern.
    :param affects: the effect of a planned change; None if none is planned.
    :param decided: messages that the entry allowed or blocked, as the service reports.
    :param about: messages that match its pattern, by their fields.
    :param below: the number of messages from subdomains of its domain.
    :param affected: the number of messages that the change would treat differently, by disposition.
    :param undetermined: the number of messages for which the match is uncertain.
    :param without_field: the number of messages that lack the fields to match.
    :param shared: the number of messages decided by it or by another entry with the same text.
    :param unnamed: the number of messages decided by an unknown entry of its list.
    :param uncertain: why it is uncertain what the pattern matches; empty if it is certain.
    :param searched: whether any mail was read for it.
    :param incomplete: why not all messages were read; empty if they were.
    :param below_incomplete: whether messages from subdomains may be missing.
    """

    pattern: Pattern
    decides: bool = True
    relates: bool = False
    affects: Affects | None = None
    decided: Counts = field(default_factory=Counts)
    about: Counts = field(default_factory=lambda: Counts(details=True))
    below: int = 0
    affected: dict[str, int] = field(default_factory=dict)
    undetermined: int = 0
    without_field: int = 0
    shared: int = 0
    unnamed: int = 0
    uncertain: str = ""
    searched: bool = False
    incomplete: str = ""
    below_incomplete: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether messages can show anything about it."""
        return self.decides or (self.relates and not self.uncertain)

    def reset(self) -> None:
        """Start again: its messages are about to be read again."""
        fresh = Row(self.pattern)
        for name in ("decided", "about", "below", "affected", "undetermined", "without_field", "shared", "unnamed"):
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
        """Record a message, once.

        :param only: the row to record it for, if the search was for that row; None for all rows.
        """
        for name, text in decisions_of(message):
            numbers = self._decisions.deciding(name, text) if text else ()
            for number in numbers if only is None else {only}.intersection(numbers):
                self.rows[number].decided.add(message)
                self.rows[number].shared += len(numbers) > 1
            if not text:
                for row in self.rows if only is None else [self.rows[only]]:
                    row.unnamed += row.pattern.list == name
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
    elif relation == UNDETERMINED:
        row.undetermined += 1
    else:
        row.without_field += 1
