# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on a run as Markdown, for a comment on a pull request.

Everything that comes from a policy or an account is inside ``<code>`` tags, inside a block of HTML. There,
Markdown is not interpreted, and a code host finds no mention, reference or address. Such a block ends at an empty line,
so no text is let have one.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.report import ACTIONS
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import count, escape_hidden

from .report import numbers

# The first line, by which a job finds its own comment.
MARK = "<!-- cloudflare.email_security plan -->"
# GitHub takes 65,536 characters in a comment. This many bytes of UTF-8 are never more.
SIZE = 65_000
SMALLEST_SIZE = 10_000
# How many accounts are listed, how many of them in detail, and how many changes of a list: as many as the size allows.
_CUTS = (
    (1000, 1000, 1000),
    (1000, 300, 300),
    (500, 100, 100),
    (300, 50, 50),
    (200, 30, 20),
    (100, 20, 10),
    (50, 10, 5),
    (20, 5, 3),
    (10, 3, 1),
    (5, 0, 0),
)
_LONGEST_VALUE = 300
_LONGEST_NAME = 100
_LONGEST_SENTENCE = 500
_MOST_PROBLEMS = 20
# What needs attention comes first.
_ORDER = ("delete", "update", "create")
_STATUSES = {"failed": "failed", "not_reached": "not reached", "changed": "changed", "unchanged": "as written"}
_REASONS = {
    "absent": "the policy says <code>state: absent</code>",
    "expired": "its time is over (<code>expires</code>)",
    "purge": "the policy does not name it (purge)",
}


def markdown(report: Mapping[str, Any], size: int = SIZE) -> str:
    """The report, cut so that it has at most so many bytes.

    :param report: as :func:`plan_report` returns it.
    :param size: at least ``SMALLEST_SIZE``.
    """
    *cuts, smallest = _CUTS
    for cut in cuts:
        lines = _within(_lines(report, *cut), size)
        if lines is not None:
            return "\n".join(lines) + "\n"
    return "\n".join(_lines(report, *smallest)) + "\n"


def _within(lines: Iterator[str], size: int) -> list[str] | None:
    """The lines, or None as soon as they take more bytes than that."""
    made = []
    for line in lines:
        size -= len(line.encode()) + 1
        if size < 0:
            return None
        made.append(line)
    return made


def _lines(report: Mapping[str, Any], listed: int, detailed: int, rows: int) -> Iterator[str]:
    accounts, summary, planned = report["accounts"], report["summary"], report["check_mode"]
    yield MARK
    yield f"## Email security: {_headline(summary, planned)}"
    yield ""
    yield "<table>"
    yield from _row("th", ["Account", "State", *(f"{'to ' if planned else ''}{action}" for action in ACTIONS)])
    for account in accounts[:listed]:
        actions = numbers(account)
        name = _code(account["account"], _LONGEST_NAME)
        yield from _row("td", [name, _STATUSES[account["status"]], *(f"{actions[action]:,}" for action in ACTIONS)])
    yield "</table>"
    if len(accounts) > listed:
        yield f"<p>and {count(len(accounts) - listed, 'more account')}</p>"
    shown = [account for account in accounts if account["error"] or account["changes"]]
    for account in shown[:detailed]:
        yield from _account(account, rows)
    if len(shown) > detailed:
        yield f"<p>and details of {count(len(shown) - detailed, 'more account')}, omitted to fit the size limit</p>"
    yield ""
    how = "in check mode: nothing was changed" if planned else "by a run"
    yield f"Made at {html.escape(report['generated_at'])} {how}."


def _headline(summary: Mapping[str, Any], planned: bool) -> str:
    changes = [
        f"{number:,} {'to ' + action if planned else ACTIONS[action]}" for action, number in summary["changes"].items()
    ]
    what = ", ".join(changes) if any(summary["changes"].values()) else "nothing to change" if planned else "no change"
    troubles = [
        f"{count(summary[status], 'account')} {_STATUSES[status]}"
        for status in ("failed", "not_reached")
        if summary[status]
    ]
    return "; ".join([f"{what} ({count(summary['accounts'], 'account')})", *troubles])


