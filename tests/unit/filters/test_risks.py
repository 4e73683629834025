# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The risk rules: for each, what it finds and what it passes."""

from __future__ import annotations

import pytest
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk.rules import RULES

from unit.filters.risk_documents import (
    ACCEPTABLE,
    EXEMPT,
    REGEX,
    TRUSTED,
    WIDER,
    Document,
    allow,
    allows,
    block,
    domain,
    found,
    person,
    trusts,
)

_ALL_MAIL = (".*", ".", "a", "", "^", "^$", "x*", r"\d+", "(?i)[a-z ]+", "wire|", "^.+$", "(")
_ALL_URLS = (
    *(".*", "^https?://.*", "https", "^http://", r"^https:\/\/.+$", "^(http|https)://"),
    *(
        r"partner\.example",
        r"^https://partner\.example/.*$",
        r"^https://.*\.partner\.example",
        r"https?://(.*\.)?x\.example/?$",
    ),
)
# A week and a second before the present of these tests.
_LONG_AGO = "2026-11-15T11:59:59Z"

# For each rule: documents in which it finds something, and documents in which it does not.
CASES: dict[str, tuple[list[Document], list[Document]]] = {
    "trusted_sender_unverified": (
        [allows(allow("a@example.com", **TRUSTED, verify_sender=False))],
        [
            allows(allow("a@example.com", **TRUSTED)),
            allows(allow("a@example.com", verify_sender=False)),
            allows(allow("a@example.com", **TRUSTED, verify_sender=False, state="absent")),
        ],
    ),
    "acceptable_sender_unverified": (
        [allows(allow("a@example.com", **ACCEPTABLE, verify_sender="no"))],
        [allows(allow("a@example.com", **ACCEPTABLE)), allows(allow("a@example.com", **TRUSTED, verify_sender=False))],
    ),
    "regex_matches_everything": (
        [
            allows(allow(".*", **REGEX)),
            allows(allow("[0-9.]+", "IP", **REGEX)),
            {"block_senders": [block(".*@.*", **REGEX)]},
            trusts(".*", **REGEX),
            person(".*", is_email_regex=True),
        ],
        [
            allows(allow(".*")),
            allows(allow(r"^.*@example\.com$", **REGEX)),
            person(r"^jane@example\.com$", is_email_regex=True),
        ],
    ),
    "regex_unanchored": (
        [
            allows(allow(r"@example\.com", **REGEX)),
            trusts(r"example\.com$", **REGEX),
            person(r"jane@example\.com", is_email_regex=True),
        ],
        [
            allows(allow(r"^.*@example\.com$", **REGEX)),
            allows(allow(r"@example\.com")),
            {"block_senders": [block("spam", **REGEX)]},
        ],
    ),
    "regex_unescaped_dot": (
        [allows(allow("^.*@example.com$", **REGEX)), trusts("^example.com$", **REGEX)],
        [allows(allow(r"^.*@example\.com$", **REGEX)), trusts("example.com")],
    ),
    "public_mail_provider": (
        [
            allows(allow("Gmail.com", "DOMAIN", **TRUSTED)),
            allows(allow(r"^.*@(gmail|x)\.com$|^.*@outlook\.com$", **REGEX, **ACCEPTABLE)),
        ],
        [
            allows(allow("jane@gmail.com", **TRUSTED)),
            allows(allow(r"^jane@gmail\.com$", **REGEX, **TRUSTED)),
            allows(allow("gmail.com", "DOMAIN", **EXEMPT)),
            {"block_senders": [block("gmail.com", "DOMAIN")]},
            trusts("gmail.com"),
        ],
    ),
    "public_suffix": (
        [
            allows(allow("com", "DOMAIN", **TRUSTED)),
            allows(allow("*.co.uk", "DOMAIN")),
            trusts("github.io"),
            trusts(r"^.*\.uk$", **REGEX),
        ],
        [allows(allow("example.com", "DOMAIN")), trusts("internal"), allows(allow(r"^.*@example\.com$", **REGEX))],
    ),
    "exempt_recipient_domain": (
        [
            allows(allow("example.com", "DOMAIN", **EXEMPT)),
            allows(allow(r"^.*@example\.com$", **REGEX, **EXEMPT)),
        ],
        [
            allows(allow("phishing@example.com", **EXEMPT)),
            allows(allow(r"^phishing@example\.com$", **REGEX, **EXEMPT)),
            allows(allow("example.com", "DOMAIN", **TRUSTED)),
        ],
    ),
    "wide_ip_range": (
        [allows(allow("192.0.0.0/16", "IP")), allows(allow("2001:db8::/32", "IP"))],
        [
            allows(allow("192.0.2.0/24", "IP")),
            allows(allow("192.0.2.1", "IP")),
            allows(allow("2001:db8::/48", "IP")),
            allows(allow("no address", "IP")),
            {"block_senders": [block("192.0.0.0/16", "IP")]},
        ],
    ),
    "allowed_and_blocked": (
        [{**allows(allow("A@Example.com", **TRUSTED)), "block_senders": [block("A@example.COM")]}],
        [
            {**allows(allow("a@example.com")), "block_senders": [block("a@example.com")]},
            {**allows(allow("a@example.com", **TRUSTED)), "block_senders": [block("example.com", "DOMAIN")]},
            {**allows(allow("a@x.com", **TRUSTED)), "block_senders": [block("a@x.com", expires="2020-01-01")]},
        ],
    ),
    "shadowed": (
        [
            allows(WIDER, allow("a@Example.com", **TRUSTED)),
            allows(allow("a@example.com", **TRUSTED, expires="2027-01-01"), WIDER),
            allows(allow("192.0.2.0/24", "IP", **TRUSTED), allow("192.0.2.7", "IP", **TRUSTED)),
            allows(allow("2001:db8::/64", "IP", **TRUSTED), allow("2001:DB8::1", "IP", **TRUSTED)),
            allows({**WIDER, "id": "1"}, {**WIDER, "id": "2"}),
            {"block_senders": [block("example.com", "DOMAIN"), block("a@example.com")]},
            {"block_senders": [block("192.0.2.0/24", "IP"), block("192.0.2.0/25", "IP")]},
        ],
        [
            allows(WIDER, allow("a@sub.example.com", **TRUSTED)),
            allows(WIDER, allow("sub.example.com", "DOMAIN", **TRUSTED)),
            allows(WIDER, allow("a@example.com", **EXEMPT)),
            allows(WIDER, allow("a@example.com", **TRUSTED, verify_sender=False)),
            allows(WIDER, allow("a@example.com")),
            allows({**WIDER, "expires": "2027-01-01"}, allow("a@example.com", **TRUSTED)),
            allows({**WIDER, "state": "absent"}, allow("a@example.com", **TRUSTED)),
            allows(allow("192.0.2.0/24", "IP", **TRUSTED), allow("192.0.3.7", "IP", **TRUSTED)),
            allows(allow("0.0.0.0/0", "IP", **TRUSTED), allow("::1", "IP", **TRUSTED)),
            {"block_senders": [block("example.com", "DOMAIN")], **allows(allow("a@example.com", **TRUSTED))},
        ],
    ),
    "expired": (
        [
            allows(allow("a@example.com", expires="2026-11-21")),
            {"block_senders": [block("a@example.com", expires="2026-11-22T11:59:00Z")]},
        ],
        [
            allows(allow("a@example.com", expires="2026-11-22")),
            allows(allow("a@example.com", expires="2026-01-01", state="absent")),
        ],
    ),
    "uncommented_exception": (
        [allows(allow("a@example.com", comments=" ")), {"trusted_domains": [{"pattern": "example.com"}]}],
        [allows(allow("a@example.com")), {"block_senders": [block("a@example.com")]}],
    ),
    "domain_without_tls": (
        [domain(require_tls_inbound=False), domain(require_tls_outbound="false")],
        [domain(), domain(require_tls_inbound=True), domain(require_tls_outbound=None)],
    ),
    "domain_drops_nothing": ([domain(drop_dispositions=[])], [domain(), domain(drop_dispositions=["MALICIOUS"])]),
    "domain_spf": ([domain(spf_status="OPEN")], [domain(), domain(spf_status="GOOD"), domain(spf_status=None)]),
    "domain_dmarc": ([domain(dmarc_status="none")], [domain(), domain(dmarc_status="good")]),
    "domain_unauthorized": (
        [domain(authorization={"authorized": False, "status_message": "consent was withdrawn"})],
        [domain(), domain(authorization=None), domain(authorization={"authorized": True})],
    ),
    "domain_not_active": (
        [
            domain(status="FAILED", created_at=_LONG_AGO),
            domain(status="pending"),
            domain(status="PENDING", created_at="2026-11-15T12:00:00Z"),
            domain(status="PENDING", created_at="a while ago"),
        ],
        [domain(), domain(status="ACTIVE"), domain(status="PENDING", created_at=_LONG_AGO)],
    ),
    "domain_pending": (
        [domain(status="PENDING", created_at=_LONG_AGO), domain(status="pending", created_at="2025-01-01T00:00:00.5Z")],
        [domain(status="PENDING", created_at="2026-11-15T12:00:00Z"), domain(status="ACTIVE", created_at=_LONG_AGO)],
    ),
    "impersonation_registry_empty": (
        [{"impersonation_registry": []}, person("jane@example.com", state="absent")],
        [{}, person("jane@example.com")],
    ),
    "content_policy_pattern": (
        [{"content_policies": [{"name": "a", "pattern": pattern}]} for pattern in _ALL_MAIL],
        [
            {"content_policies": [{"name": "a", "pattern": pattern}]}
            for pattern in (r"(?i)overdue invoice \d{6}", r"^\d{4}$", "Bitcoin|Monero", r"^RE: .*urgent")
        ],
    ),
    "content_policy_disabled": (
        [{"content_policies": [{"name": "a", "pattern": "wire", "enabled": "no"}]}],
        [{"content_policies": [{"name": "a", "pattern": "wire"}]}],
    ),
    "restricted_mail_provider": (
        [{"sending_domain_restrictions": [{"domain": "Gmail.com"}]}],
        [{"sending_domain_restrictions": [{"domain": "partner.example"}]}],
    ),
    "url_ignore_pattern_wide": (
        [{"url_ignore_patterns": [{"pattern": pattern, "comments": "a"}]} for pattern in _ALL_URLS],
        [
            {"url_ignore_patterns": [{"pattern": pattern, "comments": "a"}]}
            for pattern in (
                r"^https://login\.partner\.example/once/.*$",
                r"^https://partner\.example/x",
                r"^https://[a-z]+\.partner\.example/reset\?token=\w+$",
            )
        ],
    ),
    "acceptance_without_risk": (
        [
            allows(allow("a@example.com", accepted_risks={"wide_ip_range": "why not"})),
            allows(allow("a@example.com", accepted_risks={"misspelt": "a word"})),
        ],
        [allows(allow("com", "DOMAIN", accepted_risks={"public_suffix": "a laboratory"}))],
    ),
}


