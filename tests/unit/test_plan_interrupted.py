# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner when a run was killed, and whatever order a document is in, for made-up accounts and documents."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import read_entries
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.plan import plan
from hypothesis import given
from hypothesis import strategies as st

from unit.planning import NOW, PURGES, Purge, World, applied, essence, worlds


def _contents(account: Sequence[Entry]) -> list[str]:
    """What an account holds, whatever ids it has for it."""
    return sorted(repr(sorted((name, value) for name, value in entry.items() if name != "id")) for entry in account)


@given(worlds(), PURGES, st.data())
def test_a_run_that_was_killed_is_finished_by_the_next(world: World, purge: Purge | None, data: st.DataObject) -> None:
    """Wherever it stopped: the account then is as if it had never been killed, and nothing was done twice."""
    whole = world.plan(purge)
    number = data.draw(st.integers(0, len(whole.changes)))
    halfway = applied(world.account, SimpleNamespace(changes=whole.changes[:number]))
    rest = world.plan(purge, halfway)
    assert _contents(applied(halfway, rest)) == _contents(applied(world.account, whole))
    assert len(rest.changes) == len(whole.changes) - number


@given(worlds(), PURGES, st.randoms(use_true_random=False))
def test_the_order_of_the_document_does_not_matter(world: World, purge: Purge | None, random: Any) -> None:
    shuffled = list(world.document)
    random.shuffle(shuffled)
    made = plan(world.resource, world.account, read_entries(world.resource, shuffled, NOW), purge)
    assert essence(made.changes) == essence(world.plan(purge).changes)


@given(worlds(), st.data())
def test_without_purge_each_entry_is_planned_by_itself(world: World, data: st.DataObject) -> None:
    """So a document may be split among teams, and applied in parts."""
    number = data.draw(st.integers(0, len(world.document)))
    parts = [world.document[:number], world.document[number:]]
    planned = [
        change
        for part in parts
        for change in plan(world.resource, world.account, read_entries(world.resource, part, NOW), None).changes
    ]
    assert essence(planned) == essence(world.plan().changes)
