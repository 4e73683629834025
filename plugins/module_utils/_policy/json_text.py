# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON as the same nodes as YAML, with their positions, which Python's own parser does not report."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, Optional

from .nodes import Node, PolicySyntaxError

# Gets key and value of each item of the top-level mapping, and returns the function that takes the items of a list.
# Python 3.10 evaluates this at import, and ansible-test's pylint does not support `|` between callables.
Begin = Callable[[Node, Node], Optional[Callable[[Node, bool], None]]]  # noqa: UP045

_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null")
_MAX_DEPTH = 50


class JsonText:
    """One document, with the interface of :class:`YamlText`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text))]

    def read(self, begin: Begin) -> Node | None:
        if not self._text.strip():
            return None
        root = self._node(0)
        if self._peek():
            raise self._problem(self._at, "something stands after the end of the document; remove it")
        if root.kind != "mapping":
            return root
        for key, value in root.value:
            if finish := begin(key, value):
                for item in value.value:
                    finish(item, False)
        return None

    def _peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
        return self._text[self._at : self._at + 1]

    def _node(self, depth: int) -> Node:
        first = self._peek()
        start = self._at
        line = bisect_right(self._starts, start)
        column = start - self._starts[line - 1] + 1
        if first == '"':
            return Node("scalar", self._string(), line, column)
        if first in ("{", "["):
            if depth > _MAX_DEPTH:
                raise self._problem(start, "this is nested too deeply; a policy is lists of entries")
            parts = self._parts("}" if first == "{" else "]", depth + 1)
            return Node("mapping" if first == "{" else "list", parts, line, column)
        word = _WORD.match(self._text, start)
        if not word:
            raise self._problem(start, "a value is missing here; look at the commas, quotes and brackets before it")
        self._at = word.end()
        return Node("scalar", word[0], line, column, plain=True)

    def _parts(self, closing: str, depth: int) -> list[Any]:
        parts: list[Any] = []
        self._at += 1
        if self._peek() == closing:
            self._at += 1
            return parts
        while True:
            parts.append(self._pair(depth) if closing == "}" else self._node(depth))
            sign = self._peek()
            if sign not in (",", closing):
                raise self._problem(self._at, f"a comma or the closing {closing} is missing here")
            self._at += 1
            if sign == closing:
                return parts

    def _pair(self, depth: int) -> tuple[Node, Node]:
        if self._peek() != '"':
            raise self._problem(self._at, "the name of a field, in double quotes, is missing here; look at the commas")
        key = self._node(depth)
        if self._peek() != ":":
            raise self._problem(self._at, "a colon is missing here")
        self._at += 1
        return key, self._node(depth)

    def _string(self) -> str:
        try:
            value, self._at = scanstring(self._text, self._at + 1, True)
        except JSONDecodeError as error:
            raise self._problem(error.pos, f"{_clause(error.msg)}; correct this text") from None
        if not value.isascii() and re.search("[\ud800-\udfff]", value):
            raise self._problem(self._at, "the text that ends here holds half a surrogate pair; remove it")
        return str(value)

    def _problem(self, offset: int, message: str) -> PolicySyntaxError:
        line = bisect_right(self._starts, offset)
        return PolicySyntaxError(line, offset - self._starts[line - 1] + 1, f"this is not JSON: {message}")


def _clause(message: str) -> str:
    """A message of Python's parser as a clause."""
    return f"{message[:1].lower()}{message[1:]}".removesuffix(" at")
