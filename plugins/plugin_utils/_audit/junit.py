# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit report as JUnit XML, for every CI system that shows tests.

One suite for each account, with one case for each list (has it drifted?) and one for each rule (has it a finding that
is not accepted?). A list without policy is skipped. So is what was not judged, with the reason: a list that the account
lacks, a rule that was left out, and, in a case of their own, entries that no rule can read and a monthly report that
could not be read. An account that could not be read has a case in error, and its other cases are skipped, so that the
number of cases stays the same from run to run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.report import ACTIONS
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import count, escape_hidden

from .._risk.rules import SEVERITIES
from .history import new_of
from .report import not_judged_of
from .verdict import WORDS, trouble

# Rows shown in one case; the other reports have them all.
MAX_ROWS = 50


def junit(report: Mapping[str, Any], *, only_new: bool = False) -> str:
    """The report as JUnit XML.

    :param only_new: whether only what an earlier report does not have fails. What is known passes, and is reported.
    """
    root = ElementTree.Element("testsuites", name="cloudflare.email_security audit")
    for account in report["accounts"]:
        suite = ElementTree.SubElement(
            root, "testsuite", name=_text(account["account"]), timestamp=_text(report["generated_at"].removesuffix("Z"))
        )
        _read_case(suite, account)
        _judged_case(suite, account)
        for name, counts in account["lists"].items():
            _list_case(suite, account, name, counts, only_new)
        for rule in report["rules"]:
            _rule_case(suite, account, rule["rule"], only_new)
        _count(suite, [suite])
    _count(root, list(root))
    ElementTree.indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ElementTree.tostring(root, encoding='unicode')}\n"


def _read_case(suite: ElementTree.Element, account: Mapping[str, Any]) -> None:
    case = _case(suite, account, "account", "readable")
    if account["error"]:
        _outcome(case, "error", account["error"]["message"], "unreadable")


def _judged_case(suite: ElementTree.Element, account: Mapping[str, Any]) -> None:
    case = _case(suite, account, "account", "judged")
    entries, unread = (not_judged_of(account)[part] for part in ("entries", "monthly_report"))
    if account["status"] == "unreadable" and not account["findings"]:
        _outcome(case, "skipped", f"The account {trouble(account)}.")
    elif entries or unread:
        rows = [f"monthly report: {unread}"] if unread else []
        rows += [f"{entry['list']}: {entry['label']}: {entry['reason']}" for entry in entries]
        said = [f"{count(len(entries), 'entry', 'entries')} could not be judged"] if entries else []
        said += ["the monthly report could not be read"] if unread else []
        _outcome(case, "skipped", ", and ".join(said), rows=rows, number=len(rows))


def _list_case(
    suite: ElementTree.Element, account: Mapping[str, Any], name: str, counts: Mapping[str, Any], only_new: bool
) -> None:
    case = _case(suite, account, "drift", name)
    found = [f"{counts[done]} {WORDS[action]}" for action, done in ACTIONS.items() if counts[done]]
    if account["status"] == "unreadable":
        _outcome(case, "skipped", f"The account {trouble(account)}.")
    elif name in not_judged_of(account)["lists"]:
        _outcome(case, "skipped", "The account does not have this list.")
    elif not counts["in_policy"]:
        _outcome(case, "skipped", "The policy does not name this list.")
    elif found:
        number = sum(counts[done] for done in ACTIONS.values())
        fresh = new_of(account)["changes"].get(name, 0)
        message = f"{count(number, 'entry', 'entries')} drifted: {', '.join(found)}"
        changes = [change for change in account["changes"] if change["list"] == name]
        if only_new and not fresh:
            _told(case, f"{message}. None of it is new.")
        elif only_new:
            rows = [_change_text(change) for change in changes if change["new"] is not False]
            _outcome(case, "failure", f"{fresh:,} new of {message}", "drift", rows, fresh)
        else:
            _outcome(case, "failure", message, "drift", [_change_text(change) for change in changes], number)


