# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the planner's tests share: strategies for accounts and documents, and the API as a pure function."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.schema import Field, Resource
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import read_entries
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.plan import (
    Change,
    Desired,
    Plan,
    plan,
)
from hypothesis import strategies as st

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=timezone.utc)
Purge = Callable[[Entry], bool]

# Small pools, so that entries meet: the same thing in other case, in another text form, or read in another way.
PATTERNS = (
    "example.com",
    "EXAMPLE.com",
    "bücher.example",
    "BÜCHER.example",
    "ceo@example.com",
    "ceo@Example.COM",
    "CEO@example.com",
    "203.0.113.7",
    "203.0.113.7/32",
    "203.0.113.0/24",
    "203.0.113.9/24",
    "2001:db8::1",
    "2001:DB8:0:0::1",
    r".*@example\.com",
    " example.com",
    "{{ lookup('env', 'HOME') }}",
)
FITTING = {
    "DOMAIN": ("example.com", "EXAMPLE.com", "bücher.example", "BÜCHER.example", "xn--bcher-kva.example"),
    "EMAIL": ("ceo@example.com", "ceo@Example.COM", "CEO@example.com", "ceo@bücher.example"),
    "IP": ("203.0.113.7", "203.0.113.7/32", "203.0.113.0/24", "203.0.113.9/24", "2001:db8::1", "2001:DB8:0:0::1"),
    "NAME": ("Jos\xe9", "Jose\u0301", "Ann", "ann"),
}
COMMENTS = ("", "team-a: ok", "team-b", "\u202e\xfcml\xe4ut\x1b[31m")
PASSED = ("2026-06-30", "2026-07-01T12:00:00Z", "2026-07-01T13:00:00+02:00")
TO_COME = ("2026-07-01", "2026-07-01T12:00:01", "2027-01-01T00:00:00+00:00")
MANUAL = "A1S_INTERNAL"


def values(field: Field) -> st.SearchStrategy[Any]:
    """Values that a document may give to a field."""
    if field.name in ("pattern", "email", "name", "domain"):
        return st.one_of(st.sampled_from(PATTERNS), st.text(min_size=1, max_size=4).filter(str.strip))
    if field.name == "provenance":
        return st.just(MANUAL)
    if field.name == "ip_restrictions":
        return st.lists(st.sampled_from([text for text in PATTERNS if text[0] == "2"]), max_size=3)
    if field.type == "list":
        pool = field.choices or FITTING["DOMAIN"]
        return st.lists(st.sampled_from(pool), min_size=1, max_size=min(len(pool), 3), unique=True)
    if field.name.endswith("_at"):
        return st.sampled_from([text for text in TO_COME if "T" in text])
    if field.type == "bool":
        return st.booleans()
    if field.type == "int":
        return st.integers(1, 5)
    return st.sampled_from(field.choices or COMMENTS)


def account_entries(resource: Resource, *, distinct: bool = True) -> st.SearchStrategy[list[Entry]]:
    """Entries as an account has them: every field, ids, timestamps; synced ones where the resource knows them."""
    shown = {
        item.name: values(item)
        if item.name in resource.key or item.type == "bool"
        else st.one_of(st.none(), values(item))
        for item in resource.fields
    }
    if "pattern_type" in shown:
        shown["pattern_type"] = st.sampled_from(("EMAIL", "DOMAIN", "IP", "UNKNOWN"))
    return st.lists(st.fixed_dictionaries(shown), max_size=8, unique_by=resource.key_of if distinct else id).map(
        lambda entries: [{"id": f"id-{n}", "created_at": "x", **entry} for n, entry in enumerate(entries)]
    )


def synced_entries(resource: Resource) -> st.SearchStrategy[list[Entry]]:
    """Entries that a directory keeps. No document here names them."""
    if "provenance" not in resource.by_name:
        return st.just([])
    number = st.integers(0, 3)
    return st.lists(number, max_size=3, unique=True).map(
        lambda numbers: [
            {"id": f"synced-{n}", "email": f"s{n}@synced.example", "name": "S", "provenance": "SNOOPY-OFFICE_365"}
            for n in numbers
        ]
    )


