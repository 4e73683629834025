# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Short ways to write messages."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

PARTNER, OTHER = "billing@partner.example", "news@other.example"


def allowed(pattern: str, kind: str = "allowed_sender", **fields: Any) -> dict[str, Any]:
    """A message that a policy let through."""
    said = {"allowlisted_pattern": pattern, "allowlisted_pattern_type": kind}
    return clean(properties=said, **{"from": PARTNER, **fields})


def blocked(pattern: str, **fields: Any) -> dict[str, Any]:
    """A message that a blocked sender stopped."""
    said = {"blocklisted_pattern": pattern, "blocklisted_message": True}
    return clean(properties=said, **{"from": OTHER, "final_disposition": "MALICIOUS", **fields})


def clean(**fields: Any) -> dict[str, Any]:
    return {"from": "somebody@else.example", "final_disposition": "NONE", "scanned_at": ago(hours=1), **fields}


def ago(**span: float) -> str:
    return (datetime.now(timezone.utc) - timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")
