# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands around the EXAMPLES of each plugin: an account, variables, files; and what they then do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modules.samples import domain, person, policy, sender, trusted

_ID = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"
_MESSAGE = "4Njp3P0STMz2c02Q-2026-01-20T10:00:00-12345678"
_PARTNER = {"is_acceptable_sender": True, "pattern_type": "EMAIL"}
_UNVERIFIED = {"is_trusted_sender": True, "verify_sender": False}


@dataclass(frozen=True)
class Scenario:
    """Around the EXAMPLES of one plugin.

    :param before: the account's entries. Those that are to be removed or changed are among them.
    :param mail: its messages.
    :param variables: those that the examples use and do not define.
    :param files: beside the playbook, by name.
    :param changes: the tasks that change something when they run first; when they run again, none does.
    :param leaves: what the account then holds, by list: patterns, names of domains, addresses.
    :param shows: for each task, a text that its result holds.
    """

    before: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    mail: Sequence[Mapping[str, Any]] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    changes: Collection[str] = ()
    leaves: Mapping[str, Collection[str]] = field(default_factory=dict)
    shows: Mapping[str, str] = field(default_factory=dict)


_WAVE = [{"id": _MESSAGE, "from": "billing@phish.example"}]
_FOUND = {
    "wave": {"messages": [{"id": _MESSAGE}]},
    "message_id": _MESSAGE,
    "evidence_folder": "{{ playbook_dir }}/evidence",
}
_REPORT_OF_DRIFT = {
    "report": "{{ records | cloudflare.email_security.audit_report('2026-11-22T06:00:00Z') }}",
    "records": {"acme": {"entries": {"block_senders": 1}, "drift": "{{ outcome }}"}},
    "outcome": {"changes": [], "summary": {"block_senders": dict.fromkeys(("created", "updated", "deleted"), 0)}},
}

