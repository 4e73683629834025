# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A parser of Java regular expressions that finds out whether Java accepts them, and how much they match.

They are never compiled: Python and RE2 accept other expressions than Java, and a hostile one could run forever. One
pass over the text builds a tree, whose groups are evaluated when they close; time is linear in the text. Where the
result is uncertain (the flag for comments, some quotations), the API decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .java_syntax import JavaRegexError, UndecidedError, class_end, escape_end

_COUNT = re.compile(r"\{([0-9]+)(,([0-9]+)?)?\}")
_FLAGS = re.compile(r"\(\?([a-zA-Z]*(?:-[a-zA-Z]*)?)([:)])")
_OPENINGS = re.compile(r"\(\?(?:(=|<=|!|<!|>)|<([a-zA-Z][a-zA-Z0-9]*)>)")
_KNOWN_FLAGS = frozenset("imsducxU-")
_CODE = re.compile(r"x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|0([0-7]{1,3})")
_PROPERTY = re.compile(r"[pP](?:\{(\^?[^}]*)\}|[A-Z])")
_NARROW_PROPERTIES = frozenset(
    {"Digit", "Punct", "Cntrl", "Blank", "Space", "IsDigit", "IsPunctuation", "Nd", "N", "P"}
)
# A repetition with at least this limit counts as unbounded.
_MANY = 32
# Further digits of a count are ignored.
_DIGITS = 6


@dataclass
class Node:
    """One element.

    :param kind: ``literal``, ``any`` (a dot), ``class``, ``start`` or ``end`` (anchors), ``nothing`` (other zero-width
        elements), ``group``; and, in the flat list only, ``open``, ``close`` and ``or``.
    :param text: the character of a literal.
    :param broad: whether one repetition matches nearly any character.
    :param needs: the minimum number of specific letters or digits in a match.
    :param wide: whether it matches nearly any text beside these.
    :param starts: whether it matches only at the start of the text; ``ends``: only at its end.
    """

    kind: str
    text: str = ""
    broad: bool = False
    needs: int = 0
    wide: bool = False
    starts: bool = False
    ends: bool = False
    quantified: bool = False
    branches: Sequence[Branch] = ()


@dataclass
class Branch:
    """A sequence of elements: an alternative of a group, or of the whole expression."""

    nodes: list[Node] = field(default_factory=list)
    needs: int = 0
    wide: bool = False
    broad: bool = False
    starts: bool = False
    ends: bool = False

    def evaluate(self) -> None:
        self.needs = sum(node.needs for node in self.nodes)
        self.wide = any(node.wide for node in self.nodes)
        self.broad = any(node.broad for node in self.nodes)
        self.starts = bool(self.nodes) and self.nodes[0].starts
        self.ends = bool(self.nodes) and self.nodes[-1].ends


@dataclass
class Regex:
    """An expression: its alternatives, and all its elements in source order."""

    branches: list[Branch]
    flat: list[Node]


@dataclass
class _Open:
    """An open group. ``look`` is ``=`` or ``!`` for lookarounds, ``at`` is where it begins."""

    look: str = ""
    at: int = 0
    branches: list[Branch] = field(default_factory=lambda: [Branch()])


def parse(text: str, digits_are_broad: bool = False) -> Regex | None:
    """Parse an expression; None if the result is uncertain.

    :param digits_are_broad: whether it applies to IP addresses, which consist of digits.
    :raises JavaRegexError: Java rejects it.
    """
    try:
        return _Parser(text, digits_are_broad).parse()
    except UndecidedError:
        return None


