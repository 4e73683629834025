# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the modules that write settings: one entry, or a whole document. One entry is a plan of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._errors import EmailSecurityError, InputError
from .._policy.handover import OPTIONS, take_over
from .._policy.places import Placed
from .._resources.resources import RESOURCES
from .._resources.schema import Field, Resource
from .._resources.values import Entry
from .._spec import Context, ModuleSpec
from . import impact, report
from .entries import (
    STATES,
    place_entries,
    read_entry,
    read_placed,
)
from .limits import Limits
from .plan import Change, Plan
from .read import with_parts
from .reconcile import Done, Reconciler, Target

# A policy may repeat one mistake in every entry.
MAX_WARNINGS = 20

PURGEABLE = [name for name, resource in RESOURCES.items() if resource.purgeable]


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


def settings_module() -> ModuleSpec:
    """The module for a whole document. Its entries are validated by :mod:`entries`, which names their place and key."""
    lists = {name: {"type": "list", "elements": "raw"} for name in RESOURCES}
    return ModuleSpec(
        options={
            **OPTIONS,
            **lists,
            "purge": {"type": "list", "elements": "str", "choices": PURGEABLE, "default": []},
            "purge_limit": {"type": "int", "default": 100},
            "purge_scope": {"type": "str"},
            "change_limit": {"type": "int"},
            **impact.OPTIONS,
        },
        run=_converge_settings,
    )


def _option(item: Field) -> dict[str, Any]:
    option: dict[str, Any] = {"type": item.type}
    if item.type == "list":
        option["elements"] = "str"
    if item.choices:
        option["choices"] = list(item.choices)
    # A default that only holds beside another field is applied where both are known.
    if item.default is not None and item.qualifies is None:
        option["default"] = item.default
    return option


def _converge_entry(resource: Resource, context: Context) -> dict[str, Any]:
    given = {name: context.params[name] for name in ("id", "state", *resource.by_name)}
    desired = read_entry(resource, given, resource.singular, context.now)
    outcome = _converge(context, [Target(resource, [desired])], Limits(purge=0))
    (made,) = outcome.plans
    entry: Entry | None = None
    if desired.present:
        entry = made.matched.get(0)
        if outcome.done:
            entry = outcome.done[-1].entry
        elif made.changes:
            entry = {**(entry or {}), **(made.changes[0].after or {})}
    return {**outcome.result, "entry": entry and _with_due_parts(resource, entry, context)}


def _with_due_parts(resource: Resource, entry: Entry, context: Context) -> Entry:
    """An entry with what there is to do for it, such as how a new domain is proved."""
    due = [part for part, is_due in resource.parts.items() if entry.get("id") is not None and is_due(entry)]
    try:
        return with_parts(resource, entry, due, context)
    except EmailSecurityError as error:
        # What was asked for is done, and this is not a part of it.
        context.client.warnings.append(f"{resource.label(entry)}: {' and '.join(due)} could not be read. {error}")
        return entry


def _converge_settings(context: Context) -> dict[str, Any]:
    params = context.params
    limits, impacts = _limits(params), impact.Impacts(context)
    targets = read_targets(context, *read_policy(context))
    outcome = _converge(context, targets, limits, impacts)
    return {
        **outcome.result,
        "summary": report.summary(outcome.plans, outcome.changes),
        **report.listed(outcome.changes, outcome.ids, impacts.told),
    }


def read_targets(context: Context, lists: Mapping[str, Sequence[Placed]], problems: Sequence[str]) -> list[Target]:
    """What each list of a policy is to look like, with the options ``purge`` and ``purge_scope``.

    :param problems: what is known to be wrong with the policy already.
    :raises InputError: holds every problem.
    """
    scope = _purge_scope(context.params["purge_scope"])
    targets: list[Target] = []
    found = list(problems)
    for name, entries in lists.items():
        resource = RESOURCES[name]
        try:
            desired = read_placed(resource, entries, context.now)
        except InputError as error:
            found.extend(error.problems)
        else:
            purge = _purge_rule(resource, scope) if name in context.params["purge"] else None
            targets.append(Target(resource, desired, purge))
    if found:
        raise InputError(found)
    return targets


def read_policy(context: Context) -> tuple[dict[str, list[Placed]], list[str]]:
    """What the files say and then the options, by list and in the lists' order; and what is wrong with it so far."""
    policy, prefix = take_over(context.params)
    context.client.warnings.extend(policy.warnings)
    problems = policy.problems
    lists: dict[str, list[Placed]] = {}
    for name in RESOURCES:
        given = context.params[name]
        try:
            placed = None if given is None else place_entries(f"{prefix}{name}", given)
        except InputError as error:
            problems.extend(error.problems)
            placed = None
        if placed is not None or name in policy.lists:
            lists[name] = [*policy.lists.get(name, ()), *(placed or ())]
    return lists, problems


def _limits(params: Mapping[str, Any]) -> Limits:
    negative = [name for name in ("purge_limit", "change_limit") if (params[name] or 0) < 0]
    if negative:
        raise InputError([f"{name} must not be below 0" for name in negative])
    return Limits(params["purge_limit"], params["change_limit"])


def _purge_scope(scope: str | None) -> re.Pattern[str] | None:
    try:
        return None if scope is None else re.compile(scope)
    except re.error as error:
        raise InputError([f"purge_scope is not a regular expression: {error}"]) from None


def _purge_rule(resource: Resource, scope: re.Pattern[str] | None) -> Callable[[Entry], bool]:
    if scope is None:
        return lambda entry: True
    return lambda entry: scope.search(entry.get(resource.note) or "") is not None


class _Outcome:
    """What a run planned and did. In check mode nothing is done, and the planned changes are shown."""

    def __init__(self, context: Context, plans: list[Plan], done: list[Done]) -> None:
        self.plans = plans
        self.done = done
        planned = [change for made in plans for change in made.changes]
        self.changes: list[Change] = report.in_order(planned if context.check else [step.change for step in done])
        self.ids = {step.change.identity: step.entry["id"] for step in done if step.entry}
        self.result: dict[str, Any] = {"changed": bool(self.changes)}
        if context.diff:
            self.result["diff"] = report.diff(self.changes)


def warn_of_entries(context: Context, targets: Sequence[Target]) -> None:
    """Tell what may be wrong with the entries of a policy."""
    warnings = [warning for target in targets for item in target.desired for warning in item.warnings]
    more = len(warnings) - MAX_WARNINGS
    context.client.warnings.extend(warnings[:MAX_WARNINGS])
    if more > 0:
        context.client.warnings.append(f"and {more:,} more warnings about entries like these")


def _converge(
    context: Context, targets: list[Target], limits: Limits, impacts: impact.Impacts | None = None
) -> _Outcome:
    """Do what targets ask for.

    :param impacts: of a document's changes; None for a single entry.
    """
    warn_of_entries(context, targets)
    reconciler = Reconciler(context.client, targets, limits)
    plans = reconciler.plans()
    if impacts:
        impacts.gather(plans)
    if context.check:
        return _Outcome(context, plans, [])
    try:
        return _Outcome(context, plans, reconciler.carry_out(plans))
    except EmailSecurityError as error:
        partial = _Outcome(context, plans, reconciler.done)
        shown = (
            report.listed(partial.changes, partial.ids, impacts.told)
            if impacts
            else {"changes": report.change_list(partial.changes, partial.ids)}
        )
        error.partial = {**partial.result, **shown}
        raise
