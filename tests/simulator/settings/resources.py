# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The five collections of settings, as data: what the API documents about their fields, filters and limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .fields import (
    Field,
    as_set,
    boolean,
    date_time,
    hostname,
    integer,
    list_of,
    network,
    nullable,
    one_of,
    plain_address,
    plain_domain,
    text,
    typed_pattern,
    uuid_text,
)

DELIVERY_MODES = ("DIRECT", "BCC", "JOURNAL", "API", "RETRO_SCAN")
DISPOSITIONS = (
    "MALICIOUS", "MALICIOUS-BEC", "SUSPICIOUS", "SPOOF", "SPAM", "BULK", "ENCRYPTED", "EXTERNAL", "UNKNOWN", "NONE",
)  # fmt: skip
REGIONS = ("GLOBAL", "AU", "DE", "IN", "US")
MANUAL = "A1S_INTERNAL"
PROVENANCES = (MANUAL, "SNOOPY-CASB_OFFICE_365", "SNOOPY-OFFICE_365", "SNOOPY-GOOGLE_DIRECTORY")

# UNKNOWN is a pattern type that the API may show for entries of old, and never takes.
WRITABLE_TYPES = ("EMAIL", "DOMAIN", "IP")
PATTERN_TYPES = (*WRITABLE_TYPES, "UNKNOWN")

BATCH_PARTS = ("deletes", "patches", "puts", "posts")

READ_ONLY = ("id", "created_at", "modified_at", "last_modified")

Complaint = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Filter:
    """A query parameter of a list that narrows it, by the value of a field of the entry."""

    field: str
    kind: str = "text"  # text | boolean | folded (compared without regard to case) | repeated | member | first
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """A collection of settings.

    ``key`` names the fields that make two entries duplicates. ``sample`` is an entry that somebody else made, for the
    faults in which one appears; {} in it becomes a number. ``order`` and ``search`` are empty where a list has none.
    ``twins`` maps a deprecated field, which answers still carry, to the field it repeats. ``computed`` maps fields that
    only the server writes to their value in an entry put there by a test; ``created`` the same for an entry that a
    client makes, where that differs.
    """

    name: str
    noun: str
    fields: Mapping[str, Field]
    key: tuple[str, ...]
    sample: Mapping[str, Any]
    order: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    filters: Mapping[str, Filter] = field(default_factory=dict)
    twins: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, Any] = field(default_factory=dict)
    created: Mapping[str, Any] = field(default_factory=dict)
    # In a patch: fields with rules of their own, fields that must stay what they are.
    patch_fields: Mapping[str, Field] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    # Looks at an entry as it would be, when one of the fields it depends on is written.
    whole: Callable[[Mapping[str, Any]], Complaint | None] | None = None
    whole_fields: frozenset[str] = frozenset()
    # Says why an entry can't be changed or removed, or None.
    locked: Callable[[Mapping[str, Any]], str | None] | None = None
    case_blind_key: bool = False
    # The behaviours, by date, that say whether the list is offered, and creating an entry; None: always.
    offered: str | None = None
    create: str | None = None
    # The same for replacing an entry, and for a batch; None: never. What a batch must have, in its order.
    put: str | None = "entry_put"
    batch: str | None = "batch"
    batch_parts: tuple[str, ...] = BATCH_PARTS


def _synced(entry: Mapping[str, Any]) -> str | None:
    provenance = entry.get("provenance")
    return None if provenance in (None, MANUAL) else f"the entry is synchronised from a directory ({provenance})"


_PATTERN = Field(text(1, 1024), required=True)
_COMMENTS = Field(nullable(text(0, 1024)))
_FLAG = Field(boolean, required=True)
_TYPE = Field(one_of(*WRITABLE_TYPES), required=True)
_MODIFIED = {"last_modified": "modified_at"}

