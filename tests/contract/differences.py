# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The differences from the published description that are meant, each with its reason.

A difference that no exchange shows any more makes the check fail, so that this list stays true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from findings import Finding


@dataclass(frozen=True)
class Difference:
    """One meant difference.

    :param side: ``request`` or ``response``.
    :param operation: regular expression for ``METHOD path-template``.
    :param rule: the broken rule, as JSON Schema names it, or the name of openapi-core's error.
    :param place: regular expression for the place in the body, ``/`` between its parts.
    :param reason: why it is meant.
    """

    side: str
    operation: str
    rule: str
    place: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        return (
            finding.side == self.side
            and finding.rule == self.rule
            and re.search(self.operation, finding.operation) is not None
            and re.fullmatch(self.place, finding.place) is not None
        )


DIFFERENCES: tuple[Difference, ...] = ()
