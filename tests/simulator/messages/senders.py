# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who writes to an organization in a month, and what about: the words of ``month.py``, as data."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Entries = Iterable[Mapping[str, Any]]

FIRST = (
    "ada", "alan", "amina", "barbara", "chen", "claude", "diego", "edith", "elif", "frances", "grace", "hedy", "ines",
    "jonas", "katherine", "lin", "margaret", "mary", "niels", "olga", "priya", "radia", "sofia", "tomas", "yusuf",
)  # fmt: skip
LAST = (
    "abadi", "bauer", "costa", "dubois", "eriksen", "fischer", "garcia", "haddad", "ivanova", "jensen", "kaya", "lopez",
    "moreau", "nakamura", "okafor", "patel", "rossi", "silva", "tanaka", "weber",
)  # fmt: skip
_ONE = (
    "alder", "birch", "cedar", "delta", "ember", "fjord", "granite", "harbor", "indigo", "juniper", "kestrel", "lumen",
    "meadow", "north", "opal", "pioneer", "quarry", "river", "summit", "timber", "union", "vertex", "willow", "zenith",
)  # fmt: skip
_TWO = (
    "advisers", "analytics", "bank", "catering", "cloud", "consulting", "design", "engineering", "foods", "freight",
    "health", "insurance", "legal", "logistics", "media", "metals", "parts", "power", "printing", "software", "supply",
    "systems", "trading", "travel",
)  # fmt: skip
_LURES = ("sso", "payroll", "benefits", "helpdesk", "vpn", "portal")


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of mail. ``share`` is of all messages; ``dispositions`` and ``authentic`` are weights of its mail.

    In a subject, {n} is a number and {who} the organization's name. Without ``locals``, people write. Each sender sends
    at least the ``fewest`` kinds of messages.
    """

    share: float
    dispositions: Mapping[str, float]
    subjects: tuple[str, ...]
    authentic: float = 0.97
    locals: tuple[str, ...] = ()
    fewest: int = 1


SORTS: Mapping[str, Sort] = {
    "partners": Sort(
        0.44,
        {"NONE": 0.97, "BULK": 0.02, "SPOOF": 0.01},
        (
            "Order {n}",
            "Re: Order {n}",
            "Re: Re: Order {n}",
            "Offer {n}",
            "Re: Offer {n}",
            "Minutes of {n}",
            "Re: lunch",
        ),
    ),
    "allowed": Sort(
        0.14,
        {"NONE": 0.6, "BULK": 0.22, "SPAM": 0.1, "SPOOF": 0.08},
        ("Statement {n}", "Invoice {n}", "Your ticket {n} was updated", "Re: Invoice {n}", "Reminder {n}"),
        authentic=0.9,
    ),
    "newsletters": Sort(
        0.2,
        {"NONE": 0.55, "BULK": 0.45},
        ("Issue {n}", "This week in numbers, {n}", "Webinar {n}: save your seat", "{n} offers for you"),
        locals=("news", "newsletter", "hello", "events"),
    ),
    "services": Sort(
        0.1,
        {"NONE": 1},
        ("Build {n} passed", "Your receipt {n}", "Sign-in code {n}", "Document {n} was shared with you"),
        locals=("no-reply", "notifications", "alerts", "receipts"),
    ),
    "spam": Sort(
        0.07,
        {"SPAM": 0.8, "BULK": 0.12, "NONE": 0.08},
        ("You have won {n} coins", "Cheap loans, offer {n}", "Followers from {n} cents", "Re: your website, {n}"),
        authentic=0.4,
        locals=("sales", "win", "seo", "offer"),
    ),
    "waves": Sort(
        0.02,
        {"MALICIOUS": 0.7, "SUSPICIOUS": 0.12, "MALICIOUS-BEC": 0.04, "SPOOF": 0.04, "NONE": 0.1},
        ("{who}: your password expires", "Voice message {n}", "Payslip {n} is ready", "Invoice {n} is overdue"),
        authentic=0.2,
        locals=("it.support", "security", "hr", "billing", "parcel"),
        fewest=15,
    ),
    "blocked": Sort(
        0.03,
        {"MALICIOUS": 0.4, "SPAM": 0.35, "NONE": 0.25},
        ("Last notice {n}", "Account {n} is limited", "Parcel {n} could not be delivered"),
        authentic=0.5,
        locals=("service", "info", "notice"),
    ),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where mail comes from: a domain, and one address or the addresses of many; the address of its server."""

    domain: str
    local: str | None
    ip: str


def people(domains: list[str], chance: random.Random, count: int) -> list[str]:
    """Addresses in the organization: most of them in its first domain."""
    names = [f"{first}.{last}" for first in FIRST for last in LAST]
    homes = [1 / number for number in range(1, len(domains) + 1)]
    chosen = chance.sample(names, min(count, len(names)))
    return [f"{name}@{home}" for name, home in zip(chosen, chance.choices(domains, homes, k=count), strict=False)]


def exempt(policies: Entries, domains: Container[str]) -> list[str]:
    """Addresses in the organization that are exempt from detection."""
    patterns = [str(entry.get("pattern")) for entry in policies if entry.get("is_exempt_recipient")]
    return [pattern for pattern in patterns if "@" in pattern and pattern.rpartition("@")[2] in domains]


def strangers(chance: random.Random, count: int) -> list[Source]:
    """Senders that no settings name. The first is the one who writes most."""
    names = [f"{one}-{two}.example" for one in _ONE for two in _TWO]
    return [Source(name, None, _server(chance)) for name in chance.sample(names, min(count, len(names)))]


def lookalikes(who: str, chance: random.Random, count: int) -> list[Source]:
    """Domains that pass for the organization's own."""
    names = [f"{who}-{lure}-login.example" for lure in _LURES]
    return [Source(name, None, _server(chance)) for name in chance.sample(names, min(count, len(names)))]


def named(entries: Entries, chance: random.Random) -> Iterator[Source]:
    """Senders that entries are about. Of four entries, one is about nobody who writes, as in every list that has grown.

    Regular expressions are left out: nobody knows whom they mean.
    """
    for number, entry in enumerate(entries):
        kind, pattern = entry.get("pattern_type", "DOMAIN"), str(entry.get("pattern"))
        ip = _server(chance)
        if number % 4 == 3 or entry.get("is_regex"):
            continue
        if kind == "EMAIL" and "@" in pattern and not entry.get("is_exempt_recipient"):
            local, _at, domain = pattern.rpartition("@")
            yield Source(domain, local, ip)
        elif kind == "DOMAIN" and not entry.get("is_exempt_recipient"):
            yield Source(pattern, None, ip)
        elif kind == "IP" and (own := _within(pattern)):
            yield Source(f"{chance.choice(_ONE)}-{chance.choice(_TWO)}.example", None, own)


def _within(pattern: str) -> str | None:
    try:
        network = ipaddress.ip_network(pattern, strict=False)
    except ValueError:
        return None
    return str(network[min(1, network.num_addresses - 1)])


def _server(chance: random.Random) -> str:
    """An address of one of the ranges that are kept for documentation."""
    return f"{chance.choice(('192.0.2', '198.51.100', '203.0.113'))}.{chance.randrange(1, 255)}"
