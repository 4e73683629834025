# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The place of a policy entry: line and column in a file, or the position in a variable."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_IN_FILE = re.compile(r".*:\d+:\d+", re.S)


class Placed(NamedTuple):
    """An entry with its place, not validated yet.

    :param where: ``policies/mail.yml:3:5`` or ``block_senders[3]``.
    :param entry: a mapping of fields, or whatever else the variable holds.
    :param marks: line and column of each field, flat, in the order of the entry's fields; empty for a variable.
    """

    where: str
    entry: Any
    marks: Sequence[int] = ()

    def place(self, field: str) -> str:
        """The place of a field, or of the entry if that is unknown."""
        if self.marks and isinstance(self.entry, Mapping) and field in self.entry:
            at = 2 * list(self.entry).index(field)
            line, column = self.marks[at : at + 2]
            return f"{self.where.rsplit(':', 2)[0]}:{line}:{column}"
        return self.where


def subject(where: str, label: str) -> str:
    """The start of a message about an entry. For a place in a file, it has the form of compiler messages.

    >>> subject("policies/mail.yml:3:5", "phish.example DOMAIN")
    'policies/mail.yml:3:5: phish.example DOMAIN'
    >>> subject("block_senders[3]", "phish.example DOMAIN")
    'block_senders[3] (phish.example DOMAIN)'
    """
    return f"{where}: {label}" if _IN_FILE.fullmatch(where) else f"{where} ({label})"
