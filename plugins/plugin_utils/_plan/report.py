# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run of `apply` did or would do, over all accounts, as data: what JSON holds and Markdown is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.report import ACTIONS

from .._audit.text import to_json
from .._risk.by_mail import change_risks

VERSION = 1
# Most important first.
STATUSES = ("failed", "not_reached", "changed", "unchanged")


def account_report(result: Mapping[str, Any], account_id: str | None) -> dict[str, Any]:
    """One account, from what the module `settings` returned for it.

    :param result: empty when the module did not run.
    """
    failed = bool(result.get("failed")) or "changes" not in result
    return {
        "account_id": account_id,
        "status": "failed" if failed else "changed" if result["changes"] else "unchanged",
        "error": str(result.get("msg") or "It failed before its policy was looked at.") if failed else None,
        "changes": [_change(change) for change in result.get("changes") or ()],
        "changes_omitted": result.get("changes_omitted") or {},
    }


def numbers(account: Mapping[str, Any], name: str | None = None) -> Counter[str]:
    """How many changes an account has by action: those listed, and those omitted.

    :param name: of one list alone.
    """
    found = Counter(change["action"] for change in account["changes"] if name in (None, change["list"]))
    for each, omitted in account["changes_omitted"].items():
        if name in (None, each):
            found.update(omitted)
    return found


def plan_report(
    accounts: Iterable[tuple[str, Mapping[str, Any]]], names: Sequence[str], generated_at: str, *, check_mode: bool
) -> dict[str, Any]:
    """The report on a run.

    :param accounts: the name and the :func:`account_report` of each account that has ended. One that a run works on
        twice is there twice.
    :param names: all accounts of the run; one that has not ended was not reached.
    :param check_mode: whether changes are planned, not done.
    """
    every: list[dict[str, Any]] = [{"account": name, **account} for name, account in accounts]
    ended = {account["account"] for account in every}
    not_reached = {**account_report({}, None), "status": "not_reached", "error": None}
    every += [{"account": name, **not_reached} for name in dict.fromkeys(names) if name not in ended]
    every.sort(key=lambda account: (STATUSES.index(account["status"]), account["account"]))
    actions = sum(map(numbers, every), Counter[str]())
    statuses = Counter(account["status"] for account in every)
    plain: dict[str, Any] = to_json(
        {
            "version": VERSION,
            "generated_at": generated_at,
            "check_mode": check_mode,
            "summary": {
                "accounts": len(every),
                **{status: statuses[status] for status in STATUSES},
                "changes": {action: actions[action] for action in ACTIONS},
            },
            "accounts": every,
        }
    )
    return plain


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    names = ("list", "action", "key", "id", "before", "after", "reason")
    # Where the run examined mail: what the change would do to it, and what is risky about that.
    seen = {"impact": change["impact"], "risks": list(change_risks(change))} if "impact" in change else {}
    return {**{name: change.get(name) for name in names}, **seen}
