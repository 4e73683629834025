# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a field of a request body may hold.

A check takes a value and returns a complaint in words, or None where the value is acceptable. Checks are made by the
functions below and combined in the tables of ``resources.py``.
"""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from messages.times import parse_time

Check = Callable[[Any], str | None]

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_HOSTNAME = re.compile(r"[^\s@/:]+")

# The address ranges that the API documents as refused: private, loopback, link-local, unspecified, broadcast.
# Documentation ranges (192.0.2.0/24 and so on) are not globally reachable either, but examples and tests live on them,
# so they pass.
_UNREACHABLE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/32", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "255.255.255.255/32", "::/128", "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


def as_given(value: Any) -> Any:
    return value


def as_set(value: list[Any]) -> list[Any]:
    """A list whose order means nothing comes back in another order, and without repeats."""
    return sorted(set(value))


@dataclass(frozen=True, slots=True)
class Field:
    """A writable field: what it may hold, whether a new entry must give it, and what it is when it isn't given.

    ``kept`` is what becomes of a value that is written. ``offered`` is the behaviour, by date, that says whether an
    account's API has the field; None: all have.
    """

    check: Check
    required: bool = False
    default: Any = None
    kept: Callable[[Any], Any] = as_given
    offered: str | None = None


def boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be a boolean"


def text(shortest: int = 0, longest: int | None = None) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return "must be a string"
        if len(value) < shortest:
            return f"must be at least {shortest} characters long"
        if longest is not None and len(value) > longest:
            return f"must be at most {longest} characters long"
        return None

    return check


def integer(lowest: int | None = None, highest: int | None = None) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return "must be an integer"
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            return f"must be between {lowest} and {highest}"
        return None

    return check


def one_of(*choices: str) -> Check:
    def check(value: Any) -> str | None:
        return None if isinstance(value, str) and value in choices else f"must be one of {', '.join(choices)}"

    return check


def list_of(item: Check, fewest: int = 0, most: int | None = None) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, list):
            return "must be an array"
        if len(value) < fewest:
            return f"must have at least {fewest} items"
        if most is not None and len(value) > most:
            return f"must have at most {most} items"
        for index, member in enumerate(value):
            if complaint := item(member):
                return f"item {index} {complaint}"
        return None

    return check


def nullable(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def date_time(value: Any) -> str | None:
    return None if parse_time(value) is not None else "must be a date and time as in RFC 3339"


def uuid_text(value: Any) -> str | None:
    try:
        uuid.UUID(value if isinstance(value, str) else "")
    except ValueError:
        return "must be a UUID"
    return None


def network(value: Any) -> str | None:
    """An IP address or CIDR block of either family, as a domain's ``ip_restrictions`` hold them."""
    try:
        ipaddress.ip_network(value if isinstance(value, str) else "", strict=False)
    except ValueError:
        return "must be an IP address or CIDR block"
    return None


def address(value: str) -> str | None:
    return None if _ADDRESS.fullmatch(value) else "must be an email address"


def hostname(value: str) -> str | None:
    return None if _HOSTNAME.fullmatch(value) and not value.startswith("-") else "must be a domain name"


def reachable_network(value: str) -> str | None:
    """An IP address or block outside the ranges that are refused, also where IPv6 only writes such an IPv4 address."""
    try:
        block = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return "must be an IP address or CIDR block"
    if any(_overlap(each, refused) for each in _meanings(block) for refused in _UNREACHABLE):
        return "must be globally reachable: private, loopback, link-local and unspecified addresses are refused"
    return None


def _overlap(one: Any, other: Any) -> bool:
    return bool(one.version == other.version and one.overlaps(other))


def _meanings(block: ipaddress.IPv4Network | ipaddress.IPv6Network) -> list[Any]:
    """A block, and the IPv4 block that is mapped into it."""
    if isinstance(block, ipaddress.IPv6Network) and block.subnet_of(_MAPPED):
        return [block, ipaddress.IPv4Network((int(block.network_address) & 0xFFFFFFFF, block.prefixlen - 96))]
    return [block]


_FORMS: Mapping[str, Check] = {"EMAIL": address, "DOMAIN": hostname, "IP": reachable_network}


def typed_pattern(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """The pattern of an allow policy or blocked sender has the form that its type asks for.

    A regular expression is taken as it is: they are Java's, and can't be judged here. Returns (field, complaint).
    """
    form = _FORMS.get(entry["pattern_type"])
    complaint = form(entry["pattern"]) if form and not entry["is_regex"] else None
    return ("pattern", complaint) if complaint else None


def no_ipv6(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """What earlier descriptions ask of the pattern of an allow policy or blocked sender: IPv4 alone."""
    if entry.get("pattern_type") == "IP" and not entry.get("is_regex") and ":" in str(entry.get("pattern")):
        return "pattern", "must be an IPv4 address or IPv4 CIDR block"
    return None


def plain_domain(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """The pattern of a trusted domain, where it is no regular expression, is a domain name."""
    complaint = None if entry["is_regex"] else hostname(entry["pattern"])
    return ("pattern", complaint) if complaint else None


def plain_address(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """The address of a protected identity, where it is no regular expression, is an email address."""
    complaint = None if entry["is_email_regex"] else address(entry["email"])
    return ("email", complaint) if complaint else None
