# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of what a switch is set to: each takes a value and says whether the switch can have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Check = Callable[[Any], bool]


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def offered(value: Any) -> bool:
    """Whether an operation is offered: if not, it answers 404, or the status that is given in place of false."""
    return isinstance(value, bool) or value in (403, 405)


def number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def number_or_none(value: Any) -> bool:
    return value is None or number(value)


def count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def count_or_none(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


def texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def mapping_to(*choices: str) -> Check:
    return lambda value: isinstance(value, dict) and all(each in choices for each in value.values())


def one_of(*choices: Any) -> Check:
    return lambda value: any(value == choice and type(value) is type(choice) for choice in choices)
