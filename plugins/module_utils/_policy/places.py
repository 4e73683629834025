# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an entry of a policy stands: in a file by line and column, or in a variable by position."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_IN_FILE = re.compile(r".*:\d+:\d+", re.S)


class Placed(NamedTuple):
    """What stands in the place of an entry, not validated yet.

    :param where: ``policies/mail.yml:3:5`` or ``block_senders[3]``.
    :param entry: a mapping of fields, or whatever a variable holds there.
    :param marks: line and column of each field, in the order of the entry's fields; empty for a variable's.
    """

    where: str
    entry: Any
    marks: Sequence[int] = ()

    def place(self, field: str) -> str:
        """Where a field stands; where the entry does, if that is not known."""
        if self.marks and isinstance(self.entry, Mapping) and field in self.entry:
            at = 2 * list(self.entry).index(field)
            line, column = self.marks[at : at + 2]
            return f"{self.where.rsplit(':', 2)[0]}:{line}:{column}"
        return self.where


def subject(where: str, label: str) -> str:
    """The head of a message about an entry. Behind a place in a file it takes the form in which compilers name theirs.

    >>> subject("policies/mail.yml:3:5", "phish.example DOMAIN")
    'policies/mail.yml:3:5: phish.example DOMAIN'
    >>> subject("block_senders[3]", "phish.example DOMAIN")
    'block_senders[3] (phish.example DOMAIN)'
    """
    return f"{where}: {label}" if _IN_FILE.fullmatch(where) else f"{where} ({label})"