ALLOW_POLICIES = Resource(
    name="allow_policies",
    noun="allow policy",
    fields={
        "pattern": _PATTERN,
        "pattern_type": _TYPE,
        "is_regex": _FLAG,
        "is_trusted_sender": _FLAG,
        "is_exempt_recipient": _FLAG,
        "is_acceptable_sender": _FLAG,
        "verify_sender": _FLAG,
        "comments": _COMMENTS,
    },
    key=("pattern", "pattern_type", "is_regex"),
    sample={
        "pattern": "0-appeared-{}.example",
        "pattern_type": "DOMAIN",
        "is_regex": False,
        "is_trusted_sender": False,
        "is_exempt_recipient": False,
        "is_acceptable_sender": False,
        "verify_sender": False,
    },
    order=("created_at", "pattern"),
    search=("pattern", "comments"),
    filters={
        "pattern": Filter("pattern"),
        "pattern_type": Filter("pattern_type", choices=PATTERN_TYPES),
        **{
            name: Filter(name, "boolean")
            for name in ("is_trusted_sender", "is_exempt_recipient", "is_acceptable_sender", "verify_sender")
        },
    },
    twins={
        **_MODIFIED,
        "is_sender": "is_trusted_sender",
        "is_recipient": "is_exempt_recipient",
        "is_spoof": "is_acceptable_sender",
    },
    whole=typed_pattern,
    whole_fields=frozenset({"pattern", "pattern_type", "is_regex"}),
)

BLOCK_SENDERS = Resource(
    name="block_senders",
    noun="blocked sender",
    fields={"pattern": _PATTERN, "pattern_type": _TYPE, "is_regex": _FLAG, "comments": _COMMENTS},
    key=("pattern", "pattern_type", "is_regex"),
    sample={"pattern": "0-appeared-{}.example", "pattern_type": "DOMAIN", "is_regex": False},
    order=("created_at", "pattern"),
    search=("pattern", "comments"),
    filters={"pattern": Filter("pattern"), "pattern_type": Filter("pattern_type", choices=PATTERN_TYPES)},
    twins=_MODIFIED,
    whole=typed_pattern,
    whole_fields=frozenset({"pattern", "pattern_type", "is_regex"}),
)

TRUSTED_DOMAINS = Resource(
    name="trusted_domains",
    noun="trusted domain",
    fields={
        "pattern": _PATTERN,
        "is_regex": _FLAG,
        "is_recent": _FLAG,
        "is_similarity": _FLAG,
        "comments": _COMMENTS,
    },
    key=("pattern", "is_regex"),
    sample={"pattern": "0-appeared-{}.example", "is_regex": False, "is_recent": False, "is_similarity": False},
    order=("created_at", "pattern"),
    search=("pattern", "comments"),
    filters={
        "pattern": Filter("pattern"),
        "is_recent": Filter("is_recent", "boolean"),
        "is_similarity": Filter("is_similarity", "boolean"),
    },
    twins=_MODIFIED,
    whole=plain_domain,
    whole_fields=frozenset({"pattern", "is_regex"}),
)

_DIRECTORY_NUMBER = Field(nullable(integer(-(2**63), 2**63 - 1)))

IMPERSONATION_REGISTRY = Resource(
    name="impersonation_registry",
    noun="impersonation registry entry",
    fields={
        "name": Field(text(0, 1024), required=True),
        "email": Field(text(), required=True),
        "is_email_regex": _FLAG,
        "comments": _COMMENTS,
        "provenance": Field(nullable(one_of(*PROVENANCES)), default=MANUAL),
        "directory_id": _DIRECTORY_NUMBER,
        "directory_node_id": _DIRECTORY_NUMBER,
        "external_directory_node_id": Field(nullable(text())),
    },
    key=("name", "email", "is_email_regex"),
    sample={"name": "0 Appeared {}", "email": "0-appeared-{}@example.com", "is_email_regex": False},
    order=("created_at", "name", "email"),
    search=("name", "email", "comments"),
    filters={"provenance": Filter("provenance", choices=PROVENANCES)},
    twins=_MODIFIED,
    computed={
        "provenance": MANUAL,
        "directory_id": None,
        "directory_node_id": None,
        "external_directory_node_id": None,
    },
    whole=plain_address,
    whole_fields=frozenset({"email", "is_email_regex"}),
    locked=_synced,
    batch=None,
    put=None,
)

_LONG_AGO = "2026-01-01T00:00:00Z"
_MODES = Field(list_of(one_of(*DELIVERY_MODES), 1, 10), required=True)

