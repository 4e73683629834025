# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page says first: whether anything is dangerous, and what to look at before all else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.report import ACTIONS
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import count

from .._risk.rules import SEVERITIES
from .danger import OPENS, danger
from .verdict import WORDS, trouble

# As much as a screen shows without scrolling.
_GROUPS, _ENTRIES = 5, 3
_LEAST = danger("block_senders", "create")
_DRIFT_TODO = {
    "delete": "Remove it, or write it into the policy with a comment that names an owner and a ticket.",
    "update": "Find out who changed it. Run apply to set it back, or change the policy.",
    "create": "Run apply, so that it protects again.",
}
_UNREADABLE_TODO = "Nobody knows what is in it. Correct what the message names, and run the audit again."

Group = dict[str, Any]


def headline(summary: Mapping[str, Any], at_risk: int = 0) -> dict[str, str]:
    """``tone`` (good, warn, bad or quiet), ``title``, and sentences below it. High risks come before any drift.

    :param at_risk: how many accounts have a high risk.
    """
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
    high = summary["risks"]["high"]
    if high:
        text = f"{title}. {text}".replace("..", ".") if summary["drifted"] else text
        title = f"{count(high, 'high risk')} in {at_risk:,} of {count(everything, 'account')}"
    if high or summary["unreadable"]:
        tone = "bad"
    return {"tone": tone, "title": title, "text": f"{text} {unreadable}".strip(), "risks": _risk_sentence(summary)}


def headline_of(report: Mapping[str, Any]) -> dict[str, str]:
    """The headline of a report."""
    return headline(report["summary"], sum(account["risks"]["high"] > 0 for account in report["accounts"]))


def look_first(report: Mapping[str, Any]) -> list[Group]:
    """The most dangerous of all that was found, in few groups: a rule's findings, or one kind of drift in one list.

    Each has ``kind`` (of its badge), ``badge``, ``title``, ``number``, ``todo``, ``entries``, how many ``more`` there
    are, and ``show``: the section and the filters that list it whole.
    """
    ranked = [*_unreadable(report), *_risk_groups(report), *_drift_groups(report)]
    ranked.sort(key=lambda one: one[0])
    return [group for dummy, group in ranked[:_GROUPS]]


def _risk_groups(report: Mapping[str, Any]) -> Iterable[tuple[tuple[int, int], Group]]:
    """High risks first of all; medium ones after drift that lets more through; low ones are no danger."""
    for position, rule in enumerate(report["rules"]):
        for rank, severity in ((0, "high"), (4, "medium")):
            if rule[severity]:
                found = _first_of(report, "findings", {"rule": rule["rule"], "accepted": None})
                show = {"at": "risks", "risks.rule": rule["rule"]}
                yield (
                    (rank, position),
                    _group(severity, severity, rule["title"], rule[severity], rule["what_to_do"], found, show),
                )


def _drift_groups(report: Mapping[str, Any]) -> Iterable[tuple[tuple[int, int], Group]]:
    names = report["accounts"][0]["lists"] if report["accounts"] else ()
    for position, name in enumerate(names):
        for action, counted in ACTIONS.items():
            number = sum(account["lists"][name][counted] for account in report["accounts"] if name in account["lists"])
            level = danger(name, action)
            if not number or level > _LEAST:
                continue
            found = _first_of(report, "changes", {"list": name, "action": action})
            rank = 1 if level == 0 else 3 if level <= OPENS else 5
            title = f"{WORDS[action].capitalize()} in {name}"
            show = {"at": "drift", "drift.list": name, "drift.state": WORDS[action]}
            yield (rank, position), _group(action, WORDS[action], title, number, _DRIFT_TODO[action], found, show)


def _unreadable(report: Mapping[str, Any]) -> Iterable[tuple[tuple[int, int], Group]]:
    these = [account for account in report["accounts"] if account["status"] == "unreadable"]
    if these:
        entries = [{"account": account["account"], "label": "", "note": trouble(account)} for account in these]
        group = _group(
            "unreadable", "unknown", "Accounts that were not audited", len(these), _UNREADABLE_TODO, entries, {}
        )
        yield (2, 0), group


def _first_of(report: Mapping[str, Any], kind: str, having: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Entries of as many accounts as possible, for a screen."""
    found: list[dict[str, Any]] = []
    for account in report["accounts"]:
        rows = [one for one in account[kind] if all(one[name] == value for name, value in having.items())]
        found += [{**one, "account": account["account"], "turn": turn} for turn, one in enumerate(rows[:_ENTRIES])]
    return sorted(found, key=lambda one: int(one["turn"]))


def _group(
    kind: str, badge: str, title: str, number: int, todo: str, entries: list[dict[str, Any]], show: Mapping[str, str]
) -> Group:
    return {
        "kind": kind,
        "badge": badge,
        "title": title,
        "number": number,
        "todo": todo,
        "entries": entries[:_ENTRIES],
        "more": number - len(entries[:_ENTRIES]),
        "show": dict(show),
    }


def age(since: Any, now: Any) -> str:
    """How long ago, in the largest unit that fits: ``3 days``. Nothing, where either is no time."""
    try:
        began, ended = (datetime.fromisoformat(str(text).replace("Z", "+00:00")) for text in (since, now))
        days = (ended.date() - began.date()).days
    except ValueError:
        return ""
    for size, unit in ((365, "year"), (30, "month"), (1, "day")):
        if days >= size:
            return count(days // size, unit)
    return "today" if days == 0 else ""


def _risk_sentence(summary: Mapping[str, Any]) -> str:
    """What follows the numbers by severity, if there are any."""
    number = sum(summary["risks"][severity] for severity in SEVERITIES)
    words = ("risk" if number == 1 else "risks") if number else "No risks found"
    accepted = summary["risks"]["accepted"]
    return f"{words}, {accepted:,} accepted with a reason" if accepted else words
