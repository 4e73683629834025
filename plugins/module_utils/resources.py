# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings resources, as data.

A resource says which fields its entries have, which of them are its natural key, and how values are compared. Argument
specs, validation, planning, diff, reading back and the documentation checks all follow from what stands here.

Fields and limits: the API's `settings/<collection>` operations. Fields past their end of life are not listed, so they
are never sent; ``renamed`` says under which name their successors are read.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Entry = dict[str, Any]
Normalise = Callable[[Any, Mapping[str, Any]], Hashable]


def exactly(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """Values are the same only when they are equal."""
    return value  # type: ignore[no-any-return]


def text_or_nothing(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """No text, null and the empty text are the same: the API may keep any of them for 'none'."""
    return value or ""


def flag(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """A switch that the API left out is off."""
    return bool(value)


def any_case(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return value.strip().lower() if isinstance(value, str) else value


def ip_text(value: Any) -> Hashable:
    """One form for every way to write the same address or block; other text stays as it is."""
    text = str(value).strip().lower()
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return text


def address(value: Any) -> Hashable:
    """An e-mail address: the host part has no case, the local part may have one."""
    text = str(value).strip()
    local, at, host = text.rpartition("@")
    return f"{local}{at}{host.lower()}"


def pattern_text(value: Any, entry: Mapping[str, Any]) -> Hashable:
    """A pattern, as its `pattern_type` reads it. Regular expressions are compared letter by letter."""
    if not isinstance(value, str) or entry.get("is_regex"):
        return value  # type: ignore[no-any-return]
    kind = str(entry.get("pattern_type", "DOMAIN")).upper()
    if kind == "EMAIL":
        return address(value)
    if kind == "IP":
        return ip_text(value)
    return value.strip().lower()


def email_text(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return value if entry.get("is_email_regex") or not isinstance(value, str) else address(value)


def as_set(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return _as_set(value, lambda item: any_case(item, entry))


def as_ip_set(value: Any, entry: Mapping[str, Any]) -> Hashable:
    return _as_set(value, ip_text)


def _as_set(value: Any, same: Callable[[Any], Hashable]) -> Hashable:
    items = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    return frozenset(same(item) if isinstance(item, str) else repr(item) for item in items)


@dataclass(frozen=True)
class Field:
    """One writable field of an entry, under the API's own name.

    :param type: Ansible's name of the type: ``str``, ``bool``, ``int`` or ``list`` (of ``str``).
    :param default: what an omitted option means; None leaves the field alone.
    :param of: the field whose value this one explains. When an entry is named by id and that field is left out, the
        default does not apply: a pattern that is not given again keeps being read as it was.
    :param size: smallest and largest length of a text or list, or smallest and largest number; None is no limit.
    :param same: makes two values comparable; both sides go through it.
    :param empty_is_null: the empty text clears the field, and the API wants null for that.
    """

    name: str
    type: str = "str"
    default: bool | None = None
    of: str | None = None
    choices: tuple[str, ...] = ()
    size: tuple[int, int | None] | None = None
    same: Normalise = exactly
    empty_is_null: bool = False

    def wire(self, value: Any) -> Any:
        """The value as the API wants it."""
        return None if self.empty_is_null and value == "" else value


@dataclass(frozen=True)
class Filter:
    """One query parameter of a list operation."""

    name: str
    type: str = "str"
    choices: tuple[str, ...] = ()
    default: bool | None = None


@dataclass(frozen=True, eq=False)
class Resource:
    """One kind of settings entry.

    :param name: the list's name: in a document, in results, and as the API's collection.
    :param singular: the entry module's name.
    :param key: the fields that say which entry is meant.
    :param reinterpreted: the part of the key that says how the rest is read. Under purge an entry that differs only
        in these is changed in place.
    :param create_needs: fields the API wants for a new entry; ``key`` is always needed.
    :param batch: whether the API has ``settings/<name>/batch``.
    :param atomic: whether a batch is promised to be done whole or not at all.
    :param purgeable: whether purge may ever remove an entry.
    :param immutable: fields never sent in an update.
    :param renamed: read-only or retired names, and the name that replaces each.
    """

    name: str
    singular: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    filters: tuple[Filter, ...]
    title: str
    reinterpreted: tuple[str, ...] = ()
    create_needs: tuple[str, ...] = ()
    batch: bool = True
    atomic: bool = True
    purgeable: bool = True
    immutable: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=lambda: {"last_modified": "modified_at"})

    @property
    def path(self) -> str:
        return f"settings/{self.name}"

    def key_of(self, entry: Mapping[str, Any]) -> tuple[Hashable, ...]:
        """The natural key in comparable form. Values that do not belong there (a list, say) compare by their text."""
        by_name = self.by_name
        values = tuple([by_name[name].same(entry.get(name), entry) for name in self.key])
        try:
            hash(values)
        except TypeError:
            return tuple(value if isinstance(value, Hashable) else repr(value) for value in values)
        return values

    def key_fields(self, entry: Mapping[str, Any]) -> Entry:
        """The natural key as it is written."""
        return {name: entry.get(name) for name in self.key}

    def managed(self, entry: Mapping[str, Any]) -> Entry:
        """The writable fields of an entry: what a document can say about it."""
        return {item.name: entry[item.name] for item in self.fields if item.name in entry}

    def label(self, entry: Mapping[str, Any]) -> str:
        """A short name for people: ``EMAIL ceo@example.com``."""
        shown = []
        for name in self.key:
            value = entry.get(name)
            if value is True:
                shown.append("regex")
            elif value is not None and value is not False:
                shown.append(str(value))
        return " ".join(shown) or f"id {entry.get('id')}"

    def synced_from(self, entry: Mapping[str, Any]) -> str | None:
        """The directory that keeps this entry, so that it cannot be changed or removed here; else None."""
        provenance = entry.get("provenance")
        return str(provenance) if provenance and str(provenance).upper() != MANUAL else None

    def tidy(self, entry: Entry) -> Entry:
        """An entry as the API returned it, with retired names replaced and its id as text."""
        tidied = {name: value for name, value in entry.items() if name not in self.renamed}
        for old, new in self.renamed.items():
            if old in entry:
                tidied.setdefault(new, entry[old])
        if tidied.get("id") is not None:
            tidied["id"] = str(tidied["id"])
        return tidied

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {item.name: item for item in self.fields}


# Provenance of an impersonation entry that was made by hand. Any other one is kept by a directory.
MANUAL = "A1S_INTERNAL"

_PATTERN = Field("pattern", size=(1, 1024), same=pattern_text)
# UNKNOWN exists in old entries only; the API never takes it.
_PATTERN_TYPE = Field("pattern_type", choices=("EMAIL", "DOMAIN", "IP"), same=any_case)
_IS_REGEX = Field("is_regex", "bool", default=False, of="pattern", same=flag)
_COMMENTS = Field("comments", size=(0, 1024), same=text_or_nothing)

_DIRECTION = Filter("direction", choices=("asc", "desc"))
_SEARCH = Filter("search")
_PATTERN_FILTERS = (
    _DIRECTION,
    Filter("order", choices=("pattern", "created_at")),
    Filter("pattern"),
    Filter("pattern_type", choices=("EMAIL", "DOMAIN", "IP", "UNKNOWN")),
    _SEARCH,
)
_DELIVERY_MODES = ("DIRECT", "BCC", "JOURNAL", "API", "RETRO_SCAN")
_DISPOSITIONS = (
    "MALICIOUS",
    "MALICIOUS-BEC",
    "SUSPICIOUS",
    "SPOOF",
    "SPAM",
    "BULK",
    "ENCRYPTED",
    "EXTERNAL",
    "UNKNOWN",
    "NONE",
)
_PROVENANCES = (MANUAL, "SNOOPY-CASB_OFFICE_365", "SNOOPY-OFFICE_365", "SNOOPY-GOOGLE_DIRECTORY")

ALLOW_POLICIES = Resource(
    name="allow_policies",
    singular="allow_policy",
    title="allow policy",
    key=("pattern", "pattern_type", "is_regex"),
    reinterpreted=("pattern_type", "is_regex"),
    fields=(
        _PATTERN,
        _PATTERN_TYPE,
        _IS_REGEX,
        Field("is_trusted_sender", "bool", default=False),
        Field("is_exempt_recipient", "bool", default=False),
        Field("is_acceptable_sender", "bool", default=False),
        Field("verify_sender", "bool", default=True),
        _COMMENTS,
    ),
    filters=(
        *_PATTERN_FILTERS,
        Filter("is_acceptable_sender", "bool"),
        Filter("is_exempt_recipient", "bool"),
        Filter("is_trusted_sender", "bool"),
        Filter("verify_sender", "bool"),
    ),
    renamed={
        "last_modified": "modified_at",
        "is_recipient": "is_exempt_recipient",
        "is_sender": "is_trusted_sender",
        "is_spoof": "is_acceptable_sender",
    },
)

BLOCK_SENDERS = Resource(
    name="block_senders",
    singular="block_sender",
    title="blocked sender",
    key=("pattern", "pattern_type", "is_regex"),
    reinterpreted=("pattern_type", "is_regex"),
    fields=(_PATTERN, _PATTERN_TYPE, _IS_REGEX, _COMMENTS),
    filters=_PATTERN_FILTERS,
)

TRUSTED_DOMAINS = Resource(
    name="trusted_domains",
    singular="trusted_domain",
    title="trusted domain",
    key=("pattern", "is_regex"),
    reinterpreted=("is_regex",),
    fields=(
        _PATTERN,
        _IS_REGEX,
        Field("is_recent", "bool", default=False),
        Field("is_similarity", "bool", default=False),
        _COMMENTS,
    ),
    filters=(
        _DIRECTION,
        Filter("order", choices=("pattern", "created_at")),
        Filter("pattern"),
        _SEARCH,
        Filter("is_recent", "bool"),
        Filter("is_similarity", "bool"),
    ),
)

IMPERSONATION_REGISTRY = Resource(
    name="impersonation_registry",
    singular="impersonation_registry_entry",
    title="impersonation registry entry",
    key=("email", "name"),
    batch=False,
    fields=(
        Field("email", size=(1, None), same=email_text),
        Field("name", size=(1, 1024)),
        Field("is_email_regex", "bool", default=False, of="email"),
        _COMMENTS,
        Field("directory_id", "int"),
        Field("directory_node_id", "int"),
        Field("external_directory_node_id", same=text_or_nothing, empty_is_null=True),
        Field("provenance", choices=_PROVENANCES, same=any_case),
    ),
    filters=(
        _DIRECTION,
        Filter("order", choices=("name", "email", "created_at")),
        Filter("provenance", choices=_PROVENANCES),
        _SEARCH,
    ),
)

DOMAINS = Resource(
    name="domains",
    singular="domain",
    title="protected domain",
    key=("domain",),
    atomic=False,
    purgeable=False,
    immutable=("domain",),
    create_needs=("allowed_delivery_modes", "drop_dispositions", "ip_restrictions", "regions"),
    fields=(
        Field("domain", size=(1, 253), same=any_case),
        Field("allowed_delivery_modes", "list", choices=_DELIVERY_MODES, size=(1, 10), same=as_set),
        Field("drop_dispositions", "list", choices=_DISPOSITIONS, size=(0, 10), same=as_set),
        Field("folder", choices=("AllItems", "Inbox"), same=any_case),
        Field("integration_id", same=text_or_nothing, empty_is_null=True),
        Field("ip_restrictions", "list", size=(0, 100), same=as_ip_set),
        Field("lookback_hops", "int", size=(1, 20)),
        Field("regions", "list", choices=("GLOBAL", "AU", "DE", "IN", "US"), size=(1, 10), same=as_set),
        Field("require_tls_inbound", "bool"),
        Field("require_tls_outbound", "bool"),
        Field("transport", same=text_or_nothing),
    ),
    filters=(
        _DIRECTION,
        Filter("order", choices=("domain", "created_at")),
        Filter("active_delivery_mode", choices=_DELIVERY_MODES),
        Filter("allowed_delivery_mode", choices=_DELIVERY_MODES),
        Filter("domain", "list"),
        Filter("integration_id"),
        _SEARCH,
        Filter("status", choices=("pending", "active", "failed", "timeout")),
    ),
)

# What protects comes before what makes exceptions: a run that stops halfway leaves the account on the safe side.
RESOURCES: dict[str, Resource] = {
    resource.name: resource
    for resource in (DOMAINS, IMPERSONATION_REGISTRY, BLOCK_SENDERS, TRUSTED_DOMAINS, ALLOW_POLICIES)
}
