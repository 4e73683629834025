# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy files: what is read, and where and in which words everything else is refused; by both parsers of PyYAML."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
import yaml
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy import yaml_text
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.policy import Policy
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.read import read_file
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import read_placed
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._policy.dump import policy_yaml
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)
PARSERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]


def decrypt(text: str) -> str:
    """In place of Ansible's vault."""
    if text.startswith("$ANSIBLE_VAULT"):
        return f"held by {text.split(';')[-1].strip()}"
    raise ValueError("input is not vault encrypted data")


def read(text: str | bytes, name: str = "a.yml", loader: Any = None) -> Policy:
    return read_file(name, text if isinstance(text, bytes) else text.encode(), decrypt, loader)


def entries(text: str | bytes, name: str = "a.yml") -> Any:
    """The entries of the only list, by every parser."""
    found = [read(text, name, loader) for loader in (PARSERS if name.endswith("yml") else [None])]
    assert [policy.problems for policy in found] == [[]] * len(found)
    assert all(policy.lists == found[0].lists for policy in found)
    (listed,) = found[0].documents().values()
    return listed


def problems(text: str | bytes, name: str = "a.yml") -> list[str]:
    found = [read(text, name, loader).problems for loader in (PARSERS if name.endswith("yml") else [None])]
    lines = [[problem.split(":")[:2] for problem in reported] for reported in found]
    assert all(each == lines[0] for each in lines), "parsers differ in lines"
    return found[-1]


def block(fields: str) -> str:
    return f"block_senders:\n- {{pattern: x.example, {fields}}}\n"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("comments: 0012", "0012"),
        ("comments: 22:30", "22:30"),
        ("comments: 1.10", "1.10"),
        ("comments: 12e3", "12e3"),
        ("comments: No", "No"),
        ("comments: 1_000", "1_000"),
        ("comments: 2035-06-30", "2035-06-30"),
        ("comments: 0x1F", "0x1F"),
        ("comments: =", "="),
        ("comments: 'null'", "null"),
        ("comments: !!str null", "null"),
        ("comments: null", None),
        ("comments: ~", None),
        ("comments: !unsafe '{{ x }}'", "{{ x }}"),
        ("comments: '{# x #}'", "{# x #}"),
        ("comments: !vault '$ANSIBLE_VAULT;1.1;AES256;me'", "held by me"),
        ('comments: {"__ansible_unsafe": "{{ x }}"}', "{{ x }}"),
        ('comments: "\\ud83e"', "\ud83e"),
    ][:-1],
)
def test_a_scalar_is_the_text_that_is_written(written: str, meant: str | None) -> None:
    assert entries(block(written)) == [{"pattern": "x.example", "comments": meant}]


@pytest.mark.parametrize(
    "when",
    [
        "2035-06-30",
        "2035-06-30T18:00:00Z",
        "2035-06-30T18:00:00+02:00",
        "2035-06-30 18:00:00",
        "2035-12-14t21:59:43.10-05:00",
    ],
)
def test_a_time_needs_no_quotes(when: str) -> None:
    placed = read(block(f"pattern_type: DOMAIN, expires: {when}")).lists["block_senders"]
    assert placed[0].entry["expires"] == when
    assert read_placed(RESOURCES["block_senders"], placed, NOW)[0].present


