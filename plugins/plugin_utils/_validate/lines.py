# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings of all accounts together, as lines: those of compilers, or those that GitHub makes annotations of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.cloudflare.email_security.plugins.module_utils._text import count, escape_hidden

from .findings import Finding

FORMATS = ("text", "github")


def merge(accounts: Mapping[str, Sequence[Finding]]) -> list[Finding]:
    """Findings of all accounts, each once, by file and line. What is in no file gets the account in front of it."""
    merged: dict[Finding, None] = {}
    for account, findings in accounts.items():
        for finding in findings:
            if finding.file is None and len(accounts) > 1:
                finding = Finding(finding.severity, f"{account}: {finding.message}")
            merged[finding] = None
    return sorted(merged, key=lambda one: (one.file is None, one.file or "", one.line or 0, one.column or 0))


def lines(findings: Sequence[Finding], form: str) -> Iterator[tuple[str, str]]:
    """The severity and the line of each finding.

    :param form: one of ``FORMATS``.
    """
    for finding in findings:
        yield finding.severity, _annotation(finding) if form == "github" else _line(finding)


def closing(findings: Sequence[Finding], files: int, accounts: int) -> str:
    """The last line: how many findings, in how much."""
    checked = f"{count(files, 'file')}, {count(accounts, 'account')}"
    numbers = [sum(finding.severity == severity for finding in findings) for severity in ("error", "warning")]
    counts = [count(number, word) for number, word in zip(numbers, ("error", "warning"), strict=True) if number]
    return f"{', '.join(counts) or 'No mistakes'} ({checked} checked)"


def _line(finding: Finding) -> str:
    place = [str(part) for part in (finding.file, finding.line, finding.column) if part is not None]
    return inert(": ".join([*filter(None, [":".join(place)]), finding.severity, finding.message]))


def _annotation(finding: Finding) -> str:
    names = {"file": finding.file, "line": finding.line, "col": finding.column}
    given = (f"{name}={_property(str(value))}" for name, value in names.items() if value is not None)
    head = f"{finding.severity} {','.join(given)}".rstrip()
    return f"::{head}::{_data(finding.message)}"


def inert(text: str) -> str:
    """One line that no CI system takes for a command: GitHub and others obey lines with ``::`` or ``##[``."""
    line = escape_hidden(text).replace("##[", "# #[")
    return f"./{line}" if line.lstrip().startswith("::") else line


def _data(text: str) -> str:
    return inert(text).replace("%", "%25")


def _property(text: str) -> str:
    return inert(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
