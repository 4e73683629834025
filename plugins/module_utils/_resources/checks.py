# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of values beyond their type: patterns that can match, names that are legible.

A check gets a value and its entry, and returns its issues; for most values, one regular expression suffices. A certain
issue is an error, any other a warning. Entries that the account already has are not rejected.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._text import HIDDEN, escape_hidden
from .._times import parse_time
from .names import domain_to_ascii


@dataclass(frozen=True)
class Issue:
    """A problem of a value. The text follows the field's name.

    :param certain: whether the value is definitely wrong.
    """

    text: str
    certain: bool = True


Check = Callable[[str, Mapping[str, Any]], Sequence[Issue]]

# The form of nearly every pattern: a match needs no further checks.
_LABELS = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_USUAL_DOMAIN = re.compile(_LABELS)
_USUAL_ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'+/=?^_`{{|}}~-]+@({_LABELS})")
# Without groups and counts, and with each quantifier after an element that it can apply to.
_USUAL_REGEX = re.compile(
    r"(?:(?:[^\\\[\](){}*+?|]|\\[.dwsDWS@/_-]|\[\^?(?:a-z|A-Z|0-9|[A-Za-z0-9_@.%+])+-?\])(?:[*+?][?+]?)?)*"
)
_MAX_DOMAIN = 253
_MAX_LABEL = 63
# Characters that an unquoted local part of an address cannot have.
_NOT_IN_LOCAL_PART = re.compile(r'[()<>\[\]:;\\,"]')


def nothing(value: str, entry: Mapping[str, Any]) -> Sequence[Issue]:
    """Accepts any value."""
    return ()


def name(value: str, entry: Mapping[str, Any]) -> Sequence[Issue]:
    """A person's name."""
    return [*_unseen(value), *_line_breaks(value)]


def pattern(value: str, entry: Mapping[str, Any]) -> Sequence[Issue]:
    """A pattern, according to `pattern_type` and `is_regex`. If the type is unknown: what is valid for none."""
    if entry.get("is_regex"):
        return regex(value)
    check = _BY_TYPE.get(str(entry.get("pattern_type")))
    return check(value, entry) if check else _white_space_or_unseen(value)


def domain_pattern(value: str, entry: Mapping[str, Any]) -> Sequence[Issue]:
    """The pattern of a list whose patterns are all domains."""
    return regex(value) if entry.get("is_regex") else domain(value, entry)


def address_pattern(value: str, entry: Mapping[str, Any]) -> Sequence[Issue]:
    """The address of a person."""
    return regex(value) if entry.get("is_email_regex") else address(value, entry)


def domain(value: str, entry: Mapping[str, Any]) -> Sequence[Issue]:
    if len(value) <= _MAX_DOMAIN and _USUAL_DOMAIN.fullmatch(value):
        return ()
    return _white_space_or_unseen(value) or list(_domain(value))


def address(value: str, entry: Mapping[str, Any]) -> Sequence[Issue]:
    usual = _USUAL_ADDRESS.fullmatch(value)
    if usual and len(usual[1]) <= _MAX_DOMAIN:
        return ()
    return _white_space_or_unseen(value) or list(_address(value))


def ip(value: str, entry: Mapping[str, Any]) -> Sequence[Issue]:
    """A public address or block."""
    found = _white_space_or_unseen(value)
    if found:
        return found
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        hint = ": name the block, such as 192.0.2.0/28" if re.search(r"[0-9a-f]\s*-\s*[0-9a-f]", value) else ""
        return [Issue(f"must be an IP address or a block of them in CIDR notation, and {value!r:.80} is not{hint}")]
    reach = _unroutable(network)
    if reach:
        return [Issue(f"must be a public address, and {value} is {reach}")]
    return list(_loose_block(value, network))


_BY_TYPE: dict[str, Check] = {"DOMAIN": domain, "EMAIL": address, "IP": ip}


def text_regex(value: str, entry: Mapping[str, Any]) -> Sequence[Issue]:
    """A regular expression for prose. Leading and trailing white space may be part of it."""
    found = regex(value.strip())
    return found if value == value.strip() else [*found, Issue("begins or ends with white space", certain=False)]


def time(value: str, entry: Mapping[str, Any]) -> Sequence[Issue]:
    """A time."""
    try:
        parse_time(value, end_of_day=True)
    except ValueError:
        return [Issue(f"must be a time such as 2026-12-31T18:00:00Z, not {value!r:.60}")]
    return ()


def regex(value: str) -> Sequence[Issue]:
    """A Java regular expression."""
    found = _unseen(value)
    if found or _USUAL_REGEX.fullmatch(value):
        return found
    from .java_regex import parse  # Few expressions need it, and a module's process pays for each import.
    from .java_syntax import JavaRegexError

    try:
        parse(value)
    except JavaRegexError as error:
        return [Issue(f"is no regular expression that Java can read: {error}")]
    return ()