def test_a_field_makes_of_a_text_what_it_holds() -> None:
    text = "domains:\n- {domain: x.example, lookback_hops: 4, require_tls_inbound: no, regions: [DE, US]}\n"
    (desired,) = read_placed(RESOURCES["domains"], read(text).lists["domains"], NOW)
    assert desired.fields["lookback_hops"] == 4
    assert desired.fields["require_tls_inbound"] is False
    assert desired.fields["regions"] == ["DE", "US"]
    wrong = read(text.replace("hops: 4", "hops: 4.5").replace("inbound: no", "inbound: nein")).lists["domains"]
    with pytest.raises(InputError) as refused:
        read_placed(RESOURCES["domains"], wrong, NOW)
    assert refused.value.problems == [
        "a.yml:2:23: x.example: lookback_hops must be a whole number, not '4.5'",
        "a.yml:2:43: x.example: require_tls_inbound must be true or false, not 'nein'",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("block_senders:\n- &a {pattern: a, comments: x}\n- {<<: *a, pattern: b}\n", ["a x", "b x"]),
        ("block_senders: &l\n- {pattern: a, comments: x}\ntrusted_domains: *l\n", ["a x"]),
        ("block_senders:\n- &a {pattern: a}\n- &b {comments: x}\n- {<<: [*a, *b]}\n", ["a None", "None x", "a x"]),
        ("\ufeff---\r\nblock_senders:\r\n- {pattern: ä, comments: ß}\r\n", ["ä ß"]),
        ("block_senders:\r- {pattern: a, comments: b}\r", ["a b"]),
        ("block_senders:\n- {pattern: a, comments: b}\n\x1a", ["a b"]),
        ("block_senders: !unsafe\n- {pattern: '{{ a }}', comments: b}\n", ["{{ a }} b"]),
        ("%YAML 1.1\n---\nblock_senders:\n- {pattern: a, comments: b}\n...\n", ["a b"]),
    ],
)
def test_what_works(text: str, found: list[str]) -> None:
    for loader in PARSERS:
        policy = read(text, loader=loader)
        assert policy.problems == []
        for listed in policy.documents().values():
            assert [f"{entry.get('pattern')} {entry.get('comments')}" for entry in listed] == found


