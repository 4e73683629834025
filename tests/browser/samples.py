# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Made-up accounts, as an audit finds them: calm ones, drifted ones, hostile ones, and very many entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.report import build
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk.rules import RULES

LISTS = tuple(RESOURCES)
SIZES = {
    **dict.fromkeys(LISTS, 0),
    "domains": 4,
    "impersonation_registry": 35,
    "block_senders": 2140,
    "trusted_domains": 62,
    "allow_policies": 118,
}
TIME = "2026-11-02T06:00:00Z"
COUNTED = {"create": "created", "update": "updated", "delete": "deleted"}

# What an attacker, or an unlucky colleague, may have put into an account.
HOSTILE = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror=window.pwned=1>',
    "javascript:window.pwned=1",
    "{{7*7}}{% raw %}",
    "</script><script>window.pwned=1</script>",
    "<!--<script>",
    "line\u2028separator\u2029paragraph",
    "invoice\u202egnp.exe",
    "]]>&amp;\u0007",
)


def sender(pattern: str, pattern_type: str = "DOMAIN", **fields: Any) -> dict[str, Any]:
    return {"pattern": pattern, "pattern_type": pattern_type, "is_regex": False, **fields}


def change(
    name: str, action: str, key: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """A change as the module settings returns it; a side without fields is null."""
    sides = {side: {**key, **fields} for side, fields in (("before", before), ("after", after))}
    return {
        "list": name,
        "action": action,
        "key": dict(key),
        "id": None if action == "create" else "f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
        "before": None if action == "create" else sides["before"],
        "after": None if action == "delete" else sides["after"],
    }


def finding(
    rule: str, name: str, key: Mapping[str, Any], detail: str = "", accepted: str | None = None
) -> dict[str, Any]:
    """A finding as the filter risks returns it."""
    known = RULES[rule]
    return {
        "rule": rule,
        "severity": known.severity,
        "list": name,
        "key": dict(key),
        "id": None,
        "why": f"{detail} {known.why}".strip(),
        "what_to_do": known.what_to_do,
        "accepted": accepted,
    }


def record(
    changes: Iterable[Mapping[str, Any]] = (),
    findings: Iterable[Mapping[str, Any]] = (),
    lists: Iterable[str] = LISTS,
    sizes: Mapping[str, int] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """What was found in one account whose policy names ``lists``."""
    changes = list(changes)
    sizes = sizes or SIZES
    summary = {
        name: {"created": 0, "updated": 0, "deleted": 0, "unchanged": sizes[name], "expired": 0} for name in lists
    }
    for one in changes:
        summary[one["list"]][COUNTED[one["action"]]] += 1
    return {
        "account_id": "0123456789abcdef0123456789abcdef",
        "entries": dict(sizes),
        "drift": {"summary": summary, "changes": changes},
        "findings": list(findings),
        "warnings": [],
        **more,
    }


def unreadable(
    message: str = "The credentials are wrong. GET settings/domains was answered: HTTP 403.",
) -> dict[str, Any]:
    error = {"message": message, "type": "AccessError", "http_status": 403, "cf_ray": "8d0c1e7c1a2b3c4d-FRA"}
    return {"account_id": "fedcba9876543210fedcba9876543210", "error": error}


def calm() -> dict[str, dict[str, Any]]:
    return {f"acme-{place}": record() for place in ("apac", "eu", "labs", "uk", "us")}


def mixed() -> dict[str, dict[str, Any]]:
    """Accounts in every state, with changes and findings of every kind."""
    phish = sender("phish.example")
    billing = sender("billing@partner.example", "EMAIL")
    changes = [
        change(
            "block_senders",
            "update",
            phish,
            {"comments": "INC-77, seen in March"},
            {"comments": "INC-77, seen in April"},
        ),
        change("block_senders", "create", sender("login-acme.example"), {}, {"comments": "feed, 2026-10-30"}),
        change(
            "allow_policies",
            "update",
            billing,
            {"is_trusted_sender": True, "verify_sender": False, "comments": "Invoices, SEC-1234"},
            {"is_trusted_sender": False, "verify_sender": True, "comments": "Invoices, SEC-1234"},
        ),
        change(
            "allow_policies", "delete", sender("203.0.113.0/24", "IP"), {"is_trusted_sender": True, "comments": ""}, {}
        ),
        change(
            "domains",
            "update",
            {"domain": "example.com"},
            {"drop_dispositions": ["SPAM"], "ip_restrictions": ["192.0.2.0/24"], "require_tls_inbound": False},
            {"drop_dispositions": ["MALICIOUS", "SPAM"], "ip_restrictions": [], "require_tls_inbound": True},
        ),
    ]
    findings = [
        finding("trusted_sender_unverified", "allow_policies", billing),
        finding(
            "regex_unanchored",
            "allow_policies",
            {**sender(r".*@partner\.example", "EMAIL"), "is_regex": True},
            "It lacks ^.",
        ),
        finding("domain_without_tls", "domains", {"domain": "example.com"}, "require_tls_inbound is false."),
        *(
            finding("uncommented_exception", "trusted_domains", {"pattern": f"{name}.example"})
            for name in ("shop", "venue")
        ),
    ]
    training = finding(
        "trusted_sender_unverified",
        "allow_policies",
        sender("simulation@training.example", "EMAIL"),
        accepted="Phishing training; the vendor signs nothing. Contract ends 2026-12, SEC-77",
    )
    warning = "block_senders: left out id 17, not fit for a document: pattern_type must be one of EMAIL, DOMAIN, IP"
    return {
        **calm(),
        "acme-eu": record(changes, findings),
        "acme-us": record(changes[:1], findings[3:]),
        "acme-uk": record(findings=[training]),
        "globex": record(lists=(), findings=findings[2:3], warnings=[warning]),
        "initech": unreadable(),
    }


def hostile() -> dict[str, dict[str, Any]]:
    """One account, everything in which is hostile."""
    changes = []
    findings = []
    for text in HOSTILE:
        key = sender(text, "EMAIL")
        changes.append(change("block_senders", "create", key, {}, {"comments": text}))
        changes.append(change("allow_policies", "update", key, {"comments": text}, {"comments": f"{text}!"}))
        changes.append(
            change("domains", "update", {"domain": text}, {"regions": [text]}, {"regions": ["GLOBAL", text]})
        )
        findings.append(finding("trusted_sender_unverified", "allow_policies", key, detail=text))
        findings.append(finding("uncommented_exception", "trusted_domains", {"pattern": text}, accepted=text))
    return {
        "<b onclick=window.pwned=1>": record(changes, findings, warnings=list(HOSTILE)),
        "broken": unreadable("\n".join(HOSTILE)),
    }


def many(accounts: int = 20, entries: int = 5000) -> dict[str, dict[str, Any]]:
    """The worst: every entry of every account drifted, and every one is a risk."""
    sizes = {**dict.fromkeys(LISTS, 0), "block_senders": entries}
    found = {}
    for number in range(accounts):
        keys = [sender(f"{position:05}.account{number:02}.example") for position in range(entries)]
        changes = [
            change("block_senders", "update", key, {"comments": "before"}, {"comments": "after"}) for key in keys
        ]
        findings = [finding("uncommented_exception", "allow_policies", key) for key in keys]
        found[f"account{number:02}"] = record(changes, findings, sizes=sizes)
    return found


@cache
def report_of(sample: str) -> dict[str, Any]:
    """The report about one of these, by its function's name. It is made once: nobody may change it."""
    return build(globals()[sample](), TIME)
