# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the parameters of a query string. What can't be right is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from answers import INVALID_FIELD, Refusal

LARGEST_PAGE = 1000
DEFAULT_PAGE = 20

Query = Mapping[str, Sequence[str]]
_BOOLEANS = {"true": True, "false": False}


def refused(name: str, complaint: str) -> Refusal:
    return Refusal(400, INVALID_FIELD, f"query parameter {name} {complaint}")


def check_names(query: Query, known: Collection[str]) -> None:
    """What strict accounts do about parameters that don't belong."""
    for name in query:
        if name not in known:
            raise refused(name, "is not a parameter of this list")


def last(query: Query, name: str) -> str | None:
    values = query.get(name)
    return values[-1] if values else None


def integer(query: Query, name: str, default: int, highest: int | None = None) -> int:
    value = last(query, name)
    if value is None:
        return default
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0
    if number < 1 or (highest is not None and number > highest):
        raise refused(name, f"must be an integer from 1{f' to {highest}' if highest else ' on'}")
    return number


def choice(name: str, value: str, choices: Collection[str]) -> str:
    if value not in choices:
        raise refused(name, f"must be one of {', '.join(choices)}")
    return value


def flag(name: str, value: str) -> bool:
    if value not in _BOOLEANS:
        raise refused(name, "must be true or false")
    return _BOOLEANS[value]
