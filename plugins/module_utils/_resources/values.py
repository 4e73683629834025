# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the values of an entry are compared: both sides go through one of these functions."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Hashable, Mapping
from typing import Any

Entry = dict[str, Any]
Normalizer = Callable[[Any, Mapping[str, Any]], Hashable]


def exactly(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """Values are the same only when they are equal."""
    return value  # type: ignore[no-any-return]


def text_or_nothing(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """No text, null and the empty text are the same: the API may keep any of them for 'none'."""
    return value or ""


def flag(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """A switch that the API left out is off."""
    return bool(value)


def any_case(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return value.strip().lower() if isinstance(value, str) else value


def ip_text(value: Any) -> Hashable:
    """One form for every way to write the same address or block; other text stays as it is."""
    text = str(value).strip().lower()
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return text


def address(value: Any) -> Hashable:
    """An e-mail address: the host part has no case, the local part may have one."""
    text = str(value).strip()
    local, at, host = text.rpartition("@")
    return f"{local}{at}{host.lower()}"


def pattern_text(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """A pattern, as its `pattern_type` reads it. Regular expressions are compared letter by letter."""
    if not isinstance(value, str) or entry.get("is_regex"):
        return value  # type: ignore[no-any-return]
    kind = str(entry.get("pattern_type", "DOMAIN")).upper()
    if kind == "EMAIL":
        return address(value)
    if kind == "IP":
        return ip_text(value)
    return value.strip().lower()


def email_text(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return value if entry.get("is_email_regex") or not isinstance(value, str) else address(value)


def as_set(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return _as_set(value, lambda item: any_case(item, entry))


def as_ip_set(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return _as_set(value, ip_text)


def _as_set(value: Any, same: Callable[[Any], Hashable]) -> Hashable:
    items = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    return frozenset(same(item) if isinstance(item, str) else repr(item) for item in items)
