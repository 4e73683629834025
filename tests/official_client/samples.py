# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With what each operation is called: what it needs, and what its options may be beside what their types name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from official_client import account
from official_client.introspection import Operation, Parameter, choices, takes_moments

_COMMENT = {"comments": "changed"}
_POLICY = {
    "pattern": r"^news@.*\.example$",
    "pattern_type": "EMAIL",
    "is_regex": True,
    "is_trusted_sender": False,
    "is_exempt_recipient": False,
    "is_acceptable_sender": True,
    "verify_sender": True,
}
_SENDER = {"pattern": r"^spam@.*\.example$", "pattern_type": "EMAIL", "is_regex": True}
_TRUSTED = {"pattern": "supplier.example", "is_regex": False, "is_recent": True, "is_similarity": False}
_CONTENT = {"name": "Invoices", "pattern": "invoice", "targets": ["SUBJECT"], "enabled": True}
# What is there already, written whole.
_POLICY_AGAIN = {**_POLICY, "pattern": r"^billing@.*\.example$"}
_SENDER_AGAIN = {**_SENDER, "pattern": r"^phish@.*$"}
_TRUSTED_AGAIN = {**_TRUSTED, "pattern": "partner.example"}
_CONTENT_AGAIN = {**_CONTENT, "name": "Transfers"}
_DOMAIN_REPLACED = {
    "allowed_delivery_modes": ["DIRECT"],
    "drop_dispositions": ["MALICIOUS"],
    "ip_restrictions": [],
    "regions": ["GLOBAL"],
}
_DOMAIN = {"domain": "new.example", **_DOMAIN_REPLACED}


def _batch(
    entry_id: str, removed: str, change: Mapping[str, Any], new: Mapping[str, Any], whole: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "deletes": [{"id": removed}],
        "patches": [{"id": entry_id, **change}],
        "puts": [{"id": entry_id, **whole}],
        "posts": [dict(new)],
    }


# What an operation must be given, and to an edit a change; one that needs nothing is not listed.
PLAIN: Mapping[str, Mapping[str, Any]] = {
    "investigate.bulk.cancel.create": {"job_id": account.JOB_UNDER_WAY},
    "investigate.bulk.create": {"action": "MOVE", "destination": "JunkEmail", "search_params": {}},
    "investigate.bulk.delete": {"job_id": account.JOB},
    "investigate.bulk.get": {"job_id": account.JOB},
    "investigate.bulk.messages.list": {"job_id": account.JOB},
    "investigate.detections.get": {"investigate_id": account.DETECTION},
    "investigate.get": {"investigate_id": account.DETECTION},
    "investigate.move.bulk": {"destination": "JunkEmail", "ids": [account.DETECTION, account.CLEAN]},
    "investigate.move.create": {"destination": "JunkEmail", "investigate_id": account.DETECTION},
    "investigate.preview.create": {"id": account.CLEAN},
    "investigate.preview.get": {"investigate_id": account.DETECTION},
    "investigate.raw.get": {"investigate_id": account.DETECTION},
    "investigate.reclassify.create": {"investigate_id": account.DETECTION, "expected_disposition": "NONE"},
    "investigate.release.bulk": {"ids": [account.QUARANTINED]},
    "investigate.trace.get": {"investigate_id": account.DETECTION},
    "settings.allow_policies.batch": _batch(
        account.POLICY, account.SPARE["allow_policies"], _COMMENT, _POLICY, _POLICY_AGAIN
    ),
    "settings.allow_policies.create": _POLICY,
    "settings.allow_policies.delete": {"policy_id": account.POLICY},
    "settings.allow_policies.edit": {"policy_id": account.POLICY, **_COMMENT},
    "settings.allow_policies.get": {"policy_id": account.POLICY},
    "settings.block_senders.batch": _batch(
        account.SENDER, account.SPARE["block_senders"], _COMMENT, _SENDER, _SENDER_AGAIN
    ),
    "settings.block_senders.create": _SENDER,
    "settings.block_senders.delete": {"pattern_id": account.SENDER},
    "settings.block_senders.edit": {"pattern_id": account.SENDER, **_COMMENT},
    "settings.block_senders.get": {"pattern_id": account.SENDER},
    "settings.content_policies.batch": _batch(
        account.CONTENT, account.SPARE["content_policies"], {"enabled": False}, _CONTENT, _CONTENT_AGAIN
    ),
    "settings.content_policies.create": _CONTENT,
    "settings.content_policies.delete": {"policy_id": account.CONTENT},
    "settings.content_policies.edit": {"policy_id": account.CONTENT, "enabled": False},
    "settings.content_policies.get": {"policy_id": account.CONTENT},
    "settings.domains.batch": _batch(
        account.DOMAIN, account.OTHER_DOMAIN, {"lookback_hops": 3}, _DOMAIN, _DOMAIN_REPLACED
    ),
    "settings.domains.create": _DOMAIN,
    "settings.domains.delete": {"domain_id": account.DOMAIN},
    "settings.domains.edit": {"domain_id": account.DOMAIN, "lookback_hops": 3},
    "settings.domains.get": {"domain_id": account.DOMAIN},
    "settings.domains.update": {"domain_id": account.DOMAIN, **_DOMAIN_REPLACED},
    "settings.impersonation_registry.create": {"email": "coo@example.com", "name": "Joan", "is_email_regex": False},
    "settings.impersonation_registry.delete": {"impersonation_registry_id": account.PERSON},
    "settings.impersonation_registry.edit": {"impersonation_registry_id": account.PERSON, **_COMMENT},
    "settings.impersonation_registry.get": {"impersonation_registry_id": account.PERSON},
    "settings.sending_domain_restrictions.create": {"domain": "bank.example", "exclude": []},
    "settings.sending_domain_restrictions.delete": {"sending_domain_restriction_id": account.RESTRICTION},
    "settings.sending_domain_restrictions.edit": {"sending_domain_restriction_id": account.RESTRICTION, **_COMMENT},
    "settings.sending_domain_restrictions.get": {"sending_domain_restriction_id": account.RESTRICTION},
    "settings.trusted_domains.batch": _batch(
        account.TRUSTED, account.SPARE["trusted_domains"], _COMMENT, _TRUSTED, _TRUSTED_AGAIN
    ),
    "settings.trusted_domains.create": _TRUSTED,
    "settings.trusted_domains.delete": {"trusted_domain_id": account.TRUSTED},
    "settings.trusted_domains.edit": {"trusted_domain_id": account.TRUSTED, **_COMMENT},
    "settings.trusted_domains.get": {"trusted_domain_id": account.TRUSTED},
    "settings.url_ignore_patterns.create": {"pattern": r"^https://safe\.example/"},
    "settings.url_ignore_patterns.delete": {"pattern_id": account.IGNORED},
    "settings.url_ignore_patterns.edit": {"pattern_id": account.IGNORED, **_COMMENT},
    "settings.url_ignore_patterns.get": {"pattern_id": account.IGNORED},
}

