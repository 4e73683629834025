# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls that do not succeed, each with its reason. One that no call shows any more makes the tests fail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from official_client.introspection import Operation
from official_client.samples import Call, calls
from official_client.sweep import Outcome


@dataclass(frozen=True)
class Failure:
    """Calls that are meant to fail.

    :param calls: regular expression for the whole of ``operation label``.
    :param result: the status, or ``not as declared``.
    :param message: regular expression for a part of what the client says.
    """

    calls: str
    result: str
    message: str
    reason: str

    def covers(self, call: Call, outcome: Outcome) -> bool:
        return (
            re.fullmatch(self.calls, str(call)) is not None
            and outcome.result == self.result
            and re.search(self.message, outcome.message) is not None
        )


# Operations that the simulator does not have. They are called in their plain form only; the rest would say no more.
NOT_SIMULATED = {
    r"investigate\.bulk\..*": "Jobs that move or release all that a search finds: no module starts them.",
    r"settings\.content_policies\..*": "Blocked content: no module writes it.",
    r"settings\.sending_domain_restrictions\..*": "TLS demanded of partners: no module writes it.",
    r"settings\.url_ignore_patterns\..*": "Links that are not rewritten: no module writes them.",
    r"settings\.domains\.bulk_delete": "Removes every domain, deprecated: no module must come near it.",
}
NO_ROUTE = ("404", "405")

FAILURES = (
    Failure(
        r"settings\.allow_policies\.(create|edit|batch) ((patches|posts|puts)\.)?is_(recipient|sender|spoof)=.*",
        "400",
        "is not a field that can be written",
        "These three ended on 2026-07-01.",
    ),
    Failure(
        r"settings\.(allow_policies|block_senders)\.(create|edit|batch) ((patches|posts|puts)\.)?pattern_type=UNKNOWN",
        "400",
        "pattern_type must be one of",
        "A type that entries of old may show, and that none can be given.",
    ),
    Failure(
        r"investigate\.list (page=1|all pages)",
        "400",
        "page is not a parameter",
        "Pages by number ended on 2026-11-01. The client still turns this list's pages by number, and so cannot.",
    ),
    Failure(
        r"investigate\.move\.bulk postfix_ids=.*",
        "400",
        "postfix_ids is not a field",
        "It ended on 2026-11-01.",
    ),
    # The simulator is older than the client.
    Failure(
        r"investigate\.list (delivery_status=move_failed|smtp_helo_ip=.*)",
        "400",
        "query parameter",
        "The simulator does not have it yet.",
    ),
    Failure(
        r"investigate\.move\.(bulk|create) expected_disposition=None",
        "400",
        "expected_disposition must be one of",
        "The simulator does not take null yet.",
    ),
    Failure(
        r"settings\.impersonation_registry\.(create|edit) provenance=None",
        "400",
        "provenance must be one of",
        "The simulator does not take null yet.",
    ),
    Failure(
        r"phishguard\.reports\.list (page=1|per_page=1000|all pages)",
        "400",
        "query parameter",
        "The simulator gives them on one page.",
    ),
    Failure(
        r"submissions\.list (order|direction)=.*",
        "400",
        "query parameter",
        "The simulator does not sort them yet.",
    ),
    Failure(
        r"investigate\.(release\.bulk|preview\.create) .*",
        "400",
        "must be a JSON array|postfix_id is required",
        "The simulator takes the older shape.",
    ),
    Failure(
        r"settings\.domains\..*",
        "not as declared",
        "PENDING",
        "The simulator writes the status of a domain in lower case.",
    ),
)


def not_simulated(operation: Operation) -> str | None:
    """The entry of NOT_SIMULATED that an operation falls under."""
    return next((pattern for pattern in NOT_SIMULATED if re.fullmatch(pattern, operation.name)), None)


def calls_to_make(operations: Iterable[Operation]) -> list[Call]:
    made: list[Call] = []
    for operation in operations:
        every = list(calls(operation))
        made += every[:1] if not_simulated(operation) else every
    return made
