# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy files: what is written is read back, by Ansible and by any version of YAML."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.schema import Field, Resource
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import read_entry
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._policy.dump import SCHEMA, policy_yaml
from hypothesis import example, given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)
# All that JSON can bring, but for lone halves of surrogate pairs, which no file can hold.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
# What looks like something else.
ODD = st.sampled_from(
    [
        *("yes", "No", "ON", "null", "~", "y", "True ", "1e3", "0o7", "0x1", "1_0", "1:30", "2026-01-01", ".nan"),
        *("<<", "=", "- a", "a: b", "a #b", "[", "{", "@a", "!a", "%a", "&a", "*a", "|", ">", "?", "? a", ": "),
        *("---", "...", "", " ", "'", '"', "\\", "{{ a }}", "{%", "{#", "a\n", "\n", "\ta", "\x85", "\u2028"),
        *("\ufeff", "\x00\x1b", "🦊", "\u202e"),
    ]
)


class _Yaml12(yaml.SafeLoader):
    """Numbers and words as YAML 1.2 reads them, beside those of 1.1; and Ansible's tag."""


_Yaml12.add_implicit_resolver(
    "!number", re.compile(r"[-+]?(0o[0-7]+|0x[0-9a-fA-F]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)$"), None
)
_Yaml12.add_constructor("!number", lambda loader, node: float("nan"))
_Yaml12.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def _values(field: Field) -> st.SearchStrategy[Any]:
    if field.type == "bool":
        return st.booleans()
    if field.type == "int":
        return st.integers(1, 20)
    if field.type == "list":
        return st.lists(st.sampled_from(field.choices or ["192.0.2.0/24", "2001:db8::/32"]), max_size=3)
    if field.choices:
        return st.sampled_from(field.choices)
    return TEXTS | ODD


def _entries(resource: Resource) -> st.SearchStrategy[list[dict[str, Any]]]:
    fields = {field.name: _values(field) for field in resource.fields if field.name != "provenance"}
    return st.lists(st.fixed_dictionaries({}, optional={**fields, "id": TEXTS, "expires": ODD}), max_size=4)


POLICIES = st.fixed_dictionaries({}, optional={name: _entries(resource) for name, resource in RESOURCES.items()})


@given(POLICIES)
def test_what_is_written_is_read_back(policy: dict[str, Any]) -> None:
    text = policy_yaml(policy)
    read = yaml.load(text, Loader=_Yaml12)
    assert (read or {}) == policy
    assert list(read or {}) == [name for name in RESOURCES if name in policy]
    by_ansible = DataLoader().load(text)
    assert (by_ansible or {}) == policy


@given(TEXTS | ODD)
@example("{{ x }}")
@example("a {% b")
@example("\n{#")
def test_texts_are_quoted_and_marked_as_they_need(text: str) -> None:
    written = policy_yaml({"block_senders": [{"pattern": text}]})
    assert written.partition("---\n")[2].count("\n") == 2, "a text takes one line"
    (entry,) = yaml.compose(written, Loader=yaml.SafeLoader).value[0][1].value
    scalar = entry.value[0][1]
    assert scalar.value == text
    assert (scalar.tag == "!unsafe") == (re.search(r"\{[{%#]", text) is not None)
    if scalar.style is None:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9 ._@+/-]*", text)


@pytest.mark.parametrize("text", ["bücher", "日本語", "🦊", "a\nü"])
def test_unicode_is_readable(text: str) -> None:
    assert text.replace("\n", "\\n") in policy_yaml({"block_senders": [{"comments": text}]})


@pytest.mark.parametrize("char", ["\u202e", "\u200b", "\ufeff", "\x1b", "\x85", "\u2028", "\x7f"])
def test_what_is_not_to_be_seen_is_escaped(char: str) -> None:
    assert char not in policy_yaml({"block_senders": [{"comments": f"a{char}ü"}]})


def _desired(name: str, entries: list[dict[str, Any]]) -> list[Any]:
    return [read_entry(RESOURCES[name], entry, name, NOW) for entry in entries]


@st.composite
def _valid(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An entry that `settings` takes, by key or by id."""
    name = draw(st.sampled_from(["block_senders", "trusted_domains", "allow_policies", "impersonation_registry"]))
    resource = RESOURCES[name]
    key = {"pattern": "example.com", "pattern_type": "DOMAIN", "email": "a@example.com", "name": "A"}
    needed = {field: key[field] for field in resource.key if field in key}
    switches = {field.name: st.booleans() for field in resource.fields if field.type == "bool"}
    entry = draw(st.fixed_dictionaries({}, optional={**switches, "comments": ODD, "state": st.just("present")}))
    if draw(st.booleans()):
        kept = draw(st.sets(st.sampled_from(sorted(needed))))
        return name, {"id": "1", **{field: needed[field] for field in sorted(kept)}, **entry}
    return name, {**needed, **entry}


@given(_valid())
def test_without_defaults_it_means_the_same(case: tuple[str, dict[str, Any]]) -> None:
    name, entry = case
    written = yaml.load(policy_yaml({name: [entry]}, omit_defaults=True), Loader=_Yaml12)
    assert _desired(name, written[name]) == _desired(name, [entry])
    assert "state" not in written[name][0]
    for field in RESOURCES[name].fields:
        if field.default is not None and "id" not in entry:
            assert written[name][0].get(field.name) is not field.default


def test_the_whole_file() -> None:
    """The layout, to look at."""
    policy = {
        "trusted_domains": [],
        "block_senders": [
            {
                "comments": "It's {{ x }}",
                "is_regex": True,
                "pattern_type": "EMAIL",
                "pattern": r"^.*@a\.b$",
                "id": "9",
            },
        ],
        "impersonation_registry": [
            {"name": "Jane Doe", "email": "jane@example.com", "is_email_regex": False, "provenance": "A1S_INTERNAL"},
            {"name": "Max", "email": "max@example.com", "provenance": "SNOOPY-OFFICE_365"},
        ],
        "domains": [{"domain": "example.com", "drop_dispositions": ["MALICIOUS", "SPAM"], "status": "active"}],
        "allow_policies": [
            {
                "pattern": "a.b",
                "pattern_type": "DOMAIN",
                "expires": "2027-01-01",
                "accepted_risks": {"shadowed": "no"},
            },
        ],
    }
    expected = Path(__file__).with_name("policy.yml").read_text(encoding="utf-8")
    assert (
        policy_yaml(policy, synced=True)
        == f"# yaml-language-server: $schema={SCHEMA}\n---\n" + expected.partition("---\n")[2]
    )
    without = policy_yaml(policy)
    assert "Jane Doe" in without
    assert "Max" not in without
    assert "Synced" not in without


@pytest.mark.parametrize(
    ("policy", "reported"),
    [
        ({"rules": []}, "unknown list 'rules'"),
        ({"domains": "x"}, "domains: must be a list"),
        ({"domains": ["x"]}, "domains[0]: must be a mapping"),
    ],
)
def test_bad_input_is_reported(policy: Any, reported: str) -> None:
    with pytest.raises(InputError) as refused:
        policy_yaml(policy)
    assert reported in str(refused.value)


def test_half_a_surrogate_pair_is_refused_by_place() -> None:
    policy = {"block_senders": [{"pattern": "a.example"}, {"pattern": "b.example", "comments": "\ud800"}]}
    with pytest.raises(InputError, match=r"block_senders\[1\]: holds half a surrogate pair"):
        policy_yaml(policy)
