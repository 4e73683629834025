# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit report as data: what was found in each account, counted, sorted and the same from run to run.

docs/schemas/audit-report.schema.json describes what :func:`build` returns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.report import ACTIONS
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import count

from .._risk.rules import RULES, SEVERITIES
from .budget import truncate
from .danger import danger
from .facts import FACTS, owner_of
from .history import History
from .text import to_json

Record = Mapping[str, Any]
Report = dict[str, Any]

VERSION = 1
# What the lists of entries may take in the page, which stays below 5 MB.
MAX_BYTES = 3_000_000
MAX_WARNINGS = 20
NOT_REACHED: Record = {
    "error": {"message": "The audit did not get to this account; the job's output says why.", "type": "NotReached"}
}

LISTS = tuple(RESOURCES)
_ACCOUNT_ID = re.compile(r"[0-9A-Za-z]{1,32}")
DASHBOARD = "https://one.dash.cloudflare.com/?to=/{}/email-security/settings"
# Worst first.
STATUSES = ("unreadable", "drifted", "no_policy", "in_sync")


def build(
    records: Mapping[str, Record],
    generated_at: str | None = None,
    max_bytes: int = MAX_BYTES,
    history: History | None = None,
) -> Report:
    """The report over all accounts.

    :param records: by the account's name, what was found: ``account_id``, ``entries`` (how many each list has),
        ``drift`` (``summary`` and ``changes`` of a run in check mode), ``findings``, ``warnings``, and ``error``
        (``message`` and more) where the account could not be read or compared, and ``not_judged``. An empty one says
        that nobody got to the account.
    :param generated_at: time of the run; now, if left out.
    :param max_bytes: bytes that the lists of entries may take.
    :param history: earlier reports to compare with.
    """
    when = generated_at or datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    accounts = [_account(name, record or NOT_REACHED) for name, record in sorted(to_json(records).items())]
    if history is not None:
        for account in accounts:
            history.mark(account, when)
    return assemble(accounts, when, max_bytes, history)


def assemble(accounts: list[dict[str, Any]], when: str, max_bytes: int, history: History | None = None) -> Report:
    """The report over accounts that are counted and sorted already. Their lists are shortened where they are long."""
    truncate(accounts, max_bytes)
    report: Report = {
        "version": VERSION,
        "generated_at": when,
        "summary": summary_of(accounts),
        "rules": _rules(accounts),
        "previous": history.newest if history else None,
        "trend": [],
        "accounts": accounts,
    }
    if history:
        report["trend"] = history.trend(report)
    return report


def label_of(name: str, key: Mapping[str, Any]) -> str:
    """A short name of an entry for people: ``EMAIL ceo@example.com``."""
    if name in RESOURCES and any(key.values()):
        return RESOURCES[name].label(key)
    return ", ".join(f"{field} {value}" for field, value in key.items() if value is not None) or "(whole list)"


def dashboard_url(account_id: Any) -> str:
    """The settings of Email Security in Cloudflare's dashboard. Where the id is not known, it asks for the account."""
    known = str(account_id or "")
    return DASHBOARD.format(known if _ACCOUNT_ID.fullmatch(known) else ":account")


def not_judged_of(record: Record) -> dict[str, Any]:
    """What nothing is known of: lists that the account lacks, entries that no rule can read, rules that were left out,
    and why the monthly report that was asked for could not be read.

    :param record: what was found in an account, or an account of a report.
    """
    parts = record.get("not_judged") or {}
    lists = {kind: list(parts.get(kind) or []) for kind in ("lists", "entries", "rules")}
    return {**lists, "monthly_report": parts.get("monthly_report") or None}


def place(names: Sequence[str], name: str) -> tuple[int, str]:
    """For sorting: known names in their own order, others after them."""
    return (names.index(name) if name in names else len(names), name)


def _account(name: str, record: Record) -> dict[str, Any]:
    drift = record.get("drift") or {}
    changes = sorted((_change(change) for change in drift.get("changes") or []), key=_change_order)
    findings = sorted((_finding(finding) for finding in record.get("findings") or []), key=_finding_order)
    summary = drift.get("summary") or {}
    counted = {action: sum(counts[done] for counts in summary.values()) for action, done in ACTIONS.items()}
    error = record.get("error")
    return {
        "account": name,
        "account_id": record.get("account_id") or None,
        "dashboard_url": dashboard_url(record.get("account_id")),
        "status": _status(error, summary, sum(counted.values())),
        "error": _error(error) if error else None,
        "warnings": _first(record.get("warnings") or []),
        "not_judged": not_judged_of(record),
        "lists": _lists(record.get("entries") or {}, summary, findings),
        "drift": counted,
        "risks": tally_of(findings),
        "rules": {
            rule: tally_of([finding for finding in findings if finding["rule"] == rule])
            for rule in sorted({finding["rule"] for finding in findings})
        },
        "changes": changes,
        "findings": findings,
        # Ansible's result of a module lists the first of many changes only.
        "not_listed": {"changes": max(0, sum(counted.values()) - len(changes)), "findings": 0},
        "monthly_report": record.get("monthly_report") or None,
        "usage": record.get("usage") or None,
        "since_previous": None,
        "gone": [],
    }


