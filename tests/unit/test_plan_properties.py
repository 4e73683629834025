# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties of the planner that hold for any account and any document."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import PlanError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.block_senders import BLOCK_SENDERS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.schema import Resource
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import read_entries
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.plan import Desired, plan
from hypothesis import given
from hypothesis import strategies as st

from unit.planning import NOW, PURGES, Purge, World, account_entries, applied, essence, everything, worlds

KEYED_BY_READING = tuple(name for name, resource in RESOURCES.items() if resource.match_mode_fields)


@given(worlds(), PURGES)
def test_a_plan_carried_out_leaves_nothing_to_do(world: World, purge: Purge | None) -> None:
    after = applied(world.account, world.plan(purge))
    assert essence(world.plan(purge, after).changes) == []


@given(worlds(), PURGES)
def test_the_result_is_as_desired(world: World, purge: Purge | None) -> None:
    """Each desired entry is there once with all that it says, each undesired one is gone."""
    resource = world.resource
    after = applied(world.account, world.plan(purge))
    by_key: dict[Any, list[Entry]] = {}
    for entry in after:
        by_key.setdefault(resource.key_of(entry), []).append(entry)
    for item in world.desired:
        found = by_key.get(resource.key_of(item.fields), [])
        assert len(found) == (1 if item.present else 0)
        for name, value in item.fields.items() if found else ():
            same = resource.by_name[name].normalize
            assert same(found[0].get(name), found[0]) == same(value, {**found[0], **item.fields})


@given(worlds())
def test_without_purge_nothing_else_is_touched(world: World) -> None:
    named = {world.resource.key_of(item.fields) for item in world.desired}
    others = [entry for entry in world.account if world.resource.key_of(entry) not in named]
    after = applied(world.account, world.plan())
    assert all(entry in after for entry in others)


@given(worlds(), PURGES)
def test_purge_leaves_the_document_and_what_it_may_not_touch(world: World, purge: Purge | None) -> None:
    resource = world.resource
    after = applied(world.account, world.plan(purge))
    present = {resource.key_of(item.fields) for item in world.desired if item.present}
    spared = [
        entry
        for entry in world.account
        if purge is None or not resource.purgeable or resource.synced_from(entry) or not purge(entry)
    ]
    for entry in after:
        assert resource.key_of(entry) in present or entry in spared


@given(worlds(), PURGES)
def test_an_update_sends_only_what_differs(world: World, purge: Purge | None) -> None:
    account = {entry["id"]: entry for entry in world.account}
    for change in world.plan(purge).updates:
        assert change.sends
        assert not set(change.sends) & {*world.resource.immutable, "id", "created_at"}
        assert change.id is not None
        for name, value in change.sends.items():
            assert account[change.id].get(name) != value
        assert change.after == {**(change.before or {}), **change.sends}


@given(worlds(), PURGES)
def test_nothing_is_both_deleted_and_created(world: World, purge: Purge | None) -> None:
    made = world.plan(purge)
    ids = [change.id for change in made.changes if change.id]
    assert len(ids) == len(set(ids))
    deleted = {world.resource.key_of(change.entry) for change in made.deletes}
    assert not deleted & {world.resource.key_of(change.entry) for change in made.creates}


@given(worlds(), PURGES, st.randoms(use_true_random=False))
def test_the_order_of_the_account_does_not_matter(world: World, purge: Purge | None, random: Any) -> None:
    shuffled = list(world.account)
    random.shuffle(shuffled)
    assert essence(world.plan(purge).changes) == essence(world.plan(purge, shuffled).changes)


@given(worlds(), PURGES)
def test_synced_entries_are_never_purged(world: World, purge: Purge | None) -> None:
    synced = {entry["id"] for entry in world.account if world.resource.synced_from(entry)}
    assert not synced & {change.id for change in world.plan(purge).changes}


@given(worlds(), PURGES)
def test_expired_means_absent(world: World, purge: Purge | None) -> None:
    plainly = [
        dataclasses.replace(item, expired=False, present=item.present and not item.expired) for item in world.desired
    ]
    made = world.plan(purge)
    assert essence(made.changes) == essence(plan(world.resource, world.account, plainly, purge).changes)
    assert made.expired == sum(item.expired for item in world.desired)


@given(worlds(), PURGES)
def test_every_desired_entry_is_counted_once(world: World, purge: Purge | None) -> None:
    made = world.plan(purge)
    by_document = [change for change in made.changes if not change.purge]
    assert len(by_document) + made.unchanged == len(world.document)


