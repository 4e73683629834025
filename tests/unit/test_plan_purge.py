# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Purge: what it removes, what it changes in place, what it never touches, and how much of it is too much."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import PlanError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.plan import check_purge_limit

from unit.planning import Purge, X, blocked, everything, made, person, scope, steps


def test_purge_removes_what_nobody_wants() -> None:
    account = [blocked("x.example"), blocked("y.example"), blocked("z.example", comments="hand made")]
    plan = made("block_senders", account, [X], everything)
    assert steps(plan) == [("delete", "2", {}), ("delete", "3", {})]
    assert [change.reason for change in plan.deletes] == ["purge", "purge"]


def test_purge_respects_its_scope() -> None:
    account = [blocked("y.example", comments="team-a: 1"), blocked("z.example", comments=None), blocked("w.example")]
    assert steps(made("block_senders", account, [], scope("team-a"))) == [("delete", "1", {})]


def test_purge_never_touches_domains_or_synced_entries() -> None:
    assert steps(made("domains", [{"domain": "x.example"}], [], everything)) == []
    synced = person("a@x.example", "Ann", provenance="SNOOPY-OFFICE_365")
    assert steps(made("impersonation_registry", [synced], [], everything)) == []


@pytest.mark.parametrize(
    ("current", "sends"),
    [
        (blocked("x.example", "EMAIL"), {"pattern_type": "DOMAIN"}),
        (blocked("x.example", regex=True), {"is_regex": False}),
        (blocked("x.example", "UNKNOWN"), {"pattern_type": "DOMAIN"}),
    ],
    ids=["type", "regex", "unknown-type"],
)
def test_purge_changes_in_place_what_is_only_read_differently(current: Entry, sends: dict[str, Any]) -> None:
    assert steps(made("block_senders", [current], [X], everything)) == [("update", "1", sends)]
    assert [change.action for change in made("block_senders", [current], [X]).changes] == ["create"]


def test_in_place_changes_stay_within_the_scope_of_purge() -> None:
    account = [blocked("x.example", "EMAIL", comments="team-b")]
    assert [change.action for change in made("block_senders", account, [X], scope("team-a")).changes] == ["create"]


def test_of_two_equally_near_entries_the_account_s_order_does_not_choose() -> None:
    document = [{"pattern": "x.example", "pattern_type": "DOMAIN", "is_regex": False}]
    account = [
        {"id": "1", **blocked("x.example", "IP")},
        {"id": "2", **blocked("x.example", "EMAIL")},
    ]
    assert steps(made("block_senders", account, document, everything)) == steps(
        made("block_senders", account[::-1], document, everything)
    )


@pytest.mark.parametrize("pattern", [["a"], {"a": 1}, None, 5], ids=repr)
@pytest.mark.parametrize("purge", [None, everything], ids=["kept", "purged"])
def test_an_account_may_hold_anything(pattern: Any, purge: Purge | None) -> None:
    account = [{**blocked("x.example"), "pattern": pattern}]
    deletes = [("delete", "1", {})] if purge else []
    assert steps(made("block_senders", account, [X], purge))[1:] == deletes


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_purge_limit_counts_all_lists(limit: int) -> None:
    plans = [
        made("block_senders", [blocked("x.example")], [], everything),
        made("trusted_domains", [{"pattern": "y.example", "is_regex": False}], [], everything),
    ]
    if limit >= 2:
        check_purge_limit(plans, limit)
        return
    with pytest.raises(PlanError) as refused:
        check_purge_limit(plans, limit)
    assert f"2 entries (1 of block_senders, 1 of trusted_domains), and purge_limit allows {limit}" in str(refused.value)


def test_purge_limit_does_not_count_what_the_document_removes() -> None:
    check_purge_limit([made("block_senders", [blocked("x.example")], [{**X, "state": "absent"}], everything)], 0)


def test_the_order_never_lifts_a_protection_that_is_put_back() -> None:
    plan = made(
        "block_senders",
        [blocked("old.example"), blocked("kept.example", comments="a")],
        [{**X, "pattern": "kept.example", "comments": "b"}, X],
        everything,
    )
    assert [change.action for change in plan.changes] == ["create", "update", "delete"]
