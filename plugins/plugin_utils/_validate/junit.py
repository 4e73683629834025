# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings as JUnit XML: a case for each file, and one for variables."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from ansible_collections.cloudflare.email_security.plugins.module_utils._text import count, escape_hidden

from .findings import Finding

_VARIABLES = "variables"


def junit(findings: Sequence[Finding], files: Sequence[str], *, strict: bool) -> str:
    """The findings as JUnit XML.

    :param files: all files that were read.
    :param strict: warnings are failures too.
    """
    cases: dict[str, list[Finding]] = {name: [] for name in [*sorted(files), _VARIABLES]}
    for finding in findings:
        cases.setdefault(finding.file or _VARIABLES, []).append(finding)
    root = ElementTree.Element("testsuites", name="cloudflare.email_security validate")
    suite = ElementTree.SubElement(root, "testsuite", name="policy")
    failed = 0
    for name, found in cases.items():
        case = ElementTree.SubElement(suite, "testcase", classname="policy", name=escape_hidden(name), time="0")
        serious = [finding for finding in found if strict or finding.severity == "error"]
        others = [finding for finding in found if finding not in serious]
        if serious:
            failed += 1
            failure = ElementTree.SubElement(case, "failure", message=count(len(serious), "mistake"), type="policy")
            failure.text = _rows(serious)
        if others:
            ElementTree.SubElement(case, "system-out").text = _rows(others)
    for element in (root, suite):
        numbers = {"tests": len(cases), "failures": failed, "errors": 0, "skipped": 0, "time": 0}
        for attribute, number in numbers.items():
            element.set(attribute, str(number))
    ElementTree.indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ElementTree.tostring(root, encoding='unicode')}\n"


def _rows(findings: Sequence[Finding]) -> str:
    return "\n".join(
        escape_hidden(
            f"{finding.line}:{finding.column}: {finding.severity}: {finding.message}"
            if finding.line
            else f"{finding.severity}: {finding.message}"
        )
        for finding in findings
    )
