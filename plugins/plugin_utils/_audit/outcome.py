# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role ``audit`` and the playbook ``audit_merge`` take beside accounts, and what they hand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError

from .._controller.policy_files import names_of
from .conditions import NEW, read_conditions
from .files import write_report
from .history import since_previous
from .message import message, title
from .read import report_files
from .verdict import failures, lines

PREVIOUS = "email_security_audit_previous"
NAMES = {"dest": "email_security_audit_dest", "fail_on": "email_security_audit_fail_on", "previous": PREVIOUS}


def comparison(given: Mapping[str, Any]) -> tuple[list[str], list[Path] | None]:
    """The conditions, and the files of earlier reports; None, where there is nothing to compare with.

    :raises InputError: there is no such condition or file, or ``new`` lacks what to compare with.
    """
    conditions = read_conditions(given.get("fail_on"))
    if "previous" not in given:
        if NEW in conditions:
            raise InputError([f"{NAMES['fail_on']}: {NEW} needs {PREVIOUS}, the report to compare with"])
        return conditions, None
    return conditions, report_files(PREVIOUS, names_of(given["previous"]))


def outcome(report: Mapping[str, Any], conditions: Sequence[str], folder: Path) -> dict[str, Any]:
    """Write the report. Returns ``lines`` to print and the ``summary`` to hand on.

    :raises EmailSecurityError: a file cannot be written.
    """
    write_report(folder, report, only_new=NEW in conditions)
    sentences = failures(report, conditions)
    by_status = {
        status: [one["account"] for one in report["accounts"] if one["status"] == status]
        for status in ("drifted", "unreadable")
    }
    return {
        "lines": [*lines(report), *sentences],
        "summary": {
            "generated_at": report["generated_at"],
            "summary": report["summary"],
            **by_status,
            "new": since_previous(report),
            "title": title(report),
            "message": message(report),
            "failures": sentences,
            "report": str(folder / "audit.html"),
        },
    }