def _account(account: Mapping[str, Any], rows: int) -> Iterator[str]:
    yield f"<h3>{_code(account['account'], _LONGEST_NAME)}</h3>"
    if account["error"]:
        problems = [line for line in account["error"].splitlines() if line.strip()]
        more = [f"and {len(problems) - _MOST_PROBLEMS:,} more lines"] if len(problems) > _MOST_PROBLEMS else []
        yield f"<p>Failed: {'<br>'.join([*map(_code, problems[:_MOST_PROBLEMS]), *more])}</p>"
    for name, group in groupby(account["changes"], lambda change: change["list"]):
        changes = sorted(group, key=lambda change: _ORDER.index(change["action"]))
        yield from _list(name, changes, numbers(account, name), rows)


def _list(name: str, changes: Sequence[Mapping[str, Any]], actions: Mapping[str, int], rows: int) -> Iterator[str]:
    what = ", ".join(f"{actions[action]:,} {action}" for action in _ORDER if actions[action])
    yield f"<details><summary>{_code(name)}: {what}</summary>"
    if rows:
        yield "<table>"
        has_impact = any(change.get("impact") for change in changes)
        yield from _row(
            "th", ["Action", "Entry", "Values", "Why", *(["Messages", "Effect on mail"] if has_impact else [])]
        )
        for change in changes[:rows]:
            why = _REASONS.get(change["reason"]) or (_code(change["reason"]) if change["reason"] else "")
            cells = [html.escape(change["action"]), _entry(change), "<br>".join(_values(change)), why]
            yield from _row("td", [*cells, *(_effect(change) if has_impact else [])])
        yield "</table>"
    more = sum(actions.values()) - len(changes[:rows])
    if more:
        yield f"<p>and {count(more, 'more change')}</p>"
    yield "</details>"


def _entry(change: Mapping[str, Any]) -> str:
    return _code(RESOURCES[change["list"]].label({**change["key"], "id": change["id"]}))


def _values(change: Mapping[str, Any]) -> Iterator[str]:
    """The fields that a change is about: what differs, or the fields of an entry other than its key and defaults."""
    before, after = change["before"] or {}, change["after"] or {}
    resource = RESOURCES[change["list"]]
    for field in resource.fields:
        old, new = before.get(field.name), after.get(field.name)
        if change["action"] == "update":
            if old != new:
                yield f"{_code(field.name)}: {_code(_shown(old))} → {_code(_shown(new))}"
        else:
            value = new if change["action"] == "create" else old
            if field.name not in resource.key and value not in (None, "", [], field.default):
                yield f"{_code(field.name)}: {_code(_shown(value))}"


def _effect(change: Mapping[str, Any]) -> list[str]:
    """How many messages a change is about, and what it would do to them, with its risks before it."""
    impact = change.get("impact") or {}
    messages = impact.get("decided") if change["action"] == "delete" else impact.get("messages")
    risks = map(_risk, change.get("risks") or ())
    sentence = [_code(impact["sentence"], _LONGEST_SENTENCE)] if impact.get("sentence") else []
    return ["not known" if messages is None else f"{messages:,}", "<br>".join([*risks, *sentence])]


def _risk(risk: Mapping[str, Any]) -> str:
    text = f"{html.escape(risk['severity'])} risk, {_code(risk['rule'])}"
    return text if risk["accepted"] is None else f"Accepted: {text}: {_code(risk['accepted'], _LONGEST_SENTENCE)}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _code(text: str, longest: int = _LONGEST_VALUE) -> str:
    """Text of others, on one line: nothing in it is markup, and every character can be seen."""
    cut = text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"
    return f"<code>{html.escape(escape_hidden(cut))}</code>"


def _row(tag: str, cells: Sequence[str]) -> Iterator[str]:
    yield f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"
