# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers as the page's charts and tables want them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.report import ACTIONS

from .._risk.rules import SEVERITIES
from .danger import danger
from .report import LISTS

# Lines over the last runs, and how high a chart is for 100 of its width.
_LINES = {"high": "High risks", "drift": "Drifted entries"}
_HEIGHT = 20
# What mail is found to be, worst first; and what is no detection.
DISPOSITIONS, OTHER = ("malicious", "suspicious", "spoof", "spam", "bulk"), "other"
_CLEAN = ("NONE", "EXTERNAL", "UNKNOWN")


def drift_by_list(accounts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For the chart: entries that drifted, by list, the most dangerous first. Lists as written have no row."""
    rows = []
    for name in LISTS:
        counts = [account["lists"][name] for account in accounts if account["lists"][name]["in_policy"]]
        parts = {action: sum(one[done] for one in counts) for action, done in ACTIONS.items()}
        if any(parts.values()):
            rows.append({"name": name, "value": name, "parts": parts, "total": sum(parts.values())})
    return sorted(rows, key=lambda row: min(danger(row["name"], action) for action in ACTIONS if row["parts"][action]))


def risks_by_rule(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For the chart: findings of each rule that has any, worst rules first."""
    rows = [
        {"name": rule["title"], "value": rule["rule"], "parts": parts, "total": sum(parts.values())}
        for rule in rules
        if any((parts := {severity: rule[severity] for severity in SEVERITIES}).values())
    ]
    return sorted(rows, key=lambda row: [-row["parts"][severity] for severity in SEVERITIES])


def cell(account: Mapping[str, Any], name: str) -> tuple[str, str]:
    """For the table of accounts and lists: the worst of one list, as a kind and in words."""
    counts = account["lists"].get(name) or {}
    risks = counts.get("risks") or {}
    drifted = sum(counts.get(done, 0) for done in ACTIONS.values())
    found = (
        ("high", risks.get("high")),
        ("drifted", drifted),
        ("medium", risks.get("medium")),
        ("low", risks.get("low")),
    )
    for kind, number in found:
        if number:
            return kind, f"{number:,} {kind}"
    if counts.get("entries") is None:
        return "unreadable" if account["error"] else "lacking", "unknown" if account["error"] else "none"
    return ("in_sync", "as written") if counts["in_policy"] else ("no_policy", "no policy")


def trend_lines(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A line for each of a few numbers over the last runs, each on a scale of its own; none over a single run."""
    if len(runs) < 2:
        return []
    step = 100 / (len(runs) - 1)
    lines = []
    for name, title in _LINES.items():
        values = [run[name] for run in runs]
        most = max(*values, 1)
        points = " ".join(f"{at * step:.2f},{_HEIGHT - _HEIGHT * value / most:.2f}" for at, value in enumerate(values))
        first, last = runs[0], runs[-1]
        words = (
            f"{title}: {first[name]:,} on {first['generated_at'][:10]}, {last[name]:,} on {last['generated_at'][:10]}"
        )
        lines.append({"name": name, "title": title, "points": points, "values": values, "words": words})
    return lines


def mail_by_month(accounts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For the chart: messages that were detected, by month and disposition, of all accounts that have the report."""
    months: dict[str, dict[str, int]] = {}
    for account in accounts:
        for month, counts in (account.get("monthly_report") or {}).items():
            parts = months.setdefault(month, dict.fromkeys((*DISPOSITIONS, OTHER), 0))
            for name, total in counts.items():
                if name not in _CLEAN:
                    parts[name.lower() if name.lower() in DISPOSITIONS else OTHER] += total
    return [
        {"name": month, "value": month, "parts": parts, "total": sum(parts.values())}
        for month, parts in sorted(months.items())
    ]
