# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which a plan goes out: all of it, once, and never a change before the one that frees its key."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import PlanError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.block_senders import BLOCK_SENDERS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import read_entries
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.ordering import batches, stages
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.plan import Change, Plan, plan
from hypothesis import given
from hypothesis import strategies as st

from unit.engine import NOW, blocked

KEYS = st.integers(1, 12)


def planned(current: dict[int, int], desired: Sequence[Entry], *, purge: bool = False) -> Plan:
    """A plan for an account that holds these keys by id."""
    entries = [{**blocked(key), "id": str(entry_id)} for entry_id, key in current.items()]
    rule = (lambda entry: True) if purge else None
    return plan(BLOCK_SENDERS, entries, read_entries(BLOCK_SENDERS, desired, NOW), rule)


def shown(ordered: Sequence[Sequence[Change]]) -> list[list[str]]:
    return [[f"{change.action} {change.id or change.entry['pattern']}" for change in group] for group in ordered]


def rename(entry_id: int, key: int) -> Entry:
    return {**blocked(key), "id": str(entry_id)}


def gone(key: int) -> Entry:
    return {"pattern": blocked(key)["pattern"], "pattern_type": "DOMAIN", "state": "absent"}


def test_what_protects_comes_before_what_is_deleted() -> None:
    made = planned({1: 1, 2: 2, 3: 3}, [blocked(9), rename(1, 8), gone(2)])
    assert shown(stages(made)) == [["create n00009.example"], ["update 1"], ["delete 2"]]


def test_a_key_is_freed_right_before_it_is_taken() -> None:
    # 1 takes over from 2, which is purged; 3 from 4, which takes a new key.
    made = planned({1: 1, 2: 2, 3: 3, 4: 4}, [rename(1, 2), rename(3, 4), rename(4, 5)], purge=True)
    assert shown(stages(made)) == [["update 4"], ["update 3"], ["delete 2"], ["update 1"]]


def test_a_circle_is_refused() -> None:
    made = planned({1: 1, 2: 2}, [rename(1, 2), rename(2, 1)])
    with pytest.raises(PlanError, match=r"block_senders\[\d\] .* exchange their keys in a cycle"):
        stages(made)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    current = dict(enumerate(draw(st.lists(KEYS, min_size=1, max_size=8, unique=True))))
    keys = draw(st.lists(KEYS, max_size=len(current), unique=True))
    desired = [rename(entry_id, key) for entry_id, key in zip(current, keys, strict=False)]
    desired += [blocked(key) for key in range(20, 20 + draw(st.integers(0, 5)))]
    try:
        return planned(current, desired, purge=draw(st.booleans()))
    except PlanError:
        # Without purge, a key may belong to an entry that stays.
        return Plan(BLOCK_SENDERS)


def assert_whole(made: Plan, ordered: Sequence[Sequence[Change]]) -> None:
    assert sorted(change.identity for group in ordered for change in group) == sorted(
        change.identity for change in made.changes
    )


@given(plans())
def test_single_calls_meet_no_taken_key(made: Plan) -> None:
    try:
        ordered = stages(made)
    except PlanError:
        return
    assert_whole(made, ordered)
    taken = {made.resource.key_of(change.before) for change in made.changes if change.before}
    for stage in ordered:
        for change in stage:
            if change.after is not None:
                key = made.resource.key_of(change.after)
                assert key not in taken or (change.before and key == made.resource.key_of(change.before))
        # Those of a stage go out concurrently, so what one frees is free only for the next stage.
        taken -= {made.resource.key_of(change.before) for change in stage if change.before}
        taken |= {made.resource.key_of(change.after) for change in stage if change.after}


@given(plans(), st.integers(1, 4))
def test_batches_hold_everything_once_and_are_never_too_large(made: Plan, size: int) -> None:
    try:
        ordered = batches(made, size)
    except PlanError:
        return
    assert_whole(made, ordered)
    for group in ordered:
        for action in ("create", "update", "delete"):
            assert len([change for change in group if change.action == action]) <= size
