# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Converts the nodes of a policy file to entries with their place. The schema of fields is not known here.

A scalar keeps its source text, so that the field's type decides what ``0012``, ``22:30``, ``no`` and ``2035-06-30``
mean. Every problem is collected with its place, and reading continues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .._resources.resources import RESOURCES
from .names import unknown_list
from .nodes import Node
from .places import Placed

Decrypt = Callable[[str], str]
Pairs = list[tuple[Node, Node]]

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_STANDARD = "tag:yaml.org,2002:"
_SCALARS = frozenset(f"{_STANDARD}{name}" for name in ("str", "int", "float", "bool", "null", "timestamp"))
_PARTS = {"list": f"{_STANDARD}seq", "mapping": f"{_STANDARD}map"}
_VAULT = ("!vault", "!vault-encrypted")
# How Ansible writes its tags in JSON.
_IN_JSON = {"__ansible_unsafe": "!unsafe", "__ansible_vault": "!vault"}
_KINDS = {"scalar": "text", "list": "a list", "mapping": "a mapping"}
# Aliases may add this many values to any file; legitimate ones have fewer.
_MAX_ALIASED = 100_000


class _TooManyError(Exception):
    """Aliases expand to more values than permitted."""


class Converter:
    """One file.

    :param file: its name in messages.
    :param size: the length of its text, which limits the expansion of its aliases.
    :param decrypt: decrypts a vaulted text, or raises ValueError.
    :param templates: whether texts may look like templates, because Ansible has rendered the file.
    """

    def __init__(self, file: str, size: int, decrypt: Decrypt, templates: bool = False) -> None:
        self.lists: dict[str, list[Placed]] = {}
        self.problems: list[str] = []
        self._file = file
        self._left = _MAX_ALIASED + size
        self._decrypt = decrypt
        self._templates = templates
        self._seen: dict[str, int] = {}
        self._merged: dict[int, Pairs | None] = {}

    def begin(self, key: Node, value: Node) -> Callable[[Node, bool], None] | None:
        """Process a key of the top-level mapping. Returns the function that takes the items of its list."""
        name = key.value if key.kind == "scalar" else ""
        if name in self._seen:
            self.report(key, f"duplicate key {name}, first used in line {self._seen[name]}; merge the two lists")
            return None
        self._seen[name] = key.line
        if name not in RESOURCES:
            self.report(key, unknown_list(str(name)))
            return None
        if value.kind != "list":
            self._no_list(name, value)
            return None
        self._check_tag(value)
        entries = self.lists.setdefault(name, [])

        def finish(item: Node, unsafe: bool) -> None:
            if self._left >= 0:
                self._item(name, item, unsafe, entries)

        return finish

    def root(self, node: Node) -> None:
        """Report that the document is not a mapping."""
        self.report(
            node,
            f"a policy holds lists by their names, such as 'block_senders:', and this is {_KINDS[node.kind]}; "
            "write the name of the list in front of it",
        )

    def report(self, node: Node, message: str) -> None:
        self.problems.append(f"{self._file}:{node.line}:{node.column}: {message}")

    def _no_list(self, name: str, value: Node) -> None:
        if value.kind == "scalar" and value.plain and value.value in _NULLS:
            self.report(
                value, f"{name} must be a list of entries, and nothing stands after it; write [] for an empty one"
            )
        elif value.kind == "mapping":
            self.report(value, f"{name} must be a list of entries, not a mapping; write '- ' in front of each entry")
        else:
            reported = len(self.problems)
            self._text(value, name, False)
            if len(self.problems) == reported:
                self.report(value, f"{name} must be a list of entries, not text; write each entry in a line with '- '")

    def _item(self, name: str, node: Node, unsafe: bool, entries: list[Placed]) -> None:
        if node.kind != "mapping":
            kind = "nothing" if node.kind == "scalar" and node.plain and node.value in _NULLS else _KINDS[node.kind]
            self.report(node, f"an entry of {name} must be a mapping of fields, such as 'pattern: …', not {kind}")
            return
        try:
            entries.append(self._entry(node, unsafe))
        except _TooManyError:
            self.report(node, "the aliases of this file expand to more values than any policy has; write them out")
        # The cache is keyed by id(node), and this node is about to be freed.
        self._merged.clear()

    def _entry(self, node: Node, unsafe: bool) -> Placed:
        self._check_tag(node)
        unsafe = unsafe or node.tag == "!unsafe"
        fields: dict[str, Any] = {}
        marks: list[int] = []
        for key, value in self._pairs(node) or ():
            fields[key.value] = self._value(value, key.value, unsafe)
            marks += (key.line, key.column)
        return Placed(f"{self._file}:{node.line}:{node.column}", fields, marks)

    def _value(self, node: Node, field: str, unsafe: bool) -> Any:
        if node.kind == "scalar":
            return self._text(node, field, unsafe)
        self._check_tag(node)
        unsafe = unsafe or node.tag == "!unsafe"
        if node.kind == "list":
            self._spend(len(node.value))
            return [self._part(item, field, unsafe) for item in node.value]
        if len(node.value) == 1:
            key, value = node.value[0]
            if key.kind == "scalar" and key.value in _IN_JSON:
                tagged = Node(value.kind, value.value, value.line, value.column, tag=_IN_JSON[key.value])
                return self._part(tagged, field, unsafe)
        return {key.value: self._part(value, field, unsafe) for key, value in self._pairs(node) or ()}

    def _part(self, node: Node, field: str, unsafe: bool) -> str | None:
        if node.kind == "scalar":
            return self._text(node, field, unsafe)
        self.report(node, f"{field} holds {_KINDS[node.kind]} where only text can be")
        return None

    def _text(self, node: Node, field: str, unsafe: bool) -> str | None:
        value: str = node.value
        if node.tag is None:
            if node.plain and value in _NULLS:
                return None
        elif node.tag in _VAULT:
            try:
                return self._decrypt(value)
            except ValueError as error:
                self.report(node, f"{field} cannot be decrypted: {error}")
                return ""
        elif node.tag == "!unsafe":
            unsafe = True
        elif node.tag not in _SCALARS and node.tag != "!":
            self._unknown_tag(node)
        if ("{{" in value or "{%" in value) and not unsafe and not self._templates:
            self.report(
                node,
                f"{field} looks like a template, {value!r:.60}, and a policy file is data, which is never templated; "
                "write !unsafe in front of the text to have it as it is, or let the name of the file end in .yml.j2 "
                "to have Ansible render it",
            )
        return value

    def _pairs(self, node: Node) -> Pairs | None:
        """The fields of a mapping, including merged ones; None while it is being read."""
        known = self._merged.get(id(node), False)
        if known is not False:
            self._spend(len(known or ()))  # type: ignore[arg-type]
            return known  # type: ignore[return-value]
        merges = any(key.value == "<<" and key.plain for key, value in node.value)
        if merges:
            self._merged[id(node)] = None
        self._spend(len(node.value))
        found: dict[Any, tuple[Node, Node]] = {}
        for key, value in node.value:
            if key.kind != "scalar":
                self.report(key, f"the name of a field must be text, not {_KINDS[key.kind]}")
            elif key.value in found:
                first = found[key.value][0]
                self.report(key, f"duplicate key {key.value}, first used in line {first.line}; keep one of them")
            else:
                found[key.value] = (key, value)
        if not merges:
            return list(found.values())
        for pairs in self._sources(found.pop("<<")[1]):
            for pair in pairs:
                found.setdefault(pair[0].value, pair)
        result = list(found.values())
        self._merged[id(node)] = result
        return result

    def _sources(self, node: Node) -> Iterator[Pairs]:
        for source in node.value if node.kind == "list" else [node]:
            if source.kind != "mapping":
                self.report(source, f"<< takes a mapping by its alias, such as *defaults, not {_KINDS[source.kind]}")
                continue
            pairs = self._pairs(source)
            if pairs is None:
                self.report(source, "this mapping merges itself; remove the alias that leads back to it")
            else:
                yield pairs

    def _spend(self, values: int) -> None:
        self._left -= values
        if self._left < 0:
            raise _TooManyError

    def _check_tag(self, node: Node) -> None:
        if node.tag not in (None, "!unsafe", "!", _PARTS[node.kind]):
            self._unknown_tag(node)

    def _unknown_tag(self, node: Node) -> None:
        tag = str(node.tag).replace(_STANDARD, "!!")
        self.report(node, f"the tag {tag:.60} means nothing in a policy, which knows !unsafe and !vault; remove it")
