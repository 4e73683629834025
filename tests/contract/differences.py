# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The differences from the published description with newer.yml laid over it that are meant, each with its reason.

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


_ONE_ENTRY = r"/settings/\w+/\{\w+\}$"

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "response",
        r"GET .*/investigate$",
        "type",
        "result",
        "A test has the simulator give null for an empty list, as some services do.",
    ),
    Difference(
        "response",
        r"GET .*/investigate$",
        "MissingData",
        "",
        "A test has the simulator answer 202 without a body, with the place to ask again in Location.",
    ),
    Difference(
        "response",
        r"GET .*/analytics/monthly_report$",
        "type",
        r"result/by_month/[^/]+",
        "A test has the simulator give null for a month, which every field may be that is not required.",
    ),
    Difference(
        "request",
        r"POST .*/settings/\w+/batch$",
        "readOnly",
        r"patches/\d+/id",
        "The description marks the id as read-only, and requires it in the same place: without it nobody could say "
        "which entry is meant.",
    ),
    Difference(
        "request",
        rf"(GET|PATCH|DELETE) .*{_ONE_ENTRY}",
        "format",
        "",
        "Ids are UUIDs in the description, and integers for some older entries. The client takes them as they come; "
        "the tests seed both, and odd ones.",
    ),
    Difference(
        "response",
        r"(GET|PATCH) .*/settings/\w+",
        "format",
        r"result/(\d+/)?id",
        "As above: the tests seed entries whose ids are no UUIDs.",
    ),
    Difference(
        "response",
        r"(GET|PATCH) .*/settings/\w+",
        "type",
        r"result/(\d+/)?id",
        "As above: some older entries have integers as ids.",
    ),
    Difference(
        "response",
        r"GET .*/phishguard/reports$",
        "format",
        r"result/\d+/fields/(occurred_at|ts)",
        "A test seeds reports with short dates, to distinguish them.",
    ),
    Difference(
        "response",
        r"GET .*/investigate/\{investigate_id\}/action_log$",
        "type",
        r"result/\d+/properties",
        "A test seeds actions without properties, as a careless service may send them.",
    ),
    Difference(
        "response",
        r"GET .*/investigate/\{investigate_id\}$",
        "type",
        r"result/(postfix_id|is_quarantined)",
        "Tests seed messages that lack what every message should have: the modules must not act on a guess.",
    ),
)
