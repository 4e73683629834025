# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a Java regular expression matches a text, as far as that is certain.

Only elements that Java and Python read alike are evaluated, and few repetitions without an end, so that no text takes
long. Two things about the service are not published: whether an expression has to match the whole text or a part of
it, and whether upper case is kept. A text is judged where every one of these readings says the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .._resources.java_regex import parse
from .._resources.java_syntax import JavaRegexError

# Whether it matches; None where the readings differ.
Judge = Callable[[str], "bool | None"]

# One element each. Java and Python mean the same by them, in ASCII.
_ELEMENT = re.compile(
    r"(?P<one>[A-Za-z0-9@_%&=~#!,;:<>/' \"-]|\.|\\[.dwsDWS@/_$^*+?|(){}\[\]\\-]"
    r"|\[\^?(?:[A-Za-z0-9]-[A-Za-z0-9](?!-[^\]])|[A-Za-z0-9_.@%+]|\\[.dw@+-])+-?\])"
    r"|(?P<open>\((?:\?:)?)|(?P<close>\))|(?P<or>\|)|(?P<anchor>[$^])"
)
_QUANTIFIER = re.compile(r"[*+?]\??|\{[0-9]{1,2}(?:,[0-9]{0,2})?\}\??")
_FIXED = re.compile(r"\{[0-9]+\}\??")
_IGNORE_CASE = "(?i)"
# How many repetitions of any length, optional elements, groups and alternatives an expression may have. Each multiplies
# the time that a text can take.
_MOST = {"repetitions": 3, "options": 6, "groups": 4, "alternatives": 64}
_LONGEST_TEXT = 320


class UncertainError(ValueError):
    """Nothing certain can be said. The text says why."""


def judge(expression: str) -> Judge:
    """What says whether a text matches.

    :raises UncertainError: it is unknown for this expression.
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
        # Line breaks and other scripts are where the two differ in dots, classes and cases.
        if not text.isascii() or not text.isprintable() or len(text) > _LONGEST_TEXT:
            return None
        texts = {text, text.lower()}
        readings = {bool(test(each)) for each in texts for test in (compiled.search, compiled.fullmatch)}
        return readings.pop() if len(readings) == 1 else None

    return matches


def _is_plain(body: str) -> bool:
    """Whether it holds nothing but elements of which both languages mean the same, and few of those that take time."""
    counts = dict.fromkeys(_MOST, 0)
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
    return all(counts[name] <= most for name, most in _MOST.items())