@given(st.data(), st.sampled_from(sorted(RESOURCES)))
def test_another_case_is_no_drift(data: st.DataObject, name: str) -> None:
    """What has no case may be written in any."""
    resource = RESOURCES[name]
    account = data.draw(account_entries(resource))
    document = [
        _in_other_case(resource, entry)
        for entry in account
        if entry.get("pattern_type") != "UNKNOWN" and not any(issue.certain for issue in resource.issues(entry))
    ]
    desired = read_entries(resource, document, NOW)
    assert essence(plan(resource, account, desired).changes) == []


def _in_other_case(resource: Resource, entry: Entry) -> Entry:
    written = {name: value for name, value in resource.managed(entry).items() if value is not None}
    # Omitted switches mean their defaults, so an entry that is to match says what it has.
    written.update({item.name: bool(entry.get(item.name)) for item in resource.fields if item.default in (True, False)})
    for name in ("pattern", "email", "domain"):
        regex = written.get("is_regex") or written.get("is_email_regex")
        if name in written and resource.by_name[name].form and not regex:
            local, at, host = written[name].rpartition("@")
            mail = name == "email" or written.get("pattern_type") == "EMAIL"
            head = local if mail else local.upper()
            written[name] = f"{head}{at}{_upper(host)}" if at or not mail else f"{_upper(host)}"
    return written


def _upper(text: str) -> str:
    """Upper case where that can be undone: not, for example, for the German sharp s."""
    return "".join(letter.upper() if letter.upper().lower() == letter else letter for letter in text)


@given(st.data(), st.sampled_from(sorted(RESOURCES)))
def test_several_matches_are_reported_with_all_their_ids(data: st.DataObject, name: str) -> None:
    resource = RESOURCES[name]
    (entry, *_rest) = data.draw(account_entries(resource).filter(bool))
    copies = data.draw(st.integers(2, 4))
    account = [{**entry, "id": f"copy-{number}"} for number in range(copies)]
    with pytest.raises(PlanError) as refused:
        plan(resource, account, [Desired("list[7]", resource.managed(entry))], everything)
    (problem,) = refused.value.problems
    assert "list[7]" in problem
    for number in range(copies):
        assert f"copy-{number}" in problem


@given(worlds(KEYED_BY_READING))
def test_under_purge_the_same_text_is_changed_in_place(world: World) -> None:
    """No entry is deleted while one of the same text is created: one of the two could have become the other."""
    made = world.plan(everything)
    text = [name for name in world.resource.key if name not in world.resource.match_mode_fields]
    purged = {tuple(change.entry[name] for name in text) for change in made.deletes if change.purge}
    assert not purged & {tuple(change.entry[name] for name in text) for change in made.creates}


@pytest.mark.parametrize("purge", [None, everything], ids=["kept", "purged"])
def test_work_grows_with_the_number_of_entries(purge: Purge | None) -> None:
    """Comparisons are counted, not timed: four times the entries cost four times the comparisons."""
    counts: Counter[int] = Counter()

    def work(size: int) -> None:
        def counting(field: Any) -> Any:
            def same(value: Any, entry: Any) -> Any:
                counts[size] += 1
                return field.normalize(value, entry)

            return dataclasses.replace(field, normalize=same)

        resource = dataclasses.replace(BLOCK_SENDERS, fields=tuple(map(counting, BLOCK_SENDERS.fields)))
        other = range(size // 4, size // 2)
        account = [_blocked(n, "EMAIL" if n in other else "DOMAIN", f"id-{n}") for n in range(size)]
        # A quarter stays, a quarter is read in another way, a quarter is new, the rest is nobody's.
        document = [_blocked(n, "DOMAIN") for n in range(size // 4)]
        document += [_blocked(n, "DOMAIN") for n in other]
        document += [_blocked(n, "DOMAIN") for n in range(size, size + size // 4)]
        made = plan(resource, account, read_entries(resource, document, NOW), purge)
        assert made.unchanged == size // 4

    work(200)
    work(800)
    assert counts[800] <= 4.1 * counts[200]


def _blocked(number: int, pattern_type: str, entry_id: str | None = None) -> Entry:
    entry = {"pattern": f"x{number}.example", "pattern_type": pattern_type, "is_regex": False}
    return {"id": entry_id, **entry} if entry_id else entry
