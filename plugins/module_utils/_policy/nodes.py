# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parse result that YAML and JSON share: nodes with their position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Node:
    """A part of a policy file.

    :param kind: ``scalar``, ``list`` or ``mapping``.
    :param value: the source text, a list of nodes, or a list of pairs of nodes.
    :param line: counted from 1, as is ``column``.
    :param plain: whether it is a scalar without quotes, so that ``null`` means null.
    :param tag: such as ``!unsafe``; None if there is none.
    """

    kind: str
    value: Any
    line: int
    column: int
    plain: bool = False
    tag: str | None = None


class PolicySyntaxError(Exception):
    """The text does not have the syntax of its file type. ``str()`` says what is wrong and what to do."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
