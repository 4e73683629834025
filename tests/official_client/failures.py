# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls that do not succeed, each with its reason. One that no call shows any more makes the tests fail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from official_client.introspection import Operation
from official_client.samples import Call, calls
from official_client.sweep import Outcome


@dataclass(frozen=True)
class Failure:
    """Calls that are meant to fail.

    :param calls: regular expression for the whole of ``operation label``.
    :param result: the status, or ``not as declared``.
    :param message: regular expression for the whole of what is said about it.
    :param helped_by: options of the simulated account with which the same call succeeds.
    """

    calls: str
    result: str
    message: str
    reason: str
    helped_by: Mapping[str, Any] = field(default_factory=dict)

    def covers(self, call: Call, outcome: Outcome) -> bool:
        return (
            re.fullmatch(self.calls, str(call)) is not None
            and outcome.result == self.result
            and re.fullmatch(self.message, outcome.message) is not None
        )


# Operations that the simulator does not have. They are called in their plain form only; the rest would say no more.
NOT_SIMULATED = {
    r"settings\.domains\.bulk_delete": "Removes every domain, deprecated: no module must come near it.",
}
NO_ROUTE = ("404", "405")

_REQUIRED = r"result(\.(patches|posts|puts))?(\.\d+)?\.{} is missing"


def _still_requires(calls: str, fields: str) -> Failure:
    one = _REQUIRED.format(fields)
    return Failure(
        calls,
        "not as declared",
        rf"{one}(; {one})*",
        "The client still requires a field that ended on 2026-11-01.",
        {"deprecated_fields": True},
    )


FAILURES = (
    _still_requires(r"settings\.allow_policies\.(?!delete).*", "last_modified"),
    _still_requires(r"investigate\.(get|list) .*", "(action_log|ts)"),
    _still_requires(r"investigate\.bulk\.messages\.list .*", r"message\.(action_log|ts)"),
    Failure(
        r"investigate\.bulk\.create search_params\.action_log=.*",
        "400",
        ".*search_params/action_log.*",
        "It ended on 2026-11-01.",
    ),
    Failure(
        r"investigate\.move\.create (?!expected_disposition=None).*",
        "404",
        ".*Could not route.*",
        "Cloudflare's newest texts no longer have it; messages are moved by the operation for several.",
        {"move_single": True, "move_expected_disposition": True},
    ),
    Failure(
        r"investigate\.reclassify\.create .*",
        "404",
        ".*Could not route.*",
        "Cloudflare's newest texts no longer have it; submissions are made instead, for which this client has no call.",
        {"reclassify": True},
    ),
    Failure(
        r"investigate\.(move\.bulk|bulk\.create) expected_disposition=(?!None).*",
        "400",
        ".*expected_disposition is not a field.*",
        "It does nothing any more, and ends on 2026-12-01.",
        {"move_expected_disposition": True},
    ),
    Failure(
        r"investigate\.(move\.bulk|bulk\.create) expected_disposition=None",
        "400",
        ".*expected_disposition is not a field.*",
        "The same; and with the option that lets the simulator take it, it still takes no null.",
    ),
    Failure(
        r"investigate\.move\.create expected_disposition=None",
        "404",
        ".*Could not route.*",
        "Like both of these.",
    ),
    Failure(
        r"investigate\.move\.bulk postfix_ids=.*",
        "400",
        ".*postfix_ids is not a field.*",
        "It ended on 2026-11-01.",
        {"move_postfix_ids": True},
    ),
    Failure(
        r"settings\.allow_policies\.(create|edit|batch) ((patches|posts|puts)\.)?is_(recipient|sender|spoof)=.*",
        "400",
        ".*is not a field that can be written.*",
        "These three ended on 2026-07-01.",
    ),
    Failure(
        r"settings\.(allow_policies|block_senders)\.(create|edit|batch) ((patches|posts|puts)\.)?pattern_type=UNKNOWN",
        "400",
        ".*pattern_type must be one of.*",
        "A type that entries of old may show, and that none can be given.",
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
