# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a Java regular expression matches a text, if that is certain.

Only elements with the same meaning in Java and Python are evaluated, and few unbounded repetitions, so that no text
takes long. Two things about the service are not documented: whether an expression must match the whole text or a part
of it, and whether upper case is kept. A result counts only if all of these interpretations agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .._resources.java_regex import parse
from .._resources.java_syntax import JavaRegexError

# Returns whether a text matches; None if the interpretations differ.
Judge = Callable[[str], "bool | None"]

# One element each, with the same meaning in Java and Python, in ASCII.
_ELEMENT = re.compile(
    r"(?P<one>[A-Za-z0-9@_%&=~#!,;:<>/' \"-]|\.|\\[.dwsDWS@/_$^*+?|(){}\[\]\\-]"
    r"|\[\^?(?:[A-Za-z0-9]-[A-Za-z0-9](?!-[^\]])|[A-Za-z0-9_.@%+]|\\[.dw@+-])+-?\])"
    r"|(?P<open>\((?:\?:)?)|(?P<close>\))|(?P<or>\|)|(?P<anchor>[$^])"
)
_QUANTIFIER = re.compile(r"[*+?]\??|\{[0-9]{1,2}(?:,[0-9]{0,2})?\}\??")
_FIXED = re.compile(r"\{[0-9]+\}\??")
_IGNORE_CASE = "(?i)"
# The maximum number of unbounded repetitions, optional elements, groups and alternatives. Each multiplies the time that
# a text can take.
_LIMITS = {"repetitions": 3, "options": 6, "groups": 4, "alternatives": 64}
_MAX_TEXT_LENGTH = 320


class UncertainError(ValueError):
    """The result is uncertain. The message says why."""


def judge(expression: str) -> Judge:
    """The function that evaluates an expression.

    :raises UncertainError: this expression cannot be evaluated with certainty.
    """
    try:
        if parse(expression) is None:
            raise UncertainError("its meaning in Java is not certain")
    except JavaRegexError as error:
        raise UncertainError(f"Java cannot read it: {error}") from None
    ignores_case = expression.startswith(_IGNORE_CASE)
    body = expression.removeprefix(_IGNORE_CASE)
    if not _is_plain(body):
        raise UncertainError("it holds what Java and Python may read differently")
    compiled = re.compile(body, re.ASCII | (re.IGNORECASE if ignores_case else 0))

    def matches(text: str) -> bool | None:
        # Dots, classes and case differ between the two for line breaks and non-ASCII scripts.
        if not text.isascii() or not text.isprintable() or len(text) > _MAX_TEXT_LENGTH:
            return None
        texts = {text, text.lower()}
        results = {bool(test(each)) for each in texts for test in (compiled.search, compiled.fullmatch)}
        return results.pop() if len(results) == 1 else None

    return matches


def _is_plain(body: str) -> bool:
    """Whether it has only elements with the same meaning in both languages, and few expensive ones."""
    counts = dict.fromkeys(_LIMITS, 0)
    at = 0
    before: str | None = None
    while at < len(body):
        quantifier = _QUANTIFIER.match(body, at)
        found = quantifier or _ELEMENT.match(body, at)
        if found is None:
            return False
        at = found.end()
        if quantifier:
            is_option = quantifier[0][0] == "?"
            if before != "one" and not (before == "close" and is_option):
                return False
            counts["options" if is_option else "repetitions"] += is_option or not _FIXED.fullmatch(quantifier[0])
        counts["groups"] += found.lastgroup == "open"
        counts["alternatives"] += found.lastgroup == "or"
        before = found.lastgroup
    return all(counts[name] <= limit for name, limit in _LIMITS.items())
