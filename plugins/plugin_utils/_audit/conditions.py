# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit may fail on, as a user writes it."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError

from .._risk.rules import SEVERITIES

# Narrows the others to what an earlier report does not have.
NEW = "new"
CONDITIONS = ("drift", "risk", *(f"risk:{severity}" for severity in SEVERITIES), "unreadable", NEW)


def read_conditions(value: Any) -> list[str]:
    """Conditions: a list, or text with commas in between, such as a form gives. Nothing means none.

    :raises InputError: there is no such condition.
    """
    parts = value if isinstance(value, list) else [] if value is None else [value]
    named = [name.strip() for part in parts for name in str(part).split(",")]
    conditions = [name for name in named if name]
    unknown = [name for name in conditions if name not in CONDITIONS]
    if unknown:
        raise InputError(
            [f"email_security_audit_fail_on: there is no {', '.join(unknown)}; there are {', '.join(CONDITIONS)}."]
        )
    return conditions
