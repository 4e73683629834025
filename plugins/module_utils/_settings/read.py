# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that read settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any

from .._errors import InputError, ListNotOfferedError, RefusedError
from .._resources.resources import RESOURCES
from .._resources.schema import Resource
from .._resources.values import Entry
from .._spec import Context, ModuleSpec, filter_options, given_filters
from .entries import invalid_fields, read_entry
from .parts import with_parts


def info_module(resource: Resource) -> ModuleSpec:
    """The module that reads entries of one resource: one by id, or all that match its filters."""
    return ModuleSpec(
        options={
            "id": {"type": "str"},
            **filter_options(resource.filters),
            **{part: {"type": "bool", "default": False} for part in resource.parts},
        },
        run=lambda context: _read_resource(resource, context),
        constraints={"mutually_exclusive": [("id", item.name) for item in resource.filters]},
        writes=False,
    )


def settings_info_module() -> ModuleSpec:
    """The module that reads the account as a document."""
    names = list(RESOURCES)
    return ModuleSpec(
        options={"gather": {"type": "list", "elements": "str", "choices": names, "default": names}},
        run=_read_settings,
        writes=False,
    )


def _read_resource(resource: Resource, context: Context) -> dict[str, Any]:
    entry_id = context.params["id"]
    if entry_id is None:
        found = _filtered(resource, context)
    else:
        named = context.client.settings.get(resource, entry_id)
        found = [] if named is None else [named]
    parts = [part for part in resource.parts if context.params[part]]
    if parts:
        label = f"{resource.name} read"
        found = context.client.http.map_concurrent(
            lambda entry: with_parts(resource, entry, parts, context), found, label
        )
    return {"changed": False, resource.name: found}


def _filtered(resource: Resource, context: Context) -> list[Entry]:
    """Entries that match the filters. If the API has changed the case of a value, the newer spelling is tried first."""
    filters = given_filters(resource.filters, context.params)
    changed_case = {
        item.name: filters[item.name] for item in resource.filters if item.any_case and item.name in filters
    }
    newer = {name: value.upper() for name, value in changed_case.items()}
    older = {name: value.lower() for name, value in changed_case.items()}
    try:
        found = context.client.settings.entries(resource, {**filters, **newer})
    except RefusedError:
        if not changed_case:
            raise
        found = []
    # A service that knows only the older spelling may find nothing instead of refusing the request.
    return context.client.settings.entries(resource, {**filters, **older}) if changed_case and not found else found


def _read_settings(context: Context) -> dict[str, Any]:
    account = read_account(context, context.params["gather"])
    document = {name: document_entries(RESOURCES[name], entries, context) for name, entries in account.items()}
    return {"changed": False, "settings": document}


def read_account(context: Context, names: Container[str]) -> dict[str, list[Entry]]:
    """Some of an account's lists, as the API returns them, by name. Lists that it lacks are omitted, with a warning.

    :raises ListNotOfferedError: it has none of them.
    """
    account: dict[str, list[Entry]] = {}
    lacking: dict[str, ListNotOfferedError] = {}
    for name, resource in RESOURCES.items():
        if name in names:
            try:
                account[name] = context.client.settings.entries(resource)
            except ListNotOfferedError as error:
                lacking[name] = error
    if lacking and not account:
        # An account without any list may be the wrong one.
        raise next(iter(lacking.values()))
    if lacking:
        context.client.warnings.append(
            f"This account does not have {', '.join(lacking)}: its plan or the API does not include them. Left out."
        )
    return account


def document_entries(
    resource: Resource,
    entries_read: Iterable[Entry],
    context: Context,
    invalid_entries: list[tuple[Entry, str]] | None = None,
) -> list[Entry]:
    """A list as a document has it: writable fields only, sorted, and without values that are invalid in a document.

    :param entries_read: the entries as the API returns them. Each omission or difference adds a warning.
    :param invalid_entries: collects the omitted entries, each with the reason, in place of the warnings.
    """
    found = sorted(entries_read, key=lambda entry: (resource.label(entry), entry["id"]))
    keys = Counter(resource.key_of(entry) for entry in found)
    entries: list[Entry] = []
    for entry in found:
        written = {name: value for name, value in resource.managed(entry).items() if value is not None}
        place = f"{resource.name}: id {entry['id']} ({resource.label(entry)})"
        for name, reason in invalid_fields(resource, written).items():
            # Omitted, the field stays as it is. An omitted key, or a field with a default, would mean something else.
            if name not in resource.key and resource.by_name[name].default is None:
                del written[name]
                context.client.warnings.append(f"{place} is read without {name}, not fit for a document: {reason}")
        problem = _problem(resource, written, context.now)
        if problem and _problem(resource, {"id": entry["id"], **written}, context.now):
            if invalid_entries is not None:
                invalid_entries.append((entry, problem))
                continue
            context.client.warnings.append(f"{place} is left out, not fit for a document: {problem}")
            continue
        if problem:
            context.client.warnings.append(f"{place} is no entry that could be made anew: {problem}")
        if problem or keys[resource.key_of(entry)] > 1:
            # Its key is ambiguous, or is not valid for a new entry.
            written = {"id": entry["id"], **written}
        entries.append(written)
    return entries


def _problem(resource: Resource, written: Entry, now: datetime) -> str:
    try:
        read_entry(resource, written, resource.singular, now)
    except InputError as error:
        return str(error)
    return ""