MODULES: Mapping[str, Scenario] = {
    "allow_policy": Scenario(
        before={
            "allow_policies": [
                policy("old@partner.example", id=_ID, **_PARTNER),
                policy("203.0.113.25", pattern_type="IP", is_trusted_sender=True),
            ]
        },
        variables={"policy_id": _ID},
        changes=(
            "Let a partner's invoices through, only if they really come from there",
            "Move the policy to the partner's new address, in place",
            "No more exceptions for the old mail gateway",
        ),
        leaves={"allow_policies": {"invoices@partner.example", "billing@partner.example"}},
    ),
    "allow_policy_info": Scenario(
        before={"allow_policies": [policy("forged.example", **_UNVERIFIED), policy("safe.example")]},
        shows={"Show them": "['forged.example']"},
    ),
    "block_sender": Scenario(
        before={"block_senders": [sender("newsletter@shop.example", pattern_type="EMAIL")]},
        changes=("Block a domain that sends phishing", "Block a family of senders", "Unblock a sender"),
        leaves={"block_senders": {"phish.example", r"^invoice-[0-9]+@.*\.example$"}},
    ),
    "block_sender_info": Scenario(
        before={"block_senders": [sender("203.0.113.25", pattern_type="IP"), sender("phish.example")]},
        shows={"Show them": "['203.0.113.25']"},
    ),
    "content_policy": Scenario(
        before={"content_policies": [{"name": "Gift cards", "pattern": "gift", "targets": ["BODY"], "enabled": True}]},
        changes=("Stop a wave of fake invoices", "Keep an old one for the next wave, and do not use it now"),
        leaves={"content_policies": {"Fake invoices", "Gift cards"}},
    ),
    "content_policy_info": Scenario(
        before={"content_policies": [{"name": "Gift cards", "pattern": "gift", "targets": ["BODY"], "enabled": False}]},
        shows={"List the policies that are switched off": "Gift cards"},
    ),
    "domain": Scenario(
        before={"domains": [domain("example.com"), domain("sold.example")]},
        changes=(
            "Drop malicious mail, and let only our gateways deliver",
            "Protect a new domain, where the API offers that",
            "Take the protection from a domain that was sold; this cannot be undone",
        ),
        leaves={"domains": {"example.com", "shop.example"}},
        shows={"Read what proves it, until the record is published and found": "_cf-email-sec-challenge.shop.example"},
    ),
    "domain_info": Scenario(
        before={"domains": [domain("new.example", status="pending"), domain("example.com", status="active")]},
        shows={
            "Show them": "['new.example']",
            "Read which records are missing in DNS": "_cf-email-sec-challenge.new.example",
        },
    ),
    "impersonation_registry_entry": Scenario(
        before={"impersonation_registry": [person("John Roe", "john.roe@example.com")]},
        changes=("Protect the name of the chief executive", "Accept her private addresses too", "Somebody left"),
        leaves={"impersonation_registry": {"jane.doe@example.com", r"^jane\.doe@(mail|home)\.example$"}},
    ),
    "impersonation_registry_entry_info": Scenario(
        before={
            "impersonation_registry": [
                person("Jane Doe", "jane.doe@example.com", provenance="A1S_INTERNAL"),
                person("John Roe", "john.roe@example.com", provenance="O365_DIRECTORY"),
            ]
        },
        shows={"Show them": "['Jane Doe']"},
    ),
    "investigate_info": Scenario(
        mail=[
            {"from": "billing@phish.example", "final_disposition": "NONE"},
            {"from": "billing@phish.example", "final_disposition": "MALICIOUS"},
            {"from": "friend@partner.example", "final_disposition": "NONE"},
        ],
        shows={"Is it many?": "2 messages"},
    ),
    "message_bulk": Scenario(
        mail=[
            {"subject": "Your parcel is waiting"},
            {"subject": "Offer", "smtp_helo_server_ip": "192.0.2.25", "is_quarantined": True},
        ],
        changes=(
            "How many messages would it be?",
            "Take a wave of any size out of people's inboxes",
            "Release what one mail server delivered and was held back by mistake",
        ),
        shows={"How many messages would it be?": "'total': 1"},
    ),
    "message_bulk_info": Scenario(
        variables={"job_id": _ID},
        shows={"Read which jobs are under way": "'jobs': []", "Read what a job could not move": "'messages': []"},
    ),
    "message_info": Scenario(
        mail=_WAVE, variables=_FOUND, shows={"See everything about a message": "billing@phish.example"}
    ),
    "message_move": Scenario(mail=_WAVE, variables=_FOUND, changes=("Take a wave out of people's inboxes",)),
    "message_preview": Scenario(mail=_WAVE, variables=_FOUND, changes=("See what people saw",)),
    "message_raw": Scenario(mail=_WAVE, variables=_FOUND, changes=("Keep the evidence",)),
    "message_reclassify": Scenario(
        mail=[{**_WAVE[0], "final_disposition": "NONE"}],
        variables=_FOUND,
        changes=("Report a message that should have been caught",),
    ),
    "message_release": Scenario(
        mail=[{**_WAVE[0], "is_quarantined": True}],
        variables=_FOUND,
        changes=("Release what was held back by mistake",),
    ),
    "monthly_report_info": Scenario(
        mail=_WAVE, shows={"Read the counts of the last twelve months": "'disposition': 'MALICIOUS', 'total': 1"}
    ),
    "phishguard_report_info": Scenario(shows={"Read the reports of this week": "'reports': []"}),
    "policy_usage_info": Scenario(
        before={"allow_policies": [policy("billing@partner.example", **_PARTNER), policy("forgotten.example")]},
        mail=[{"from": "billing@partner.example", "properties": {"allowlisted_pattern": "billing@partner.example"}}],
        shows={"Show them": "['forgotten.example']"},
    ),
    "sending_domain_restriction": Scenario(
        before={"sending_domain_restrictions": [{"domain": "former-partner.example", "exclude": []}]},
        changes=(
            "Take a partner's mail over TLS only, but for an old system of theirs",
            "Another partner's mail may come as it likes",
        ),
        leaves={"sending_domain_restrictions": {"partner.example"}},
    ),
    "sending_domain_restriction_info": Scenario(
        before={
            "sending_domain_restrictions": [{"domain": name, "exclude": []} for name in ("b.example", "a.example")]
        },
        shows={"Show them": "['a.example', 'b.example']"},
    ),
    "settings": Scenario(
        files={"policies/all.yml": "trusted_domains:\n- {pattern: partner.example, comments: 0012}\n"},
        before={
            "block_senders": [
                sender("newsletter@shop.example", pattern_type="EMAIL"),
                sender("over.example", comments="threat-feed 1"),
                sender("other.example", comments="somebody else's"),
            ]
        },
        variables={"threat_feed": [{"pattern": "bad.example", "pattern_type": "DOMAIN", "comments": "threat-feed 2"}]},
        changes=(
            "Bring the account in line",
            "Bring the account in line with the files of a folder",
            "Block just what the threat feed lists, and nothing else that this team has made",
        ),
        leaves={
            "allow_policies": {"billing@partner.example", "events@conference.example"},
            "block_senders": {"phish.example", "bad.example", "other.example"},
            "impersonation_registry": {"jane.doe@example.com"},
            "trusted_domains": {"partner.example"},
        },
    ),
    "settings_info": Scenario(
        before={"block_senders": [sender("phish.example")], "allow_policies": [policy("partner.example")]},
        variables={"backup_file": "{{ playbook_dir }}/backup.yml"},
        changes=("Keep it as a file",),
        shows={"Read what is blocked and what is allowed": "phish.example"},
    ),
    "submission_info": Scenario(shows={"Show the outcome of our reports": "'submissions': []"}),
    "trusted_domain": Scenario(
        before={"trusted_domains": [trusted("former-partner.example", is_recent=True)]},
        changes=(
            "Trust a partner whose domain was registered last week",
            "Trust all look-alikes that are our own",
            "Trust it no longer",
        ),
        leaves={"trusted_domains": {"new-partner.example", r"^(.*\.)?examp1e\.example$"}},
    ),
    "trusted_domain_info": Scenario(
        before={
            "trusted_domains": [trusted("new.example", is_recent=True), trusted("old.example", is_similarity=True)]
        },
        shows={"Show them": "['new.example']"},
    ),
    "url_ignore_pattern": Scenario(
        before={"url_ignore_patterns": [{"pattern": r"^https://old\.partner\.example/once/.*$"}]},
        changes=(
            "Leave the links of a sign-in service as they are, since they work only once",
            "Have the links of another one checked again",
        ),
        leaves={"url_ignore_patterns": {r"^https://login\.partner\.example/once/.*$"}},
    ),
    "url_ignore_pattern_info": Scenario(
        before={"url_ignore_patterns": [{"pattern": "^https://a/"}, {"pattern": "^https://b/"}]},
        shows={"Show it": "['^https://a/', '^https://b/']"},
    ),
}

