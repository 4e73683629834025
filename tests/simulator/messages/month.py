# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plausible month of an organization's mail, which its own settings have decided about.

Partners and their threads, newsletters, services, spam, phishing waves; mail that exceptions let through, and mail that
blocks stopped. Each sort of sender follows Zipf's law: the second writes half as often as the first, the third a third.
Mail comes on weekdays by day; a wave comes within hours. A few thousand kinds of messages share what they have in
common, so that a hundred thousand messages take little memory.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from . import filling, senders
from .deciding import Decider, Settings
from .message import Fields, Message
from .senders import SORTS, Sort, Source
from .times import DAY, now, parse_time, seconds_text

COUNT = 100_000
_DAYS = 30
_KEYS = {"count", "seed", "end", "days", "below"}

_SECOND = 1_000_000
_HOUR = 3600 * _SECOND
# How many kinds of messages there are: one of so many messages, but not fewer or more than these.
_PER_KIND, _FEWEST, _MOST = 20, 150, 5000
# How much mail comes in each hour of a day in UTC, and how much less at the weekend.
_HOURS = (1, 1, 1, 1, 2, 4, 8, 14, 20, 22, 21, 18, 16, 20, 21, 19, 16, 11, 7, 5, 4, 3, 2, 1)
_WEEKEND = 0.2
_WAVES = 8
_WAVE_HOURS = 3
_ORGANIZATION = "example.com"


@dataclass(frozen=True, slots=True)
class _Kind:
    """Messages that differ in their time only: what they have in common, how many of all they are, and their wave."""

    base: Fields
    weight: float
    wave: int | None = None