DOMAINS = Resource(
    name="domains",
    noun="domain",
    fields={
        "domain": Field(lambda value: text(1, 253)(value) or hostname(value), required=True),
        "allowed_delivery_modes": _MODES,
        "drop_dispositions": Field(list_of(one_of(*DISPOSITIONS), 0, 10), required=True),
        "ip_restrictions": Field(list_of(network, 0, 100), required=True),
        "regions": Field(list_of(one_of(*REGIONS), 1, 10), required=True),
        "folder": Field(nullable(one_of("AllItems", "Inbox"))),
        "integration_id": Field(nullable(uuid_text)),
        "lookback_hops": Field(nullable(integer(1, 20)), default=1),
        "require_tls_inbound": Field(nullable(boolean), default=False),
        "require_tls_outbound": Field(nullable(boolean), default=False),
        "transport": Field(nullable(text()), default=""),
    },
    key=("domain",),
    sample={
        "domain": "0-appeared-{}.example",
        "allowed_delivery_modes": ["API"],
        "drop_dispositions": [],
        "ip_restrictions": [],
        "regions": ["GLOBAL"],
    },
    order=("created_at", "domain"),
    search=("domain",),
    filters={
        "domain": Filter("domain", "repeated"),
        "status": Filter("status", "folded", ("pending", "active", "failed", "timeout")),
        "integration_id": Filter("integration_id"),
        "allowed_delivery_mode": Filter("allowed_delivery_modes", "member", DELIVERY_MODES),
        # No field says which of the allowed modes is in use: the first stands for it.
        "active_delivery_mode": Filter("allowed_delivery_modes", "first", DELIVERY_MODES),
    },
    twins=_MODIFIED,
    computed={
        "status": "active",
        "authorization": {"authorized": True, "status_message": None, "timestamp": _LONG_AGO},
        "dmarc_status": "good",
        "spf_status": "good",
        "inbox_provider": None,
        "o365_tenant_id": None,
        "emails_processed": {
            "timestamp": _LONG_AGO,
            "total_emails_processed": 0,
            "total_emails_processed_previous": 0,
        },
    },
    created={
        "status": "pending",
        "authorization": {"authorized": False, "status_message": None, "timestamp": _LONG_AGO},
        "dmarc_status": "none",
        "spf_status": "none",
    },
    # Unlike a new domain, a patch can't set these to null.
    patch_fields={
        "lookback_hops": Field(integer(1, 20)),
        "require_tls_inbound": Field(boolean),
        "require_tls_outbound": Field(boolean),
        "transport": Field(text()),
    },
    fixed=frozenset({"domain"}),
    case_blind_key=True,
    put="domain_put",
    create="domain_create",
)

CONTENT_POLICIES = Resource(
    name="content_policies",
    noun="content policy",
    fields={
        "name": Field(text(1, 256), required=True),
        "pattern": Field(text(1, 2048), required=True),
        "targets": Field(list_of(one_of("SUBJECT", "BODY"), 1), required=True, kept=as_set),
        "enabled": _FLAG,
        "notes": Field(nullable(text(0, 4096))),
        "expires_at": Field(nullable(date_time), offered="content_policy_expiry"),
    },
    key=("name",),
    sample={"name": "0 Appeared {}", "pattern": "appeared", "targets": ["BODY"], "enabled": True},
    order=("created_at", "name"),
    search=("name", "pattern"),
    filters={"name": Filter("name"), "enabled": Filter("enabled", "boolean")},
    offered="content_policies",
    put=None,
)

SENDING_DOMAIN_RESTRICTIONS = Resource(
    name="sending_domain_restrictions",
    noun="sending-domain restriction",
    fields={
        "domain": Field(hostname, required=True),
        "exclude": Field(list_of(hostname), required=True, kept=as_set),
        "comments": _COMMENTS,
    },
    key=("domain",),
    sample={"domain": "0-appeared-{}.example", "exclude": []},
    order=("created_at", "domain"),
    search=("domain", "comments"),
    twins=_MODIFIED,
    case_blind_key=True,
    offered="sending_domain_restrictions",
    batch="sending_domain_restrictions_batch",
    batch_parts=("deletes",),
    put=None,
)

URL_IGNORE_PATTERNS = Resource(
    name="url_ignore_patterns",
    noun="URL ignore pattern",
    fields={"pattern": _PATTERN, "comments": _COMMENTS},
    key=("pattern",),
    sample={"pattern": "0-appeared-{}"},
    twins=_MODIFIED,
    offered="url_ignore_patterns",
    put=None,
)

RESOURCES: tuple[Resource, ...] = (
    ALLOW_POLICIES,
    BLOCK_SENDERS,
    TRUSTED_DOMAINS,
    IMPERSONATION_REGISTRY,
    DOMAINS,
    CONTENT_POLICIES,
    SENDING_DOMAIN_RESTRICTIONS,
    URL_IGNORE_PATTERNS,
)