def _rule_case(suite: ElementTree.Element, account: Mapping[str, Any], rule: str, only_new: bool) -> None:
    case = _case(suite, account, "risk", rule)
    risks = account["rules"].get(rule, {})
    active = {severity: risks[severity] for severity in SEVERITIES if risks.get(severity)}
    findings = [finding for finding in account["findings"] if finding["rule"] == rule]
    left_out = {one["rule"]: one["package"] for one in not_judged_of(account)["rules"] if not one["in_part"]}
    if active:
        message = ", ".join(f"{number} {severity}" for severity, number in active.items())
        fresh, number = new_of(account)["findings"].get(rule, 0), sum(active.values())
        meant = [one for one in findings if one["accepted"] is None and not (only_new and one["new"] is False)]
        rows = [_finding_text(finding) for finding in meant]
        if only_new and not fresh:
            _told(case, f"{message}. None of it is new.")
        else:
            message, number = (f"{fresh:,} new of {message}", fresh) if only_new else (message, number)
            _outcome(case, "failure", message, f"risk:{next(iter(active))}", rows, number)
    elif account["status"] == "unreadable":
        _outcome(case, "skipped", f"The account {trouble(account)}.")
    elif rule in left_out:
        _outcome(case, "skipped", f"Not judged: the Python package {left_out[rule]} is missing where the audit runs.")
    elif findings:
        accepted = (f"Accepted: {finding['label']}: {finding['accepted']}" for finding in findings[:MAX_ROWS])
        _told(case, "\n".join(accepted))


def _case(suite: ElementTree.Element, account: Mapping[str, Any], kind: str, name: str) -> ElementTree.Element:
    classname = _text(f"{account['account']}.{kind}")
    return ElementTree.SubElement(suite, "testcase", classname=classname, name=_text(name), time="0")


def _told(case: ElementTree.Element, text: str) -> None:
    """What is said of a case that passes."""
    ElementTree.SubElement(case, "system-out").text = _text(text)


def _outcome(
    case: ElementTree.Element, tag: str, message: str, kind: str = "", rows: Sequence[str] = (), number: int = 0
) -> None:
    element = ElementTree.SubElement(case, tag, message=_text(message))
    if kind:
        element.set("type", kind)
    if rows:
        shown = list(rows[:MAX_ROWS])
        if number > len(shown):
            shown.append(f"and {number - len(shown):,} more")
        element.text = _text("\n".join(shown))


def _change_text(change: Mapping[str, Any]) -> str:
    text = f"{WORDS[change['action']]}: {change['label']}"
    if change.get("reason") in ("absent", "expired"):
        return f"{text} ({change['reason']})"
    if change["action"] != "update":
        return text
    fields = (f"{field['field']}: {_value(field['before'])} -> {_value(field['after'])}" for field in change["fields"])
    return f"{text} ({'; '.join(fields)})"


def _finding_text(finding: Mapping[str, Any]) -> str:
    text = f"{finding['severity']}: {finding['list']}: {finding['label']}: {finding['why']} {finding['what_to_do']}"
    return f"{text}{_facts_text(finding)}"


def _facts_text(row: Mapping[str, Any]) -> str:
    """Whom to ask and where to look, after the description of an entry."""
    names = {
        "owner": "owner",
        "place": "policy",
        "id": "id",
        "created_at": "created",
        "first_seen": "first seen",
        "last_used": "last used",
    }
    facts = [f"{word} {row[name]}" for name, word in names.items() if row.get(name)]
    return f" [{', '.join(facts)}]" if facts else ""


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _count(element: ElementTree.Element, suites: Sequence[ElementTree.Element]) -> None:
    """Put the numbers of cases on a suite, or on all of them together."""
    for attribute, tag in (("tests", ""), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        cases = [case for suite in suites for case in suite.iter("testcase")]
        element.set(attribute, str(sum(not tag or case.find(tag) is not None for case in cases)))
    element.set("time", "0")


def _text(text: str) -> str:
    """Text that XML can hold: what it cannot is hidden, and spelled out."""
    return escape_hidden(text, one_line=False)
