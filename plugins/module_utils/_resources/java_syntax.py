# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where escapes and character classes of a Java regular expression end, and their definite errors.

Rules: java.util.regex.Pattern, Java 8 and later. What only some releases accept is accepted.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|x\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|0[0-3]?[0-7]{1,2}|c.|[pP](?:\{[^}]+\}|[^{])|N\{[^}]+\}|b\{g\}"
    r"|k<[a-zA-Z][a-zA-Z0-9]*>|[^xu0cpPNk])",
    re.DOTALL,
)
_LETTERS = frozenset("aAbBdDefGhHnQrRsStvVwWXzZ")
_NOT_IN_CLASS = frozenset("AbBGkRXzZ123456789")
# Escapes for sets of characters, with which no range begins.
_SETS = frozenset("dDhHsSvVwWpP")


class JavaRegexError(ValueError):
    """Java rejects the expression. The message says why, with the position of the error, counted from 1."""

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(f"{reason} (character {at + 1})")


class UndecidedError(Exception):
    """The result is uncertain."""


def escape_end(text: str, at: int, in_class: bool = False) -> int:
    """Where the escape that begins at a backslash ends.

    :raises JavaRegexError: Java has no such escape.
    :raises UndecidedError: a quotation may begin in its middle.
    """
    if text.startswith("\\c\\", at):
        raise UndecidedError
    if at + 1 == len(text):
        raise JavaRegexError("a backslash at the end", at)
    found = _ESCAPE.match(text, at)
    char = text[at + 1]
    if found is None:
        raise JavaRegexError(rf"\{char} is not complete", at)
    if char.isascii() and char.isalpha() and len(found.group()) == 2 and char not in _LETTERS:
        raise JavaRegexError(rf"\{char} is no escape that Java has", at)
    if in_class and char in _NOT_IN_CLASS:
        raise JavaRegexError(rf"\{char} has no meaning between [ and ]", at)
    return found.end()


def class_end(text: str, start: int) -> int:
    """Where the character class that begins at an opening bracket ends. It may be nested.

    :raises JavaRegexError: it does not end, or Java rejects it.
    :raises UndecidedError: it holds a quotation.
    """
    # For each open class, whether it is still empty. A closing bracket is a literal there.
    empty = [True]
    at = _past_negation(text, start + 1)
    while at < len(text):
        char = text[at]
        if char == "[":
            empty[-1] = False
            empty.append(True)
            at = _past_negation(text, at + 1)
        elif char == "]" and not empty[-1]:
            at += 1
            empty.pop()
            if not empty:
                return at
        elif text.startswith("&&", at):
            at += 2
        else:
            empty[-1] = False
            at = _range_end(text, at)
    raise JavaRegexError("a [ without its ]", start)


def _past_negation(text: str, at: int) -> int:
    return at + 1 if text.startswith("^", at) else at


def _range_end(text: str, start: int) -> int:
    """The end of one character of a class, or of a range of them."""
    at = _member_end(text, start)
    if text[at : at + 1] != "-" or text[at + 1 : at + 2] in ("", "[", "]") or text[start + 1 : start + 2] in _SETS:
        return at
    end = _member_end(text, at + 1)
    low, high = _value(text[start:at]), _value(text[at + 1 : end])
    if low is not None and high is not None and high < low:
        raise JavaRegexError(f"the range {text[start:end]} ends before it begins", start)
    return end


def _member_end(text: str, at: int) -> int:
    if text[at] != "\\":
        return at + 1
    if text.startswith("\\Q", at):
        raise UndecidedError
    return escape_end(text, at, in_class=True)


def _value(member: str) -> int | None:
    """The code point of a member; None if it is not a simple character."""
    char = member.removeprefix("\\") if len(member) == 2 and not member[1].isalnum() else member
    return ord(char) if len(char) == 1 else None
