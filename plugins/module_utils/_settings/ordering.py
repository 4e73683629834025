# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which order the changes of a plan are sent, and which of them together. Pure.

Creates and updates come before deletes, so that protection never lapses. The one exception is a change that gives an
entry the key of another one: the API accepts it only when that key is free.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from graphlib import CycleError, TopologicalSorter

from .._errors import PlanError
from .plan import Change, Plan

Identity = tuple[Hashable, ...]


def batches(plan: Plan, size: int) -> list[list[Change]]:
    """A plan as batches: at most ``size`` of a kind in each. Within one, the API deletes first, and updates in order.

    :raises PlanError: as :func:`stages`.
    """
    updates = [change for stage in stages(plan) for change in stage if change.action == "update"]
    rounds = max(1, *(-(-len(kind) // size) for kind in (plan.creates, updates)))
    groups = [
        [*plan.creates[start : start + size], *updates[start : start + size]] for start in range(0, rounds * size, size)
    ]
    awaited = {before.identity for blockers in _blockers(plan).values() for before in blockers}
    urgent = [change for change in plan.deletes if change.identity in awaited]
    groups[0].extend(urgent[:size])
    # The last batch of creates and updates has space for the first of the other deletes.
    rest = [*urgent[size:], *(change for change in plan.deletes if change.identity not in awaited)]
    free = size - (len(urgent[:size]) if len(groups) == 1 else 0)
    groups[-1].extend(rest[:free])
    groups.extend(rest[start : start + size] for start in range(free, len(rest), size))
    return groups


def stages(plan: Plan) -> list[list[Change]]:
    """A plan as single calls: those of a stage may be concurrent, and each stage follows the one before.

    :raises PlanError: entries exchange their keys in a cycle, and the API takes one change at a time.
    """
    updates, urgent = _update_stages(plan)
    rest = [change for change in plan.deletes if change.identity not in urgent]
    return [stage for stage in ([*plan.creates], *updates, rest) if stage]


def _update_stages(plan: Plan) -> tuple[list[list[Change]], set[Identity]]:
    """Stages of the updates, each after what frees its key; and the deletes among them, as late as possible."""
    blockers = _blockers(plan)
    by_identity = {change.identity: change for change in plan.changes}
    sorter = TopologicalSorter({change.identity: () for change in plan.updates})
    for identity, before in blockers.items():
        sorter.add(identity, *(change.identity for change in before))
    try:
        sorter.prepare()
    except CycleError as error:
        raise _cycle_error([by_identity[identity] for identity in error.args[1][1:]]) from None
    placed: list[list[Change]] = []
    urgent: set[Identity] = set()
    held: list[Change] = []
    while sorter.is_active():
        ready = [by_identity[identity] for identity in sorter.get_ready()]
        held.extend(change for change in ready if change.action == "delete")
        stage = [change for change in ready if change.action != "delete"]
        if not stage:
            stage, held = held, []
            urgent.update(change.identity for change in stage)
        placed.append(stage)
        sorter.done(*(change.identity for change in stage))
    return placed, urgent


def _cycle_error(cycle: Sequence[Change]) -> PlanError:
    subjects = ", ".join(change.subject for change in sorted(cycle, key=lambda change: change.where))
    return PlanError(
        [
            f"{subjects}: these entries exchange their keys in a cycle, and the API takes one change at a time. "
            "Leave id out of them: each entry then keeps its key, and its other fields change to what is desired "
            "under that key."
        ]
    )


def _blockers(plan: Plan) -> dict[Identity, list[Change]]:
    """For each change that gives an entry another's key, the changes that free it."""
    key_of = plan.resource.key_of
    moved = [change for change in plan.updates if any(name in change.sends for name in plan.resource.key)]
    freed: dict[Hashable, list[Change]] = {}
    for change in [*moved, *plan.deletes]:
        if change.before is not None:
            freed.setdefault(key_of(change.before), []).append(change)
    found: dict[Identity, list[Change]] = {}
    # The planner never creates an entry whose key exists already.
    for change in moved:
        before = [each for each in freed.get(key_of(change.entry), ()) if each is not change]
        if before:
            found[change.identity] = before
    return found
