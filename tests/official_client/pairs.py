# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same intent twice: as a call of the official client, and as a task with a module of the collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from official_client import account

FOLDER = "saved"
_COMMENT = {"comments": "INC-77: geprüft"}
_NO_COMMENT = {"comments": ""}
_POLICY = {
    "pattern": "news@partner.example",
    "pattern_type": "EMAIL",
    "is_regex": False,
    "is_trusted_sender": False,
    "is_exempt_recipient": False,
    "is_acceptable_sender": True,
    "verify_sender": True,
}
_SENDER = {"pattern": "198.51.100.0/24", "pattern_type": "IP", "is_regex": False}
_TRUSTED = {"pattern": "supplier.example", "is_regex": False, "is_recent": True, "is_similarity": False}
_PERSON = {"email": "coo@example.com", "name": "Joan", "is_email_regex": False}
_SYNCED = {
    "directory_id": 7,
    "directory_node_id": 8,
    "external_directory_node_id": "node-9",
    "provenance": "A1S_INTERNAL",
}
_CONTENT = {"name": "Gift cards", "pattern": "gift ?card", "targets": ["SUBJECT", "BODY"], "enabled": True}
_RESTRICTION: dict[str, Any] = {"domain": "bank.example", "exclude": []}
_IGNORED = {"pattern": r"^https://safe\.example/once/.*$"}
_DOMAIN = {
    "domain": "new.example",
    "allowed_delivery_modes": ["DIRECT", "API"],
    "drop_dispositions": ["MALICIOUS"],
    "ip_restrictions": ["198.51.100.0/24"],
    "regions": ["GLOBAL"],
}
_DOMAIN_REST = {
    "folder": "Inbox",
    "integration_id": "22222222-2222-4222-8222-222222222222",
    "lookback_hops": 4,
    "require_tls_inbound": True,
    "require_tls_outbound": False,
    "transport": "mx.example.com",
}
# What an entry of the account holds and keeps: to a module, a flag that is left out is a flag that is off.
_KEPT = {
    "allow_policies": {"is_acceptable_sender": True},
    "trusted_domains": {"is_recent": True},
    "sending_domain_restrictions": {"exclude": ["old.partner.example"]},
}
_SORTED = {"order": "pattern", "direction": "desc", "search": "a b&c"}
_ALL = {"page": 1, "per_page": 1000}
_RANGE = {"start": "2026-01-19T10:00:00Z", "end": "2026-01-21T10:00:00Z"}
_MOMENTS = {"start": 19, "end": 21}
_SEARCH = {
    **_RANGE,
    "alert_id": "alert-1",
    "detections_only": False,
    "domain": "other.example",
    "final_disposition": "SPAM",
    "message_action": "MOVED",
    "message_id": "<one@mail.example>",
    "metric": "metric-1",
    "query": "invoice jane",
    "recipient": "user@example.com",
    "sender": "sender.example",
    "subject": "invoice overdue",
}
_SUBMISSIONS = {
    **_RANGE,
    "escalated_from_user": False,
    "original_disposition": "NONE",
    "outcome_disposition": "SPAM",
    "query": "invoice",
    "requested_disposition": "MALICIOUS",
    "status": "reviewed",
    "submission_id": account.SUBMISSION,
    "type": "USER",
}


@dataclass(frozen=True)
class Pair:
    """One intent.

    :param client: the arguments of the client's operation.
    :param options: the options of the module's task.
    """

    name: str
    operation: str
    client: Mapping[str, Any]
    module: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.operation} {self.name}"


def _lists() -> list[Pair]:
    filters: dict[str, tuple[str, Mapping[str, Any]]] = {
        "allow_policies": (
            "allow_policy_info",
            {
                **_SORTED,
                "is_acceptable_sender": True,
                "is_exempt_recipient": False,
                "is_trusted_sender": False,
                "pattern": "a.example",
                "pattern_type": "DOMAIN",
                "verify_sender": True,
            },
        ),
        "block_senders": ("block_sender_info", {**_SORTED, "pattern": "a.example", "pattern_type": "IP"}),
        "trusted_domains": (
            "trusted_domain_info",
            {**_SORTED, "is_recent": True, "is_similarity": False, "pattern": "a.example"},
        ),
        "impersonation_registry": (
            "impersonation_registry_entry_info",
            {**_SORTED, "order": "name", "provenance": "A1S_INTERNAL"},
        ),
        "domains": (
            "domain_info",
            {
                **_SORTED,
                "order": "domain",
                "active_delivery_mode": "DIRECT",
                "allowed_delivery_mode": "RETRO_SCAN",
                "domain": ["example.com", "example.net"],
                "integration_id": account.INTEGRATION,
            },
        ),
        "content_policies": (
            "content_policy_info",
            {**_SORTED, "order": "name", "enabled": True, "name": "Transfers"},
        ),
        "sending_domain_restrictions": ("sending_domain_restriction_info", {**_SORTED, "order": "domain"}),
        # Nothing may be asked of it.
        "url_ignore_patterns": ("url_ignore_pattern_info", {}),
    }
    pairs: list[Pair] = []
    for name, (module, given) in filters.items():
        operation = f"settings.{name}.list"
        pairs += [
            Pair("plain", operation, {}, module),
            Pair("with filters", operation, {**given, **_ALL}, module, given),
        ]
    return pairs


