# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Risks that show in mail: what a change would have done to it, and exceptions that decided none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from .rules import RULES

# How many messages make a risk how severe, the worst first.
_CLEAN = {"high": 100, "medium": 10, "low": 1}
_MALICIOUS = {"high": 3, "medium": 1}

BY_MAIL = frozenset(rule.name for rule in RULES.values() if rule.by_mail)
# Of the dispositions that a change would have made a difference to, those that count.
_COUNTED = {
    "block_senders": ("block_hits_clean_mail", ("NONE",), _CLEAN),
    "allow_policies": ("allow_passes_malicious", ("MALICIOUS", "MALICIOUS-BEC"), _MALICIOUS),
}


def change_risks(change: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The risks of a planned change, as findings have them, without the entry.

    Each has ``rule``, ``severity``, ``why``, ``what_to_do``, and ``accepted``, the entry's reason or None.

    :param change: as the module ``settings`` returns it. Without ``impact`` there are none.
    """
    impact = change.get("impact")
    if not isinstance(impact, Mapping) or change.get("list") not in _COUNTED:
        return
    name, dispositions, severities = _COUNTED[str(change["list"])]
    affected = impact.get("affected") or {}
    number = sum(int(affected.get(disposition) or 0) for disposition in dispositions)
    severity = next((word for word, least in severities.items() if number >= least), None)
    if severity:
        accepted = (change.get("accepted_risks") or {}).get(name)
        yield {**_risk(name, severity, str(impact.get("sentence") or "")), "accepted": accepted}


def change_findings(change: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The same as findings about the entry. What is accepted, :func:`find_risks` says."""
    for risk in change_risks(change):
        yield {**risk, **{name: change.get(name) for name in ("list", "key", "id")}}


def usage_findings(usage: Mapping[str, Any], since: str) -> Iterator[dict[str, Any]]:
    """The finding about an unused exception, as :func:`change_findings`.

    :param usage: of one entry, as the module ``policy_usage_info`` returns it.
    """
    name = usage["list"]
    if usage["status"] == "unused" and name in RULES["unused_exception"].lists:
        key = RESOURCES[name].key_fields(usage)
        risk = _risk("unused_exception", "low", f"It decided no message since {since[:10]}.")
        yield {**risk, "list": name, "key": key, "id": usage["id"]}


def _risk(name: str, severity: str, detail: str) -> dict[str, Any]:
    rule = RULES[name]
    return {
        "rule": name,
        "severity": severity,
        "why": f"{detail} {rule.why}".strip(),
        "what_to_do": rule.what_to_do,
    }
