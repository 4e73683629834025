# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Java regular expression for senders lets through: how much, how tightly, and which hosts as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.java_regex import Branch, Node, Regex

# An expression that needs fewer particular letters or digits than this matches nearly everything.
FEW = 2
# Alternatives at the end of an expression that are checked one by one.
_MOST_ENDINGS = 64


@dataclass(frozen=True)
class Ending:
    """How one alternative ends: ``before`` precedes the host name that it ends with."""

    host: str
    before: tuple[Node, ...]

    @property
    def whole(self) -> bool:
        """Nothing in particular is needed before the host name, so it matches everybody there."""
        return not any(node.needs for node in self.before)

    @property
    def runs_into_host(self) -> bool:
        """A wildcard directly precedes the host name, so that other letters may precede it too."""
        last = self.before[-1] if self.before else None
        return last is not None and last.kind in ("any", "class") and last.wide and self.host[:1].isalnum()


def matches_nearly_everything(regex: Regex) -> bool:
    return any(branch.needs < FEW and (branch.wide or not (branch.starts or branch.ends)) for branch in regex.branches)


def open_ends(regex: Regex) -> list[str]:
    """In words, where a text that is matched may go on."""
    found = []
    if not all(branch.starts or _starts_wide(branch) for branch in regex.branches):
        found.append("it does not begin with ^")
    if not all(branch.ends for branch in regex.branches):
        found.append("it does not end with $")
    if any(ending.runs_into_host and "." in ending.host for ending in endings(regex)):
        found.append("a wildcard stands right before the name of the domain")
    return found


def unescaped_dot(regex: Regex) -> bool:
    """An unescaped dot, which matches any character, precedes the last part of a host name."""
    nodes = regex.flat
    for at, node in enumerate(nodes):
        if node.kind != "any" or node.quantified or at == 0 or nodes[at - 1].kind == "start":
            continue
        end = at + 1
        while end < len(nodes) and nodes[end].kind == "literal" and not nodes[end].quantified and _in_label(nodes[end]):
            end += 1
        after = nodes[end] if end < len(nodes) else None
        # Each character is read once more at most: the next dot comes after these letters.
        if end - at > 2 and (after is None or after.kind in ("end", "close", "or", "any") or after.text == "."):
            return True
    return False


def endings(regex: Regex) -> Iterator[Ending]:
    """The host names that its alternatives end with, such as ``example.com``, or ``.com`` after a wildcard."""
    waiting = [tuple(branch.nodes) for branch in regex.branches[:_MOST_ENDINGS]]
    left = _MOST_ENDINGS
    while waiting and left:
        left -= 1
        nodes = waiting.pop()
        end = len(nodes)
        while end and nodes[end - 1].kind in ("end", "nothing"):
            end -= 1
        last = nodes[end - 1] if end else None
        if last is not None and last.kind == "group" and not last.quantified:
            waiting.extend((*nodes[: end - 1], *branch.nodes) for branch in last.branches[:_MOST_ENDINGS])
            continue
        start = end
        while start and _in_host(nodes[start - 1]):
            start -= 1
        host = "".join(node.text or "." for node in nodes[start:end]).lower()
        if host.strip("."):
            yield Ending(host, nodes[:start])


def _starts_wide(branch: Branch) -> bool:
    """It begins with a wildcard, so that an anchor before it would change nothing."""
    return bool(branch.nodes) and branch.nodes[0].wide and not branch.nodes[0].needs


def _in_host(node: Node) -> bool:
    if node.quantified:
        return False
    return node.kind == "any" or (node.kind == "literal" and (_in_label(node) or node.text == "."))


def _in_label(node: Node) -> bool:
    return node.text.isalnum() or node.text == "-"
