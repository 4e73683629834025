# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift and findings as the page holds them: what a rule says of all its findings is there once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._risk.rules import RULES

Row = dict[str, Any]


def finding_row(finding: Mapping[str, Any]) -> Row:
    """A finding without what its rule says, but with ``detail``, what it says itself; nothing that is null."""
    rule = RULES.get(finding["rule"])
    detail = finding["why"].removesuffix(rule.why).strip() if rule else finding["why"]
    todo = "" if rule and finding["what_to_do"] == rule.what_to_do else finding["what_to_do"]
    kept = {name: value for name, value in finding.items() if name not in ("key", "why", "what_to_do")}
    return _given({**kept, "detail": detail or None, "what_to_do": todo or None})


def change_row(change: Mapping[str, Any]) -> Row:
    """A change with fields as ``[name, before, after]``; nothing that is null.

    Of an entry that is on one side only, the fields that its label and its comment show are not repeated, and those
    without a value are left out.
    """
    fields = [
        [one["field"], one["before"], one["after"]]
        for one in change["fields"]
        if change["action"] == "update" or _worth_showing(one, change)
    ]
    kept = {name: value for name, value in change.items() if name != "key"}
    return _given({**kept, "fields": fields})


def _worth_showing(field: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    value = field["after"] if change["action"] == "create" else field["before"]
    if field["field"] in change["key"] or value in (None, "", []):
        return False
    return bool(value != change.get("comment"))


def _given(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None and not (name == "new" and not value)}


ROWS = {"changes": change_row, "findings": finding_row}
