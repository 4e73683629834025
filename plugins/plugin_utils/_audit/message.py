# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as a message to people: for a chat channel, a mail or a ticket."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._text import count, escape_hidden

from .headline import Group, headline_of, look_first
from .history import since_previous
from .report import not_judged_of

# AWX makes variables of what a job hands on, and the next job evaluates variables. With a space in it, this begins no
# template.
_TEMPLATE = re.compile(r"\{(?=[{%#])")
# A chat takes some 3,000 characters; what an account holds may be longer than any of them.
_LONGEST = 120


def title(report: Mapping[str, Any]) -> str:
    """The headline. It holds nothing that comes from an account."""
    return headline_of(report)["title"]


def message(report: Mapping[str, Any]) -> str:
    """The report in a few lines of plain text: the headline, what to look at first, what is new, what was not judged.

    It is plain text: what an account holds may look like markup, or like a mention of everybody in a chat. What looks
    like a template is taken apart.
    """
    headline = headline_of(report)
    lines = [headline["title"], headline["text"]]
    for group in look_first(report):
        lines.append(f"- {group['number']:,} {group['badge']}: {group['title']}. {_spots(group)}")
        lines.append(f"  {group['todo']}")
    since = since_previous(report)
    if since:
        risks = count(sum(since["risks"].values()), "new risk")
        drift = count(since["drift"], "newly drifted entry", "newly drifted entries")
        lines.append(f"Since {since['previous'][:10]}: {risks}, {drift}, {since['gone']:,} gone.")
    rules = {one["rule"] for account in report["accounts"] for one in not_judged_of(account)["rules"]}
    if rules:
        lines.append(f"Not judged: {', '.join(sorted(rules))}.")
    unread = [account["account"] for account in report["accounts"] if not_judged_of(account)["monthly_report"]]
    if unread:
        lines.append(f"The monthly report of {count(len(unread), 'account')} could not be read.")
    return _TEMPLATE.sub("{ ", "\n".join(escape_hidden(line) for line in lines if line))


def _spots(group: Group) -> str:
    spots = []
    for entry in group["entries"]:
        owner = f", owner {entry['owner']}" if entry.get("owner") else ""
        spots.append(_short(f"{entry['account']}: {entry['label'] or entry['note']}{owner}"))
    more = f"; and {group['more']:,} more" if group["more"] > 0 else ""
    return f"{'; '.join(spots)}{more}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
