# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner's rules, one by one, by example."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import PlanError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry

from unit.planning import X, allowed, blocked, made, person, steps

MODES = {"allowed_delivery_modes": ["API", "DIRECT"], "regions": ["GLOBAL"], "ip_restrictions": ["203.0.113.7/32"]}


@pytest.mark.parametrize(
    ("name", "current", "desired", "sends"),
    [
        pytest.param("block_senders", blocked("x.example"), X, {}, id="default-holds"),
        pytest.param("block_senders", blocked("x.example", comments="seen"), X, {}, id="comments-left-alone"),
        pytest.param(
            "block_senders", blocked("x.example", comments="old"), {**X, "comments": ""}, {"comments": ""}, id="cleared"
        ),
        pytest.param(
            "block_senders", blocked("x.example", comments=None), {**X, "comments": ""}, {}, id="null-is-empty"
        ),
        pytest.param("block_senders", blocked("X.Example"), X, {}, id="domain-case"),
        pytest.param(
            "block_senders",
            blocked("2001:DB8:0::1", "IP"),
            {"pattern": "2001:db8::1", "pattern_type": "IP"},
            {},
            id="ip-text-form",
        ),
        pytest.param(
            "block_senders",
            blocked("203.0.113.7/32", "IP"),
            {"pattern": "203.0.113.7", "pattern_type": "IP"},
            {},
            id="ip-host-block",
        ),
        pytest.param(
            "allow_policies",
            allowed("x.example", is_trusted_sender=True),
            X,
            {"is_trusted_sender": False},
            id="flag-switched-on-behind-our-back",
        ),
        pytest.param(
            "allow_policies", allowed("x.example", verify_sender=False), X, {"verify_sender": True}, id="verify-default"
        ),
        pytest.param(
            "trusted_domains",
            {"pattern": "x.example", "is_regex": False, "is_recent": True, "is_similarity": True},
            {"pattern": "x.example", "is_similarity": True},
            {"is_recent": False},
            id="only-what-differs",
        ),
        pytest.param(
            "impersonation_registry",
            person("ceo@EXAMPLE.com", "Ann"),
            {"email": "ceo@example.com", "name": "Ann"},
            {},
            id="host-case",
        ),
        pytest.param(
            "domains", {"domain": "x.example", "folder": "Inbox"}, {"domain": "X.example"}, {}, id="left-alone"
        ),
        pytest.param(
            "domains",
            {"domain": "x.example", **MODES},
            {
                "domain": "x.example",
                "allowed_delivery_modes": ["DIRECT", "API"],
                "regions": ["GLOBAL", "GLOBAL"],
                "ip_restrictions": ["203.0.113.7"],
            },
            {},
            id="lists-are-sets",
        ),
        pytest.param(
            "domains",
            {"domain": "x.example", **MODES},
            {"domain": "x.example", "regions": ["DE"]},
            {"regions": ["DE"]},
            id="another-set",
        ),
        pytest.param(
            "domains",
            {"domain": "x.example", "integration_id": None},
            {"domain": "x.example", "integration_id": ""},
            {},
            id="no-integration",
        ),
    ],
)
def test_what_is_drift(name: str, current: Entry, desired: Entry, sends: dict[str, Any]) -> None:
    assert steps(made(name, [current], [desired])) == ([("update", "1", sends)] if sends else [])


@pytest.mark.parametrize(
    ("name", "current", "desired"),
    [
        ("block_senders", blocked("CEO@example.com", "EMAIL"), {"pattern": "ceo@example.com", "pattern_type": "EMAIL"}),
        ("block_senders", blocked("^X", "DOMAIN", True), {"pattern": "^x", "pattern_type": "DOMAIN", "is_regex": True}),
        ("impersonation_registry", person("a@x.example", "ann"), {"email": "a@x.example", "name": "Ann"}),
    ],
    ids=["local-part", "regex", "name"],
)
def test_what_has_a_case_makes_another_entry(name: str, current: Entry, desired: Entry) -> None:
    assert [change.action for change in made(name, [current], [desired]).changes] == ["create"]


def test_the_spelling_of_the_user_is_written() -> None:
    (change,) = made("block_senders", [], [{"pattern": "X.Example", "pattern_type": "DOMAIN"}]).creates
    assert change.sends == blocked("X.Example")


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([{**X, "state": "absent"}], "absent"),
        ([{**X, "expires": "2026-06-30"}], "expired"),
        ([{"id": "1", "state": "absent"}], "absent"),
    ],
    ids=["absent", "expired", "absent-by-id"],
)
def test_absent_entries_are_deleted(document: list[Entry], reason: str) -> None:
    plan = made("block_senders", [blocked("x.example"), blocked("other.example")], document)
    assert steps(plan) == [("delete", "1", {})]
    assert (plan.deletes[0].reason, plan.deletes[0].purge) == (reason, False)


@pytest.mark.parametrize("document", [[{**X, "state": "absent"}], [{"id": "9", "state": "absent"}]], ids=["key", "id"])
def test_absent_entries_that_are_not_there_are_no_change(document: list[Entry]) -> None:
    plan = made("block_senders", [], document)
    assert (plan.changes, plan.unchanged) == ([], 1)


