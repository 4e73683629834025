# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads an account and plans how to make it as desired. Sends nothing but GET."""

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
    """The desired state of one collection: the arguments of :func:`plan` except the current entries."""

    resource: Resource
    desired: Sequence[Desired]
    purge: Callable[[Entry], bool] | None = None


def read_plans(client: Client, targets: Sequence[Target], limits: Limits) -> list[Plan]:
    """Read every collection and plan it.

    :raises PlanError: holds the problems of all collections, or the limits that the plans exceed.
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

    :raises PlanError: the account cannot become as desired, or no order of the changes is possible.
    """
    resource = target.resource
    entries = client.settings.entries(resource, trust_count=True)
    refused: PlanError | None = None
    try:
        made = plan(resource, entries, target.desired, target.purge)
        # If an entry counts as missing or undesired, the list must be complete; a trusted count may have cut it short.
        certain = target.purge is None and len(made.matched) == len(target.desired)
    except PlanError as error:
        refused, certain = error, False
    if not certain and client.settings.has_more(resource, entries):
        made = plan(resource, client.settings.entries(resource), target.desired, target.purge)
    elif refused:
        raise refused
    if made.changes:
        from .ordering import stages  # Only changes have an order, and a module's process pays for each import.

        stages(made)  # Refuses what has no possible order before the first write, and in check mode too.
    return made
