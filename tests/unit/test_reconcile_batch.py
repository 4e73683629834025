# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Batches: how many, in which order, what happens when one is refused or the API has none; and others at work."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.settings import Batch
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    ConflictError,
    EmailSecurityError,
    NotOfferedError,
    PlanError,
    RefusedError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.schema import Resource
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry

from simulator.handle import Account
from unit.engine import Engine, blocked, sent, steps, written

BATCH = ("POST", "settings/block_senders/batch")
# The simulator refuses it, and nothing on this side can know: a domain name does not look like this.
# An address by the standard, and none to this server.
BAD = {**blocked('"a@b"@x.example'), "pattern_type": "EMAIL"}
DOMAIN = {
    "allowed_delivery_modes": ["API"],
    "drop_dispositions": ["SPAM"],
    "ip_restrictions": [],
    "regions": ["GLOBAL"],
}


def kinds(account: Account) -> list[dict[str, int]]:
    """How many of each kind the batches held."""
    return [
        {kind: len(items) for kind, items in entry["body"].items() if items}
        for entry in account.requests()
        if entry["path"].endswith("/batch")
    ]


def test_all_kinds_go_in_one_batch(account: Account) -> None:
    account.put({"block_senders": [blocked(1), blocked(2), blocked(3)]})
    done = Engine(account).run(
        {"block_senders": [blocked(1, comments="a"), blocked(2), blocked(4)]}, purge=["block_senders"]
    )
    assert [action for action, _label in steps(done)] == ["create", "update", "delete"]
    assert (sent(account), kinds(account)) == ([BATCH], [{"posts": 1, "patches": 1, "deletes": 1}])


@pytest.mark.parametrize(
    ("creates", "updates", "deletes", "expected"),
    [
        (2500, 0, 0, [{"posts": 1000}, {"posts": 1000}, {"posts": 500}]),
        (1000, 1000, 1000, [{"posts": 1000, "patches": 1000, "deletes": 1000}]),
        (1001, 0, 5, [{"posts": 1000}, {"posts": 1, "deletes": 5}]),
        (0, 3, 2002, [{"patches": 3, "deletes": 1000}, {"deletes": 1000}, {"deletes": 2}]),
    ],
)
def test_large_changes_go_in_few_batches_with_deletes_last(
    account: Account, creates: int, updates: int, deletes: int, expected: list[dict[str, int]]
) -> None:
    account.put({"block_senders": [blocked(number) for number in range(updates + deletes)]})
    document = [blocked(number, comments="a") for number in range(updates)]
    document += [blocked(10_000 + number) for number in range(creates)]
    done = Engine(account).run({"block_senders": document}, purge=["block_senders"])
    assert kinds(account) == [
        {kind: count[kind] for kind in ("deletes", "patches", "posts") if kind in count} for count in expected
    ]
    assert len(done) == creates + updates + deletes
    assert written(account, "block_senders") == sorted(document, key=repr)


@pytest.mark.parametrize("batch", [False, 405], ids=["404", "405"])
def test_without_batch_single_calls_are_made_in_the_same_order(account: Account, batch: bool | int) -> None:
    account.options(batch=batch)
    account.put({"block_senders": [blocked(1), blocked(2)]})
    document = [blocked(1, comments="a"), blocked(2, state="absent"), blocked(3), blocked(4)]
    done = Engine(account).run({"block_senders": document})
    assert [action for action, _label in steps(done)] == ["create", "create", "update", "delete"]
    assert [method for method, _path in sent(account)] == ["POST", "POST", "POST", "PATCH", "DELETE"]
    assert sent(account).count(BATCH) == 1


def test_a_batch_missing_in_the_middle_falls_back_too(account: Account) -> None:
    account.faults({"kind": "status_before", "path": "batch", "after": 1, "times": None, "arguments": {"status": 404}})
    document = [blocked(number) for number in range(1003)]
    assert len(Engine(account).run({"block_senders": document})) == 1003
    assert len(sent(account)) <= 2 + 3 + 1
    assert len(written(account, "block_senders")) == 1003


def test_a_refused_batch_names_the_entry_the_api_points_at(account: Account) -> None:
    account.put({"block_senders": [blocked(9)]})
    engine = Engine(account)
    with pytest.raises(RefusedError) as refused:
        engine.run({"block_senders": [blocked(1), BAD, blocked(2)]}, purge=["block_senders"])
    assert str(refused.value).startswith('block_senders[1] ("a@b"@x.example EMAIL) cannot be created')
    assert "must be an email address" in str(refused.value)
    assert (len(sent(account)), engine.done) == (1, [])
    assert written(account, "block_senders") == [blocked(9)]


def _early(number: int) -> dict[str, Any]:
    """An entry whose name comes before the bad one's."""
    return {**blocked(number), "pattern": f"!{number:03}@x.example", "pattern_type": "EMAIL"}