LOOKUPS: Mapping[str, Scenario] = {
    "policy": Scenario(
        files={"policy.yml": "allow_policies:\n- {pattern: a@partner.example, pattern_type: EMAIL, comments: SEC-1}\n"},
        shows={"Fail when the policy allows a serious risk that nobody has accepted": "All assertions passed"},
    ),
}

FILTERS: Mapping[str, Scenario] = {
    "apply_lines": Scenario(
        changes=("Bring the account in line",), shows={"Show what was done": "block_senders: 1 created"}
    ),
    "audit_failures": Scenario(variables=_REPORT_OF_DRIFT),
    "audit_html": Scenario(variables=_REPORT_OF_DRIFT, changes=("Write the page",)),
    "audit_junit": Scenario(variables=_REPORT_OF_DRIFT, changes=("Let CI show what was found",)),
    "audit_lines": Scenario(variables=_REPORT_OF_DRIFT, shows={"Show the state of the accounts": "acme: in sync"}),
    "audit_report": Scenario(
        variables=_REPORT_OF_DRIFT, shows={"Make a report about one account": "'status': 'in_sync'"}
    ),
    "from_dashboard_csv": Scenario(
        files={"blocked.csv": "Blocked Sender,Blocked Sender Type,Is Regex,Notes\ncsv.example,DOMAIN,false,CSV\n"},
        changes=("Block what the file says",),
        leaves={"block_senders": {"csv.example"}},
    ),
    "policy_yaml": Scenario(before={"block_senders": [sender("phish.example")]}, changes=("Keep it as a policy file",)),
    "risks": Scenario(
        before={
            "allow_policies": [
                policy("simulation@training.example", pattern_type="EMAIL", **_UNVERIFIED, comments="Phishing training")
            ],
            "domains": [
                domain(
                    "example.com",
                    status="active",
                    authorization={"authorized": True, "timestamp": "2026-01-15T09:30:00Z"},
                    spf_status="good",
                    dmarc_status="good",
                )
            ],
        },
        shows={"Fail when a serious risk has not been accepted": "All assertions passed"},
    ),
    "to_dashboard_csv": Scenario(
        before={"allow_policies": [policy("partner.example")]},
        changes=("Write the allow policies for a spreadsheet",),
    ),
}