@pytest.mark.parametrize(
    ("document", "sends"),
    [
        ({"id": "1", "pattern": "^new", "is_regex": True}, {"pattern": "^new"}),
        ({"id": "1", "pattern": "new.example"}, {"pattern": "new.example", "is_regex": False}),
        ({"id": "1", "comments": "why"}, {"comments": "why"}),
        ({"id": "1", "pattern_type": "EMAIL"}, {"pattern_type": "EMAIL"}),
        ({"id": "1"}, {}),
    ],
    ids=["pattern-in-place", "pattern-brings-is_regex", "is_regex-left-alone", "type-in-place", "nothing-said"],
)
def test_an_id_says_which_entry(document: Entry, sends: dict[str, Any]) -> None:
    plan = made("block_senders", [blocked("^old", regex=True)], [document])
    assert steps(plan) == ([("update", "1", sends)] if sends else [])


def test_is_email_regex_is_left_alone_with_an_id() -> None:
    account = [person(".*@x", "Ann", is_email_regex=True)]
    assert steps(made("impersonation_registry", account, [{"id": "1", "name": "Anne"}])) == [
        ("update", "1", {"name": "Anne"})
    ]


def test_a_domain_is_never_renamed() -> None:
    account = [{"domain": "x.example", "regions": ["GLOBAL"]}]
    with pytest.raises(PlanError, match=r"domains\[0\].*cannot be changed.*x\.example"):
        made("domains", account, [{"id": "1", "domain": "y.example", "regions": ["DE"]}])
    plan = made("domains", account, [{"id": "1", "domain": "X.example", "regions": ["DE"]}])
    assert steps(plan) == [("update", "1", {"regions": ["DE"]})]


@pytest.mark.parametrize(
    ("name", "account", "document", "reported"),
    [
        ("block_senders", [], [{"id": "9", **X}], ["block_senders[0]", "id 9", "Leave id out"]),
        ("domains", [], [{"domain": "x.example", "regions": ["DE"]}], ["drop_dispositions", "dashboard", "x.example"]),
        (
            "impersonation_registry",
            [person("a@x.example", "Ann", provenance="SNOOPY-OFFICE_365")],
            [{"email": "a@x.example", "name": "Ann", "comments": "boss"}],
            ["a@x.example Ann", "id 1", "SNOOPY-OFFICE_365", "changed there"],
        ),
        (
            "impersonation_registry",
            [person("a@x.example", "Ann", provenance="SNOOPY-OFFICE_365")],
            [{"email": "a@x.example", "name": "Ann", "state": "absent"}],
            ["a@x.example Ann", "removed there"],
        ),
        (
            "block_senders",
            [blocked("a.example"), blocked("b.example")],
            [{"id": "1", "pattern": "B.example"}],
            ["block_senders[0]", "id 2"],
        ),
    ],
    ids=["unknown-id", "domain-lacks-fields", "synced-update", "synced-delete", "collision"],
)
def test_what_does_not_fit_the_account_is_refused(
    name: str, account: list[Entry], document: list[Entry], reported: list[str]
) -> None:
    with pytest.raises(PlanError) as refused:
        made(name, account, document)
    (problem,) = refused.value.problems
    assert [words for words in reported if words not in problem] == []


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(PlanError) as refused:
        made("block_senders", [], [{"id": "8", "comments": ""}, {"id": "9", "comments": ""}])
    assert [problem[:16] for problem in refused.value.problems] == ["block_senders[0]", "block_senders[1]"]


def test_a_synced_entry_that_is_as_desired_is_no_problem() -> None:
    account = [person("a@x.example", "Ann", provenance="SNOOPY-OFFICE_365")]
    assert steps(made("impersonation_registry", account, [{"email": "a@x.example", "name": "Ann"}])) == []


@pytest.mark.parametrize(
    "document",
    [
        [{"id": "1", "comments": "by id"}, {**X, "comments": "by key"}],
        [{"id": "1", "state": "absent"}, X],
        [{"id": "1", "pattern": "renamed.example"}, X],
    ],
    ids=["update", "absent", "renamed"],
)
def test_one_entry_named_by_id_and_by_key_is_refused(document: list[Entry]) -> None:
    """Else an equal entry would be created beside the one that the id names, or before that one gives up its key."""
    with pytest.raises(PlanError, match=r"block_senders\[1\].*x\.example"):
        made("block_senders", [blocked("x.example")], document)


def test_two_entries_cannot_be_given_the_same_key() -> None:
    document = [{"id": "1", **X}, {"id": "2", **X}]
    with pytest.raises(PlanError, match=r"x\.example"):
        made("block_senders", [blocked("a.example"), blocked("b.example")], document)


def test_entries_with_the_same_key_are_distinguished_by_id() -> None:
    document = [{"id": "1", **X, "comments": "a"}, {"id": "2", **X, "comments": "b"}]
    plan = made("block_senders", [blocked("x.example"), blocked("x.example")], document)
    assert steps(plan) == [("update", "1", {"comments": "a"}), ("update", "2", {"comments": "b"})]
