# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a policy, found without any account: in its files, its entries, and on request its risks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.document import read_document
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.places import Placed, subject
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.policy import Policy
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import (
    place_entries,
    read_placed,
)

from .._risk.find import find_risks
from .._risk.rules import SEVERITIES

# How to treat risks: not at all, as warnings, or as errors from a severity on.
RISKS = ("none", "warn", *SEVERITIES)
_PREFIX = "email_security_"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    :param severity: ``error`` or ``warning``.
    :param message: what is wrong and what to do; prefixed with its place, if that is not a file.
    :param file: the file that it is in, as shown to users; None for a variable.
    :param line: counted from 1, as ``column`` is; None for a problem of the whole file.
    """

    severity: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def plain(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class RiskOptions:
    """How risks are checked.

    :param treat: one of ``RISKS``.
    :param accepted: as of :func:`find_risks`.
    :param mail_providers: as of :func:`find_risks`.
    """

    treat: str = "none"
    accepted: Sequence[Mapping[str, Any]] = ()
    mail_providers: Collection[str] = ()


def validate(
    policy: Policy, variables: Mapping[str, Any], files: Sequence[str], now: datetime, risks: RiskOptions
) -> tuple[list[Finding], dict[str, int]]:
    """The findings of one account's policy, and how many entries each of its lists has.

    :param policy: what the files say.
    :param variables: lists that are given as variables of the roles, by their names without the prefix.
    :param files: the files that were read, as messages name them.
    """
    errors, warnings = list(policy.problems), list(policy.warnings)
    lists: dict[str, list[Placed]] = {}
    for name, resource in RESOURCES.items():
        if name not in policy.lists and name not in variables:
            continue
        try:
            given = place_entries(f"{_PREFIX}{name}", variables[name]) if name in variables else []
            lists[name] = [*policy.lists.get(name, ()), *given]
            warnings.extend(text for item in read_placed(resource, lists[name], now) for text in item.warnings)
        except InputError as error:
            errors.extend(error.problems)
    if not lists and not errors and not warnings:
        errors.append(
            f"there is no policy: {_PREFIX}policy_files names no file, and no list is given as a variable; "
            f"the lists are {', '.join(f'{_PREFIX}{name}' for name in RESOURCES)}"
        )
    if risks.treat != "none" and not errors:
        serious, others = _risks(lists, now, risks)
        errors.extend(serious)
        warnings.extend(others)
    place = _Places(files).finding
    findings = [place("error", text) for text in errors] + [place("warning", text) for text in warnings]
    return findings, {name: len(entries) for name, entries in lists.items()}


def _risks(lists: Mapping[str, list[Placed]], now: datetime, risks: RiskOptions) -> tuple[list[str], list[str]]:
    """The active risks: those that are errors, and the others."""
    document = {name: [placed.entry for placed in entries] for name, entries in lists.items()}
    try:
        found, missing = find_risks(document, now, accepted=risks.accepted, mail_providers=risks.mail_providers)
    except InputError as error:
        return error.problems, []
    where = {
        (name, item.key): lists[name][item.position].where
        for name, items in read_document(document, now).items()
        for item in reversed(items)
    }
    fatal = SEVERITIES[: SEVERITIES.index(risks.treat) + 1] if risks.treat in SEVERITIES else ()
    serious: list[str] = []
    others = [f"the rule {rule} was left out: the package {package} is missing" for rule, package in missing.items()]
    for finding in found:
        if finding["accepted"] is not None:
            continue
        resource = RESOURCES[finding["list"]]
        head = finding["list"]
        if finding["key"]:
            head = subject(where[finding["list"], resource.key_of(finding["key"])], resource.label(finding["key"]))
        line = f"{head}: {finding['severity']} risk {finding['rule']}: {finding['why']} {finding['what_to_do']}"
        (serious if finding["severity"] in fatal else others).append(line)
    return serious, others


class _Places:
    """Takes the place off a message that begins with one."""

    def __init__(self, files: Sequence[str]) -> None:
        self._files = sorted(files, key=len, reverse=True)

    def finding(self, severity: str, text: str) -> Finding:
        file = next((file for file in self._files if text.startswith(f"{file}:")), None)
        if file is None:
            return Finding(severity, text)
        line, colon, rest = text[len(file) + 1 :].partition(":")
        column, space, message = rest.partition(": ")
        if colon and space and line.isdecimal() and column.isdecimal():
            return Finding(severity, message, file, int(line), int(column))
        return Finding(severity, text[len(file) + 1 :].lstrip(), file)
