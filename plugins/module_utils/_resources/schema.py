# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema of the settings resources.

A resource declares the fields of its entries, which of them are its natural key, and how values are compared. Argument
specs, validation, planning, diff, export and the documentation checks are all derived from it.

Fields and limits: the API's `settings/<collection>` operations. Fields past their end of life are not listed, so they
are never sent; ``renamed`` maps them to their successors when entries are read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .checks import Check, Issue, nothing
from .retired import tidy
from .values import Entry, Form, Normalizer, exactly

# The parts of a batch, in the order in which the API applies them.
WHOLE_BATCH = ("deletes", "patches", "puts", "posts")

# The provenance of a manually created impersonation entry. All others are synced from a directory.
MANUAL = "A1S_INTERNAL"


@dataclass(frozen=True)
class Field:
    """One writable field of an entry, under the API's own name.

    :param type: Ansible's name of the type: ``str``, ``bool``, ``int`` or ``list`` (of ``str``).
    :param default: the value of an omitted option; None leaves the field unchanged.
    :param qualifies: the field whose value this one interprets. If a task names an entry by id and omits that field,
        the default does not apply: an unchanged pattern keeps its interpretation.
    :param size: minimum and maximum length of a text or list, or minimum and maximum number; None is no limit.
    :param normalize: makes two values comparable; applied to both.
    :param form: converts a text, or each one in a list, to the form that is sent.
    :param check: returns the problems of a text, or of each one in a list.
    :param empty_is_null: whether an empty text clears the field, for which the API expects null.
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
        """The value in the API's form."""
        return None if self.empty_is_null and value == "" else value


@dataclass(frozen=True)
class Filter:
    """One query parameter of a list operation.

    :param any_case: whether its values are accepted in upper and lower case, since the API has used both.
    :param exact: whether the API matches it literally, and nothing else.
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
    :param key: the fields that identify an entry.
    :param match_mode_fields: the part of the key that determines how the rest is interpreted. Under purge, an entry
        that differs only in these is updated in place.
    :param create_needs: fields the API requires for a new entry; ``key`` is always required.
    :param create_hint: another way to create an entry, for messages.
    :param note: the field for comments.
    :param batch: the parts that ``settings/<name>/batch`` accepts; empty if the API has no such operation.
    :param atomic: whether the API promises that a batch is atomic.
    :param purgeable: whether purge may ever delete an entry.
    :param optional: whether an account or an older API may lack the list.
    :param immutable: fields never sent in an update.
    :param renamed: read-only or retired names, and their replacements.
    :param upper_case: read-only fields whose values the API has used in both cases; results have the newer, upper.
    :param parts: sub-resources of an entry, by the last segment of their path; and for which entries the module for one
        entry reads them.
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
        """The natural key in comparable form. Values of an unexpected type, such as a list, compare by their repr."""
        values = tuple([normalize(entry.get(name), entry) for name, normalize in self._key])
        try:
            hash(values)
        except TypeError:
            return tuple(value if isinstance(value, Hashable) else repr(value) for value in values)
        return values

    def key_fields(self, entry: Mapping[str, Any]) -> Entry:
        """The natural key as written, without normalization."""
        return {name: entry.get(name) for name in self.key}

    def managed(self, entry: Mapping[str, Any]) -> Entry:
        """The writable fields of an entry: those that a document can have."""
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
        """The directory that an entry is synced from, so that it is read-only here; else None."""
        provenance = entry.get("provenance")
        return str(provenance) if provenance and str(provenance).upper() != MANUAL else None

    def tidy(self, entry: Entry) -> Entry:
        """An entry from a response, normalized: retired names replaced, values in one case, its id as text."""
        tidied = tidy(entry, self.renamed)
        for name in self.upper_case:
            if isinstance(tidied.get(name), str):
                tidied[name] = tidied[name].upper()
        if tidied.get("id") is not None:
            tidied["id"] = str(tidied["id"])
        return tidied

    def issues(self, entry: Mapping[str, Any]) -> list[Issue]:
        """The issues of the texts of an entry; each issue's text begins with the field's name."""
        found: list[Issue] = []
        for item in self._checked:
            value = entry.get(item.name)
            texts = (value,) if isinstance(value, str) else value if isinstance(value, list) else ()
            for text in texts:
                if isinstance(text, str):
                    for issue in item.check(text, entry):
                        found.append(Issue(f"{item.name} {issue.text}", issue.certain))
        return found

    def canonicalize(self, fields: Entry) -> None:
        """Convert the texts of an entry, in place, to the form in which they are sent."""
        for name, form in self._forms:
            value = fields.get(name)
            if isinstance(value, str):
                fields[name] = form(value, fields)
            elif isinstance(value, list):
                fields[name] = [form(item, fields) for item in value]

    @cached_property
    def is_ordered(self) -> bool:
        """Whether the list operation has a sort parameter."""
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
