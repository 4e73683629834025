# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit report as one HTML page that needs nothing else.

The headline, the accounts and the charts are rendered here, by Jinja2 with autoescape. The entries are embedded as
JSON, and the page's own script shows them as text. A content security policy forbids every request, and every script
and style but the page's own, which it knows by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._text import escape_hidden
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .._risk.rules import SEVERITIES
from .report import ACTIONS, LISTS, STATUSES
from .text import count
from .verdict import WORDS, trouble

_ROLE = Path(__file__).resolve().parents[3] / "roles" / "audit"
# Characters that could end a script element or a line of JavaScript, written so that JSON still reads them.
_SCRIPT_SAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}

STATUS_WORDS = {
    "in_sync": "In sync",
    "no_policy": "No policy",
    "drifted": "Drifted",
    "unreadable": "Not readable",
}


def page(report: Mapping[str, Any]) -> str:
    """The report as the text of an HTML file."""
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(_ROLE / "templates"),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["escape_hidden"] = escape_hidden
    environment.filters["count"] = count
    environment.filters["trouble"] = trouble
    style, script = (_asset(name) for name in ("audit.css", "audit.js"))
    return environment.get_template("audit.html.j2").render(
        report=report,
        summary=report["summary"],
        policy=_content_security_policy(style, script),
        style=Markup(style),  # noqa: S704 - the collection's own files
        script=Markup(script),  # noqa: S704
        data=Markup(embedded(report)),  # noqa: S704 - nothing in it can end the element
        headline=headline(report["summary"]),
        accounts=sorted(report["accounts"], key=lambda account: STATUSES.index(account["status"])),
        statuses=[(name, STATUS_WORDS[name], report["summary"][name]) for name in reversed(STATUSES)],
        status_words=STATUS_WORDS,
        words=WORDS,
        actions=ACTIONS,
        severities=SEVERITIES,
        drift_rows=drift_by_list(report["accounts"]),
        rule_rows=risks_by_rule(report["rules"]),
        not_listed={
            kind: sum(account["not_listed"][kind] for account in report["accounts"]) for kind in ("changes", "findings")
        },
    )


def embedded(report: Mapping[str, Any]) -> str:
    """JSON that may stand in a script element, whatever the data holds."""
    return json.dumps(report, ensure_ascii=False, separators=(",", ":")).translate(_SCRIPT_SAFE)


def headline(summary: Mapping[str, Any]) -> dict[str, str]:
    """What the page says first: ``tone`` (good, warn, bad or quiet), ``title``, and sentences below it."""
    everything = summary["accounts"]
    compared = summary["in_sync"] + summary["drifted"]
    unreadable = f"{count(summary['unreadable'], 'account')} could not be audited." if summary["unreadable"] else ""
    if summary["drifted"]:
        tone = "warn"
        title = f"{summary['drifted']:,} of {count(everything, 'account')} drifted"
        parts = [f"{summary['drift'][action]:,} {WORDS[action]}" for action in ACTIONS if summary["drift"][action]]
        entries = count(sum(summary["drift"].values()), "entry is", "entries are")
        text = f"{entries} not as the policy says: {', '.join(parts)}."
    elif compared:
        tone, title = "good", "Nothing drifted"
        those = "Every account is" if compared == everything else count(compared, "account is", "accounts are")
        text = f"{those} as the policy says."
    elif summary["unreadable"]:
        tone, title, text = "bad", "No account could be compared", ""
    else:
        tone, title = "quiet", "No policy to compare with"
        text = "Give the policy of these accounts, and drift shows here."
    if summary["unreadable"]:
        tone = "bad"
    return {"tone": tone, "title": title, "text": f"{text} {unreadable}".strip(), "risks": _risk_sentence(summary)}


def drift_by_list(accounts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For the chart: entries that drifted, of each list that any policy names."""
    rows = []
    for name in LISTS:
        counts = [account["lists"][name] for account in accounts if account["lists"][name]["in_policy"]]
        if counts:
            parts = {action: sum(one[done] for one in counts) for action, done in ACTIONS.items()}
            rows.append({"name": name, "parts": parts, "total": sum(parts.values())})
    return rows


def risks_by_rule(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For the chart: findings of each rule that has any, worst rules first."""
    rows = [
        {"name": rule["title"], "parts": parts, "total": sum(parts.values())}
        for rule in rules
        if any((parts := {severity: rule[severity] for severity in SEVERITIES}).values())
    ]
    return sorted(rows, key=lambda row: [-row["parts"][severity] for severity in SEVERITIES])


def _risk_sentence(summary: Mapping[str, Any]) -> str:
    """What follows the numbers by severity, if there are any."""
    number = sum(summary["risks"][severity] for severity in SEVERITIES)
    words = ("risk" if number == 1 else "risks") if number else "No risks found"
    accepted = summary["risks"]["accepted"]
    return f"{words}, {accepted:,} accepted with a reason" if accepted else words


def _asset(name: str) -> str:
    return (_ROLE / "files" / name).read_text(encoding="utf-8")


def _content_security_policy(style: str, script: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
