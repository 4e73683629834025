# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that write one entry: a plan for one desired entry."""

from __future__ import annotations

from typing import Any

from .._errors import EmailSecurityError
from .._resources.schema import Field, Resource
from .._resources.values import Entry
from .._spec import Context, ModuleSpec
from .converge import Outcome, converge, warn_of_entries
from .entries import STATES, read_entry
from .limits import Limits
from .parts import with_parts
from .planning import Target, read_plans


def entry_module(resource: Resource) -> ModuleSpec:
    """The module for one entry of a resource."""
    options = {item.name: _option(item) for item in resource.fields}
    return ModuleSpec(
        options={
            "id": {"type": "str"},
            **options,
            "state": {"type": "str", "choices": list(STATES), "default": "present"},
        },
        run=lambda context: _converge_entry(resource, context),
    )


def _option(item: Field) -> dict[str, Any]:
    option: dict[str, Any] = {"type": item.type}
    if item.type == "list":
        option["elements"] = "str"
    if item.choices:
        option["choices"] = list(item.choices)
    # A default that depends on another field is applied where both are known.
    if item.default is not None and item.qualifies is None:
        option["default"] = item.default
    return option


def _converge_entry(resource: Resource, context: Context) -> dict[str, Any]:
    given = {name: context.params[name] for name in ("id", "state", *resource.by_name)}
    desired = read_entry(resource, given, resource.singular, context.now)
    targets, limits = [Target(resource, [desired])], Limits(purge=0)
    warn_of_entries(context, targets)
    plans = read_plans(context.client, targets, limits)
    outcome = converge(context, targets, plans, limits, _listed)
    (made,) = plans
    entry: Entry | None = None
    if desired.present:
        entry = made.matched.get(0)
        if outcome.done:
            entry = outcome.done[-1].entry
        elif made.changes:
            entry = {**(entry or {}), **(made.changes[0].after or {})}
    return {**outcome.result, "entry": entry and _with_due_parts(resource, entry, context)}


def _listed(outcome: Outcome) -> dict[str, Any]:
    from .report import change_list  # Only changes need it, and a module's process pays for each import.

    return {"changes": change_list(outcome.changes, outcome.ids)}


def _with_due_parts(resource: Resource, entry: Entry, context: Context) -> Entry:
    """An entry with the sub-resources that require action, such as the verification of a new domain."""
    due = [part for part, is_due in resource.parts.items() if entry.get("id") is not None and is_due(entry)]
    try:
        return with_parts(resource, entry, due, context)
    except EmailSecurityError as error:
        # The entry itself is as desired, so this must not fail the task.
        context.client.warnings.append(f"{resource.label(entry)}: {' and '.join(due)} could not be read. {error}")
        return entry
