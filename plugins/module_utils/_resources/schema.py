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

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .checks import Check, Issue, nothing
from .retired import tidy
from .values import Entry, Form, Normalizer, exactly

# The parts of a batch, in the order in which the API carries them out.
WHOLE_BATCH = ("deletes", "patches", "puts", "posts")

# Provenance of an impersonation entry that was made by hand. Any other one is kept by a directory.
MANUAL = "A1S_INTERNAL"


@dataclass(frozen=True)
class Field:
    """One writable field of an entry, under the API's own name.

    :param type: Ansible's name of the type: ``str``, ``bool``, ``int`` or ``list`` (of ``str``).
    :param default: what an omitted option means; None leaves the field alone.
    :param qualifies: the field whose value this one explains. When an entry is named by id and that field is left out,
        the default does not apply: a pattern that is not given again keeps being read as it was.
    :param size: smallest and largest length of a text or list, or smallest and largest number; None is no limit.
    :param normalize: makes two values comparable; both sides go through it.
    :param form: of a text, or of each in a list: the form in which it is sent.
    :param check: of a text, or of each in a list: says what is wrong with it.
    :param empty_is_null: the empty text clears the field, and the API wants null for that.
    """

    name: str
    type: str = "str"
    default: bool | list[str] | None = None
    qualifies: str | None = None
    choices: tuple[str, ...] = ()
    size: tuple[int, int | None] | None = None
    normalize: Normalizer = exactly
    form: Form | None = None
    check: Check = nothing
    empty_is_null: bool = False

    def wire(self, value: Any) -> Any:
        """The value as the API wants it."""
        return None if self.empty_is_null and value == "" else value


@dataclass(frozen=True)
class Filter:
    """One query parameter of a list operation.

    :param any_case: the API has written its values in upper and in lower case; either is taken.
    :param exact: the API finds nothing by it but what it says, word for word.
    """

    name: str
    type: str = "str"
    choices: tuple[str, ...] = ()
    default: bool | None = None
    any_case: bool = False
    exact: bool = False


@dataclass(frozen=True, eq=False)
class Resource:
    """One kind of settings entry.

    :param name: the list's name: in a document, in results, and as the API's collection.
    :param singular: the entry module's name.
    :param key: the fields that say which entry is meant.
    :param match_mode_fields: the part of the key that says how the rest is read. Under purge an entry that differs only
        in these is changed in place.
    :param create_needs: fields the API wants for a new entry; ``key`` is always needed.
    :param create_hint: what else makes a new entry, for messages.
    :param note: the field that holds what people write about an entry.
    :param batch: the parts that ``settings/<name>/batch`` takes; empty where the API has none.
    :param atomic: whether a batch is promised to be done whole or not at all.
    :param purgeable: whether purge may ever remove an entry.
    :param optional: an account or an older API may lack the list.
    :param immutable: fields never sent in an update.
    :param renamed: read-only or retired names, and the name that replaces each.
    :param upper_case: read-only fields whose values the API has written in either case; results have the newer, upper.
    :param parts: what the API says of an entry in a request of its own, by the last part of its path; and of which
        entries the module for one entry reads it.
    """

    name: str
    singular: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    filters: tuple[Filter, ...]
    title: str
    match_mode_fields: tuple[str, ...] = ()
    create_needs: tuple[str, ...] = ()
    create_hint: str = ""
    note: str = "comments"
    batch: tuple[str, ...] = WHOLE_BATCH
    atomic: bool = True
    purgeable: bool = True
    optional: bool = False
    immutable: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=lambda: {"last_modified": "modified_at"})
    upper_case: tuple[str, ...] = ()
    parts: Mapping[str, Callable[[Entry], bool]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"settings/{self.name}"

    def key_of(self, entry: Mapping[str, Any]) -> tuple[Hashable, ...]:
        """The natural key in comparable form. Values that do not belong there (a list, say) compare by their text."""
        values = tuple([normalize(entry.get(name), entry) for name, normalize in self._key])
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
        """An entry as the API returned it: retired names replaced, one spelling of values, its id as text."""
        tidied = tidy(entry, self.renamed)
        for name in self.upper_case:
            if isinstance(tidied.get(name), str):
                tidied[name] = tidied[name].upper()
        if tidied.get("id") is not None:
            tidied["id"] = str(tidied["id"])
        return tidied

    def issues(self, entry: Mapping[str, Any]) -> list[Issue]:
        """What is wrong with the texts of an entry; each issue's text begins with the field's name."""
        found: list[Issue] = []
        for item in self._checked:
            value = entry.get(item.name)
            texts = (value,) if isinstance(value, str) else value if isinstance(value, list) else ()
            for text in texts:
                if isinstance(text, str):
                    for issue in item.check(text, entry):
                        found.append(Issue(f"{item.name} {issue.text}", issue.certain))
        return found

    def put_in_form(self, fields: Entry) -> None:
        """Bring the texts of an entry into the form in which they are sent."""
        for name, form in self._forms:
            value = fields.get(name)
            if isinstance(value, str):
                fields[name] = form(value, fields)
            elif isinstance(value, list):
                fields[name] = [form(item, fields) for item in value]

    @cached_property
    def is_ordered(self) -> bool:
        """Whether the list can be asked for in an order."""
        return any(item.name == "order" for item in self.filters)

    @cached_property
    def _key(self) -> list[tuple[str, Normalizer]]:
        return [(name, self.by_name[name].normalize) for name in self.key]

    @cached_property
    def _checked(self) -> list[Field]:
        return [item for item in self.fields if item.check is not nothing]

    @cached_property
    def _forms(self) -> list[tuple[str, Form]]:
        return [(item.name, item.form) for item in self.fields if item.form]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {item.name: item for item in self.fields}
