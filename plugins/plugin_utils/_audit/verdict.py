# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes an audit fail, and what it says at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.report import ACTIONS
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import count, escape_hidden

from .._risk.rules import SEVERITIES
from .conditions import CONDITIONS, NEW
from .history import new_of

# What an action of `apply` says about the entry, for those who read a report.
WORDS = {"create": "missing", "update": "changed", "delete": "extra"}
# What befell an account that is not compared, by the type of its error; of any other, it could not be read.
_TROUBLES = {
    "PolicyError": "could not be compared",
    "InputError": "could not be audited",
    "NotReached": "was not reached",
}
_UNREAD = "could not be read"
# The most accounts that a sentence names.
_NAMED = 10


def failures(report: Mapping[str, Any], fail_on: Sequence[str]) -> list[str]:
    """Why the job is to fail, as sentences; none, if it is not.

    ``risk:medium`` stands for medium and above, ``risk`` for any. ``new`` narrows the others to what is new; alone it
    means whatever is new. With whatever condition, an account that could not be
    read fails the job: nobody knows whether it meets the condition.

    :raises ValueError: a condition that does not exist.
    """
    unknown = [condition for condition in fail_on if condition not in CONDITIONS]
    if unknown:
        raise ValueError(f"there is no condition {', '.join(unknown)}; there are {', '.join(CONDITIONS)}")
    if not fail_on:
        return []
    accounts = report["accounts"]
    reasons = []
    for words in (_UNREAD, *_TROUBLES.values()):
        these = [account for account in accounts if account["status"] == "unreadable" and trouble(account) == words]
        if these:
            befell = words if len(these) == 1 else words.replace("was ", "were ")
            reasons.append(f"{count(len(these), 'account')} {befell}: {_names(these)}.")
    anew = "new " if NEW in fail_on else ""
    drifted = [account for account in accounts if _drift(account, fail_on)]
    if drifted:
        entries = count(sum(_drift(account, fail_on) for account in drifted), f"{anew}entry", f"{anew}entries")
        reasons.append(f"{count(len(drifted), 'account')} drifted, {entries} in all: {_names(drifted)}.")
    risky = [account for account in accounts if _risks(account, fail_on)]
    if risky:
        risks = Counter[str]()
        for account in risky:
            risks.update(_risks(account, fail_on))
        reasons.append(f"There are {anew}risks, {_counts(risks)}: {_names(risky)}.")
    return reasons


def account_failures(report: Mapping[str, Any], fail_on: Sequence[str]) -> dict[str, str]:
    """The accounts that fail the job, and why, in a few words. Of the same conditions as :func:`failures`."""
    reasons = {}
    for account in report["accounts"] if fail_on else ():
        unreadable, drift, risks = account["status"] == "unreadable", _drift(account, fail_on), _risks(account, fail_on)
        anew = "new " if NEW in fail_on else ""
        words = [trouble(account)] if unreadable else []
        words += [f"{drift:,} new of {drift_words(account)}" if anew else drift_words(account)] if drift else []
        words += [f"{anew}risks: {_counts(risks)}"] if risks else []
        if words:
            reasons[account["account"]] = "; ".join(words)
    return reasons


def _drift(account: Mapping[str, Any], fail_on: Sequence[str]) -> int:
    """How many drifted entries of an account count."""
    if account["status"] != "drifted" or "drift" not in _meant(fail_on):
        return 0
    return sum(new_of(account)["changes"].values() if NEW in fail_on else account["drift"].values())


def _risks(account: Mapping[str, Any], fail_on: Sequence[str]) -> dict[str, int]:
    """How many risks of an account count, by severity."""
    numbers = new_of(account) if NEW in fail_on else account["risks"]
    return {severity: numbers[severity] for severity in _severities(_meant(fail_on)) if numbers[severity]}


def _meant(fail_on: Sequence[str]) -> Sequence[str]:
    """The conditions with what ``new`` stands for where nothing else says what may not be new."""
    others = [condition for condition in fail_on if condition not in (NEW, "unreadable")]
    return (*fail_on, "drift", "risk") if NEW in fail_on and not others else fail_on


def trouble(account: Mapping[str, Any]) -> str:
    """What befell an account that could not be compared, in words that follow its name."""
    return _TROUBLES.get(account["error"]["type"] or "", _UNREAD)


def _names(accounts: Sequence[Mapping[str, Any]]) -> str:
    names = [escape_hidden(account["account"]) for account in accounts]
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _counts(risks: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {severity}" for severity, number in risks.items())


def _severities(fail_on: Sequence[str]) -> Sequence[str]:
    """The severities that count: the lowest one named and all above it."""
    named = [condition.partition(":")[2] or SEVERITIES[-1] for condition in fail_on if condition.startswith("risk")]
    return SEVERITIES[: max((SEVERITIES.index(severity) + 1 for severity in named), default=0)]


def lines(report: Mapping[str, Any]) -> list[str]:
    """The report in a few lines, one for each account."""
    return [
        f"{escape_hidden(account['account'])}: {drift_words(account)}; {risk_words(account)}"
        for account in report["accounts"]
    ]


def drift_words(account: Mapping[str, Any]) -> str:
    """How an account compares with its policy, in a few words."""
    if account["status"] == "unreadable":
        return f"{trouble(account)}: {escape_hidden(account['error']['message']).rstrip('.')}"
    if account["status"] == "no_policy":
        return "no policy to compare with"
    parts = [f"{account['drift'][action]:,} {WORDS[action]}" for action in ACTIONS if account["drift"][action]]
    return f"drifted ({', '.join(parts)})" if parts else "in sync"


def risk_words(account: Mapping[str, Any]) -> str:
    """The risks of an account in a few words."""
    risks = account["risks"]
    parts = [f"{risks[severity]:,} {severity}" for severity in SEVERITIES if risks[severity]]
    words = f"risks: {', '.join(parts)}" if parts else "no risks"
    return f"{words} ({risks['accepted']:,} accepted)" if risks["accepted"] else words
