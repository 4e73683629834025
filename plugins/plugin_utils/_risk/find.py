# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The risks in a settings document: all checks together, and what has been accepted with a reason."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.document import (
    Document,
    Item,
    read_document,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from . import by_list, checks, overlaps
from .by_mail import BY_MAIL
from .checks import Found
from .known_domains import (
    KnownDomains,
    known_domains,
)
from .rules import RULES, SEVERITIES

Finding = dict[str, Any]
# Which entry: its list and its natural key. The registry as a whole has the empty key.
_Entry = tuple[str, Hashable]


def find_risks(
    document: Mapping[str, Any],
    now: datetime,
    policy: Mapping[str, Any] | None = None,
    accepted: Sequence[Mapping[str, Any]] = (),
    mail_providers: Collection[str] = (),
    by_mail: Iterable[Finding] = (),
) -> tuple[list[Finding], dict[str, str]]:
    """The risks of a document, worst first, then in its order.

    :param document: settings as `settings_info` returns them, or a policy.
    :param policy: where entries of the document get ``expires`` and ``accepted_risks`` from, by their key.
    :param accepted: more that is accepted: ``{rule, reason, list?, key?}``.
    :param mail_providers: domains to count as public mail providers too.
    :param by_mail: findings of :mod:`by_mail`, without what is accepted.
    :return: findings ``{rule, severity, list, key, id, why, what_to_do, accepted}``, and ``{rule: package}`` for the
        rules that were left out, wholly or in part, because a Python package is missing.
    :raises InputError: what was given has no such shape.
    """
    for option, given in (("accepted", accepted), ("mail_providers", mail_providers)):
        if not isinstance(given, Collection) or isinstance(given, (str, bytes, Mapping)):
            raise InputError([f"{option} must be a list, not {type(given).__name__}"])
    if not all(isinstance(name, str) for name in mail_providers):
        raise InputError(["mail_providers must be texts, the names of domains"])
    items = read_document(document, now)
    policies = read_document(policy or {}, now)
    known = known_domains(mail_providers)
    reasons = _Reasons(items, policies, accepted)
    found = list(_found(items, policies, known, now))
    findings = [_finding(rule, item, detail, reasons.reason(rule, item)) for rule, item, detail in found]
    findings += [
        _finding(rule, item, detail, None) for rule, item, detail in reasons.unused({*known.missing, *BY_MAIL})
    ]
    findings += [{**finding, "accepted": reasons.of_entry(finding)} for finding in by_mail]
    findings.sort(key=lambda finding: SEVERITIES.index(finding["severity"]))
    return findings, known.missing


def _found(document: Document, policy: Document, known: KnownDomains, now: datetime) -> Iterator[Found]:
    yield from by_list.found(document, known)
    yield from checks.unverified(document)
    yield from checks.regexes(document, known)
    yield from checks.hosts(document, known)
    yield from checks.wide_ranges(document)
    yield from overlaps.allowed_and_blocked(document)
    yield from overlaps.shadowed(document)
    yield from checks.expired(document, now)
    yield from _expired_in_policy(document, policy, now)
    yield from checks.uncommented(document)
    yield from checks.domains(document, now)


def _expired_in_policy(document: Document, policy: Document, now: datetime) -> Iterator[Found]:
    """Entries that the account still has, though the policy's time for them is over."""
    over = {_entry(item): detail for dummy, item, detail in checks.expired(policy, now)}
    for items in document.values() if over else ():
        for item in items:
            if item.expires is None and _entry(item) in over:
                yield "expired", item, over[_entry(item)]


class _Reasons:
    """What is accepted, and why. It keeps count of what was asked for."""

    def __init__(self, document: Document, policy: Document, accepted: Iterable[Mapping[str, Any]]) -> None:
        self.by_entry: dict[tuple[str, _Entry], str] = {}
        self.by_list: dict[tuple[str, str | None], str] = {}
        self.written: list[Item] = [
            item for source in (document, policy) for items in source.values() for item in items if item.accepted
        ]
        self.used: set[tuple[str, _Entry]] = set()
        self.present = {_entry(item) for items in document.values() if self.written for item in items if item.present}
        for position, one in enumerate(accepted):
            self._accept(f"accepted[{position}]", one)
        # What an entry itself says comes last, and so wins.
        for item in reversed(self.written):
            for rule, reason in item.accepted.items():
                self.by_entry[rule, _entry(item)] = reason

    def of_entry(self, finding: Finding) -> str | None:
        """The reason for a finding about an entry that may not be in the document."""
        rule, name = finding["rule"], finding["list"]
        by_list = self.by_list.get((rule, name)) or self.by_list.get((rule, None))
        return self.by_entry.get((rule, (name, RESOURCES[name].key_of(finding["key"])))) or by_list

    def reason(self, rule: str, item: Item | None) -> str | None:
        if item is None:
            return self.by_list.get((rule, RULES[rule].lists[0])) or self.by_list.get((rule, None))
        reason = self.by_list.get((rule, item.resource.name)) or self.by_list.get((rule, None))
        # Keys are not made for nothing: there may be many findings.
        if self.by_entry:
            entry = _entry(item)
            self.used.add((rule, entry))
            reason = self.by_entry.get((rule, entry)) or reason
        return reason

    def unused(self, not_checked: Collection[str]) -> Iterator[Found]:
        """Risks that an entry accepts and does not have. An entry that is not in the account says nothing."""
        reported: set[tuple[str, _Entry]] = set()
        for item in self.written:
            for rule in item.accepted:
                one = (rule, _entry(item))
                if one in self.used or one in reported or rule in not_checked:
                    continue
                reported.add(one)
                if rule not in RULES or _entry(item) in self.present:
                    yield "acceptance_without_risk", item, f"It accepts {rule}."

    def _accept(self, where: str, one: Mapping[str, Any]) -> None:
        if not isinstance(one, Mapping):
            raise InputError([f"{where}: must be a mapping with rule and reason"])
        rule, reason, name, key = (one.get(field) for field in ("rule", "reason", "list", "key"))
        problems = [f"unknown field {field!r}" for field in one if field not in ("rule", "reason", "list", "key")]
        if not isinstance(rule, str) or rule not in RULES:
            problems.append(f"unknown rule {rule!r}; known are {', '.join(RULES)}")
        if not isinstance(reason, str) or not reason.strip():
            problems.append("reason is missing")
        if name is not None and (not isinstance(name, str) or name not in RESOURCES):
            problems.append(f"unknown list {name!r}; known are {', '.join(RESOURCES)}")
        if key is not None and (name is None or not isinstance(key, Mapping)):
            problems.append("key must be a mapping of an entry's key fields, beside list")
        if problems:
            raise InputError([f"{where}: {problem}" for problem in problems])
        if isinstance(key, Mapping):
            self.by_entry[str(rule), (str(name), RESOURCES[str(name)].key_of(key))] = str(reason)
        else:
            self.by_list[str(rule), name] = str(reason)


def _entry(item: Item | None) -> _Entry:
    return ("", ()) if item is None else (item.resource.name, item.key)


def _finding(name: str, item: Item | None, detail: str, accepted: str | None) -> Finding:
    rule = RULES[name]
    return {
        "rule": name,
        "severity": rule.severity,
        "list": rule.lists[0] if item is None else item.resource.name,
        "key": {} if item is None else item.resource.key_fields(item.fields),
        "id": None if item is None else item.id,
        "why": f"{detail} {rule.why}".strip(),
        "what_to_do": rule.what_to_do,
        "accepted": accepted,
    }
