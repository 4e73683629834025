# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an account and what is desired of it to plans. Sends nothing but GET."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .._api.client import Client
from .._errors import PlanError
from .._resources.schema import Resource
from .._resources.values import Entry
from .limits import Limits
from .plan import Desired, Plan, plan


@dataclass(frozen=True)
class Target:
    """What one collection is to look like: the arguments of :func:`plan` but for the current entries."""

    resource: Resource
    desired: Sequence[Desired]
    purge: Callable[[Entry], bool] | None = None


def read_plans(client: Client, targets: Sequence[Target], limits: Limits) -> list[Plan]:
    """Read every collection and plan it.

    :raises PlanError: with the problems of all collections, or with the limits that the plans go beyond.
    """
    problems: list[str] = []
    plans: list[Plan] = []
    for target in targets:
        try:
            plans.append(read_plan(client, target))
        except PlanError as error:
            problems.extend(error.problems)
    if problems:
        raise PlanError(problems)
    limits.check(plans)
    return plans


def read_plan(client: Client, target: Target) -> Plan:
    """Read one collection and plan it.

    :raises PlanError: what is desired cannot be, or not in any order.
    """
    resource = target.resource
    entries = client.settings.entries(resource, trust_count=True)
    refused: PlanError | None = None
    try:
        made = plan(resource, entries, target.desired, target.purge)
        # Where something is said to be missing or not desired, an entry that was not seen would count.
        certain = target.purge is None and len(made.matched) == len(target.desired)
    except PlanError as error:
        refused, certain = error, False
    if not certain and client.settings.has_more(resource, entries):
        made = plan(resource, client.settings.entries(resource), target.desired, target.purge)
    elif refused:
        raise refused
    if made.changes:
        from .ordering import stages  # Only changes have an order, and a module's process pays for each import.

        stages(made)  # So that what cannot be put in an order is refused before the first write, and in check mode too.
    return made
