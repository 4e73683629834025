# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Short ways to write entries."""

from __future__ import annotations

from typing import Any


def sender(pattern: str, **fields: Any) -> dict[str, Any]:
    """A blocked sender as the API wants it, which a document may say too."""
    return {"pattern": pattern, "pattern_type": "DOMAIN", "is_regex": False, **fields}


def senders(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [sender(f"{number:05}.example") for number in range(start, start + count)]


def policy(pattern: str, **fields: Any) -> dict[str, Any]:
    return {
        **sender(pattern),
        "is_trusted_sender": False,
        "is_exempt_recipient": False,
        "is_acceptable_sender": False,
        "verify_sender": True,
        **fields,
    }


def trusted(pattern: str, **fields: Any) -> dict[str, Any]:
    return {"pattern": pattern, "is_regex": False, "is_recent": False, "is_similarity": False, **fields}


def person(name: str, email: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "email": email, "is_email_regex": False, **fields}


def domain(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "domain": name,
        "allowed_delivery_modes": ["DIRECT"],
        "drop_dispositions": ["MALICIOUS"],
        "ip_restrictions": [],
        "regions": ["GLOBAL"],
        **fields,
    }


def batch(**parts: list[Any]) -> dict[str, list[Any]]:
    return {"deletes": [], "patches": [], "puts": [], "posts": [], **parts}
