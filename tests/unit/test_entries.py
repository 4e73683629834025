# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what a user wrote to desired entries: what is taken, what is refused, and in which words."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.allow_policies import ALLOW_POLICIES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.block_senders import BLOCK_SENDERS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.domains import DOMAINS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.impersonation_registry import (
    IMPERSONATION_REGISTRY,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.schema import Resource
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.trusted_domains import (
    TRUSTED_DOMAINS,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import (
    read_entries,
    read_entry,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.plan import Desired

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=timezone.utc)
X = {"pattern": "x.example", "pattern_type": "DOMAIN"}
PERSON = {"email": "a@x.example", "name": "Ann"}
D = {"domain": "x.example"}


def read(resource: Resource, entry: Any) -> Desired:
    return read_entry(resource, entry, "list[3]", NOW)


def problems(resource: Resource, *entries: Any) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_entries(resource, list(entries), NOW)
    return refused.value.problems


@pytest.mark.parametrize(
    ("resource", "entry", "fields"),
    [
        (BLOCK_SENDERS, X, {**X, "is_regex": False}),
        (BLOCK_SENDERS, {**X, "comments": None}, {**X, "is_regex": False}),
        (BLOCK_SENDERS, {**X, "comments": ""}, {**X, "is_regex": False, "comments": ""}),
        (BLOCK_SENDERS, {**X, "is_regex": "yes"}, {**X, "is_regex": True}),
        (BLOCK_SENDERS, {**X, "comments": 2026}, {**X, "is_regex": False, "comments": "2026"}),
        (BLOCK_SENDERS, {"id": 7, "comments": "a"}, {"comments": "a"}),
        (BLOCK_SENDERS, {"id": "7", "pattern": "x"}, {"pattern": "x", "is_regex": False}),
        (
            ALLOW_POLICIES,
            X,
            {
                **X,
                "is_regex": False,
                "is_trusted_sender": False,
                "is_exempt_recipient": False,
                "is_acceptable_sender": False,
                "verify_sender": True,
            },
        ),
        (
            TRUSTED_DOMAINS,
            {"pattern": "x"},
            {"pattern": "x", "is_regex": False, "is_recent": False, "is_similarity": False},
        ),
        (IMPERSONATION_REGISTRY, PERSON, {**PERSON, "is_email_regex": False}),
        (
            IMPERSONATION_REGISTRY,
            {**PERSON, "directory_id": "12"},
            {**PERSON, "is_email_regex": False, "directory_id": 12},
        ),
        (DOMAINS, D, D),
        (DOMAINS, {**D, "regions": "DE,IN"}, {**D, "regions": ["DE", "IN"]}),
        (DOMAINS, {**D, "lookback_hops": "3", "integration_id": ""}, {**D, "lookback_hops": 3, "integration_id": None}),
    ],
    ids=lambda value: value.name if isinstance(value, Resource) else "",
)
def test_what_is_taken(resource: Resource, entry: dict[str, Any], fields: dict[str, Any]) -> None:
    assert read(resource, entry).fields == fields


def test_the_rest_of_an_entry() -> None:
    desired = read(BLOCK_SENDERS, {"id": 7, "state": "absent"})
    assert (desired.where, desired.id, desired.present, desired.expired) == ("list[3]", "7", False, False)


@pytest.mark.parametrize(
    ("resource", "entry", "said"),
    [
        (BLOCK_SENDERS, "x.example", "must be a mapping of fields, not text"),
        (BLOCK_SENDERS, None, "must be a mapping"),
        (BLOCK_SENDERS, {"pattern_type": "DOMAIN"}, "pattern is missing"),
        (BLOCK_SENDERS, {"pattern": "x"}, "pattern_type is missing"),
        (BLOCK_SENDERS, {**X, "pattern": None}, "pattern is missing"),
        (BLOCK_SENDERS, {**X, "pattern": ""}, "pattern must not be empty"),
        (BLOCK_SENDERS, {**X, "pattern": " \t"}, "pattern must not be empty"),
        (BLOCK_SENDERS, {**X, "pattern": "x" * 1025}, "pattern must have at most 1024 characters, and has 1025"),
        (BLOCK_SENDERS, {**X, "pattern": ["x"]}, "pattern must be text, not a list: put it in quotes"),
        (BLOCK_SENDERS, {**X, "pattern": 1.5}, "pattern must be text, not a number"),
        (BLOCK_SENDERS, {**X, "pattern": True}, "pattern must be text, not true or false"),
        (
            BLOCK_SENDERS,
            {**X, "pattern_type": "UNKNOWN"},
            "pattern_type must be one of EMAIL, DOMAIN, IP, not 'UNKNOWN'",
        ),
        (BLOCK_SENDERS, {**X, "pattern_type": "domain"}, "pattern_type must be one of EMAIL, DOMAIN, IP"),
        (BLOCK_SENDERS, {**X, "is_regex": "perhaps"}, "is_regex must be true or false, not 'perhaps'"),
        (BLOCK_SENDERS, {**X, "is_regex": []}, "is_regex must be true or false"),
        (BLOCK_SENDERS, {**X, "comments": "c" * 1025}, "comments must have at most 1024 characters"),
        (BLOCK_SENDERS, {**X, "comments": {"a": 1}}, "comments must be text, not a mapping"),
        (BLOCK_SENDERS, {**X, "state": "gone"}, "state must be one of present, absent, not 'gone'"),
        (BLOCK_SENDERS, {**X, "state": ["absent"]}, "state must be one of"),
        (BLOCK_SENDERS, {**X, "comment": "a"}, "unknown field 'comment'; did you mean comments?"),
        (BLOCK_SENDERS, {**X, "zzz": "a"}, "unknown field 'zzz'; known are pattern, pattern_type"),
        (BLOCK_SENDERS, {**X, "created_at": "a"}, "unknown field 'created_at'"),
        (BLOCK_SENDERS, {**X, "verify_sender": True}, "unknown field 'verify_sender'"),
        (BLOCK_SENDERS, {**X, 5: "a"}, "unknown field '5'"),
        (ALLOW_POLICIES, {**X, "is_sender": True}, "is_sender is retired: use is_trusted_sender"),
        (ALLOW_POLICIES, {**X, "is_recipient": True}, "is_recipient is retired: use is_exempt_recipient"),
        (ALLOW_POLICIES, {**X, "is_spoof": True}, "is_spoof is retired: use is_acceptable_sender"),
        (IMPERSONATION_REGISTRY, {"email": "a@x"}, "name is missing"),
        (IMPERSONATION_REGISTRY, {**PERSON, "name": "n" * 1025}, "name must have at most 1024 characters"),
        (IMPERSONATION_REGISTRY, {**PERSON, "directory_id": 1.5}, "directory_id must be a whole number, not 1.5"),
        (IMPERSONATION_REGISTRY, {**PERSON, "directory_id": True}, "directory_id must be a whole number"),
        (IMPERSONATION_REGISTRY, {**PERSON, "provenance": "BY_HAND"}, "provenance must be one of A1S_INTERNAL"),
        (DOMAINS, {"domain": "x" * 254}, "domain must have at most 253 characters"),
        (DOMAINS, {**D, "regions": []}, "regions must have at least 1 items"),
        (DOMAINS, {**D, "regions": ["EU"]}, "regions must be one of GLOBAL, AU, DE, IN, US, not 'EU'"),
        (DOMAINS, {**D, "regions": {"a": 1}}, "regions must be a list"),
        (DOMAINS, {**D, "ip_restrictions": ["203.0.113.1"] * 101}, "ip_restrictions must have at most 100 items"),
        (DOMAINS, {**D, "ip_restrictions": [["203.0.113.1"]]}, "ip_restrictions must be a list of texts"),
        (DOMAINS, {**D, "lookback_hops": 0}, "lookback_hops must be at least 1, not 0"),
        (DOMAINS, {**D, "lookback_hops": 21}, "lookback_hops must be at most 20, not 21"),
        (DOMAINS, {**D, "folder": "inbox"}, "folder must be one of AllItems, Inbox"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused(resource: Resource, entry: Any, said: str) -> None:
    good = {"domain": "good.example", "pattern": "good.example", "pattern_type": "DOMAIN", **PERSON}
    fitting = {name: value for name, value in good.items() if name in resource.key}
    (problem,) = problems(resource, fitting, entry)
    assert problem.startswith(f"{resource.name}[1]")
    assert said in problem


def test_a_problem_names_the_key() -> None:
    (problem,) = problems(BLOCK_SENDERS, {**X, "comment": "a"})
    assert problem.startswith("block_senders[0] (x.example DOMAIN): unknown field")


def test_all_problems_are_reported_at_once() -> None:
    found = problems(
        BLOCK_SENDERS, {"pattern": "", "is_regex": "?", "wrong": 1}, X, "text", {**X, "pattern": "X.example"}
    )
    assert [problem.split(":")[0].split(" ")[0] for problem in found] == ["block_senders[0]"] * 4 + [
        "block_senders[2]",
        "block_senders[3]",
    ]


def test_a_message_of_many_problems_stays_readable() -> None:
    with pytest.raises(InputError) as refused:
        read_entries(BLOCK_SENDERS, [{"pattern": "x" * 5000, "pattern_type": "y" * 5000}] * 50, NOW)
    assert str(refused.value).endswith("and 80 more like these")
    assert refused.value.details()["problem_count"] == 100


def test_a_gigantic_value_does_not_fill_the_message() -> None:
    (problem,) = problems(BLOCK_SENDERS, {**X, "pattern": "x" * 100_000})
    assert len(problem) < 2000


@pytest.mark.parametrize("value", [{}, "a", None, 5, b"a"])
def test_a_list_must_be_a_list(value: Any) -> None:
    with pytest.raises(InputError, match="block_senders: must be a list of entries"):
        read_entries(BLOCK_SENDERS, value, NOW)


# Duplicates


@pytest.mark.parametrize(
    ("resource", "one", "other"),
    [
        (BLOCK_SENDERS, X, {**X, "pattern": "X.Example"}),
        (BLOCK_SENDERS, X, {**X, "state": "absent"}),
        (BLOCK_SENDERS, X, {**X, "is_regex": False, "comments": "a"}),
        (
            BLOCK_SENDERS,
            {"pattern": "a@x.example", "pattern_type": "EMAIL"},
            {"pattern": "a@X.example", "pattern_type": "EMAIL"},
        ),
        (
            BLOCK_SENDERS,
            {"pattern": "203.0.113.7", "pattern_type": "IP"},
            {"pattern": "203.0.113.7/32", "pattern_type": "IP"},
        ),
        (BLOCK_SENDERS, {"id": "1", "comments": "a"}, {"id": 1, "comments": "b"}),
        (BLOCK_SENDERS, {"id": "1", **X}, X),
        (DOMAINS, D, {"domain": "X.EXAMPLE"}),
        (DOMAINS, {"domain": "bücher.example"}, {"domain": "XN--bcher-kva.example"}),
        (TRUSTED_DOMAINS, {"pattern": "bücher.example"}, {"pattern": "xn--bcher-kva.example"}),
        (
            BLOCK_SENDERS,
            {"pattern": "a@bücher.example", "pattern_type": "EMAIL"},
            {"pattern": "a@xn--bcher-kva.example", "pattern_type": "EMAIL"},
        ),
        (IMPERSONATION_REGISTRY, {**PERSON, "name": "Jos\xe9"}, {**PERSON, "name": "Jose\u0301"}),
        (IMPERSONATION_REGISTRY, PERSON, {**PERSON, "email": "a@X.example"}),
    ],
)
def test_duplicates_are_refused_with_both_positions(
    resource: Resource, one: dict[str, Any], other: dict[str, Any]
) -> None:
    texts = {"pattern": "other.example", "email": "b@other.example", "name": "Bea", "domain": "other.example"}
    filler = {name: texts[name] for name in resource.key if name in texts}
    filler |= {"pattern_type": "DOMAIN"} if "pattern_type" in resource.key else {}
    (problem,) = problems(resource, one, filler, other)
    assert problem.startswith(f"{resource.name}[2]")
    assert f"the same entry as {resource.name}[0]" in problem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({**X, "is_regex": True}, {**X, "pattern_type": "EMAIL", "is_regex": True}),
        (X, {**X, "is_regex": True}),
        ({**X, "pattern": "^X", "is_regex": True}, {**X, "pattern": "^x", "is_regex": True}),
        ({"id": "1", **X}, {"id": "2", **X}),
        ({"pattern": "A@x.example", "pattern_type": "EMAIL"}, {"pattern": "a@x.example", "pattern_type": "EMAIL"}),
    ],
)
def test_what_only_looks_alike_is_no_duplicate(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert len(read_entries(BLOCK_SENDERS, [one, other], NOW)) == 2


# Addresses


@pytest.mark.parametrize(
    ("pattern", "reach"),
    [
        ("10.1.2.3", "private"),
        ("10.0.0.0/9", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("fd00::1", "private"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("0.0.0.0", "the unspecified address"),
        ("::", "the unspecified address"),
        ("255.255.255.255", "the broadcast address"),
        ("::ffff:10.0.0.1", "private"),
        ("::ffff:127.0.0.0/104", "loopback"),
    ],
)
def test_addresses_that_no_mail_comes_from_are_refused(pattern: str, reach: str) -> None:
    (problem,) = problems(BLOCK_SENDERS, {"pattern": pattern, "pattern_type": "IP"})
    assert "must be a public address" in problem
    assert reach in problem


@pytest.mark.parametrize(
    "entry",
    [
        {"pattern": "8.8.8.8", "pattern_type": "IP"},
        {"pattern": "8.0.0.0/6", "pattern_type": "IP"},
        {"pattern": "172.32.0.1", "pattern_type": "IP"},
        {"pattern": "2001:db8::/32", "pattern_type": "IP"},
        {"pattern": "::ffff:8.8.8.8", "pattern_type": "IP"},
        {"pattern": "10.0.0.1", "pattern_type": "IP", "is_regex": True},
    ],
    ids=lambda entry: str(entry["pattern"]),
)
def test_other_patterns_are_for_the_api_to_judge(entry: dict[str, Any]) -> None:
    assert read(BLOCK_SENDERS, entry).fields["pattern"] == entry["pattern"]


@pytest.mark.parametrize("value", ["\x00", "\ud800", "{{ 7 * 7 }}", "\x1b[2J", "\u202e", "../../etc/passwd"], ids=repr)
def test_hostile_text_is_kept_as_it_is(value: str) -> None:
    assert read(BLOCK_SENDERS, {**X, "comments": value}).fields["comments"] == value


@pytest.mark.parametrize("value", [["a"], {"a": 1}, True], ids=repr)
def test_an_id_is_a_text(value: Any) -> None:
    (problem,) = problems(BLOCK_SENDERS, {**X, "id": value})
    assert "id " in problem
