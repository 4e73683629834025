# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module that makes an account match a whole document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._errors import InputError
from .._policy.places import Placed
from .._policy.transfer import OPTIONS, policy_from
from .._resources.resources import RESOURCES
from .._resources.schema import Resource
from .._resources.values import Entry
from .._spec import Context, ModuleSpec
from . import impact, report
from .converge import Outcome, converge, warn_of_entries
from .entries import place_entries, read_placed
from .limits import Limits
from .planning import Target, read_plans

PURGEABLE = [name for name, resource in RESOURCES.items() if resource.purgeable]


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


def _converge_settings(context: Context) -> dict[str, Any]:
    params = context.params
    limits, impacts = _limits(params), impact.Impacts(context)
    lists, problems = read_policy(context)
    targets = read_targets(context, lists, problems)
    impacts.accept(lists)
    del lists  # A large policy's entries are held as targets from here on.
    warn_of_entries(context, targets)
    plans = read_plans(context.client, targets, limits)
    impacts.gather(plans)

    def listed(outcome: Outcome) -> dict[str, Any]:
        return report.listed(outcome.changes, outcome.ids, impacts.of)

    outcome = converge(context, targets, plans, limits, listed)
    return {**outcome.result, "summary": report.summary(plans, outcome.changes), **listed(outcome)}


def read_targets(context: Context, lists: Mapping[str, Sequence[Placed]], problems: Sequence[str]) -> list[Target]:
    """The desired state of each list of a policy, with the options ``purge`` and ``purge_scope``.

    :param problems: problems of the policy that are known already.
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
    """The entries of the files, then those of the options, by list and in the lists' order; and problems so far."""
    policy, prefix = policy_from(context.params)
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
