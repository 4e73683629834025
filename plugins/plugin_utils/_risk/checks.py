# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of single entries. Each yields ``(rule, entry, detail)``; the detail may be empty."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.document import (
    Document,
    Item,
    present_items,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.java_regex import parse
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.java_syntax import JavaRegexError
from ansible_collections.cloudflare.email_security.plugins.module_utils._times import parse_time

from . import sender_regex
from .known_domains import KnownDomains
from .rules import RULES

Found = tuple[str, Item | None, str]

ALLOWING = ("is_trusted_sender", "is_exempt_recipient", "is_acceptable_sender")
# The widest blocks that pass: what a site of its own usually has.
_WIDEST = {4: 24, 6: 48}
# How long a domain may take from its creation to the proof that it is the account's.
_LONGEST_PENDING = timedelta(days=7)


def unverified(document: Document) -> Iterator[Found]:
    for item in present_items(document, "allow_policies"):
        if item.fields["verify_sender"]:
            continue
        if item.fields["is_trusted_sender"]:
            yield "trusted_sender_unverified", item, ""
        if item.fields["is_acceptable_sender"]:
            yield "acceptable_sender_unverified", item, ""


def uncommented(document: Document) -> Iterator[Found]:
    for item in present_items(document, *RULES["uncommented_exception"].lists):
        if not str(item.fields.get(item.resource.note, "")).strip():
            yield "uncommented_exception", item, ""


def expired(document: Document, now: datetime) -> Iterator[Found]:
    for items in document.values():
        for item in items:
            if item.expires and item.expires <= now and item.fields.get("state") != "absent":
                yield "expired", item, f"Its time was over on {item.fields['expires']}."


def hosts(document: Document, known: KnownDomains) -> Iterator[Found]:
    """Allow policies and trusted domains that are a domain name, no regular expression."""
    for item in present_items(document, *RULES["public_suffix"].lists):
        allow = item.resource.name == "allow_policies"
        if item.fields["is_regex"] or (allow and kind(item) != "DOMAIN"):
            continue
        name = host_name(text(item))
        yield from _host(item, name, name, known)
        if allow and item.fields["is_exempt_recipient"]:
            yield "exempt_recipient_domain", item, ""


def regexes(document: Document, known: KnownDomains) -> Iterator[Found]:
    for item in present_items(document, *RULES["regex_matches_everything"].lists):
        if not any(item.fields[field.name] for field in item.resource.fields if field.qualifies):
            continue
        try:
            regex = parse(text(item), digits_are_broad=kind(item) == "IP")
        except JavaRegexError:
            # It matches nothing, if the API keeps it at all.
            regex = None
        if regex is None:
            continue
        if sender_regex.matches_nearly_everything(regex):
            yield "regex_matches_everything", item, ""
            continue
        if item.resource.name in RULES["regex_unanchored"].lists:
            open_ends = sender_regex.open_ends(regex)
            if open_ends:
                yield "regex_unanchored", item, f"Here {' and '.join(open_ends)}."
            if sender_regex.unescaped_dot(regex):
                yield "regex_unescaped_dot", item, ""
        whole = [ending.host for ending in sender_regex.endings(regex) if ending.whole]
        if item.resource.name in RULES["public_suffix"].lists:
            yield from _regex_hosts(item, whole, known)


def wide_ranges(document: Document) -> Iterator[Found]:
    for item in present_items(document, *RULES["wide_ip_range"].lists):
        network = ip_network(item)
        if network and network.prefixlen < _WIDEST[network.version]:
            yield "wide_ip_range", item, f"It holds {network.num_addresses:,} addresses."


def domains(document: Document, now: datetime) -> Iterator[Found]:
    for item in present_items(document, "domains"):
        fields = item.fields
        without_tls = [
            direction for direction in ("inbound", "outbound") if fields.get(f"require_tls_{direction}") is False
        ]
        if without_tls:
            yield "domain_without_tls", item, f"TLS is not required {' and '.join(without_tls)}."
        if fields.get("drop_dispositions") == []:
            yield "domain_drops_nothing", item, ""
        for record in ("spf", "dmarc"):
            state = str(fields.get(f"{record}_status", "good")).lower()
            if state != "good":
                yield f"domain_{record}", item, f"Its state is {state}."
        authorization = fields.get("authorization")
        if isinstance(authorization, Mapping) and authorization.get("authorized") is False:
            message = authorization.get("status_message")
            yield "domain_unauthorized", item, f"The API says: {message}." if message else ""
        yield from _activity(item, now)


def _activity(item: Item, now: datetime) -> Iterator[Found]:
    state = str(item.fields.get("status", "active")).lower()
    if state == "active":
        return
    created = str(item.fields.get("created_at", ""))
    try:
        overdue = state == "pending" and now - parse_time(created, end_of_day=False) > _LONGEST_PENDING
    except ValueError:
        # Nobody knows since when it is pending.
        overdue = False
    if overdue:
        yield "domain_pending", item, f"It was created on {created}."
    else:
        yield "domain_not_active", item, f"Its state is {state}."


def kind(item: Item) -> str:
    """The ``pattern_type``; for lists that have none, what their patterns are."""
    implied = {"trusted_domains": "DOMAIN", "impersonation_registry": "EMAIL"}
    return implied.get(item.resource.name) or str(item.fields.get("pattern_type", "")).upper()


def text(item: Item) -> str:
    """The pattern, or the field that serves as one."""
    name = next((field.qualifies for field in item.resource.fields if field.qualifies), None)
    return str(item.fields.get(name or "pattern", ""))


def host_name(written: str) -> str:
    """A domain name as it is compared. People also write it with a leading dot, at sign or star."""
    return written.strip().lower().lstrip("*.@").rstrip(".")


def ip_network(item: Item) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The block that an IP pattern is; None for other patterns and for text that is none."""
    if item.fields.get("is_regex") or kind(item) != "IP":
        return None
    try:
        return ipaddress.ip_network(text(item).strip(), strict=False)
    except ValueError:
        return None


def _regex_hosts(item: Item, names: Iterable[str], known: KnownDomains) -> Iterator[Found]:
    found: dict[str, Found] = {}
    for name in names:
        # After a wildcard and a dot, it matches subdomains.
        for one in _host(item, name.lstrip("."), name, known):
            found.setdefault(one[0], one)
        if item.fields.get("is_exempt_recipient") and "." in name.strip("."):
            found.setdefault("exempt_recipient_domain", ("exempt_recipient_domain", item, ""))
    yield from found.values()


def _host(item: Item, suffix: str, host: str, known: KnownDomains) -> Iterator[Found]:
    if known.is_public_suffix and known.is_public_suffix(suffix):
        yield "public_suffix", item, f"{suffix} is a public suffix."
    elif (
        known.is_mail_provider
        and known.is_mail_provider(host)
        and (item.fields.get("is_trusted_sender") or item.fields.get("is_acceptable_sender"))
    ):
        yield "public_mail_provider", item, f"{host} is a public mail provider."