def month_of_mail(
    settings: Settings,
    count: int = COUNT,
    *,
    seed: int = 1,
    end: int | None = None,
    days: int = _DAYS,
    below: bool = False,
) -> Iterator[Message]:
    """Messages of an account with these settings, in no order. The same arguments make the same messages.

    :param settings: {collection: [entry]}; the recipients are in the ``domains``, and the senders are also those that
        allow policies, blocked senders and trusted domains are about, but for every fourth entry of each list.
    :param end: microseconds since 1970, by default now: all messages lie in the ``days`` before.
    :param below: a pattern that is a domain means what lies below it too.
    """
    chance = random.Random(f"month {seed}")
    end = (now() if end is None else end) // _SECOND * _SECOND
    start = end - days * DAY
    begins = [end - int((number + 0.4) / _WAVES * (end - start)) for number in range(_WAVES)]
    kinds = list(_kinds(settings, count, chance, Decider(settings, below=below)))
    chosen = chance.choices(kinds, cum_weights=list(accumulate(kind.weight for kind in kinds)), k=count)
    slots = chance.choices(range((end - start) // _HOUR), cum_weights=list(accumulate(_traffic(start, end))), k=count)
    prefix = "4" + "".join(chance.choices("BCDFGHJKLMNPQRSTVWXYZ", k=7))
    dates: dict[int, str] = {}
    for number, (kind, slot) in enumerate(zip(chosen, slots, strict=True)):
        if kind.wave is None:
            at = start + slot * _HOUR + int(chance.random() * 3600) * _SECOND
        else:
            later = int(chance.expovariate(1 / _WAVE_HOURS) * 3600) * _SECOND
            at = min(end - _SECOND, begins[kind.wave] + later)
        day, rest = divmod(at, DAY)
        if day not in dates:
            dates[day] = seconds_text(day * DAY)[:10]
        minutes, seconds = divmod(rest // _SECOND, 60)
        stamp = f"{dates[day]}T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
        yield Message(f"{prefix}{number:08}-{stamp}-{(number * 7919 + seed) % 10**8:08}", at, kind.base)


def generate(specification: Mapping[str, Any], settings: Settings) -> Iterator[Message]:
    """The same by a description: ``{"count": 100000, "seed": 1}``, all of which may be left out. Raises ValueError."""
    if not isinstance(specification, dict) or not set(specification) <= _KEYS:
        raise ValueError(f"a month takes {', '.join(sorted(_KEYS))}: {specification!r}")
    numbers = {"count": COUNT, "seed": 1, "days": _DAYS, **specification}
    if not all(isinstance(numbers[name], int) and numbers[name] >= least for name, least in _LEAST.items()):
        raise ValueError("count, seed and days must be numbers, and there must be a day")
    if not isinstance(specification.get("below", False), bool):
        raise ValueError("below must be true or false")
    options = {**specification}
    if "end" in options:
        options["end"] = parse_time(options["end"])
        if options["end"] is None:
            raise ValueError("end must be a date and time with an offset")
    return month_of_mail(settings, **options)


_LEAST = {"count": 0, "seed": 0, "days": 1}


def _traffic(start: int, end: int) -> Iterator[float]:
    """How much mail comes in each hour between."""
    for at in range(start, end - _HOUR + 1, _HOUR):
        # 1970 began on a Thursday.
        weekend = (at // DAY + 3) % 7 > 4
        yield _HOURS[at % DAY // _HOUR] * (_WEEKEND if weekend else 1)


def _kinds(settings: Settings, count: int, chance: random.Random, decider: Decider) -> Iterator[_Kind]:
    domains = {str(entry.get("domain")): entry for entry in settings.get("domains", ())} or {_ORGANIZATION: {}}
    budget = min(_MOST, max(_FEWEST, count // _PER_KIND))
    recipients = senders.people(list(domains), chance, min(240, budget // 4))
    recipients += senders.exempt(settings.get("allow_policies", ()), domains)
    first, *_others = domains
    who = first.partition(".")[0]
    for name, sources in _sources(settings, who, budget, chance).items():
        sort = SORTS[name]
        shares = [1 / rank for rank in range(1, len(sources) + 1)]
        for rank, (source, share) in enumerate(zip(sources, shares, strict=True)):
            part = share / sum(shares)
            many = max(sort.fewest, round(budget * sort.share * part))
            wave = rank % _WAVES if name == "waves" else None
            subjects = sort.subjects if wave is None else (chance.choice(sort.subjects),)
            for _unused in range(many):
                given = _message(source, sort, many, chance.choice(subjects), chance)
                given["client_recipients"] = _recipients(recipients, wave, chance)
                given["subject"] = given["subject"].format(n=chance.randrange(10**4), who=who.title())
                base = _decided(given, decider, domains)
                yield _Kind(base, sort.share * part / many, wave)


def _sources(settings: Settings, who: str, budget: int, chance: random.Random) -> dict[str, list[Source]]:
    """The senders of each sort, the busiest first. Who isn't there leaves its share to the others."""
    policies, trusted = list(settings.get("allow_policies", ())), list(settings.get("trusted_domains", ()))
    known = senders.strangers(chance, min(480, max(40, budget // 8)))
    fifth = len(known) // 5
    partners = known[: 2 * fifth]
    made = {
        "partners": partners,
        "newsletters": known[2 * fifth : 3 * fifth],
        "services": known[3 * fifth : 3 * fifth + fifth // 2],
        "spam": known[3 * fifth + fifth // 2 : -2],
        "allowed": [*senders.named(policies, chance), *senders.named(trusted, chance)],
        "blocked": list(senders.named(settings.get("block_senders", ()), chance)),
        # Strangers, lookalikes, and somebody who has taken over an account of the third partner.
        "waves": [*known[-2:], *partners[2:3], *senders.lookalikes(who, chance, _WAVES - 3)],
    }
    return {name: sources for name, sources in made.items() if sources}


def _message(source: Source, sort: Sort, many: int, subject: str, chance: random.Random) -> Fields:
    """What a message of a sender says, before anybody has decided about it."""
    local = source.local
    if local is None and sort.locals:
        local = chance.choice(sort.locals)
    elif local is None:
        # A partner with more mail has more people who write it.
        at = chance.randrange(1 + many // 4)
        local = f"{senders.FIRST[at % len(senders.FIRST)]}.{senders.LAST[at * 7 % len(senders.LAST)]}"
    dispositions = sort.dispositions
    authentic = chance.random() < sort.authentic
    return {
        "from": f"{local}@{source.domain}",
        "subject": subject,
        "final_disposition": chance.choices(list(dispositions), list(dispositions.values()))[0],
        "smtp_helo_server_ip": source.ip,
        "smtp_previous_hop_ip": source.ip,
        "edf_hash": f"{chance.getrandbits(128):032x}",
        "validation": {
            "comment": None,
            "dkim": "pass" if authentic else "none",
            "dmarc": "pass" if authentic else "fail",
            "spf": "pass" if authentic else "fail",
        },
    }


def _recipients(people: list[str], wave: int | None, chance: random.Random) -> list[str]:
    count = 1 if wave is not None else chance.choice((1, 1, 1, 1, 2, 3))
    return chance.sample(people, min(count, len(people)))


def _decided(given: Fields, decider: Decider, domains: Mapping[str, Mapping[str, Any]]) -> Fields:
    """All fields of a message, with what the account's settings make of it."""
    given = {"postfix_id": "4KIND00000000000", "envelope_from": given["from"], "replyto": given["from"], **given}
    given |= decider.decide(given)
    home = domains.get(given["client_recipients"][0].rpartition("@")[2], {})
    dropped = home.get("drop_dispositions") or ("MALICIOUS", "MALICIOUS-BEC")
    given["is_quarantined"] = given["final_disposition"] in dropped
    return filling.details(given, "1970-01-01T00:00:00Z")