class _Parser:
    def __init__(self, text: str, digits_are_broad: bool) -> None:
        self.text = text
        self.digits_are_broad = digits_are_broad
        self.at = 0
        self.stack = [_Open()]
        self.flat: list[Node] = []
        self.names: set[str] = set()

    def parse(self) -> Regex:
        text = self.text
        while self.at < len(text):
            char = text[self.at]
            if char == "(":
                self._open()
            elif char == ")":
                if len(self.stack) == 1:
                    raise JavaRegexError("a ) without its (", self.at)
                self.at += 1
                self._close()
            elif char == "|":
                self.at += 1
                self.stack[-1].branches.append(Branch())
                self.flat.append(Node("or"))
            elif char == "[":
                self._add(self._class())
            elif char == "\\":
                self._escape()
            elif char in "*+?":
                raise JavaRegexError(f"a {char} with nothing before it to repeat", self.at)
            elif char == "{":
                # Java repeats the empty string here.
                self._quantify(Node("nothing"))
            else:
                self.at += 1
                self._add(_SIMPLE[char]() if char in _SIMPLE else _literal(char))
        if len(self.stack) > 1:
            raise JavaRegexError("a ( without its )", self.stack[-1].at)
        branches = self.stack[0].branches
        for branch in branches:
            branch.evaluate()
        return Regex(branches, self.flat)

    def _add(self, node: Node, in_flat: bool = True) -> None:
        self._quantify(node)
        self.stack[-1].branches[-1].nodes.append(node)
        if in_flat:
            self.flat.append(node)

    def _open(self) -> None:
        start = self.at
        opening = _OPENINGS.match(self.text, start)
        flags = _FLAGS.match(self.text, start)
        if flags:
            self.at = flags.end()
            if not _KNOWN_FLAGS.issuperset(flags[1]):
                raise JavaRegexError(f"{flags[0]} is no group that Java has", start)
            if "x" in flags[1].partition("-")[0]:
                raise UndecidedError
            if flags[2] == ")":
                return
            self.stack.append(_Open(at=start))
        elif opening or not self.text.startswith("(?", start):
            self.at = opening.end() if opening else start + 1
            look = (opening[1] or "") if opening else ""
            if opening and opening[2]:
                self._name(opening[2])
            self.stack.append(_Open("" if look == ">" else look[-1:], start))
        else:
            raise JavaRegexError(f"{self.text[start : start + 4]} begins no group that Java has", start)
        self.flat.append(Node("open"))

    def _name(self, name: str) -> None:
        if name in self.names:
            raise JavaRegexError(f"two groups are called {name}", self.at)
        self.names.add(name)

    def _close(self) -> None:
        group = self.stack.pop()
        self.flat.append(Node("close"))
        for branch in group.branches:
            branch.evaluate()
        # The alternative that matches most easily determines how much the group matches.
        easiest = min(group.branches, key=lambda branch: (branch.needs, not branch.wide, not branch.broad))
        if group.look:
            self._add(Node("nothing", needs=easiest.needs if group.look == "=" else 0), in_flat=False)
            return
        node = Node(
            "group",
            needs=easiest.needs,
            wide=easiest.wide,
            broad=easiest.broad and easiest.needs == 0,
            starts=all(branch.starts for branch in group.branches),
            ends=all(branch.ends for branch in group.branches),
            branches=group.branches,
        )
        self._add(node, in_flat=False)

    def _quantify(self, node: Node) -> None:
        text, at = self.text, self.at
        low, high = 1, 1
        counted = _COUNT.match(text, at)
        if text[at : at + 1] in ("?", "*", "+"):
            low, high = {"?": (0, 1), "*": (0, _MANY), "+": (1, _MANY)}[text[at]]
            self.at += 1
        elif counted:
            low = int(counted[1][:_DIGITS])
            high = low if not counted[2] else int(counted[3][:_DIGITS]) if counted[3] else max(low, _MANY)
            if high < low:
                raise JavaRegexError(f"{counted[0]} counts backwards", at)
            self.at = counted.end()
        elif text[at : at + 1] == "{":
            hint = "a { that begins no count such as {2} or {2,5}; write \\{ for the character"
            raise JavaRegexError(hint, at)
        else:
            return
        if text[self.at : self.at + 1] in ("?", "+"):
            self.at += 1
        node.quantified = True
        if low == 0:
            node.starts = node.ends = False
        wide = node.wide or (node.broad and high >= _MANY)
        if low == 0 and node.needs:
            # The easiest match omits it.
            node.needs, node.wide, node.broad = 0, False, False
        else:
            node.needs, node.wide = node.needs * low, wide

    def _escape(self) -> None:
        text = self.text
        char = text[self.at + 1 : self.at + 2]
        if char == "Q":
            self._quoted()
            return
        end = escape_end(text, self.at)
        code = _CODE.match(text, self.at + 1)
        named = _PROPERTY.match(text, self.at + 1)
        if char == "k" and text[self.at + 3 : end - 1] not in self.names:
            raise JavaRegexError(f"there is no group before {text[self.at : end]}", self.at)
        self.at = end
        if code:
            number = int(code[4], 8) if code[4] else int(code[1] or code[2] or code[3], 16)
            self._add(_literal(chr(number) if number <= 0x10FFFF else "?"))
        elif named:
            narrow = named[0][0] == "p" and (named[1] or named[0][-1]) in _NARROW_PROPERTIES
            self._add(_set(broad=not narrow))
        elif char == "k":
            self._add(Node("nothing"))
        else:
            self._add(self._escaped(char))

    def _quoted(self) -> None:
        """The text between ``Q`` and ``E``, both escaped, is literal; a quantifier applies to its last character."""
        start = self.at + 2
        end = self.text.find("\\E", start)
        quoted = self.text[start : end if end >= 0 else len(self.text)]
        nodes = [_literal(char) for char in quoted]
        if not nodes:
            # A quantifier after it applies to the element before it.
            raise UndecidedError
        for node in nodes[:-1]:
            self.stack[-1].branches[-1].nodes.append(node)
            self.flat.append(node)
        self.at = end + 2 if end >= 0 else len(self.text)
        self._add(nodes[-1])

    def _escaped(self, char: str) -> Node:
        if char == "d":
            return _set(broad=self.digits_are_broad)
        return _ESCAPED[char]() if char in _ESCAPED else _literal(char)

    def _class(self) -> Node:
        """A character class, which may be nested. Its source text suffices to estimate what it matches."""
        start = self.at
        self.at = class_end(self.text, start)
        inside = self.text[start + 1 : self.at - 1]
        single = re.fullmatch(r"\\?([^\w^\\\[\]])|(\w)", inside)
        if single:
            return _literal(single[1] or single[2])
        negated = inside.startswith("^")
        letters = bool(re.search(r"[a-cA-C]-[w-zW-Z]|\\[wSDpP]", inside))
        digits = bool(re.search(r"[01]-9|\\d", inside))
        if "&&" in inside:
            return _set(broad=False)
        if negated:
            return _set(broad=not letters)
        return _set(broad=letters or (digits and self.digits_are_broad))


def _literal(char: str) -> Node:
    return Node("literal", char, needs=1 if char.isalnum() else 0)


def _set(broad: bool) -> Node:
    return Node("class", broad=broad, needs=0 if broad else 1)


_SIMPLE: dict[str, Callable[[], Node]] = {
    ".": lambda: Node("any", broad=True),
    "^": lambda: Node("start", starts=True),
    "$": lambda: Node("end", ends=True),
}
_ESCAPED: dict[str, Callable[[], Node]] = {
    **dict.fromkeys("AG", _SIMPLE["^"]),
    **dict.fromkeys("zZ", _SIMPLE["$"]),
    **dict.fromkeys("wSDHVNX", lambda: _set(broad=True)),
    **dict.fromkeys("sWhvR", lambda: _set(broad=False)),
    # Word boundaries and references to groups.
    **dict.fromkeys("bB123456789", lambda: Node("nothing")),
}