TABS = "this is not YAML: this is a tab"
MISTAKES = {
    "key twice": (
        "block_senders:\n- {pattern: a}\ntrusted_domains: []\nblock_senders:\n- {pattern: b}\n",
        ["a.yml:4:1: duplicate key block_senders, first used in line 1"],
    ),
    "key twice in an entry": (block("pattern: y"), ["a.yml:2:24: duplicate key pattern, first used in line 2"]),
    "key twice deeper down": (block("accepted_risks: {a: b, a: c}"), ["a.yml:2:47: duplicate key a"]),
    "merge twice": ("block_senders:\n- &a {pattern: x}\n- {<<: *a, <<: *a}\n", ["a.yml:3:12: duplicate key <<"]),
    "list misspelt": ("block_sender: []\n", ["a.yml:1:1: unknown list 'block_sender'; did you mean block_senders?"]),
    "variable in a file": (
        "email_security_domains: []\n",
        ["unknown list 'email_security_domains'; did you mean domains?"],
    ),
    "option in a file": (
        "purge: true\n",
        ["a.yml:1:1: unknown list 'purge'; known are domains, impersonation_registry"],
    ),
    "no list": (
        "block_senders: {pattern: x}\n",
        ["a.yml:1:16: block_senders must be a list of entries, not a mapping"],
    ),
    "nothing": ("block_senders:\n", ["block_senders must be a list of entries, and nothing stands after it; write []"]),
    "text": ("block_senders: x\n", ["a.yml:1:16: block_senders must be a list of entries, not text"]),
    "no mapping": ("- pattern: x\n", ["a.yml:1:1: a policy holds lists by their names", "this is a list"]),
    "just text": ("hello\n", ["a.yml:1:1: a policy holds lists by their names", "this is text"]),
    "entry that is text": ("block_senders:\n- x.example\n", ["a.yml:2:3: an entry of block_senders must be a mapping"]),
    "entry that is nothing": ("block_senders:\n-\n", ["not nothing"]),
    "list in a list": ("block_senders:\n- - pattern: x\n", ["a.yml:2:3: an entry of", "not a list"]),
    "mapping in a text": (block("comments: [{a: b}]"), ["a.yml:2:35: comments holds a mapping where only text can be"]),
    "template": (
        block("comments: \"{{ lookup('pipe', 'id') }}\""),
        [
            "a.yml:2:34: comments looks like a template",
            "write !unsafe",
            ".yml.j2",
        ],
    ),
    "template in place of a list": (
        "block_senders: '{% if x %}'\n",
        ["a.yml:1:16: block_senders looks like a template"],
    ),
    "template in a part": (
        block("accepted_risks: {a: '{{ b }}'}"),
        ["a.yml:2:44: accepted_risks looks like a template"],
    ),
    "tabs": ("block_senders:\n\t- {pattern: x}\n", [f"a.yml:2:1: {TABS}"]),
    "tabs below": ("block_senders:\n- pattern: x\n\tcomments: y\n", [f"a.yml:3:1: {TABS}"]),
    "two documents": (
        "---\nblock_senders: []\n---\ntrusted_domains: []\n",
        ["a.yml:3:1: a second document begins here"],
    ),
    "escape": (block('comments: "\\."'), ["between double quotes a backslash", "single quotes"]),
    "colon": (
        "block_senders:\n- pattern: x\n  comments: seen: twice\n",
        ["a.yml:3:17: this is not YAML: a colon", "in quotes"],
    ),
    "at sign": ("block_senders:\n- pattern: @x\n", ["a.yml:2:12: this is not YAML: a text cannot begin with this"]),
    "open quote": ("block_senders:\n- pattern: 'x\n", ["quotes that open here are never closed"]),
    "open bracket": ("block_senders:\n- {pattern: x\n", ["a comma or a closing bracket is missing"]),
    "indentation": ("block_senders:\n- pattern: x\n   comments: y\n", ["this is not YAML"]),
    "unknown tag": (block("comments: !env HOME"), ["a.yml:2:34: the tag !env means nothing in a policy"]),
    "python tag": ("block_senders: !!python/tuple []\n", ["a.yml:1:16: the tag !!python/tuple means nothing"]),
    "no vault": (block("comments: !vault x"), ["a.yml:2:34: comments cannot be decrypted: input is not vault"]),
    "unknown alias": ("block_senders: *list\n", ["a.yml:1:16: there is no &list above this *list"]),
    "cycle": ("block_senders:\n- &a {pattern: x, <<: *a}\n", ["a.yml:2:3: this mapping merges itself"]),
    "cycle of a list": ("block_senders: &a [*a]\n", ["there is no &a above this *a"]),
    "cycle in a field": ("block_senders:\n- &a {pattern: x, accepted_risks: *a}\n", ["where only text can be"]),
    "merge of a text": ("block_senders:\n- {<<: x}\n", ["a.yml:2:8: << takes a mapping by its alias"]),
    "deep": ("block_senders: " + "[" * 400 + "]" * 400, ["nested too deeply"]),
    "deep from the start": ("[" * 5000, ["nested too deeply"]),
    "key that is a list": ("block_senders:\n- {[a]: b}\n", ["a.yml:2:4: the name of a field must be text"]),
    "UTF-16": ("block_senders: []\n".encode("utf-16"), ["a.yml:1:1: this is UTF-16", "save it as UTF-8"]),
    "UTF-16 without a mark": ("block_senders: []\n".encode("utf-16-le"), ["a.yml:1:1: this is UTF-16"]),
    "code page 1252": (
        block("comments: Größe").encode("cp1252"),
        ["a.yml:2:36: this is not UTF-8: the byte 0xF6 is 'ö' in code page 1252"],
    ),
    "NUL": (block("comments: 'a\x00b'"), ["a.yml:2:36: here is a NUL character"]),
    "escape character": (
        block("comments: a\x1b[0m"),
        ["a.yml:2:35: here is the control character U+001B, which YAML cannot hold"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_in_yaml(name: str) -> None:
    text, reported = MISTAKES[name]
    found = problems(text)
    assert len(found) == 1, found
    for part in reported:
        assert part in found[0]


def test_all_mistakes_of_a_file_are_reported() -> None:
    text = "block_sender: []\nblock_senders:\n- x\n- {pattern: '{{ a }}'}\n- {pattern: b}\n  : [\n"
    assert [problem.split(":")[1] for problem in problems(text)] == ["1", "3", "4", "6"]


def test_aliases_unfold_to_no_bomb() -> None:
    listed = ", ".join(["a"] * 1000)
    text = f"domains:\n- {{domain: x, ip_restrictions: &a [{listed}]}}\n" + "- {ip_restrictions: *a}\n" * 1000
    (problem,) = problems(text)
    assert "the aliases of this file expand to more values" in problem
    merges = "block_senders:\n- &a0 {a: b}\n" + "".join(
        f"- &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}]}}\n" for level in range(1, 40)
    )
    assert problems(merges) == []


def test_a_syntax_error_leaves_what_was_read_before_it() -> None:
    policy = read("block_senders:\n- {pattern: a}\n- {pattern: b\n")
    assert [placed.where for placed in policy.lists["block_senders"]] == ["a.yml:2:3"]


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n", "{}\n"])
def test_a_file_without_lists_is_reported(text: str) -> None:
    policy = read(text)
    assert (policy.lists, policy.problems) == ({}, [])
    assert policy.warnings == ["a.yml: this file names no list, so it says nothing."]


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        (
            '{"block_senders": [{"pattern": "a", "pattern": "b"}]}',
            "a.json:1:37: duplicate key pattern, first used in line 1",
        ),
        ('{\n "block_senders": [\n  {"pattern": "a",}\n ]\n}', "a.json:3:19: this is not JSON: the name of a field"),
        ('{"block_senders": [{"pattern": "{{ a }}"}]}', "a.json:1:32: pattern looks like a template"),
        ('{"block_senders": [{"pattern": "\\ud800"}]}', "half a surrogate pair"),
        ('{"block_senders": [NaN]}', "a.json:1:20: this is not JSON: a value is missing here"),
        ('{"block_senders": []} {}', "something stands after the end"),
        ('{"block_senders": [{"pattern": "a\n"}]}', "a.json:1:34: this is not JSON: invalid control character"),
        ('{"block_senders": [{"a" "b"}]}', "a colon is missing here"),
        ('{"block_senders": [1 2]}', "a comma or the closing ] is missing here"),
        ("[" * 4000, "nested too deeply"),
        ("[]", "a.json:1:1: a policy holds lists by their names"),
        ("{block_senders: []}", "a.json:1:2: this is not JSON: the name of a field, in double quotes"),
    ],
)
def test_mistakes_in_json(text: str, reported: str) -> None:
    found = problems(text, "a.json")
    assert len(found) == 1, found
    assert reported in found[0]


def test_json_is_read_by_field_too() -> None:
    document = (
        '{"block_senders": [{"pattern": "\\ud83e\\udd8a.example", "comments": 0.10, "is_regex": false,\t"id": null}]}'
    )
    assert entries(document, "a.json") == [
        {"pattern": "🦊.example", "comments": "0.10", "is_regex": "false", "id": None}
    ]


def test_a_name_says_how_a_file_is_read() -> None:
    assert problems("block_senders: []", "policy.txt") == [
        "policy.txt: its name must end in .yml, .yaml, .json, .csv, or in these and .j2"
    ]
    assert read("block_senders: []", "A.YAML").lists == {"block_senders": []}
    # What Ansible has rendered may look as it likes.
    assert read(block("comments: '{{ x }}'"), "a.yml.j2").problems == []


def test_without_pyyaml_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "HAS_YAML", False)
    assert "has no PyYAML" in read("block_senders: []").problems[0]
    assert read("{}", "a.json").problems == []


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["yes", "null", "1e3", "0o7", "12:30:45", "<<", "=", "{{ x }}", "{%", "@a", "'", '"', "\\", "a\n", "\x85", "\ufeff"]
)
_ENTRY = st.fixed_dictionaries({"pattern": _TEXTS}, optional={"comments": _TEXTS, "id": _TEXTS, "expires": _TEXTS})
_POLICY = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("block_senders", "allow_policies"), st.lists(_ENTRY, max_size=3))
)


@settings(deadline=None)
@given(_POLICY)
def test_what_is_written_is_read_back(policy: dict[str, Any]) -> None:
    for loader in PARSERS:
        found = read(policy_yaml(policy), loader=loader)
        assert found.problems == []
        assert found.documents() == policy
    found = read(json.dumps(policy).replace("{{", "{ {").replace("{%", "{ %"), "a.json")
    assert found.problems == []
    assert {name: len(listed) for name, listed in found.lists.items()} == {
        name: len(listed) for name, listed in policy.items()
    }


@settings(deadline=None)
@given(st.text(st.sampled_from("block_senders: \n-{}[]&*!<'\"\\|>%@#,?a\t"), max_size=60))
def test_both_parsers_read_the_same(text: str) -> None:
    """Whatever it is that both take for YAML."""
    found = [read(text, loader=loader) for loader in PARSERS]
    if not any("this is not YAML" in problem for policy in found for problem in policy.problems):
        assert all(policy == found[0] for policy in found)
