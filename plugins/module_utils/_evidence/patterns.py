# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which messages match the pattern of an allow policy or a blocked sender, by their fields. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .._messages.match import RECIPIENTS, SENDERS, Message, field_texts, normalize_address, normalize_domain
from .regexes import Judge, UncertainError, judge

# How a message relates to a pattern. BELOW: it belongs to a subdomain of the pattern's domain. UNDETERMINED: the
# interpretations of a regular expression differ. WITHOUT_FIELD: the message lacks the field.
EXACT, BELOW, UNDETERMINED, WITHOUT_FIELD, OTHER = "exact", "below", "undetermined", "without_field", "other"
# Strongest first: the relation of a message is the strongest one of its addresses.
_STRENGTH = (EXACT, BELOW, UNDETERMINED, WITHOUT_FIELD, OTHER)
# The servers that relayed a message, not its author's own machine.
_SERVERS = ("smtp_helo_server_ip", "smtp_previous_hop_ip")
_SIDES: Mapping[str, tuple[str, ...]] = {"senders": SENDERS, "recipients": RECIPIENTS, "servers": _SERVERS}
# Regular expressions also apply to Reply-To. The service applies them to the server's name too, which messages lack.
_REPLIES = ("replyto",)
# The number of addresses whose matches are cached.
_CACHE_SIZE = 20_000

LISTS = ALLOW, BLOCK = "allow_policies", "block_senders"
_KINDS = ("EMAIL", "DOMAIN", "IP")


@dataclass(frozen=True)
class Pattern:
    """A pattern as an entry has it.

    :param list: the entry's list.
    :param kind: its ``pattern_type``.
    :param senders: whether it applies to senders; ``recipients``: whether it applies to recipients.
    """

    list: str
    text: str
    kind: str
    is_regex: bool
    senders: bool = True
    recipients: bool = False

    @property
    def is_address(self) -> bool:
        return self.kind == "EMAIL" and not self.is_regex

    @property
    def is_domain(self) -> bool:
        return self.kind == "DOMAIN" and not self.is_regex

    @property
    def filter(self) -> str:
        """The search filter that finds its messages; empty if there is none."""
        if not (self.is_address or self.is_domain) or self.senders == self.recipients:
            return ""
        return "sender" if self.senders else "recipient"

    @property
    def search_text(self) -> str:
        """The pattern in the form of the search filter."""
        return self.text.strip().removeprefix("@")


def pattern_of(name: str, entry: Mapping[str, Any]) -> Pattern:
    """The pattern of an entry, with the sides to which its flags apply it.

    :param name: the list of the entry.
    """
    exempts = name == ALLOW and bool(entry.get("is_exempt_recipient"))
    trusts = bool(entry.get("is_trusted_sender") or entry.get("is_acceptable_sender"))
    return Pattern(
        list=name,
        text=str(entry.get("pattern") or ""),
        kind=str(entry.get("pattern_type") or "UNKNOWN").upper(),
        is_regex=bool(entry.get("is_regex")),
        senders=trusts or not exempts,
        recipients=exempts,
    )


class Index:
    """Finds which of many patterns a message matches, in time that hardly depends on their number.

    :param patterns: by an arbitrary number; those that cannot be evaluated are in :attr:`uncertain`, with the reason.
    """

    def __init__(self, patterns: Mapping[int, Pattern]) -> None:
        self.uncertain: dict[int, str] = {}
        self._sides = {side: _Side(side) for side in _SIDES}
        for number, pattern in patterns.items():
            try:
                for side in _sides_of(pattern):
                    self._sides[side].add(number, pattern)
            except UncertainError as error:
                self.uncertain[number] = str(error)

    def relations(self, message: Message) -> dict[int, str]:
        """The relation of a message to each pattern, except OTHER."""
        found: dict[int, str] = {}
        for side in self._sides.values():
            for number, relation in side.relations(message):
                if number not in self.uncertain and _rank(relation) < _rank(found.get(number, OTHER)):
                    found[number] = relation
        return found


class _Side:
    """The patterns that apply to the same fields of a message."""

    def __init__(self, name: str) -> None:
        self.fields = _SIDES[name]
        self.addresses: dict[tuple[str, str], list[int]] = {}
        self.domains: dict[str, list[int]] = {}
        self.tests: list[tuple[int, Callable[[str], str]]] = []
        self.tested: set[int] = set()
        # Cached, so it must not be called before all patterns are added.
        self._hits = lru_cache(_CACHE_SIZE)(lambda value: tuple(self._find(value)))
        self.is_empty = True

    def add(self, number: int, pattern: Pattern) -> None:
        """:raises UncertainError: it cannot be evaluated with certainty."""
        if pattern.is_address:
            self.addresses.setdefault(normalize_address(pattern.text), []).append(number)
        elif pattern.is_domain:
            self.domains.setdefault(normalize_domain(pattern.text), []).append(number)
        else:
            self.tests.append((number, _test(pattern)))
            self.tested.add(number)
        self.is_empty = False

    def relations(self, message: Message) -> Iterable[tuple[int, str]]:
        if self.is_empty:
            return ()
        values = field_texts(message, self.fields)
        if not values and self.fields is _SERVERS:
            return [(number, WITHOUT_FIELD) for number, _test_of_it in self.tests]
        hits = [hit for value in dict.fromkeys(values) for hit in self._hits(value)]
        if self.tests and self.fields is SENDERS:
            for value in field_texts(message, _REPLIES):
                if value not in values:
                    hits.extend(hit for hit in self._hits(value) if hit[0] in self.tested)
        return hits

    def _find(self, value: str) -> Iterator[tuple[int, str]]:
        address = normalize_address(value)
        yield from ((number, EXACT) for number in self.addresses.get(address, ()))
        domain, relation = address[1], EXACT
        while domain and self.domains:
            yield from ((number, relation) for number in self.domains.get(domain, ()))
            domain, relation = domain.partition(".")[2], BELOW
        for number, test in self.tests:
            if (found := test(value)) != OTHER:
                yield number, found


def _sides_of(pattern: Pattern) -> list[str]:
    if pattern.kind == "IP":
        return ["servers"]
    return [side for side in ("senders", "recipients") if getattr(pattern, side)]


def _test(pattern: Pattern) -> Callable[[str], str]:
    """The test for a pattern that is neither an address nor a domain.

    :raises UncertainError: it cannot be evaluated with certainty.
    """
    if pattern.kind not in _KINDS:
        raise UncertainError(f"its pattern_type is {pattern.kind}")
    if pattern.is_regex:
        return _regex_test(pattern.kind, judge(pattern.text))
    try:
        network = ipaddress.ip_network(pattern.text.strip(), strict=False)
    except ValueError:
        raise UncertainError("it is neither an IP address nor a block of them") from None
    return lambda value: EXACT if any(form in network for form in _ips(value)) else OTHER


def _regex_test(kind: str, matches: Judge) -> Callable[[str], str]:
    def test(value: str) -> str:
        result = matches(_subject(kind, value))
        return UNDETERMINED if result is None else EXACT if result else OTHER

    return test


def _subject(kind: str, value: str) -> str:
    """The part of a field to which a regular expression of this kind applies."""
    text = value.strip()
    if kind == "IP":
        return text
    if text.endswith(">") and "<" in text:
        text = text[text.rindex("<") + 1 : -1].strip()
    return text if kind == "EMAIL" else text.rpartition("@")[2]


def _ips(text: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """An IP address in all its forms."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return []
    mapped = getattr(address, "ipv4_mapped", None)
    return [address, mapped] if mapped else [address]


def _rank(relation: str) -> int:
    return _STRENGTH.index(relation)
