# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the mail of a time says of an account: when each exception last decided, and what the drift would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._evidence.effects import PlannedChange
from ansible_collections.cloudflare.email_security.plugins.module_utils._evidence.gather import Span
from ansible_collections.cloudflare.email_security.plugins.module_utils._evidence.impact import usage_and_impacts
from ansible_collections.cloudflare.email_security.plugins.module_utils._evidence.patterns import LISTS
from ansible_collections.cloudflare.email_security.plugins.module_utils._evidence.usage import (
    DEFAULT_REQUESTS,
    check_requests,
    read_span,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.allow_policies import ALLOW_POLICIES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import Context

from .._policy.dump import policy_yaml
from .._risk.by_mail import change_findings, usage_findings

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "usage": {"type": "str"},
    "usage_max_requests": {"type": "int", "default": DEFAULT_REQUESTS},
}
# How long an unused exception stays once its end is proposed, so that its users can object.
_NOTICE = timedelta(days=30)
_SHOWN = ("status", "reason", "messages", "first_seen", "last_seen")

Found = tuple[dict[str, Any] | None, list[dict[str, Any]]]


def span_of_usage(context: Context) -> Span | None:
    """The time span of the mail to examine; None if the task does not ask for it.

    :raises InputError: an option about it cannot be right.
    """
    if not context.params["usage"]:
        return None
    check_requests(context.params["usage_max_requests"], "email_security_audit_usage_max_requests")
    return read_span(context.params["usage"], context.now, "email_security_audit_usage")


def usage_of_account(
    context: Context, span: Span | None, account: Mapping[str, Sequence[Entry]], drift: Mapping[str, Any]
) -> Found:
    """The ``usage`` of an account's record, and the findings that mail gives rise to.

    :param drift: what is planned, as a record has it.
    """
    if span is None:
        return None, []
    name = ALLOW_POLICIES.name
    changes = [
        change for change in drift.get("changes", ()) if change["list"] in LISTS and change["action"] != "delete"
    ]
    usage, impacts, gathered = usage_and_impacts(
        context.client,
        {name: account.get(name, ())},
        [PlannedChange(one["list"], one["action"], one["before"], one["after"]) for one in changes],
        span,
        context.params["usage_max_requests"],
    )
    findings = [finding for item in usage for finding in usage_findings(item, span.start)]
    for change, impact in zip(changes, impacts, strict=True):
        findings.extend(change_findings({**change, "impact": impact}))
    unused = {item["id"] for item in usage if item["status"] == "unused"}
    expires = (context.now + _NOTICE).strftime("%Y-%m-%d")
    proposed = [
        {**ALLOW_POLICIES.managed(entry), "expires": expires}
        for entry in account.get(name, ())
        if entry["id"] in unused
    ]
    return {
        "since": span.start,
        "oldest_message": gathered.oldest,
        "requests": gathered.requests,
        "entries": [_shown(item) for item in usage],
        "proposal": policy_yaml({name: proposed}, omit_defaults=True) if proposed else None,
    }, findings


def add_last_used(used: Mapping[str, Any], rows: Iterable[dict[str, Any]]) -> None:
    """Say of each change and finding about an exception when that last decided a message, where it is known."""
    last_seen = {(item["list"], item["id"]): item["last_seen"] for item in used["entries"]}
    for row in rows:
        row["last_used"] = last_seen.get((row["list"], row["id"]))


def _shown(item: Mapping[str, Any]) -> dict[str, Any]:
    """An entry's part of the report."""
    return {
        "list": item["list"],
        "label": ALLOW_POLICIES.label(item),
        "key": ALLOW_POLICIES.key_fields(item),
        "id": item["id"],
        **{name: item[name] for name in _SHOWN},
    }