def test_a_refused_batch_without_a_pointer_is_searched(account: Account) -> None:
    account.options(pointers=False, duplicates="allow")
    account.put({"block_senders": [_early(0)]})
    engine = Engine(account)
    document = [_early(number) for number in range(1, 20)]
    # Written in the order of names, so all but one come before the bad one.
    document.insert(3, BAD)
    document.append(blocked("zzz.example"))
    with pytest.raises(RefusedError, match=r"block_senders\[3\] \(\"a@b\"@x\.example EMAIL\) cannot be created"):
        engine.run({"block_senders": document}, purge=["block_senders"])
    assert [label for _action, label in engine.done] == [
        f"{_early(number)['pattern']} EMAIL" for number in range(1, 20)
    ]
    assert written(account, "block_senders") == [_early(number) for number in range(20)]
    # The next run, with the entry mended, has only the rest to do.
    document[3] = blocked("mended.example")
    assert [action for action, _label in steps(Engine(account).run({"block_senders": document}))] == [
        "create",
        "create",
    ]


def test_a_batch_of_domains_that_was_partly_done_is_reported_as_it_is(account: Account) -> None:
    """The API does not promise that a batch of domains is all or nothing."""
    account.options(atomic_domains=False)
    engine = Engine(account)
    document = [{"domain": name, **DOMAIN} for name in ("a.example", "-b.example", "c.example")]
    with pytest.raises(RefusedError, match=r"-b\.example") as refused:
        engine.run({"domains": document})
    there = [("create", entry["domain"]) for entry in account.state()["domains"]]
    assert sorted(engine.done) == sorted(there)
    assert not there or "nothing of its batch was done" not in str(refused.value)


@pytest.mark.parametrize("names", [("a.example",), ("a.example", "b.example")], ids=["one", "several"])
@pytest.mark.parametrize("offered", [False, 405], ids=["404", "405"])
def test_an_api_without_domain_creation_says_where_domains_come_from(
    account: Account, names: tuple[str, ...], offered: bool | int
) -> None:
    account.options(domain_create=offered)
    with pytest.raises(NotOfferedError, match=r"domains\[0\] \(a\.example\).*onboard.*dashboard"):
        Engine(account).run({"domains": [{"domain": name, **DOMAIN} for name in names]})
    assert account.state()["domains"] == []


# Somebody else at work


def test_a_vanished_entry_is_made_again(account: Account) -> None:
    account.put({"block_senders": [blocked(1)]})
    account.faults({"kind": "delete_before", "method": "PATCH"})
    done = Engine(account).run({"block_senders": [blocked(1, comments="a")]})
    assert [action for action, _label in steps(done)] == ["create"]
    assert written(account, "block_senders") == [blocked(1, comments="a")]


def test_an_entry_that_is_gone_already_is_no_failure(account: Account) -> None:
    account.put({"block_senders": [blocked(1)]})
    account.faults({"kind": "delete_before", "method": "DELETE"})
    Engine(account).run({"block_senders": [blocked(1, state="absent")]})
    assert written(account, "block_senders") == []


def test_one_vanished_entry_does_not_end_the_use_of_batches(account: Account) -> None:
    account.put({"block_senders": [blocked(number) for number in range(20)]})
    account.faults({"kind": "delete_before", "path": "batch"})
    document = [blocked(number, comments="a") for number in range(20)]
    Engine(account).run({"block_senders": document})
    assert written(account, "block_senders") == document
    assert sent(account) == [BATCH, BATCH]


@pytest.mark.parametrize("document", [[blocked(1)], [blocked(1), blocked(2)]], ids=["single", "batch"])
def test_an_entry_that_others_made_meanwhile_is_taken_over(account: Account, document: list[dict[str, Any]]) -> None:
    account.faults({"kind": "create_before", "method": "POST", "arguments": {"entry": blocked(1, comments="theirs")}})
    desired = [{**entry, "comments": "ours"} for entry in document]
    Engine(account).run({"block_senders": desired})
    assert written(account, "block_senders") == desired


def test_what_others_made_is_not_counted_as_done(account: Account) -> None:
    account.faults({"kind": "create_before", "method": "POST"})
    engine = Engine(account)
    engine.run({"block_senders": [blocked(1)]})
    assert engine.done == []
    assert written(account, "block_senders") == [blocked(1)]


def test_a_purge_limit_exceeded_on_the_way_is_reported_as_it_is(account: Account) -> None:
    """Somebody adds an entry while the run is resolving an unconfirmed write."""
    account.put({"trusted_domains": [{"pattern": "old.example", "is_regex": False}]})
    account.faults(
        {"kind": "appear_between_pages", "path": "trusted_domains"},
        {"kind": "cut_before", "method": "DELETE"},
    )
    engine = Engine(account)
    with pytest.raises(PlanError, match="purge would delete 2 entries") as refused:
        engine.run({"block_senders": [blocked(1)], "trusted_domains": []}, purge=["trusted_domains"], purge_limit=1)
    assert engine.done == [("create", f"{blocked(1)['pattern']} DOMAIN")]
    assert "Nothing was changed" not in str(refused.value)


