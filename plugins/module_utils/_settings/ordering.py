# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which order a plan's changes go out, and which of them together. Asks nobody.

What is created and changed comes before what is deleted, so that no protection is lifted to be put back. The one
exception is a change that takes over the key of another entry: the API takes it only when that key is free.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from .._errors import PlanError
from .plan import Change, Plan

Identity = tuple[Hashable, ...]


def batches(plan: Plan, size: int) -> list[list[Change]]:
    """A plan as batches: at most ``size`` of a kind in each. The API deletes first within one, and updates in order.

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
    # The first of the others go beside the last of what is created and changed, in one step.
    rest = [*urgent[size:], *(change for change in plan.deletes if change.identity not in awaited)]
    room = size - (len(urgent[:size]) if len(groups) == 1 else 0)
    groups[-1].extend(rest[:room])
    groups.extend(rest[start : start + size] for start in range(room, len(rest), size))
    return groups


def stages(plan: Plan) -> list[list[Change]]:
    """A plan as single calls: those of a stage may go out side by side, each stage after the one before.

    :raises PlanError: entries hand their keys on in a circle, and the API takes one change after the other.
    """
    blockers = _blockers(plan)
    placed: set[Identity] = set()
    ordered: list[list[Change]] = []
    for kind in (plan.creates, plan.updates, plan.deletes):
        _place([change for change in kind if change.identity not in placed], blockers, placed, ordered)
    return ordered


def _place(
    changes: list[Change],
    blockers: Mapping[Identity, Sequence[Change]],
    placed: set[Identity],
    ordered: list[list[Change]],
) -> None:
    """Put changes into stages, each behind those that free its key."""
    waiting = changes
    while waiting:
        ready = [
            change
            for change in waiting
            if all(before.identity in placed for before in blockers.get(change.identity, ()))
        ]
        if ready:
            ordered.append(ready)
            placed.update(change.identity for change in ready)
            waiting = [change for change in waiting if change.identity not in placed]
            continue
        own = {change.identity for change in waiting}
        others = {
            before.identity: before
            for change in waiting
            for before in blockers[change.identity]
            if before.identity not in placed and before.identity not in own
        }
        if not others:
            subjects = ", ".join(change.subject for change in _cycle(waiting[0], blockers))
            raise PlanError(
                [
                    f"{subjects}: these entries hand their keys on in a circle, and the API takes one change after "
                    "the other. Leave id out of them: then each keeps its key, and gets the rest of what is desired "
                    "under it."
                ]
            )
        _place(list(others.values()), blockers, placed, ordered)


def _cycle(start: Change, blockers: Mapping[Identity, Sequence[Change]]) -> list[Change]:
    """The circle that a change which never gets its turn is in, or waits for; in the order of their places."""
    seen: list[Change] = []
    change = start
    while change not in seen:
        seen.append(change)
        change = next(each for each in blockers[change.identity] if each.identity in blockers)
    return sorted(seen[seen.index(change) :], key=lambda each: each.where)


def _blockers(plan: Plan) -> dict[Identity, list[Change]]:
    """For each change that takes over a key, the changes that free it."""
    key_of = plan.resource.key_of
    moved = [change for change in plan.updates if any(name in change.sends for name in plan.resource.key)]
    freed: dict[Hashable, list[Change]] = {}
    for change in [*moved, *plan.deletes]:
        if change.before is not None:
            freed.setdefault(key_of(change.before), []).append(change)
    found: dict[Identity, list[Change]] = {}
    # The planner makes no entry whose key another one has.
    for change in moved:
        before = [each for each in freed.get(key_of(change.entry), ()) if each is not change]
        if before:
            found[change.identity] = before
    return found