def fitted(resource: Resource, entry: Entry) -> Entry:
    """An entry with texts that may be written: those that may not give way to others of their kind."""
    entry = {**entry}
    kinds = {"domain": "DOMAIN", "email": "EMAIL", "name": "NAME", "pattern": entry.get("pattern_type", "DOMAIN")}
    for issue in resource.issues(entry):
        field = issue.text.partition(" ")[0]
        if issue.certain:
            pool = FITTING[kinds[field]]
            entry[field] = pool[len(entry[field]) % len(pool)]
    if any(issue.certain for issue in resource.issues(entry)):
        # What no regular expression is.
        return fitted(resource, {**entry, "is_regex": False, "is_email_regex": False})
    return {name: value for name, value in entry.items() if name in resource.by_name or name in ("state", "expires")}


def documents(resource: Resource) -> st.SearchStrategy[list[Entry]]:
    """Lists of entries as users write them: the key, some of the rest, perhaps a state or an end."""
    needed = {*resource.key, *resource.create_needs} - {"is_regex"}
    entry = st.fixed_dictionaries(
        {name: values(resource.by_name[name]) for name in needed},
        optional={
            **{item.name: values(item) for item in resource.fields if item.name not in needed},
            "state": st.sampled_from(("present", "present", "absent")),
            "expires": st.sampled_from(PASSED + TO_COME),
        },
    )
    fitting = entry.map(lambda made: fitted(resource, made))
    return st.lists(fitting, max_size=8, unique_by=resource.key_of)


@dataclass(frozen=True)
class World:
    """An account and a document for it."""

    resource: Resource
    account: list[Entry]
    document: list[Entry]

    @property
    def desired(self) -> list[Desired]:
        return read_entries(self.resource, self.document, NOW)

    def plan(self, purge: Purge | None = None, account: Sequence[Entry] | None = None) -> Plan:
        return plan(self.resource, self.account if account is None else account, self.desired, purge)


@st.composite
def worlds(draw: st.DrawFn, names: Sequence[str] = tuple(RESOURCES)) -> World:
    """Accounts without ambiguity: each document fits its account."""
    resource = RESOURCES[draw(st.sampled_from(names))]
    account = draw(account_entries(resource)) + draw(synced_entries(resource))
    return World(resource, draw(st.permutations(account)), draw(documents(resource)))


_numbers = itertools.count(1)


def applied(account: Sequence[Entry], made: Plan) -> list[Entry]:
    """The account after a plan, as the API would have it."""
    entries = {entry["id"]: entry for entry in account}
    for change in made.changes:
        if change.action == "create":
            entry_id = f"new-{next(_numbers)}"
            entries[entry_id] = {"id": entry_id, **change.sends}
        elif change.action == "update":
            assert change.id is not None
            entries[change.id] = {**entries[change.id], **change.sends}
        else:
            assert change.id is not None
            del entries[change.id]
    return list(entries.values())


def essence(changes: Sequence[Change]) -> list[str]:
    """Changes in comparable form, sorted."""
    return sorted(repr((change.action, change.id, change.entry, dict(change.sends))) for change in changes)


def scope(comment: str) -> Purge:
    """A purge rule: entries whose comments begin so."""
    return lambda entry: (entry.get("comments") or "").startswith(comment)


PURGES = st.sampled_from((None, lambda entry: True, scope("team-a")))


# For examples


def everything(entry: Entry) -> bool:
    return True


def made(name: str, account: list[Entry], document: list[Entry], purge: Purge | None = None) -> Plan:
    """The plan for one list; entries of the account get ids 1, 2, … where they have none."""
    resource = RESOURCES[name]
    numbered = [{"id": str(number), **entry} for number, entry in enumerate(account, 1)]
    return plan(resource, numbered, read_entries(resource, document, NOW), purge)


def steps(plan: Plan) -> list[tuple[str, str | None, dict[str, Any]]]:
    return [(change.action, change.id, dict(change.sends)) for change in plan.changes]


def blocked(pattern: str, kind: str = "DOMAIN", regex: bool = False, **more: Any) -> Entry:
    return {"pattern": pattern, "pattern_type": kind, "is_regex": regex, **more}


def allowed(pattern: str, **more: Any) -> Entry:
    flags = {"is_trusted_sender": False, "is_exempt_recipient": False, "is_acceptable_sender": False}
    return {**blocked(pattern), **flags, "verify_sender": True, **more}


def person(email: str, name: str, **more: Any) -> Entry:
    return {"email": email, "name": name, "is_email_regex": False, "provenance": "A1S_INTERNAL", **more}


X: Entry = {"pattern": "x.example", "pattern_type": "DOMAIN"}
