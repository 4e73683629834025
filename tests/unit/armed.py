# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that say nothing was done, and faults that say nothing at all."""

from __future__ import annotations

from typing import Any


def fault(kind: str, **arguments: Any) -> dict[str, Any]:
    return {"kind": kind, "arguments": arguments}


RATE_LIMITS = {
    "429": fault("rate_limited"),
    "429 in HTML": fault("rate_limited", body="html", retry_after=None),
    "429 without a body": fault("status_before", status=429, body="empty"),
    "429 of another code": fault("status_before", status=429, code=1015),
    "971 in a 200": fault("throttled_200"),
    "10100 in a 200": fault("throttled_200", code=10100),
}
UNCONFIRMED = {
    "cut": fault("cut_before"),
    "408": fault("status_before", status=408),
    "500": fault("status_before", status=500),
    "502 in HTML": fault("status_before", status=502, body="html"),
    "503": fault("status_before", status=503, retry_after=3),
    "522 without a body": fault("status_before", status=522, body="empty"),
    "internal error in a 200": fault("refused_200"),
    "internal error in a 400": fault("status_before", status=400, code=10001, message="Internal Error"),
    "truncated": fault("truncated_json"),
    "truncated, looks whole": fault("truncated_json", content_length="truncated"),
    "not JSON": fault("not_json"),
    "page in a 200": fault("html_200"),
}
