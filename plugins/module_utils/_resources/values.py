# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the values of an entry are compared, and in which form they are sent.

A :data:`Normalizer` is applied to both sides of a comparison. Leading and trailing white space is significant: if the
API keeps it, such an entry matches something else. A :data:`Form` is applied to desired values before they are sent.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Hashable, Mapping
from datetime import timezone
from typing import Any

from .._times import parse_time
from .names import address_to_ascii, compose, domain_to_ascii

Entry = dict[str, Any]
Normalizer = Callable[[Any, Mapping[str, Any]], Hashable]
Form = Callable[[str, Mapping[str, Any]], str]


def exactly(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """Values are the same only if they are equal."""
    return value  # type: ignore[no-any-return]


def text_or_nothing(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """An absent value, null and the empty string are the same: the API may store any of them for 'none'."""
    return value or ""


def comments_text(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """As :func:`text_or_nothing`, without trailing line feeds, which YAML block scalars add."""
    return value.rstrip("\r\n") if isinstance(value, str) else value or ""


def time_text(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """A time to the second, in any notation; an absent value, null and the empty string are the same."""
    return utc_time(value, entry) if isinstance(value, str) else value or ""


def utc_time(value: str, entry: Mapping[str, Any]) -> str:
    """A time in the API's form: RFC 3339 in UTC."""
    try:
        when = parse_time(value, end_of_day=True).astimezone(timezone.utc)
        return when.replace(microsecond=0).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return value


def flag(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """A flag; absent means false."""
    return bool(value)


def any_case(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return value.lower() if isinstance(value, str) else value


def name_text(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """A name, independent of its Unicode composition."""
    return compose(value) if isinstance(value, str) else value


def domain_text(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """A domain, or a regular expression, which is compared literally."""
    if not isinstance(value, str) or entry.get("is_regex"):
        return value  # type: ignore[no-any-return]
    return domain_to_ascii(value)


def ip_text(value: Any) -> Hashable:
    """The canonical form of an IP address or block; other text in lower case."""
    text = str(value)
    try:
        if "/" in text:
            return str(ipaddress.ip_network(text, strict=False))
        single = ipaddress.ip_address(text)
    except ValueError:
        return text.lower()
    return f"{single}/{single.max_prefixlen}"


def pattern_text(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """A pattern, normalized according to `pattern_type`. Regular expressions are compared literally."""
    if not isinstance(value, str) or entry.get("is_regex"):
        return value  # type: ignore[no-any-return]
    kind = str(entry.get("pattern_type")).upper()
    if kind == "EMAIL":
        return address_to_ascii(value)
    if kind == "IP":
        return ip_text(value)
    return domain_to_ascii(value)


def email_text(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return value if entry.get("is_email_regex") or not isinstance(value, str) else address_to_ascii(value)


def as_set(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return _as_set(value, lambda item: any_case(item, entry))


def as_domain_set(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return _as_set(value, domain_to_ascii)


def as_ip_set(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return _as_set(value, ip_text)


def _as_set(value: Any, same: Callable[[Any], Hashable]) -> Hashable:
    items = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    return frozenset(same(item) if isinstance(item, str) else repr(item) for item in items)


def trimmed(value: str, entry: Mapping[str, Any]) -> str:
    """A text without leading and trailing white space: with a service that trims, it would differ for ever."""
    return value.strip()


def composed(value: str, entry: Mapping[str, Any]) -> str:
    return compose(value)


def ascii_domain(value: str, entry: Mapping[str, Any]) -> str:
    """A non-ASCII domain in its ASCII form; other text unchanged."""
    return value if value.isascii() or entry.get("is_regex") else domain_to_ascii(value)


def ascii_address(value: str, entry: Mapping[str, Any]) -> str:
    return value if value.isascii() or entry.get("is_email_regex") else address_to_ascii(value)


def ascii_pattern(value: str, entry: Mapping[str, Any]) -> str:
    if value.isascii() or entry.get("is_regex"):
        return value
    kind = entry.get("pattern_type")
    return (
        domain_to_ascii(value) if kind == "DOMAIN" else address_to_ascii(value) if kind == "EMAIL" else compose(value)
    )