def _one_entry(
    collection: str,
    key: str,
    entry_id: str,
    module: str,
    new: Mapping[str, Any],
    more: Mapping[str, Any],
    change: Mapping[str, Any],
) -> list[Pair]:
    """Create with what is required and with everything, get, change, remove."""
    operation, identity = f"settings.{collection}", {key: entry_id}
    changed = {"id": entry_id, **_KEPT.get(collection, {}), **change}
    return [
        Pair("required", f"{operation}.create", new, module, new),
        Pair("everything", f"{operation}.create", {**new, **more}, module, {**new, **more}),
        Pair("by id", f"{operation}.get", identity, f"{module}_info", {"id": entry_id}),
        Pair("one field", f"{operation}.edit", {**identity, **change}, module, changed),
        Pair("by id", f"{operation}.delete", identity, module, {"id": entry_id, "state": "absent"}),
    ]


def _null(collection: str, key: str, entry_id: str, name: str) -> Pair:
    """A field emptied. Only in a document can a null be distinguished from an option that is left out."""
    entry = {"id": entry_id, **_KEPT.get(collection, {}), name: None}
    return Pair("null", f"settings.{collection}.edit", {key: entry_id, name: None}, "settings", {collection: [entry]})


def _batch(collection: str, entry_id: str, new: Mapping[str, Any], change: Mapping[str, Any]) -> Pair:
    """Two new entries, a change and a removal in one request."""
    spare = account.SPARE.get(collection, account.OTHER_DOMAIN)
    place = {"domains": "domain", "content_policies": "name"}.get(collection, "pattern")
    again = {**new, place: f"z{new[place]}"}
    client = {
        "deletes": [{"id": spare}],
        "patches": [{"id": entry_id, **change}],
        "puts": [],
        "posts": [dict(new), again],
    }
    changed = {"id": entry_id, **_KEPT.get(collection, {}), **change}
    entries = [dict(new), again, changed, {"id": spare, "state": "absent"}]
    return Pair("several", f"settings.{collection}.batch", client, "settings", {collection: entries})


def _look(operation: str, module: str, message: str, **options: Any) -> Pair:
    return Pair("one", operation, {"investigate_id": message}, module, {"investigate_ids": [message], **options})


