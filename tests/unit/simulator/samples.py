# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A valid new entry of each collection, which begins with the field that another differs in, and what to change."""

from __future__ import annotations

from typing import Any

SAMPLES: dict[str, dict[str, Any]] = {
    "allow_policies": {
        "pattern": "partner@example.com",
        "pattern_type": "EMAIL",
        "is_regex": False,
        "is_trusted_sender": True,
        "is_exempt_recipient": False,
        "is_acceptable_sender": False,
        "verify_sender": True,
        "comments": "a partner",
    },
    "block_senders": {"pattern": "spam.example", "pattern_type": "DOMAIN", "is_regex": False, "comments": None},
    "trusted_domains": {"pattern": "friend.example", "is_regex": False, "is_recent": True, "is_similarity": False},
    "impersonation_registry": {"email": "ada@example.com", "name": "Ada Lovelace", "is_email_regex": False},
    "domains": {
        "domain": "example.com",
        "allowed_delivery_modes": ["DIRECT"],
        "drop_dispositions": ["MALICIOUS"],
        "ip_restrictions": ["192.0.2.0/24", "2001:db8::/32"],
        "regions": ["GLOBAL"],
    },
    "content_policies": {"name": "Wire", "pattern": "(?i)wire", "targets": ["BODY", "SUBJECT"], "enabled": True},
    "sending_domain_restrictions": {"domain": "partner.example", "exclude": ["a.partner.example", "b.partner.example"]},
    "url_ignore_patterns": {"pattern": "https://intranet[.]example/.*"},
}

CHANGES: dict[str, dict[str, Any]] = {
    "allow_policies": {"verify_sender": False, "comments": None},
    "block_senders": {"comments": "seen again"},
    "trusted_domains": {"is_similarity": True},
    "impersonation_registry": {"name": "Ada King"},
    "domains": {"lookback_hops": 3, "drop_dispositions": []},
    "content_policies": {"enabled": False, "notes": "off", "expires_at": "2027-01-01T00:00:00Z"},
    "sending_domain_restrictions": {"exclude": []},
    "url_ignore_patterns": {"comments": "ours"},
}

COLLECTIONS = tuple(SAMPLES)
# Without batches of all four parts, and without a parameter for the order.
UNBATCHED = {"impersonation_registry", "sending_domain_restrictions"}
UNORDERED = {"url_ignore_patterns"}
BATCHED, ORDERED = (tuple(name for name in COLLECTIONS if name not in others) for others in (UNBATCHED, UNORDERED))

# The field that another entry differs in.
NAMES = {name: next(iter(sample)) for name, sample in SAMPLES.items()}


def another(collection: str, number: int = 1) -> dict[str, Any]:
    """A valid entry that is no duplicate of the sample, nor of one with another number."""
    name = NAMES[collection]
    value = f"n{number:05}.example"
    if "@" in SAMPLES[collection][name]:
        value = f"n{number:05}@example.com"
    return {**SAMPLES[collection], name: value}


def batch(**parts: list[Any]) -> dict[str, list[Any]]:
    return {"deletes": [], "patches": [], "puts": [], "posts": [], **parts}
