# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources are consistent: with themselves, with what is documented, and with what the API stopped taking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.allow_policies import ALLOW_POLICIES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.block_senders import BLOCK_SENDERS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.domains import DOMAINS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.impersonation_registry import (
    IMPERSONATION_REGISTRY,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.schema import Resource
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import (
    Entry,
    as_ip_set,
    as_set,
    ip_text,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import read_entry

from unit.planning import NOW

RETIRED = {"is_recipient", "is_sender", "is_spoof", "last_modified"}
READ_ONLY = {"id", "created_at", "modified_at", "status", "authorization", "dmarc_status", "spf_status"}

each = pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES)


@each
def test_the_names_within_a_resource_fit_together(resource: Resource) -> None:
    names = [item.name for item in resource.fields]
    assert len(names) == len(set(names))
    assert set(resource.key) <= set(names)
    assert set(resource.match_mode_fields) < set(resource.key)
    assert set(resource.create_needs) <= set(names) - set(resource.key)
    assert set(resource.immutable) <= set(names)
    assert {item.qualifies for item in resource.fields if item.qualifies} <= set(names)
    filters = [item.name for item in resource.filters]
    assert len(filters) == len(set(filters))


@each
def test_no_retired_or_read_only_name_can_be_sent(resource: Resource) -> None:
    assert not set(resource.by_name) & (RETIRED | READ_ONLY)
    assert not {item.name for item in resource.filters} & RETIRED
    assert set(resource.renamed) <= RETIRED
    assert not set(resource.renamed.values()) & RETIRED
    for name in RETIRED | READ_ONLY - {"id"}:
        with pytest.raises(InputError, match=name):
            read_entry(resource, {"id": "1", name: True}, "list[0]", NOW)


@each
def test_unknown_is_no_pattern_type_that_can_be_written(resource: Resource) -> None:
    assert "UNKNOWN" not in (resource.by_name["pattern_type"].choices if "pattern_type" in resource.by_name else ())


def test_what_an_omitted_option_means() -> None:
    """Domains leave alone what is not said; everywhere else these hold. Comments are left alone everywhere."""
    expected: dict[str, dict[str, bool | list[str]]] = {
        "allow_policies": {
            "is_regex": False,
            "is_trusted_sender": False,
            "is_exempt_recipient": False,
            "is_acceptable_sender": False,
            "verify_sender": True,
        },
        "block_senders": {"is_regex": False},
        "trusted_domains": {"is_regex": False, "is_recent": False, "is_similarity": False},
        "impersonation_registry": {"is_email_regex": False},
        "domains": {},
        "content_policies": {"enabled": True},
        "sending_domain_restrictions": {"exclude": []},
        "url_ignore_patterns": {},
    }
    assert set(expected) == set(RESOURCES)
    for name, defaults in expected.items():
        fields = RESOURCES[name].fields
        assert {item.name: item.default for item in fields if item.default is not None} == defaults, name


def test_natural_keys() -> None:
    expected = {
        "allow_policies": ("pattern", "pattern_type", "is_regex"),
        "block_senders": ("pattern", "pattern_type", "is_regex"),
        "trusted_domains": ("pattern", "is_regex"),
        "impersonation_registry": ("email", "name"),
        "domains": ("domain",),
        "content_policies": ("name",),
        "sending_domain_restrictions": ("domain",),
        "url_ignore_patterns": ("pattern",),
    }
    assert {name: RESOURCES[name].key for name in expected} == expected


def test_what_purge_may_never_touch_and_what_has_no_batch() -> None:
    assert [name for name, resource in RESOURCES.items() if not resource.purgeable] == ["domains"]
    assert [name for name, resource in RESOURCES.items() if not resource.batch] == ["impersonation_registry"]


