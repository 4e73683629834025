# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which entry of an account's settings decides about a message, and what it makes of it.

Published are these:

- Mail of a blocked sender is malicious.
- A trusted sender and an exempt recipient bypass all detection. An acceptable sender is exempt from spam, spoof and
  bulk, and from nothing else.
- A policy with ``verify_sender`` holds for mail that passes DMARC, SPF or DKIM.
- A trusted domain is exempt from the detection of similar names, or of recent registration.
- Regular expressions are compared with the sender's addresses (of the header, of the envelope, for replies), with the
  IP address that the mail comes from, and with its server's name.
- A message says the pattern that allowed it with its type, or the one that blocked it.

Not published, and therefore decided here, once for all:

- Blocked senders come first, then allow policies, then trusted domains. Of several entries of a list, the first in the
  list's own order decides.
- A pattern that is no regular expression is compared with the addresses of header and envelope, without regard to case;
  that of an exempt recipient with the recipients, of whom one suffices. A domain is itself: what lies below it is meant
  only with ``below``.
- A regular expression need only be found in a text, in any case; beside the addresses it sees their domains. It is read
  as Python reads it. One that Python can't read is about no mail.
- A policy is named on clean mail too. An acceptable sender isn't named on malicious and suspicious mail, which doesn't
  change. A policy without any of the three flags is never named.
- A trusted domain is named on mail that isn't malicious, and makes it clean where it was suspicious or a spoof.
- Of a policy with several flags, the widest counts: trusted sender, exempt recipient, acceptable sender.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .message import Fields, texts

Settings = Mapping[str, Iterable[Mapping[str, Any]]]

_SENDERS = ("from", "envelope_from")
_HOPS = ("smtp_helo_server_ip", "smtp_previous_hop_ip")
_MALICIOUS = frozenset(("MALICIOUS", "MALICIOUS-BEC"))
# The flags of an allow policy, the widest first, by what the message then says.
_FLAGS = (
    ("is_trusted_sender", "allowed_sender"),
    ("is_exempt_recipient", "allowed_recipient"),
    ("is_acceptable_sender", "acceptable_sender"),
)
# What each of them leaves as it is.
_KEPT: Mapping[str, frozenset[str]] = {
    "acceptable_sender": _MALICIOUS | {"SUSPICIOUS"},
    "domain_similarity": _MALICIOUS,
    "domain_recency": _MALICIOUS,
}

# What a message says about which no entry decided.
UNDECIDED: Mapping[str, Any] = {
    "allowlisted_pattern": None,
    "blocklisted_message": False,
    "blocklisted_pattern": None,
}


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an entry does to mail. ``number`` is its place in the list, ``kind`` is as messages say it."""

    number: int
    pattern: str
    kind: str
    verified: bool = False

    def holds(self, disposition: str, *, authentic: bool) -> bool:
        return disposition not in _KEPT.get(self.kind, ()) and (authentic or not self.verified)


@dataclass(slots=True)
class _Patterns:
    """Rules by what their patterns are: plain ones are looked up, so that thousands of them cost nothing."""

    below: bool = False
    plain: dict[tuple[str, str], list[_Rule]] = field(default_factory=dict)
    expressions: list[tuple[re.Pattern[str], _Rule]] = field(default_factory=list)
    networks: list[tuple[Any, _Rule]] = field(default_factory=list)

    def add(self, entry: Mapping[str, Any], kind: str, rule: _Rule) -> None:
        """Take in an entry whose patterns are of this kind: EMAIL, DOMAIN or IP."""
        try:
            if entry.get("is_regex"):
                self.expressions.append((re.compile(rule.pattern, re.IGNORECASE), rule))
            elif kind == "IP":
                self.networks.append((ipaddress.ip_network(rule.pattern, strict=False), rule))
            else:
                self.plain.setdefault((kind, rule.pattern.lower()), []).append(rule)
        except (re.error, ValueError):
            # About no mail.
            return

    def about(self, addresses: list[str], more: list[str], hops: list[str]) -> list[_Rule]:
        """The rules that are about a message, in the order of their list."""
        found = [rule for key in set(self._keys(addresses)) for rule in self.plain.get(key, ())]
        if self.expressions:
            seen = [*addresses, *more, *hops, *map(_domain, [*addresses, *more])]
            found += [rule for expression, rule in self.expressions if any(map(expression.search, seen))]
        if self.networks:
            known = [ipaddress.ip_address(hop) for hop in hops]
            found += [rule for network, rule in self.networks if any(hop in network for hop in known)]
        return sorted(found, key=lambda rule: rule.number)

    def _keys(self, addresses: list[str]) -> Iterator[tuple[str, str]]:
        for address in addresses:
            yield "EMAIL", address
            domain = _domain(address)
            yield "DOMAIN", domain
            while self.below and (domain := domain.partition(".")[2]):
                yield "DOMAIN", domain


class Decider:
    """Decides about messages as an account with these settings does."""

    def __init__(self, settings: Settings, *, below: bool = False) -> None:
        self._blocked, self._senders, self._recipients, self._trusted = (_Patterns(below) for _unused in range(4))
        for number, entry in enumerate(settings.get("block_senders", ())):
            self._blocked.add(
                entry, str(entry.get("pattern_type")), _Rule(number, str(entry.get("pattern")), "blocked")
            )
        for number, entry in enumerate(settings.get("allow_policies", ())):
            kind = next((kind for flag, kind in _FLAGS if entry.get(flag)), None)
            if kind is not None:
                rule = _Rule(number, str(entry.get("pattern")), kind, bool(entry.get("verify_sender")))
                patterns = self._recipients if kind == "allowed_recipient" else self._senders
                patterns.add(entry, str(entry.get("pattern_type")), rule)
        for number, entry in enumerate(settings.get("trusted_domains", ())):
            kind = "domain_similarity" if entry.get("is_similarity") else "domain_recency"
            if entry.get("is_similarity") or entry.get("is_recent"):
                self._trusted.add(entry, "DOMAIN", _Rule(number, str(entry.get("pattern")), kind))

    def decide(self, message: Fields) -> Fields:
        """The ``final_disposition`` and ``properties`` of a message that would have had this disposition otherwise."""
        disposition = message["final_disposition"]
        senders, others = _lowered(message, *_SENDERS), _lowered(message, "replyto")
        hops = list(dict.fromkeys(_lowered(message, *_HOPS)))
        recipients = _lowered(message, "client_recipients")
        if blocked := self._blocked.about(senders, others, hops):
            said = {"blocklisted_message": True, "blocklisted_pattern": blocked[0].pattern}
            return {"final_disposition": "MALICIOUS", "properties": {**UNDECIDED, **said}}
        allowed = [*self._senders.about(senders, others, hops), *self._recipients.about(recipients, [], [])]
        rules = [*sorted(allowed, key=lambda rule: rule.number), *self._trusted.about(senders, [], [])]
        authentic = "pass" in (message.get("validation") or {}).values()
        rule = next((rule for rule in rules if rule.holds(disposition, authentic=authentic)), None)
        if rule is None:
            return {"final_disposition": disposition, "properties": dict(UNDECIDED)}
        said = {"allowlisted_pattern": rule.pattern, "allowlisted_pattern_type": rule.kind}
        exempt = rule.kind not in ("domain_similarity", "domain_recency") or disposition in ("SUSPICIOUS", "SPOOF")
        final = "NONE" if exempt else disposition
        return {"final_disposition": final, "properties": {**UNDECIDED, **said}}


def _lowered(message: Fields, *names: str) -> list[str]:
    return list(dict.fromkeys(text.lower() for name in names for text in texts(message.get(name))))


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
