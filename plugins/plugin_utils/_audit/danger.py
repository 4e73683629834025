# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to look at first: how dangerous drift is, by what its list does and by what became of the entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._risk.rules import SEVERITIES

# Lists whose entries let something through.
EXCEPTIONS = ("allow_policies", "trusted_domains", "url_ignore_patterns")
# An exception that nobody wrote down opens a way in; a protection that is missing leaves one open; an exception that is
# missing, or a protection too many, holds up mail.
_EXCEPTION = {"delete": 0, "update": 1, "create": 5}
_SETTINGS = {"delete": 2, "update": 2, "create": 2}
_PROTECTION = {"create": 3, "update": 4, "delete": 6}
OPENS = 1


def danger(list_name: str, action: str) -> int:
    """Rank of a drifted entry; the lowest is the worst, and up to :data:`OPENS` more gets in than the policy says."""
    ranks = _EXCEPTION if list_name in EXCEPTIONS else _SETTINGS if list_name == "domains" else _PROTECTION
    return ranks.get(action, 6)


def opening_drift(account: Mapping[str, Any]) -> int:
    """How many entries let more through than the policy says."""
    return sum(
        account["lists"][name][counted]
        for name in EXCEPTIONS
        for counted in ("deleted", "updated")
        if name in account["lists"]
    )


def account_order(account: Mapping[str, Any]) -> tuple[Any, ...]:
    """For sorting accounts, the most dangerous first: known danger, then the unknown, then what is less of a danger."""
    high, *lesser = (account["risks"][severity] for severity in SEVERITIES)
    return (
        -high,
        account["status"] != "unreadable",
        -opening_drift(account),
        *(-number for number in lesser[:-1]),
        -sum(account["drift"].values()),
        -lesser[-1],
        account["status"] != "no_policy",
        account["account"],
    )
