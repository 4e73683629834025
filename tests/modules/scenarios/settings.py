# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``settings`` and ``settings_info``: all lists in one task."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from modules.scenario import REFUSED, Change, WriteScenario

LISTS = tuple(RESOURCES)

_FLAGS = {
    "is_trusted_sender": False,
    "is_exempt_recipient": False,
    "is_acceptable_sender": False,
    "verify_sender": True,
}


def _sender(pattern: str, **fields: Any) -> dict[str, Any]:
    return {"pattern": pattern, "pattern_type": "DOMAIN", "is_regex": False, **fields}


def _batch(**parts: Any) -> dict[str, Any]:
    return {"deletes": [], "patches": [], "puts": [], "posts": [], **parts}


BEFORE = {
    "domains": [
        {
            "domain": "example.com",
            "allowed_delivery_modes": ["DIRECT"],
            "drop_dispositions": ["MALICIOUS"],
            "ip_restrictions": [],
            "regions": ["GLOBAL"],
            "lookback_hops": 1,
        }
    ],
    "impersonation_registry": [{"name": "John Roe", "email": "john@example.com", "is_email_regex": False}],
    "block_senders": [_sender("old.example"), _sender("kept.example", comments="kept")],
    "trusted_domains": [{"pattern": "t.example", "is_regex": False, "is_recent": False, "is_similarity": False}],
    "allow_policies": [_sender("a.example", **_FLAGS, comments="")],
}

_DOCUMENT = {
    "domains": [{"domain": "example.com"}],
    "impersonation_registry": [
        {"name": "Jane Doe", "email": "jane@example.com"},
        {"name": "Jon Doe", "email": "jon@example.com"},
    ],
    "block_senders": [
        {"pattern": "one.example", "pattern_type": "DOMAIN"},
        {"pattern": "two.example", "pattern_type": "DOMAIN", "expires": "2126-01-01"},
    ],
    "trusted_domains": [{"pattern": "new.example", "is_recent": "yes"}],
    "allow_policies": [{"pattern": "a.example", "pattern_type": "DOMAIN"}],
}
_UPDATED = {
    "domains": [{"domain": "example.com", "lookback_hops": 2}],
    "impersonation_registry": [{"name": "Jane Doe", "email": "jane@example.com", "comments": "CEO"}],
    "block_senders": [
        {"pattern": "one.example", "pattern_type": "DOMAIN", "comments": "INC-1"},
        {"pattern": "two.example", "pattern_type": "DOMAIN"},
        {"pattern": "three.example", "pattern_type": "DOMAIN"},
        {"pattern": "old.example", "pattern_type": "DOMAIN", "state": "absent"},
    ],
    "allow_policies": [{"pattern": "a.example", "pattern_type": "DOMAIN", "verify_sender": False}],
}
_ABSENT = {
    "impersonation_registry": [
        {"name": "Jane Doe", "email": "jane@example.com", "state": "absent"},
        {"name": "Jon Doe", "email": "jon@example.com", "expires": "2020-01-01"},
    ],
    "block_senders": [
        {"pattern": "one.example", "pattern_type": "DOMAIN", "state": "absent"},
        {"pattern": "two.example", "pattern_type": "DOMAIN", "expires": "2020-01-01T12:00:00+02:00"},
    ],
}

WRITES = WriteScenario(
    collection=None,
    before=BEFORE,
    steps={
        "create": Change(
            args=_DOCUMENT,
            reads=[name for name in LISTS if name in _DOCUMENT],
            sends=[
                (
                    "POST",
                    "settings/impersonation_registry",
                    {"name": "Jane Doe", "email": "jane@example.com", "is_email_regex": False},
                ),
                (
                    "POST",
                    "settings/impersonation_registry",
                    {"name": "Jon Doe", "email": "jon@example.com", "is_email_regex": False},
                ),
                (
                    "POST",
                    "settings/block_senders/batch",
                    _batch(posts=[_sender("one.example"), _sender("two.example")]),
                ),
                (
                    "POST",
                    "settings/trusted_domains",
                    {"pattern": "new.example", "is_regex": False, "is_recent": True, "is_similarity": False},
                ),
            ],
            leaves={
                "domains": {},
                "impersonation_registry": {"Jane Doe": {}, "Jon Doe": {}},
                "block_senders": {"one.example": {}, "two.example": {}},
                "trusted_domains": {"new.example": {"is_recent": True}},
                "allow_policies": {},
            },
        ),
        "update": Change(
            args=_UPDATED,
            reads=[name for name in LISTS if name in _UPDATED],
            sends=[
                ("PATCH", "settings/domains/{example.com}", {"lookback_hops": 2}),
                ("PATCH", "settings/impersonation_registry/{Jane Doe}", {"comments": "CEO"}),
                (
                    "POST",
                    "settings/block_senders/batch",
                    _batch(
                        posts=[_sender("three.example")],
                        patches=[{"id": "{one.example}", "comments": "INC-1"}],
                        deletes=[{"id": "{old.example}"}],
                    ),
                ),
                ("PATCH", "settings/allow_policies/{a.example}", {"verify_sender": False}),
            ],
            leaves={
                "domains": {"example.com": {"lookback_hops": 2}},
                "impersonation_registry": {"Jane Doe": {"comments": "CEO"}},
                "block_senders": {"one.example": {"comments": "INC-1"}, "three.example": {}},
                "allow_policies": {"a.example": {"verify_sender": False}},
            },
        ),
        "absent": Change(
            args=_ABSENT,
            reads=["impersonation_registry", "block_senders"],
            sends=[
                ("DELETE", "settings/impersonation_registry/{Jane Doe}", None),
                ("DELETE", "settings/impersonation_registry/{Jon Doe}", None),
                (
                    "POST",
                    "settings/block_senders/batch",
                    _batch(deletes=[{"id": "{one.example}"}, {"id": "{two.example}"}]),
                ),
            ],
            leaves={"impersonation_registry": {}, "block_senders": {}},
        ),
    },
    refused={"block_senders": [{"pattern": REFUSED, "pattern_type": "DOMAIN"}]},
    asks_more={
        "block_senders": [
            {
                "pattern": "shop.example",
                "pattern_type": "DOMAIN",
                "accepted_risks": {"block_hits_clean_mail": "Newsletters that nobody asked for"},
            }
        ],
        "impact": "7d",
    },
    mail=[{"from": "a@shop.example", "final_disposition": disposition} for disposition in ("NONE", "BULK")],
)
