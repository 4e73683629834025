# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data from accounts, made fit for files: plain JSON types, and nothing that a file or a reader would trip over."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(value: Any) -> Any:
    """A deep copy in plain JSON types.

    Ansible's own kinds of text and containers become Python's. Half a surrogate pair, which JSON can carry and UTF-8
    cannot, becomes U+FFFD.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", str.__str__(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {plain(str(name)): plain(item) for name, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [plain(item) for item in value]
    return plain(str(value))


def is_hidden(character: str) -> bool:
    """Whether a reader cannot see this character, or it changes the order of those around it."""
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cn")


def visible(text: str) -> str:
    """Text with hidden characters spelled out, such as ``<U+202E>``; line breaks become spaces."""
    return "".join(
        f"<U+{ord(character):04X}>" if is_hidden(character) else character for character in text.replace("\n", " ")
    )


def count(number: int, singular: str, plural: str = "") -> str:
    """A number and its noun: ``1 entry``, ``2,000 entries``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
