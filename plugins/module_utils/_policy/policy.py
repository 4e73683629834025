# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A policy as read, before validation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .places import Placed


@dataclass
class Policy:
    """The contents of files, in their order.

    :param lists: ``{list name: entries}``, without lists that no file names.
    :param problems: every problem, each with its place.
    :param warnings: what a user should know although nothing is wrong.
    """

    lists: dict[str, list[Placed]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, other: Policy) -> None:
        """Append the contents of another file."""
        for name, entries in other.lists.items():
            self.lists.setdefault(name, []).extend(entries)
        self.problems += other.problems
        self.warnings += other.warnings

    def documents(self) -> dict[str, list[Any]]:
        """The entries alone, as ``settings_info`` returns those of an account."""
        return {name: [placed.entry for placed in entries] for name, entries in self.lists.items()}
