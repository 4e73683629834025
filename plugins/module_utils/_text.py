# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Characters that are invisible in a text, or that no file can hold. Everything that writes or checks text uses these.

The sets are spelled out and not taken from Python's Unicode data, which differs between versions of Python.
"""

from __future__ import annotations

import re

# Controls, direction marks, fillers and others without a glyph; private use, which each font shows differently; and
# noncharacters. Tabs and line feeds are visible.
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U0010ffff"
)
# Scripts whose letters change their form at a joiner, which makes it visible.
_JOINING = "[\u0600-\u08ff\u0900-\u0dff]"
_JOINER = f"(?<!{_JOINING})[\u200c\u200d]|[\u200c\u200d](?!{_JOINING})"
# Variation selectors, which change the look of the character before. After an ASCII character they have no effect.
_VARIANT = "(?<![^\x00-\x7f])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"

HIDDEN = re.compile(f"[{_UNSEEN}]|{_JOINER}|{_VARIANT}")
_ODD_SPACE = re.compile("[\x85\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def replace_controls(text: str) -> str:
    """Text for a terminal: control, direction and invisible characters become ``?``."""
    return HIDDEN.sub("?", text)


def one_line(text: str) -> str:
    """Text without line breaks, so that no part of it imitates a line of its own."""
    return " ".join(text.splitlines())


def escape_hidden(text: str, *, one_line: bool = True) -> str:
    """Text for a report: hidden characters are spelled out, such as ``<U+202E>``.

    :param one_line: whether tabs and line feeds become spaces.
    """
    text = re.sub(r"[\t\n]", " ", text) if one_line else text
    return HIDDEN.sub(lambda found: f"<U+{ord(found.group()):04X}>", text)


def is_legible(text: str) -> bool:
    """Whether every character is visible as what it is: none is hidden, and every space is a plain one."""
    return (text.isascii() and text.isprintable()) or not (HIDDEN.search(text) or _ODD_SPACE.search(text))


def replace_surrogates(text: str) -> str:
    """Lone surrogates, which JSON can represent and UTF-8 cannot, become U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def has_surrogates(text: str) -> bool:
    """Whether text contains a lone surrogate."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def count(number: int, singular: str, plural: str = "") -> str:
    """A number and its noun: ``1 entry``, ``2,000 entries``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
