# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that compare entries with each other. Each yields ``(rule, entry, detail)``, in near-linear time.

What is known of how entries match, and so what counts as wider: an address is covered by its own domain, an address
block by a block that holds it. Whether a domain also covers its subdomains is not documented, and what a regular
expression covers is left to whoever wrote it, so neither is judged here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone

from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.document import (
    Document,
    Item,
    present_items,
)

from .checks import (
    ALLOWING,
    Found,
    ip_network,
    kind,
    text,
)

_FOREVER = datetime.max.replace(tzinfo=timezone.utc)


def allowed_and_blocked(document: Document) -> Iterator[Found]:
    blocked: dict[Hashable, Item] = {}
    for item in present_items(document, "block_senders"):
        blocked.setdefault(item.key, item)
    for item in present_items(document, "allow_policies"):
        twin = blocked.get(item.key)
        if twin and any(item.fields[name] for name in ALLOWING):
            yield "allowed_and_blocked", item, f"{twin.where} blocks the same."


def shadowed(document: Document) -> Iterator[Found]:
    for name in ("allow_policies", "block_senders"):
        items = list(present_items(document, name))
        wider: dict[int, Item] = {}
        for pairs in (_same(items), _under_domain(items), _in_range(items)):
            for item, cover in pairs:
                wider.setdefault(item.position, cover)
        for item in items:
            if item.position in wider:
                yield "shadowed", item, f"{wider[item.position].subject} covers it."


@dataclass
class _Covers:
    """Entries that match the same, by what they do: few, however many entries there are.

    An entry is covered by one that lets at least the same through, asks for no more verification, and stays as long.
    """

    by_effect: dict[tuple[Hashable, ...], Item] = field(default_factory=dict)

    def add(self, item: Item) -> None:
        kept = self.by_effect.setdefault(_effect(item), item)
        if _until(item) > _until(kept):
            self.by_effect[_effect(item)] = item

    def cover(self, item: Item) -> Item | None:
        for wide in self.by_effect.values():
            if wide is not item and _does_as_much(wide, item):
                return wide
        return None


def _effect(item: Item) -> tuple[Hashable, ...]:
    # Switches that the list does not have say nothing, and may hold anything.
    return tuple(item.fields[name] for name in (*ALLOWING, "verify_sender") if name in item.resource.by_name)


def _until(item: Item) -> datetime:
    return item.expires or _FOREVER


def _does_as_much(wide: Item, item: Item) -> bool:
    if _until(wide) < _until(item):
        return False
    if item.resource.name == "block_senders":
        return True
    flags = [name for name in ALLOWING if item.fields[name]]
    return (
        bool(flags)
        and all(wide.fields[name] for name in flags)
        and (not wide.fields["verify_sender"] or item.fields["verify_sender"])
    )


def _same(items: Iterable[Item]) -> Iterator[tuple[Item, Item]]:
    """Entries with the same key: of two that do the same, the later one counts as covered."""
    by_key: dict[Hashable, _Covers] = {}
    for item in items:
        covers = by_key.setdefault(item.key, _Covers())
        cover = covers.cover(item)
        if cover:
            yield item, cover
        covers.add(item)


def _under_domain(items: Iterable[Item]) -> Iterator[tuple[Item, Item]]:
    domains: dict[str, _Covers] = {}
    addresses = []
    for item in items:
        if item.fields["is_regex"]:
            continue
        if kind(item) == "DOMAIN":
            domains.setdefault(text(item).strip().lower(), _Covers()).add(item)
        elif kind(item) == "EMAIL":
            addresses.append(item)
    for item in addresses:
        covers = domains.get(text(item).strip().lower().rpartition("@")[2])
        cover = covers.cover(item) if covers else None
        if cover:
            yield item, cover


def _in_range(items: Iterable[Item]) -> Iterator[tuple[Item, Item]]:
    """Blocks in wider ones, by one pass over them in their order: a stack holds those that are still open."""
    ranges: dict[tuple[int, int, int], list[Item]] = {}
    for item in items:
        network = ip_network(item)
        if network:
            first, last = int(network.network_address), int(network.broadcast_address)
            # Of two that begin alike, the wider one comes first.
            ranges.setdefault((network.version, first, -last), []).append(item)
    stack: list[tuple[int, int, _Covers]] = []
    for version, first, minus_last in sorted(ranges):
        while stack and (stack[-1][0] != version or stack[-1][1] < first):
            stack.pop()
        same = ranges[version, first, minus_last]
        for item in same:
            cover = next((cover for opened in stack if (cover := opened[2].cover(item))), None)
            if cover:
                yield item, cover
        covers = _Covers()
        for item in same:
            covers.add(item)
        stack.append((version, -minus_last, covers))
