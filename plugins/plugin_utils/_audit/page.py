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

from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.report import ACTIONS
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import count, escape_hidden
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .._risk.rules import SEVERITIES
from .charts import DISPOSITIONS, OTHER, cell, drift_by_list, mail_by_month, risks_by_rule, trend_lines
from .danger import account_order
from .headline import age, headline_of, look_first
from .history import since_previous
from .report import STATUSES, dashboard_url, not_judged_of
from .rows import ROWS
from .verdict import WORDS, trouble

_ROLE = Path(__file__).resolve().parents[3] / "roles" / "audit"
# How many of the entries that are gone the page names.
_GONE = 20
_SCRIPTS = ("audit.rows.js", "audit.js")
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
    environment.filters["age"] = age
    style, script = _asset("audit.css"), "".join(_asset(name) for name in _SCRIPTS)
    return environment.get_template("audit.html.j2").render(
        report=report,
        summary=report["summary"],
        policy=_content_security_policy(style, script),
        style=Markup(style),  # noqa: S704 - the collection's own files
        script=Markup(script),  # noqa: S704
        data=Markup(embedded(report)),  # noqa: S704 - nothing in it can end the element
        headline=headline_of(report),
        first=look_first(report),
        accounts=sorted(report["accounts"], key=account_order),
        cell=cell,
        dashboard_url=dashboard_url,
        not_judged=not_judged(report["accounts"]),
        statuses=[(name, STATUS_WORDS[name], report["summary"][name]) for name in reversed(STATUSES)],
        status_words=STATUS_WORDS,
        words=WORDS,
        actions=ACTIONS,
        severities=SEVERITIES,
        mail_rows=mail_by_month(report["accounts"]),
        dispositions={name: name.capitalize() for name in (*DISPOSITIONS, OTHER)},
        trend=trend_lines(report.get("trend") or []),
        since=since_previous(report, _GONE),
        drift_rows=drift_by_list(report["accounts"]),
        rule_rows=risks_by_rule(report["rules"]),
        not_listed={kind: sum(account["not_listed"][kind] for account in report["accounts"]) for kind in ROWS},
    )


def embedded(report: Mapping[str, Any]) -> str:
    """What the page lists, as JSON that is safe in a script element, whatever the data holds."""
    data = {
        "generated_at": report["generated_at"],
        "rules": {rule["rule"]: [rule["title"], rule["why"], rule["what_to_do"]] for rule in report["rules"]},
        "accounts": [
            {
                "account": account["account"],
                "dashboard_url": dashboard_url(account["account_id"]),
                **{kind: [row(one) for one in account[kind]] for kind, row in ROWS.items()},
            }
            for account in sorted(report["accounts"], key=account_order)
        ],
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_SCRIPT_SAFE)


def not_judged(accounts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What nothing is known of, over all accounts: rules by package, and accounts with what else they lack."""
    packages: dict[str, dict[str, Any]] = {}
    for account in accounts:
        for one in not_judged_of(account)["rules"]:
            packages.setdefault(one["package"], {})[one["rule"]] = one["in_part"]
    parts = [(account["account"], {**not_judged_of(account), "rules": []}) for account in accounts]
    return {"packages": packages, "accounts": [(name, lacking) for name, lacking in parts if any(lacking.values())]}


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