# Where a type takes any text or number: what is given, by the name of the option. An operation's own stand below.
VALUES: Mapping[str, Any] = {
    "alert_id": "alert-1",
    "comment": "by a test",
    "comments": "geprüft",
    "directory_id": 7,
    "directory_node_id": 8,
    "domain": "other.example",
    "email": "cto@example.com",
    "eml_content": "RnJvbTogYUBiLmV4YW1wbGUNCg0K",
    "end": "2026-01-21T10:00:00Z",
    "escalated_submission_id": account.SUBMISSION,
    "exact_subject": "Invoice",
    "exclude": ["mail.bank.example"],
    "external_directory_node_id": "node-9",
    "from_date": "2026-01-19",
    "integration_id": account.INTEGRATION,
    "ip_restrictions": ["198.51.100.0/24", "203.0.113.7"],
    "lookback_hops": 20,
    "message_id": "<one@mail.example>",
    "metric": "metric-1",
    "name": "Hedy",
    "notes": "by a test",
    "page": 1,
    "pattern": r"^other@.*\.example$",
    "per_page": 1000,
    "postfix_ids": ["4Njp3P0STMz2c01Q"],
    "query": "invoice jane",
    "recipient": "user@example.com",
    "search": "a b&c",
    "sender": "sender.example",
    "smtp_helo_ip": "192.0.2.25",
    "start": "2026-01-19T10:00:00Z",
    "status": "reviewed",
    "subject": "invoice overdue",
    "submission_id": account.SUBMISSION,
    "to_date": "2026-01-21",
    "transport": "mx.example.com",
}
OWN_VALUES: Mapping[tuple[str, str], Any] = {
    ("settings.domains.list", "domain"): ["example.com", "example.net"],
    ("settings.trusted_domains.batch", "pattern"): "other.example",
    ("settings.trusted_domains.create", "pattern"): "other.example",
    ("settings.trusted_domains.edit", "pattern"): "other.example",
}
# Ids say which entry is meant, and have no other value; nor have the lists of ids.
_IDENTIFIES = ("id", "ids")
# These come from an answer: the sweep takes the cursor from the page before.
CURSOR = "cursor"


class NoValueError(Exception):
    """The client has an option of any text or number, for which VALUES has none."""


@dataclass(frozen=True)
class Call:
    """One call. ``label`` is ``plain``, ``option=value``, ``array.field=value`` or ``all pages``."""

    operation: Operation
    label: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.operation.name} {self.label}"


def calls(operation: Operation) -> Iterator[Call]:
    """The plain call, one for each value of each parameter, and for a list in pages the one that reads them all."""
    plain = PLAIN.get(operation.name, {})
    yield Call(operation, "plain", plain)
    for name, parameter in operation.parameters.items():
        if parameter.fields:
            yield from _nested(operation, parameter, plain)
            continue
        for value in values(operation, parameter):
            yield Call(operation, f"{name}={_shown(value)}", {**plain, name: value})
    if "per_page" in operation.parameters:
        yield Call(operation, "all pages", {**plain, "per_page": 1})


def values(operation: Operation, parameter: Parameter) -> list[Any]:
    """What a parameter may be: all that its type names, and an example of each other kind."""
    name = parameter.name
    named, open_ended = choices(parameter)
    if not open_ended or (name.endswith("_id") and parameter.required) or name in _IDENTIFIES:
        return named
    if name == CURSOR:
        return [CURSOR]
    if (operation.name, name) not in OWN_VALUES and name not in VALUES:
        raise NoValueError(f"{operation.name}: what may {name} be?")
    example = OWN_VALUES.get((operation.name, name), VALUES.get(name))
    moment = takes_moments(parameter)
    objects = [moment.fromisoformat(example.replace("Z", "+00:00"))] if moment else []
    return [*named, example, *objects]


def _nested(operation: Operation, parameter: Parameter, plain: Mapping[str, Any]) -> Iterator[Call]:
    """The same for the fields of an object, or of the one object of a list."""
    given = plain[parameter.name]
    for name, field in parameter.fields.items():
        for value in values(operation, field):
            changed = {**given, name: value} if isinstance(given, dict) else [{**given[0], name: value}]
            yield Call(operation, f"{parameter.name}.{name}={_shown(value)}", {**plain, parameter.name: changed})


def _shown(value: Any) -> str:
    return f"the object {value:%Y-%m-%d}" if isinstance(value, date) else str(value)
