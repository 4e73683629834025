# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One report out of several, each about other accounts, such as the slices of one job leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.report import ACTIONS

from .facts import FACTS
from .history import History
from .report import LISTS, MAX_BYTES, Report, assemble, dashboard_url, not_judged_of, tally_of

# What an entry has said from the first version on; a report of an older release lacks the rest.
_ROW = dict.fromkeys((*FACTS, "owner", "first_seen", "new"))
_COUNTED = (*ACTIONS.values(), "unchanged", "expired")


def merge(reports: Iterable[tuple[str, Mapping[str, Any]]], history: History | None = None) -> Report:
    """The report over the accounts of all reports. It is as old as the oldest of them.

    :param reports: each with its name, for messages.
    :param history: earlier reports to compare with; without them, what is new stays as each report says.
    :raises InputError: there is none, or two of them are about one account.
    """
    accounts: dict[str, dict[str, Any]] = {}
    sources: dict[str, str] = {}
    problems: list[str] = []
    times: list[str] = []
    previous: list[Any] = []
    for source, report in reports:
        times.append(str(report["generated_at"]))
        previous.append(report.get("previous"))
        for account in report["accounts"]:
            for name in filter(None, (account["account"], account["account_id"])):
                first = sources.setdefault(name, source)
                if first is not source:
                    problems.append(f"{source}: {name} is in {first} too; merge one report about each account")
            accounts[account["account"]] = _complete(account)
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    if not times:
        raise InputError(["there is no report to merge"])
    made = [accounts[name] for name in sorted(accounts)]
    when = min(times)
    if history is not None:
        for account in made:
            history.mark(account, when)
    merged = assemble(made, when, MAX_BYTES, history)
    if history is None and all(previous):
        merged["previous"] = min(previous)
    return merged


def _complete(account: Mapping[str, Any]) -> dict[str, Any]:
    """An account as this release writes it."""
    findings = account["findings"]
    return {
        **account,
        "dashboard_url": dashboard_url(account["account_id"]),
        "not_judged": not_judged_of(account),
        "lists": {name: _list(name, account["lists"].get(name) or {}, findings) for name in LISTS},
        "since_previous": account.get("since_previous"),
        "gone": account.get("gone") or [],
        "monthly_report": account.get("monthly_report"),
        "usage": account.get("usage"),
        "changes": [{**_ROW, **row} for row in account["changes"]],
        "findings": [{**_ROW, **row} for row in findings],
    }


def _list(name: str, counts: Mapping[str, Any], findings: list[dict[str, Any]]) -> dict[str, Any]:
    nothing = {"entries": None, "in_policy": False, **dict.fromkeys(_COUNTED, 0)}
    risks = tally_of(one for one in findings if one["list"] == name)
    return {**nothing, "risks": risks, **counts}
