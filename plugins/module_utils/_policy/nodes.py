# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What YAML and JSON have in common once their syntax is read: nodes with their position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Node:
    """A part of a policy file.

    :param kind: ``scalar``, ``list`` or ``mapping``.
    :param value: the text as it is written, a list of nodes, or a list of pairs of nodes.
    :param line: counts from 1, as ``column`` does.
    :param plain: a scalar that stands there without quotes, so that ``null`` means nothing.
    :param tag: such as ``!unsafe``; None where none is written.
    """

    kind: str
    value: Any
    line: int
    column: int
    plain: bool = False
    tag: str | None = None


class PolicySyntaxError(Exception):
    """The text is not what its name says. ``str()`` is a sentence that says what to do."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
