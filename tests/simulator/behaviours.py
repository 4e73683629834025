# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs by the date of the API's description: one table, which everything else asks.

A behaviour has a value from each date on at which it changed. Each is also an option of an account, by the same name,
for a test that needs this one thing to be otherwise; null follows the date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checks import Check, flag, offered, one_of

DATES = ("2026-05", "2026-08", "2026-11")
OLDEST, NEWEST = DATES[0], DATES[-1]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """``values`` maps dates to what the behaviour is from then on; the oldest date is always there."""

    values: Mapping[str, Any]
    check: Check

    def at(self, date: str) -> Any:
        """What it is by the description of a date."""
        return self.values[max(since for since in self.values if since <= date)]


def _came(date: str, check: Check = flag, *, before: Any = False) -> Behaviour:
    return Behaviour({OLDEST: before, date: True}, check)


def _went(date: str, check: Check = flag) -> Behaviour:
    return Behaviour({OLDEST: True, date: False}, check)


def _became(date: str, before: Any, after: Any) -> Behaviour:
    return Behaviour({OLDEST: before, date: after}, one_of(before, after))


BEHAVIOURS: Mapping[str, Behaviour] = {
    # Lists and operations: offered, or not (404), or not by this method (405), or not in this subscription (403).
    "action_log": _came("2026-08", offered),
    "batch": _came("2026-08", offered),
    "bulk_jobs": _came("2026-08", offered),
    "content_policies": _came("2026-11", offered),
    "domain_create": _came("2026-08", offered),
    "domain_put": _came("2026-08", offered, before=405),
    "domain_verification": _came("2026-08", offered),
    "domains_delete": Behaviour({OLDEST: 405, "2026-08": True, "2026-11": 405}, offered),
    "entry_put": _came("2026-11", offered, before=405),
    "monthly_report": _came("2026-11", offered),
    "move_single": _went("2026-11", offered),
    "reclassify": _went("2026-11", offered),
    "sending_domain_restrictions": _came("2026-08", offered),
    "sending_domain_restrictions_batch": Behaviour({OLDEST: False, "2026-08": True, "2026-11": False}, offered),
    "submissions_create": _came("2026-11", offered),
    "url_ignore_patterns": _came("2026-08", offered),
    # Lists that come in pages, and in an order that may be asked for.
    "action_log_pages": _came("2026-11"),
    "phishguard_pages": _came("2026-11"),
    "submissions_order": _came("2026-11"),
    # Parameters of the search, and what they mean.
    "search_action_log": _went("2026-08"),
    "search_delivery_status": _came("2026-08"),
    "search_domain": _became("2026-11", "sender", "any"),
    "search_smtp_helo_ip": _came("2026-11"),
    "move_failed": _came("2026-11"),
    # Bodies.
    "content_policy_expiry": _came("2026-11"),
    "ipv6_patterns": _came("2026-11"),
    "move_expected_disposition": Behaviour({OLDEST: False, "2026-08": True, "2026-11": False}, flag),
    "move_postfix_ids": _went("2026-11"),
    "preview_body": _became("2026-11", "postfix_id", "id"),
    "release_body": _became("2026-11", "array", "object"),
    # Answers.
    "bulk_details": _came("2026-11"),
    "deprecated_fields": _went("2026-11"),
    "smtp_fields": _came("2026-08"),
    "submission_status": _became("2026-11", "pending", "unreviewed"),
    "uppercase_status": _came("2026-11"),
}