def test_a_change_limit_counts_updates_and_deletions_of_all_lists(account: Account) -> None:
    account.put(
        {"block_senders": [blocked(number) for number in range(3)], "trusted_domains": [{"pattern": "a.example"}]}
    )
    desired: dict[str, list[Entry]] = {
        "block_senders": [{**blocked(0), "comments": "new"}, {**blocked(1), "state": "absent"}, blocked(8), blocked(9)],
        "trusted_domains": [],
    }
    with pytest.raises(PlanError) as refused:
        Engine(account).run(desired, purge=["trusted_domains"], purge_limit=0, change_limit=2)
    purge, change = refused.value.problems
    assert purge.startswith("purge would delete 1 entries")
    assert change.startswith(
        "3 entries would be updated or deleted (block_senders: 1 to update, 1 to delete; trusted_domains: 1 to delete)"
        ", and change_limit allows 2. Nothing was changed."
    )
    assert sent(account) == []
    Engine(account).run(desired, purge=["trusted_domains"], change_limit=3)
    assert len(written(account, "block_senders")) == 4


def test_a_change_limit_counts_what_was_done_before_an_unconfirmed_write(account: Account) -> None:
    account.put({"block_senders": [blocked(1)], "trusted_domains": [{"pattern": "old.example"}]})
    account.faults(
        {"kind": "appear_between_pages", "path": "trusted_domains"}, {"kind": "cut_before", "method": "DELETE"}
    )
    engine = Engine(account)
    with pytest.raises(PlanError, match=r"3 entries .* change_limit allows 2\. The rest of the run was not done"):
        engine.run(
            {"block_senders": [{**blocked(1), "comments": "new"}], "trusted_domains": []},
            purge=["trusted_domains"],
            change_limit=2,
        )


def test_a_vanished_entry_that_was_named_by_id_ends_the_run(account: Account) -> None:
    (there,) = account.put({"block_senders": [blocked(1)]})["block_senders"]
    account.faults({"kind": "delete_before", "method": "PATCH"})
    with pytest.raises(PlanError, match=there["id"]):
        Engine(account).run({"block_senders": [{"id": there["id"], "comments": "a"}]})


def test_a_conflict_that_stays_names_its_entry(account: Account) -> None:
    account.faults({"kind": "status_before", "method": "POST", "times": None, "arguments": {"status": 409}})
    with pytest.raises(ConflictError, match=r"block_senders\[0\] \(n00001\.example DOMAIN\) cannot be created"):
        Engine(account).run({"block_senders": [blocked(1)]})


@pytest.mark.parametrize("count", [1, 2], ids=["single", "batch"])
def test_an_entry_that_the_server_spells_in_its_own_way_is_made_once(account: Account, count: int) -> None:
    engine = Engine(account)
    account.options(duplicates="allow")
    _spell_like_a_server(engine, "bücher.example", "xn--bcher-kva.example")
    desired = [blocked("bücher.example"), blocked(1)][:count]
    try:
        engine.run({"block_senders": desired})
    finally:
        assert len(written(account, "block_senders")) == count


def _spell_like_a_server(engine: Engine, ours: str, theirs: str) -> None:
    """Have the client send one pattern as another, as a server would keep it that normalises names."""
    client = engine.client
    create, batch = client.settings.create, client.settings.batch

    def spelled(entry: Entry) -> Entry:
        return {**entry, "pattern": theirs} if entry.get("pattern") == ours else entry

    def create_spelled(resource: Resource, fields: Entry) -> Entry:
        return create(resource, spelled(fields))

    def batch_spelled(resource: Resource, steps: Batch) -> Batch:
        return batch(resource, Batch([spelled(entry) for entry in steps.creates], steps.updates, steps.deletes))

    client.settings.create, client.settings.batch = create_spelled, batch_spelled  # type: ignore[method-assign]


def test_check_mode_cannot_write(account: Account) -> None:
    with pytest.raises(EmailSecurityError, match="may only read"):
        Engine(account, read_only=True).run({"block_senders": [blocked(1)]})
    assert sent(account) == []


def test_purge_limit_is_checked_before_any_write(account: Account) -> None:
    account.put({"block_senders": [blocked(number) for number in range(3)]})
    with pytest.raises(PlanError, match="purge would delete 3 entries"):
        Engine(account).run({"block_senders": [blocked(9)]}, purge=["block_senders"], purge_limit=2)
    assert sent(account) == []


def test_problems_of_all_lists_are_reported_before_any_write(account: Account) -> None:
    with pytest.raises(PlanError) as refused:
        Engine(account).run(
            {
                "domains": [{"domain": "x.example"}],
                "block_senders": [{"id": "9"}],
                "trusted_domains": [{"pattern": "y"}],
            }
        )
    assert [problem.split()[0] for problem in refused.value.problems] == ["domains[0]", "block_senders[0]:"]
    assert sent(account) == []
