# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a simulated account holds before each call, under ids that calls can name."""

from __future__ import annotations

from typing import Any

from simulator.handle import Account

POLICY, SENDER, TRUSTED, PERSON, DOMAIN, OTHER_DOMAIN, OTHERS, CONTENT, RESTRICTION, IGNORED = (
    f"00000000-0000-4000-8000-00000000000{number}" for number in range(10)
)
JOB, JOB_UNDER_WAY = (f"00000000-0000-4000-8000-00000000020{number}" for number in range(2))
# One more in each list of settings, which a batch can remove.
SPARE = {
    name: f"00000000-0000-4000-8000-0000000001{number:02}"
    for number, name in enumerate(("allow_policies", "block_senders", "trusted_domains", "content_policies"))
}
_STAMP = "2026-01-20T10:00:00-1234567"
DETECTION, QUARANTINED, CLEAN = (f"4Njp3P0STMz2c0{number}Q-{_STAMP}{number}" for number in (1, 2, 3))
SUBMISSION = "submission-1"
WHEN = "2026-01-20T10:00:00Z"
INTEGRATION = "11111111-1111-4111-8111-111111111111"


def _policy(entry_id: str, pattern: str) -> dict[str, Any]:
    return {
        "id": entry_id,
        "pattern": pattern,
        "pattern_type": "EMAIL",
        "is_regex": True,
        "is_trusted_sender": False,
        "is_exempt_recipient": False,
        "is_acceptable_sender": True,
        "verify_sender": True,
        "comments": "from before",
    }


def _sender(entry_id: str, pattern: str) -> dict[str, Any]:
    return {"id": entry_id, "pattern": pattern, "pattern_type": "EMAIL", "is_regex": True, "comments": "from before"}


def _trusted(entry_id: str, pattern: str) -> dict[str, Any]:
    flags = {"is_regex": False, "is_recent": True, "is_similarity": False}
    return {"id": entry_id, "pattern": pattern, **flags, "comments": "from before"}


def _domain(entry_id: str, name: str) -> dict[str, Any]:
    return {
        "id": entry_id,
        "domain": name,
        "allowed_delivery_modes": ["DIRECT"],
        "drop_dispositions": [],
        "ip_restrictions": [],
        "regions": ["GLOBAL"],
        "lookback_hops": 2,
        "integration_id": INTEGRATION,
    }


def _content(entry_id: str, name: str) -> dict[str, Any]:
    return {
        "id": entry_id,
        "name": name,
        "pattern": "wire",
        "targets": ["BODY"],
        "enabled": True,
        "notes": "from before",
    }


SETTINGS: dict[str, list[dict[str, Any]]] = {
    "allow_policies": [
        _policy(POLICY, r"^billing@.*\.example$"),
        _policy(SPARE["allow_policies"], r"^spare@.*\.example$"),
    ],
    "block_senders": [_sender(SENDER, r"^phish@.*$"), _sender(SPARE["block_senders"], r"^spare@.*$")],
    "trusted_domains": [_trusted(TRUSTED, "partner.example"), _trusted(SPARE["trusted_domains"], "spare.example")],
    "impersonation_registry": [
        {"id": PERSON, "email": "ceo@example.com", "name": "Ada", "is_email_regex": False, "comments": "from before"},
        {"id": OTHERS, "email": "cfo@example.com", "name": "Grace", "is_email_regex": False},
    ],
    "domains": [_domain(DOMAIN, "example.com"), _domain(OTHER_DOMAIN, "example.net")],
    "content_policies": [_content(CONTENT, "Transfers"), _content(SPARE["content_policies"], "Spare")],
    "sending_domain_restrictions": [
        {"id": RESTRICTION, "domain": "partner.example", "exclude": ["old.partner.example"], "comments": "from before"}
    ],
    "url_ignore_patterns": [{"id": IGNORED, "pattern": r"^https://wiki\.example/", "comments": "from before"}],
}
MESSAGES: list[dict[str, Any]] = [
    {
        "id": DETECTION,
        "subject": "Invoice",
        "datastore": "both",
        "client_recipients": ["jane@example.com", "john@example.com"],
        "action_log": [{"operation": "MOVE", "completed_at": WHEN, "properties": {"folder": "DeletedItems"}}],
        "postfix_id_outbound": "4Njp3P0STMz2c09Q",
        "properties": {"allowlisted_pattern": "billing@partner.example"},
        "validation": {"comment": "no policy", "dkim": "pass", "dmarc": "none", "spf": "fail"},
        "x_originating_ip": "203.0.113.7",
    },
    {"id": QUARANTINED, "subject": "Offer", "final_disposition": "SPAM", "is_quarantined": True},
    {"id": CLEAN, "subject": "Lunch", "final_disposition": "NONE"},
]
SUBMISSIONS: list[dict[str, Any]] = [
    {"submission_id": SUBMISSION, "type": "User"},
    {
        "submission_id": "submission-2",
        "original_postfix_id": "4Njp3P0STMz2c01Q",
        "original_edf_hash": "5f9c",
        "outcome": "accepted",
        "outcome_disposition": "MALICIOUS",
        "status": "reviewed",
        "escalated_as": "MALICIOUS",
        "escalated_at": WHEN,
        "escalated_by": "soc@example.com",
        "escalated_submission_id": SUBMISSION,
    },
]
REPORTS: list[dict[str, Any]] = [
    {"title": "First", "fields": {"postfix_id": "4Njp3P0STMz2c01Q"}},
    {"title": "Second"},
]

# Neither does anything to a message: one has nothing that it could release, the other has not begun.
_INVOICES = {"exact_subject": "Invoice", "start": "2026-01-01T00:00:00Z"}
JOBS: list[dict[str, Any]] = [
    {"job_id": JOB, "action": "RELEASE", "search_params": _INVOICES, "comment": "from before", "steps": 2},
    {"job_id": JOB_UNDER_WAY, "action": "MOVE", "destination": "JunkEmail", "search_params": _INVOICES},
]

# The same as calls to the simulator's control side.
CONTROL = (
    ("PUT", "", SETTINGS),
    ("PUT", "/messages", MESSAGES),
    ("PUT", "/submissions", SUBMISSIONS),
    ("PUT", "/phishguard_reports", REPORTS),
    ("PUT", "/bulk_jobs", JOBS),
)


def fill(account: Account) -> None:
    account.put(SETTINGS)
    account.put_messages(*MESSAGES)
    account.put_submissions(*SUBMISSIONS)
    account.put_phishguard_reports(*REPORTS)
    account.put_bulk_jobs(*JOBS)
