# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML as nodes with their positions: libyaml's parser if available, else PyYAML's own, with equal results.

Scalars are not resolved: each keeps its source text, and its meaning depends on its field. Entries are passed on one
by one, so that a large file is never held in memory as nodes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .decode import check_printable
from .nodes import Node, PolicySyntaxError

try:
    import yaml
except ImportError:
    HAS_YAML = False
else:
    HAS_YAML = True

Finish = Callable[[Node, bool], None]

# Patterns for the messages of both parsers, and what to do about each problem.
_HINTS = (
    (r"\btab\b|'\\t'", "this is a tab, and YAML is indented with spaces only; replace it with spaces"),
    (r"unknown escape", "between double quotes a backslash begins an escape; put the text in single quotes instead"),
    (r"mapping values are not allowed", "a colon stands where none can be; put a text with a colon in quotes"),
    (r"cannot start any token", "a text cannot begin with this character; put it in quotes"),
    (r"quoted scalar.*unexpected end|unexpected end.*quoted", "the quotes that open here are never closed; close them"),
    (
        r"flow (sequence|mapping|node)",
        "a comma or a closing bracket is missing; look at the brackets before this place",
    ),
    (
        r"block (collection|mapping|sequence)",
        "this line does not fit those above it; look at its indentation and quotes",
    ),
    (r"could not find expected ':'", "a colon is missing after the name of a field; write 'name: value'"),
    (r"nesting depth", "it is nested too deeply; a policy is lists of entries"),
    (r"undefined tag handle", "this tag is not known; remove it"),
)
_MAX_DEPTH = 50


def fastest_loader() -> Any:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlText:
    """One document.

    :param loader: a loader of PyYAML; by default, the fastest.
    :raises PolicySyntaxError: it contains characters that YAML does not permit.
    """

    def __init__(self, text: str, loader: Any = None) -> None:
        # PyYAML's own parser reads ahead in its constructor.
        check_printable(text)
        self._text = text
        self._anchors: dict[str, Node] = {}
        self._lists: dict[str, Node] = {}
        self._next: Callable[[], Any] = (loader or fastest_loader())(text).get_event

    def read(self, begin: Callable[[Node, Node], Finish | None]) -> Node | None:
        """Parse the document.

        :param begin: gets key and value of each item of the top-level mapping. A list comes without its items, which
            are then passed to the function that ``begin`` returns.
        :returns: the document's node if it is not a mapping; None for a mapping or an empty document.
        :raises PolicySyntaxError: it is not YAML, or has more than one document.
        """
        try:
            self._next()
            if isinstance(self._next(), yaml.StreamEndEvent):
                return None
            root = self._root(self._next(), begin)
            self._next()
            after = self._next()
        except yaml.MarkedYAMLError as error:
            raise self._problem(error) from None
        except RecursionError:
            raise PolicySyntaxError(
                1, 1, "this is nested too deeply to be a policy; a policy is lists of entries"
            ) from None
        if not isinstance(after, yaml.StreamEndEvent):
            line, column = _position(after)
            raise PolicySyntaxError(
                line, column, "a second document begins here; put each document in a file of its own"
            )
        return root

    def _root(self, event: Any, begin: Callable[[Node, Node], Finish | None]) -> Node | None:
        if not isinstance(event, yaml.MappingStartEvent):
            node = self._node(event)
            empty = node.kind == "scalar" and node.plain and node.value == ""
            return None if empty else node
        unsafe = event.tag == "!unsafe"
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event)
            event = self._next()
            if isinstance(event, yaml.SequenceStartEvent):
                self._items(event, key, begin, unsafe)
            elif isinstance(event, yaml.AliasEvent) and event.anchor in self._lists:
                self._again(self._lists[event.anchor], key, begin, unsafe)
            else:
                begin(key, self._node(event))
        return None

    def _items(self, event: Any, key: Node, begin: Callable[[Node, Node], Finish | None], unsafe: bool) -> None:
        head = Node("list", [], *_position(event), tag=event.tag)
        finish = begin(key, head)
        unsafe = unsafe or event.tag == "!unsafe"
        kept = event.anchor is not None
        while not isinstance(item := self._next(), yaml.SequenceEndEvent):
            node = self._node(item)
            if kept:
                head.value.append(node)
            if finish:
                finish(node, unsafe)
        if kept:
            self._lists[event.anchor] = head

    def _again(self, kept: Node, key: Node, begin: Callable[[Node, Node], Finish | None], unsafe: bool) -> None:
        if finish := begin(key, kept):
            for node in kept.value:
                finish(node, unsafe or kept.tag == "!unsafe")

    def _node(self, event: Any, depth: int = 0) -> Node:
        kind = event.__class__
        mark = event.start_mark
        if kind is yaml.ScalarEvent:
            tag = event.tag
            node = Node("scalar", event.value, mark.line + 1, mark.column + 1, tag is None and not event.style, tag)
            if event.anchor is not None:
                self._anchors[event.anchor] = node
            return node
        if kind is yaml.AliasEvent:
            return self._alias(event)
        if depth > _MAX_DEPTH:
            raise PolicySyntaxError(
                mark.line + 1, mark.column + 1, "this is nested too deeply; a policy is lists of entries"
            )
        parts: list[Any] = []
        name = "mapping" if kind is yaml.MappingStartEvent else "list"
        node = Node(name, parts, mark.line + 1, mark.column + 1, tag=event.tag)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        following = self._next
        if name == "mapping":
            while (event := following()).__class__ is not yaml.MappingEndEvent:
                parts.append((self._node(event, depth + 1), self._node(following(), depth + 1)))
        else:
            while (event := following()).__class__ is not yaml.SequenceEndEvent:
                parts.append(self._node(event, depth + 1))
        return node

    def _alias(self, event: Any) -> Node:
        found = self._anchors.get(event.anchor)
        if found:
            return found
        line, column = _position(event)
        if event.anchor in self._lists:
            raise PolicySyntaxError(
                line, column, f"*{event.anchor} is a whole list, and can only stand for a whole list"
            )
        raise PolicySyntaxError(
            line, column, f"there is no &{event.anchor} above this *{event.anchor}; look at its spelling"
        )

    def _problem(self, error: Any) -> PolicySyntaxError:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        message = f"{error.context or ''}: {error.problem or ''}".strip(": ")
        lines = self._text.splitlines()
        here = lines[line] if line < len(lines) else ""
        indentation = here[: len(here) - len(here.lstrip())]
        if "\t" in indentation:
            column = indentation.index("\t")
        if here[column : column + 1] == "\t":
            message = "tab"
        hint = next((hint for pattern, hint in _HINTS if re.search(pattern, message)), None)
        if "unexpected end" in message and error.context_mark:
            # The end of the text is of no use; the start of the quotes is.
            line, column = error.context_mark.line, error.context_mark.column
        return PolicySyntaxError(line + 1, column + 1, f"this is not YAML: {hint or message}")


def _position(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