def _status(error: Any, summary: Mapping[str, Any], drifted: int) -> str:
    if error:
        return "unreadable"
    if not summary:
        return "no_policy"
    return "drifted" if drifted else "in_sync"


def _error(error: Mapping[str, Any]) -> dict[str, Any]:
    # Older Ansible makes text of what comes out of a template.
    status = str(error.get("http_status") or "")
    return {
        "message": str(error.get("message") or "No reason was given."),
        "type": error.get("type") or None,
        "http_status": int(status) if status.isdecimal() else None,
        "cf_ray": error.get("cf_ray") or None,
    }


def _facts(one: Mapping[str, Any]) -> dict[str, Any]:
    """What the record says about an entry, with the owner whom its comment names."""
    return {**{name: one.get(name) or None for name in FACTS}, "owner": owner_of(one.get("comment"))}


def _first(warnings: Sequence[str]) -> list[str]:
    shown = [str(warning) for warning in warnings[:MAX_WARNINGS]]
    more = len(warnings) - len(shown)
    return [*shown, f"and {count(more, 'more warning')}"] if more else shown


def _lists(
    entries: Mapping[str, int], summary: Mapping[str, Mapping[str, int]], findings: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """For every list: how many entries it has, whether the policy names it, how it compares, and its risks."""
    lists = {}
    for name in LISTS:
        counts = summary.get(name)
        lists[name] = {
            "entries": entries.get(name),
            "in_policy": counts is not None,
            **{counted: (counts or {}).get(counted, 0) for counted in (*ACTIONS.values(), "unchanged", "expired")},
            "risks": tally_of([finding for finding in findings if finding["list"] == name]),
        }
    return lists


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    """A change with the fields that differ, and no others."""
    before, after = change.get("before"), change.get("after")
    names = [*(before or {}), *(name for name in after or {} if name not in (before or {}))]
    return {
        "list": change["list"],
        "action": change["action"],
        "label": label_of(change["list"], change["key"]),
        "key": change["key"],
        "id": change.get("id"),
        "reason": change.get("reason"),
        **_facts(change),
        "first_seen": None,
        "new": None,
        "fields": [
            {"field": name, "before": (before or {}).get(name), "after": (after or {}).get(name)}
            for name in names
            if before is None or after is None or _differs(change["list"], name, before, after)
        ],
    }


def _differs(list_name: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a field differs in more than its spelling, such as the case of a domain or the order of a set."""
    field = RESOURCES[list_name].by_name.get(name) if list_name in RESOURCES else None
    if field is None:
        return bool(before.get(name) != after.get(name))
    return field.normalize(before.get(name), before) != field.normalize(after.get(name), after)


def _change_order(change: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        danger(change["list"], change["action"]),
        place(LISTS, change["list"]),
        change["label"],
        str(change["id"] or ""),
    )


def _finding(finding: Mapping[str, Any]) -> dict[str, Any]:
    key = finding.get("key") or {}
    return {
        "rule": str(finding["rule"]),
        "severity": finding["severity"],
        "list": finding["list"],
        "label": label_of(finding["list"], key),
        "key": key,
        "id": finding.get("id"),
        "why": str(finding.get("why") or ""),
        "what_to_do": str(finding.get("what_to_do") or ""),
        "accepted": finding.get("accepted"),
        **_facts(finding),
        "first_seen": None,
        "new": None,
    }


def _finding_order(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        finding["accepted"] is not None,
        place(SEVERITIES, finding["severity"]),
        finding["rule"],
        place(LISTS, finding["list"]),
        finding["label"],
        str(finding["id"] or ""),
    )


def tally_of(findings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many findings of each severity; the accepted ones are counted apart."""
    active = [finding["severity"] if finding["accepted"] is None else "accepted" for finding in findings]
    return {name: active.count(name) for name in (*SEVERITIES, "accepted")}


def _rules(accounts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rules that were asked, worst first, and numbers over all accounts for each."""
    names = [*RULES, *sorted({rule for account in accounts for rule in account["rules"]} - set(RULES))]
    rules = []
    for name in names:
        tallies = [account["rules"][name] for account in accounts if name in account["rules"]]
        rules.append(
            {
                "rule": name,
                "title": RULES[name].title if name in RULES else name,
                "why": RULES[name].why if name in RULES else "",
                "what_to_do": RULES[name].what_to_do if name in RULES else "",
                **{counted: sum(tally[counted] for tally in tallies) for counted in (*SEVERITIES, "accepted")},
            }
        )
    return rules


def summary_of(accounts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Numbers over all accounts."""
    statuses = [account["status"] for account in accounts]
    return {
        "accounts": len(accounts),
        **{status: statuses.count(status) for status in reversed(STATUSES)},
        "entries": sum(counts["entries"] or 0 for account in accounts for counts in account["lists"].values()),
        "drift": {action: sum(account["drift"][action] for account in accounts) for action in ACTIONS},
        "risks": {name: sum(account["risks"][name] for account in accounts) for name in (*SEVERITIES, "accepted")},
        "not_judged": {
            "lists": sum(len(account["not_judged"]["lists"]) for account in accounts),
            "entries": sum(len(account["not_judged"]["entries"]) for account in accounts),
            "rules": len({one["rule"] for account in accounts for one in account["not_judged"]["rules"]}),
            "monthly_report": sum(account["not_judged"]["monthly_report"] is not None for account in accounts),
        },
    }
