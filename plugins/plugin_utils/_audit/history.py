# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes since earlier reports: what is new, what is gone, and when each finding was first seen."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.report import ACTIONS

from .._risk.rules import SEVERITIES

# How many runs a line is drawn over, this one included; how many entries that are gone an account names.
RUNS, MAX_GONE = 30, 100
_KINDS = {"changes": "action", "findings": "rule"}

Account = Mapping[str, Any]
Identity = tuple[str, ...]


@dataclass(frozen=True)
class _Seen:
    """A row of an earlier report. A finding that was accepted is not active."""

    label: str
    severity: str | None
    first_seen: str
    active: bool


@dataclass(frozen=True)
class _Past:
    """An account in an earlier report, as far as that judged it.

    :param rows: by kind; a kind that was not judged is not in it.
    :param cut: kinds of which the report did not list everything.
    """

    generated_at: str
    rows: Mapping[str, Mapping[Identity, _Seen]]
    cut: frozenset[str]


class History:
    """Earlier reports, as far as it takes to compare with them. Each may be let go once it is added."""

    def __init__(self, reports: Iterable[Mapping[str, Any]] = ()) -> None:
        self._pasts: dict[str, list[_Past]] = {}
        self._totals: list[dict[str, Any]] = []
        for report in reports:
            self.add(report)

    def add(self, report: Mapping[str, Any]) -> None:
        """Take an earlier report into account, in whatever order."""
        when = str(report["generated_at"])
        self._totals.append(totals(report))
        for account in report["accounts"]:
            rows = {
                kind: {_identity(kind, row): _seen(row, when) for row in account[kind]}
                for kind in _KINDS
                if _judged(account, kind)
            }
            cut = frozenset(kind for kind, number in account["not_listed"].items() if number)
            pasts = self._pasts.setdefault(account["account"], [])
            pasts.append(_Past(when, rows, cut))
            pasts.sort(key=lambda past: past.generated_at, reverse=True)

    @property
    def newest(self) -> str | None:
        """When the newest of the reports was made."""
        return max((one["generated_at"] for one in self._totals), default=None)

    def trend(self, report: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Totals of the last runs by time, this one the last."""
        earlier = sorted(self._totals, key=lambda one: str(one["generated_at"]))
        return [*earlier[-(RUNS - 1) :], totals(report)]

    def mark(self, account: dict[str, Any], generated_at: str) -> None:
        """Add to each change and finding when it was first seen and whether it is new, and to the account what is gone.

        What an earlier report did not judge or list is treated as new.
        """
        pasts = self._pasts.get(account["account"], [])
        new: dict[str, Any] = {"changes": Counter(), "findings": Counter(), **dict.fromkeys(SEVERITIES, 0)}
        gone: list[dict[str, Any]] = []
        bases = {kind: next((past for past in pasts if kind in past.rows), None) for kind in _KINDS}
        for kind, base in bases.items():
            present = set()
            known: Mapping[Identity, _Seen] = base.rows[kind] if base else {}
            for row in account[kind]:
                identity = _identity(kind, row)
                present.add(identity)
                dates = [past.rows[kind][identity].first_seen for past in pasts if identity in past.rows.get(kind, ())]
                row["first_seen"] = min(dates, default=generated_at)
                was_active = identity in known and known[identity].active
                row["new"] = row.get("accepted") is None and not was_active
                if row["new"]:
                    new[kind][row["list" if kind == "changes" else "rule"]] += 1
                    if kind == "findings":
                        new[row["severity"]] += 1
            if base and _judged(account, kind):
                gone += _gone(kind, base, present)
        dates = [base.generated_at for base in bases.values() if base]
        account["since_previous"] = {
            "previous": min(dates, default=None),
            "new": {**new, **{kind: dict(sorted(new[kind].items())) for kind in _KINDS}},
            "gone": len(gone),
            "incomplete": any(base is not None and kind in base.cut for kind, base in bases.items()),
        }
        account["gone"] = gone[:MAX_GONE]


def new_of(account: Account) -> Mapping[str, Any]:
    """How many changes by list, findings by rule, and findings by severity are new: all, where nothing was compared."""
    since = account.get("since_previous")
    if since:
        found: Mapping[str, Any] = since["new"]
        return found
    changes = {name: sum(one[done] for done in ACTIONS.values()) for name, one in account["lists"].items()}
    findings = {rule: sum(one[severity] for severity in SEVERITIES) for rule, one in account["rules"].items()}
    return {"changes": changes, "findings": findings, **{name: account["risks"][name] for name in SEVERITIES}}


def since_previous(report: Mapping[str, Any], named: int = 0) -> dict[str, Any] | None:
    """What is new and what is gone in all accounts; None if nothing was compared.

    :param named: how many of the entries that are gone are named in ``gone_rows``.
    """
    marks = [(account, account["since_previous"]) for account in report["accounts"] if account.get("since_previous")]
    if not report.get("previous"):
        return None
    return {
        "previous": report["previous"],
        "drift": sum(sum(mark["new"]["changes"].values()) for dummy, mark in marks),
        "risks": {severity: sum(mark["new"][severity] for dummy, mark in marks) for severity in SEVERITIES},
        "gone": sum(mark["gone"] for dummy, mark in marks),
        "incomplete": [account["account"] for account, mark in marks if mark["incomplete"]],
        "gone_rows": [(account["account"], one) for account, dummy in marks for one in account["gone"]][:named],
    }


def totals(report: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of one run that a line is drawn through."""
    summary = report["summary"]
    return {
        "generated_at": report["generated_at"],
        "accounts": summary["accounts"],
        "unreadable": summary["unreadable"],
        "drift": sum(summary["drift"].values()),
        **{severity: summary["risks"][severity] for severity in SEVERITIES},
    }


def _judged(account: Account, kind: str) -> bool:
    if kind == "changes":
        return account["status"] in ("in_sync", "drifted")
    # A policy with a mistake in it leaves the risks known.
    return account["status"] != "unreadable" or bool(account["findings"])


def _identity(kind: str, row: Mapping[str, Any]) -> Identity:
    return (row[_KINDS[kind]], row["list"], json.dumps(row["key"], sort_keys=True))


def _seen(row: Mapping[str, Any], when: str) -> _Seen:
    active = row.get("accepted") is None
    return _Seen(row["label"], row.get("severity"), str(row.get("first_seen") or when), active)


def _gone(kind: str, base: _Past, present: set[Identity]) -> Sequence[dict[str, Any]]:
    return [
        {
            "list": identity[1],
            "label": seen.label,
            **dict.fromkeys(_KINDS.values()),
            _KINDS[kind]: identity[0],
            "severity": seen.severity,
            "first_seen": seen.first_seen,
            "last_seen": base.generated_at,
        }
        for identity, seen in base.rows[kind].items()
        if seen.active and identity not in present
    ]