def test_every_rule_has_cases() -> None:
    assert set(CASES) == {rule.name for rule in RULES.values() if not rule.by_mail}


@pytest.mark.parametrize("rule", CASES)
def test_rule(rule: str) -> None:
    risky, fine = CASES[rule]
    for document in risky:
        (finding,) = [one for one in found(document) if one["rule"] == rule]
        assert set(finding) == {"rule", "severity", "list", "key", "id", "why", "what_to_do", "accepted"}
        assert finding["severity"] == RULES[rule].severity
        assert finding["list"] in RULES[rule].lists
        assert RULES[rule].why in finding["why"]
        assert finding["accepted"] is None
    for document in fine:
        assert [one for one in found(document) if one["rule"] == rule] == [], document


def test_findings_name_the_entry_and_the_worst_comes_first() -> None:
    entries = [
        allow("plain@example.com", comments=""),
        allow("Com", "DOMAIN", **TRUSTED, verify_sender=False, id=17, comments=""),
    ]
    findings = found(allows(*entries))
    assert [one["severity"] for one in findings] == ["high", "high", "low", "low"]
    assert findings[0]["key"] == {"pattern": "Com", "pattern_type": "DOMAIN", "is_regex": False}
    assert findings[0]["id"] == "17"
    assert findings[2]["id"] is None


def test_an_expired_entry_of_a_policy_counts_for_nothing_else() -> None:
    entry = allow(".*", **REGEX, **TRUSTED, verify_sender=False, expires="2020-01-01", comments="")
    assert [one["rule"] for one in found(allows(entry))] == ["expired"]


def test_a_domain_says_what_is_missing() -> None:
    (finding,) = found(domain(require_tls_inbound=False, require_tls_outbound=False))
    assert "not required inbound and outbound" in finding["why"]