_JOB = {
    "action": "MOVE",
    "destination": "JunkEmail",
    "comment": "INC-77",
    "search_params": {
        **_SEARCH,
        "delivery_status": "delivered",
        "exact_subject": "Invoice overdue",
        "smtp_helo_ip": "198.51.100.7",
        "submissions": False,
    },
}
_RELEASE = {"action": "RELEASE", "search_params": {"detections_only": True, "alert_id": "alert-1"}}
_FAILED = {"job_id": account.JOB, "status": "FAILED", **_ALL}
_JOBS = (
    Pair("everything", "investigate.bulk.create", _JOB, "message_bulk", {**_JOB, "wait": False}),
    Pair("required", "investigate.bulk.create", _RELEASE, "message_bulk", {**_RELEASE, "wait": False}),
    Pair("plain", "investigate.bulk.list", {}, "message_bulk_info"),
    Pair(
        "with filters",
        "investigate.bulk.list",
        {"action_type": "MOVE", "status": "PENDING", **_ALL},
        "message_bulk_info",
        {"action_type": "MOVE", "status": "PENDING"},
    ),
    Pair("one", "investigate.bulk.get", {"job_id": account.JOB}, "message_bulk_info", {"job_id": account.JOB}),
    Pair(
        "of one state",
        "investigate.bulk.messages.list",
        _FAILED,
        "message_bulk_info",
        {"job_id": account.JOB, "messages": True, "message_status": "FAILED"},
    ),
    Pair(
        "one",
        "investigate.bulk.cancel.create",
        {"job_id": account.JOB_UNDER_WAY},
        "message_bulk",
        {"job_id": account.JOB_UNDER_WAY, "state": "cancelled"},
    ),
    Pair(
        "one",
        "investigate.bulk.delete",
        {"job_id": account.JOB},
        "message_bulk",
        {"job_id": account.JOB, "state": "absent"},
    ),
)
_BLOCKED = {**_SENDER, "pattern": "spam.example", "pattern_type": "DOMAIN"}
PAIRS = (
    *_lists(),
    *_one_entry("allow_policies", "policy_id", account.POLICY, "allow_policy", _POLICY, _COMMENT, _NO_COMMENT),
    *_one_entry("block_senders", "pattern_id", account.SENDER, "block_sender", _SENDER, _COMMENT, _NO_COMMENT),
    *_one_entry(
        "trusted_domains", "trusted_domain_id", account.TRUSTED, "trusted_domain", _TRUSTED, _COMMENT, _NO_COMMENT
    ),
    *_one_entry(
        "impersonation_registry",
        "impersonation_registry_id",
        account.PERSON,
        "impersonation_registry_entry",
        _PERSON,
        {**_COMMENT, **_SYNCED},
        {"name": "Augusta"},
    ),
    *_one_entry(
        "content_policies",
        "policy_id",
        account.CONTENT,
        "content_policy",
        _CONTENT,
        {"notes": "INC-77: geprüft"},
        {"enabled": False},
    ),
    *_one_entry(
        "sending_domain_restrictions",
        "sending_domain_restriction_id",
        account.RESTRICTION,
        "sending_domain_restriction",
        _RESTRICTION,
        {"exclude": ["old.bank.example"], **_COMMENT},
        _NO_COMMENT,
    ),
    *_one_entry(
        "url_ignore_patterns", "pattern_id", account.IGNORED, "url_ignore_pattern", _IGNORED, _COMMENT, _NO_COMMENT
    ),
    *_one_entry("domains", "domain_id", account.DOMAIN, "domain", _DOMAIN, _DOMAIN_REST, {"lookback_hops": 3}),
    Pair(
        "everything",
        "settings.domains.edit",
        {"domain_id": account.DOMAIN, **{name: _DOMAIN[name] for name in list(_DOMAIN)[1:3]}, **_DOMAIN_REST},
        "domain",
        {"id": account.DOMAIN, **{name: _DOMAIN[name] for name in list(_DOMAIN)[1:3]}, **_DOMAIN_REST},
    ),
    Pair("by status", "settings.domains.list", {"status": "ACTIVE"}, "domain_info", {"status": "active"}),
    _null("allow_policies", "policy_id", account.POLICY, "comments"),
    _null("domains", "domain_id", account.DOMAIN, "integration_id"),
    _batch("allow_policies", account.POLICY, _POLICY, _NO_COMMENT),
    _batch("block_senders", account.SENDER, _BLOCKED, _NO_COMMENT),
    _batch("trusted_domains", account.TRUSTED, _TRUSTED, _NO_COMMENT),
    _batch("content_policies", account.CONTENT, _CONTENT, {"enabled": False}),
    _batch("domains", account.DOMAIN, _DOMAIN, {"lookback_hops": 3}),
    Pair("plain", "investigate.list", {}, "investigate_info"),
    Pair("with filters", "investigate.list", {**_SEARCH, "per_page": 1000}, "investigate_info", _SEARCH),
    Pair(
        "with moments",
        "investigate.list",
        {name: datetime.fromisoformat(f"2026-01-{day}T10:00:00+01:00") for name, day in _MOMENTS.items()},
        "investigate_info",
        {name: f"2026-01-{day}T10:00:00+01:00" for name, day in _MOMENTS.items()},
    ),
    _look("investigate.get", "message_info", account.DETECTION),
    Pair(
        "as a submission",
        "investigate.get",
        {"investigate_id": account.DETECTION, "submission": True},
        "message_info",
        {"investigate_ids": [account.DETECTION], "submission": True},
    ),
    _look("investigate.detections.get", "message_info", account.DETECTION, gather=["detections"]),
    _look("investigate.trace.get", "message_info", account.DETECTION, gather=["trace"]),
    _look("investigate.raw.get", "message_raw", account.DETECTION, dest=f"{FOLDER}/"),
    _look("investigate.preview.get", "message_preview", account.DETECTION, dest=f"{FOLDER}/"),
    Pair(
        "one",
        "investigate.preview.create",
        {"id": account.CLEAN},
        "message_preview",
        {"investigate_ids": [account.CLEAN], "dest": f"{FOLDER}/"},
    ),
    Pair(
        "two",
        "investigate.move.bulk",
        {"destination": "JunkEmail", "ids": [account.DETECTION, account.CLEAN]},
        "message_move",
        {"destination": "JunkEmail", "investigate_ids": [account.DETECTION, account.CLEAN]},
    ),
    *_JOBS,
    Pair(
        "one",
        "investigate.release.bulk",
        {"ids": [account.QUARANTINED]},
        "message_release",
        {"investigate_ids": [account.QUARANTINED]},
    ),
    Pair(
        "one",
        "investigate.reclassify.create",
        {"investigate_id": account.DETECTION, "expected_disposition": "NONE"},
        "message_reclassify",
        {"investigate_ids": [account.DETECTION], "expected_disposition": "NONE"},
    ),
    Pair("plain", "submissions.list", {}, "submission_info"),
    Pair("with filters", "submissions.list", {**_SUBMISSIONS, **_ALL}, "submission_info", _SUBMISSIONS),
    Pair("plain", "phishguard.reports.list", {}, "phishguard_report_info"),
    Pair("with filters", "phishguard.reports.list", {**_RANGE, **_ALL}, "phishguard_report_info", _RANGE),
)