def test_what_protects_comes_before_what_makes_exceptions() -> None:
    order = list(RESOURCES)
    protection = (
        "domains",
        "impersonation_registry",
        "block_senders",
        "content_policies",
        "sending_domain_restrictions",
    )
    exceptions = ("trusted_domains", "allow_policies", "url_ignore_patterns")
    assert max(map(order.index, protection)) < min(map(order.index, exceptions))
    assert {*protection, *exceptions} == set(order)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("203.0.113.9/24", "203.0.113.0/24"),
        ("203.0.113.0/255.255.255.0", "203.0.113.0/24"),
        ("2001:DB8::1", "2001:db8:0:0:0:0:0:1/128"),
        ("Not-An-Address", "not-an-address"),
    ],
)
def test_text_forms_of_one_address(one: str, other: str) -> None:
    assert ip_text(one) == ip_text(other)
    assert as_ip_set([one], {}) == as_ip_set([other, one], {})


def test_addresses_that_differ() -> None:
    assert len({ip_text(text) for text in ("203.0.113.7", "203.0.113.8", "203.0.113.0/24", "::1", "x")}) == 5


@pytest.mark.parametrize("value", [None, [], ()])
def test_no_list_is_an_empty_set(value: Any) -> None:
    assert as_set(value, {}) == as_set([], {})


def hostile_values() -> Iterator[Any]:
    yield from (None, True, 5, 1.5, "", "x" * 2_000, "\ud800", "\x00", ["a", ["b"]], {"a": [1]}, [[]])


@each
@pytest.mark.parametrize("value", list(hostile_values()), ids=lambda value: repr(value)[:12])
def test_whatever_the_server_sends_can_be_compared_and_named(resource: Resource, value: Any) -> None:
    entry: Entry = {"id": "1", **{item.name: value for item in resource.fields}}
    assert hash(resource.key_of(entry)) == hash(resource.key_of(dict(entry)))
    assert isinstance(resource.label(entry), str)
    for item in resource.fields:
        assert item.normalize(value, entry) == item.normalize(value, dict(entry))


@pytest.mark.parametrize(
    ("resource", "entry", "label"),
    [
        (BLOCK_SENDERS, {"pattern": "x", "pattern_type": "IP", "is_regex": False}, "x IP"),
        (BLOCK_SENDERS, {"pattern": "^x", "pattern_type": "EMAIL", "is_regex": True}, "^x EMAIL regex"),
        (IMPERSONATION_REGISTRY, {"email": "a@x", "name": "Ann"}, "a@x Ann"),
        (DOMAINS, {"domain": "x.example"}, "x.example"),
        (BLOCK_SENDERS, {"id": "7", "comments": "a"}, "id 7"),
    ],
)
def test_labels(resource: Resource, entry: Entry, label: str) -> None:
    assert resource.label(entry) == label


@pytest.mark.parametrize(
    ("provenance", "directory"),
    [
        ("A1S_INTERNAL", None),
        ("a1s_internal", None),
        (None, None),
        ("", None),
        ("SNOOPY-OFFICE_365", "SNOOPY-OFFICE_365"),
        ("SOMETHING_NEW", "SOMETHING_NEW"),
    ],
)
def test_what_is_synced(provenance: str | None, directory: str | None) -> None:
    assert IMPERSONATION_REGISTRY.synced_from({"provenance": provenance}) == directory


@pytest.mark.parametrize(
    ("entry", "tidied"),
    [
        ({"id": 5, "is_sender": True}, {"id": "5", "is_trusted_sender": True}),
        ({"id": "5", "is_sender": True, "is_trusted_sender": False}, {"id": "5", "is_trusted_sender": False}),
        ({"last_modified": "a", "modified_at": "b"}, {"modified_at": "b"}),
        ({"id": None}, {"id": None}),
        ({"id": 0}, {"id": "0"}),
    ],
    ids=str,
)
def test_tidying(entry: Entry, tidied: Entry) -> None:
    before = dict(entry)
    assert ALLOW_POLICIES.tidy(entry) == tidied
    assert entry == before