def _unseen(value: str) -> list[Issue]:
    found = []
    if value != value.strip():
        found.append(Issue("must not begin or end with white space"))
    if not value.isascii() or not value.isprintable():
        found.extend(_hidden(value))
    return found


def _hidden(value: str) -> Iterator[Issue]:
    if HIDDEN.search(value):
        yield Issue(f"holds hidden characters: {escape_hidden(value):.80}")


def _line_breaks(value: str) -> list[Issue]:
    return [Issue("must not hold line breaks or tabs")] if re.search(r"[\t\n]", value.strip()) else []


def _white_space_or_unseen(value: str) -> list[Issue]:
    found = _unseen(value)
    if re.search(r"\s", value.strip()):
        found.append(Issue("must not hold white space"))
    return found


def _domain(value: str) -> Iterator[Issue]:
    if "://" in value or "/" in value:
        network = "; it is an IP block: use pattern_type IP" if _is_ip(value) else ""
        yield Issue(f"must be a domain, not a URL or path: {value!r:.80}{network}")
        return
    if "@" in value:
        host = value.rpartition("@")[2]
        yield Issue(f"must be a domain, without @: write {host!r:.80}, or use pattern_type EMAIL for an address")
        return
    if _is_ip(value):
        yield Issue(f"must be a domain, and {value} is an IP address: use pattern_type IP")
        return
    host = domain_to_ascii(value)
    if host.endswith("."):
        host = host[:-1]
        yield Issue("ends with a dot, which domains of senders do not", certain=False)
    yield from _labels(value, host)
    if "*" in host:
        yield Issue("holds a star, which has no special meaning outside of a regular expression", certain=False)
    elif "." not in host:
        yield Issue("has no dot: it may be meant as a name within a domain", certain=False)


def _labels(value: str, host: str) -> Iterator[Issue]:
    labels = host.split(".")
    if not all(labels):
        yield Issue(f"must be a domain, and {value!r:.80} has a dot with nothing before it")
    strange = re.search(r"[^a-z0-9_*.-]", host)
    if strange:
        yield Issue(f"must be a domain, and none holds {strange[0]!r}")
    if len(host) > _MAX_DOMAIN or any(len(label) > _MAX_LABEL for label in labels):
        yield Issue(f"is too long for a domain: {_MAX_LABEL} characters between dots, {_MAX_DOMAIN} in all")


def _address(value: str) -> Iterator[Issue]:
    local, _at, host = value.rpartition("@")
    quoted = len(local) > 1 and local[0] == local[-1] == '"'
    if "@" not in value:
        yield Issue(f"must be an e-mail address, and {value!r:.80} has no @")
    elif "@" in local and not quoted:
        yield Issue(f"must be one e-mail address, and {value!r:.80} has more than one @")
    elif not local or not host:
        yield Issue(f"must be an e-mail address, and {value!r:.80} has nothing {'after' if local else 'before'} the @")
    else:
        strange = None if quoted else _NOT_IN_LOCAL_PART.search(local)
        if strange:
            yield Issue(f"must be an e-mail address alone, and {value!r:.80} holds {strange[0]!r} before the @")
        if "*" in local:
            yield Issue("holds a star, which has no special meaning outside of a regular expression", certain=False)
        if not re.fullmatch(r"\[.+\]", host):
            for issue in domain(host, {}):
                yield Issue(f"after the @ {issue.text}", issue.certain)


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def _unroutable(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str | None:
    """Why no address of this block can send mail from the Internet; None if some can."""
    version = network.version
    first, last = int(network.network_address), int(network.broadcast_address)
    mapped = first >> 32 == 0xFFFF and last >> 32 == 0xFFFF
    if version == 6 and mapped:
        version, first, last = 4, first & 0xFFFFFFFF, last & 0xFFFFFFFF
    for reach, low, high in _UNROUTABLE[version]:
        if low <= first and last <= high:
            return reach
    return None


def _ranges(version: int) -> tuple[tuple[str, int, int], ...]:
    blocks = {
        "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
        "a loopback address": ("127.0.0.0/8", "::1/128"),
        "link-local": ("169.254.0.0/16", "fe80::/10"),
        "the unspecified address": ("0.0.0.0/32", "::/128"),
        "the broadcast address": ("255.255.255.255/32",),
    }
    return tuple(
        (reach, int(network.network_address), int(network.broadcast_address))
        for reach, texts in blocks.items()
        for network in map(ipaddress.ip_network, texts)
        if network.version == version
    )


_UNROUTABLE = {version: _ranges(version) for version in (4, 6)}


def _loose_block(value: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Iterator[Issue]:
    start, slash, length = value.partition("/")
    if slash and not length.isdecimal():
        yield Issue(f"is written with a mask: {network} says the same in CIDR notation", certain=False)
    elif network.prefixlen == 0:
        yield Issue("holds every address there is", certain=False)
    elif slash and ipaddress.ip_address(start) != network.network_address:
        yield Issue(f"names an address within its block, and means all of {network}", certain=False)
