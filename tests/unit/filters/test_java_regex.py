# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Java regular expressions are read and judged."""

from __future__ import annotations

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.java_regex import Regex, parse
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.java_syntax import JavaRegexError
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk import sender_regex
from hypothesis import example, given
from hypothesis import strategies as st

EVERYTHING = [
    ".*",
    ".+",
    "^.*$",
    r"\A.*\z",
    "(.*)",
    "((((.))))*",
    "(.|\\n)*",
    r"[\s\S]*",
    "",
    "a",
    "@",
    "(foo)?",
    ".*@.*",
    r"^[^@]+@[^@]+$",
    r"[a-z0-9._-]+@[a-z0-9.-]+",
    r"^\S+@\S+\.\S+$",
    r".*\..*",
    ".{0,1024}",
    r"\p{L}+",
    "(?i).*",
    "(?i:.*)",
    "(?<name>.*)",
    "foo|.*",
    "^(ceo@example[.]com|.*)$",
    r"\w*?",
    ".*+",
]
NOT_EVERYTHING = [
    r"^.*@example\.com$",
    r"^(foo)?$",
    "(?=.*foo).*",
    r"\Q.*\Eab",
    "^.{3}$",
    r".*\.com$",
    r"^\d+$",
    r"[.*]{2}ab",
    r"\x61\u0062.*",
    "(?x) . *",
]


@pytest.mark.parametrize("text", EVERYTHING)
def test_matches_everything(text: str) -> None:
    assert sender_regex.matches_nearly_everything(_read(text))


@pytest.mark.parametrize("text", NOT_EVERYTHING)
def test_does_not_match_everything(text: str) -> None:
    regex = parse(text)
    assert regex is None or not sender_regex.matches_nearly_everything(regex)


@pytest.mark.parametrize("text", ["(?x) a b", "(?ix:a)", r"[\Qa\E]", r"a\Q\E*", "\\c\\"])
def test_what_is_not_certain_is_left_to_the_api(text: str) -> None:
    assert parse(text) is None


def test_digits_are_all_there_is_in_an_ip_address() -> None:
    for text in (r"^[0-9.]+$", r"\d+\.\d+\.\d+\.\d+", r"^1\d*\..*"):
        regex = parse(text, digits_are_broad=True)
        assert regex is not None
        assert sender_regex.matches_nearly_everything(regex)
    regex = parse(r"^192\.0\.2\.\d+$", digits_are_broad=True)
    assert regex is not None
    assert not sender_regex.matches_nearly_everything(regex)


@pytest.mark.parametrize(
    "text",
    [
        r"^.*@example\.com$",
        r".*@example\.com$",
        r"\Aceo@example\.com\Z",
        r"^(a|b)@example\.com$",
        r"(^a@example\.com$|^b@example\.com$)",
        r"^(.*\.)?example\.com$",
        r"(?i)^[^@]+@example\.com$",
        r"[a-z]+@example\.com$",
        r".*\.example\.com$",
    ],
)
def test_bound(text: str) -> None:
    assert sender_regex.open_ends(_read(text)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"example\.com$", "begin"),
        (r"^a@example\.com", "end with"),
        (r"^a@example\.com$|b@example\.com$", "begin"),
        (r"(^)?a@example\.com$", "begin"),
        (r"^a@example\.com($)?", "end with"),
        (r"^.*example\.com$", "wildcard"),
        (r"^[^@]*example\.com$", "wildcard"),
        (r"^.*(example\.com|example\.org)$", "wildcard"),
        (r"^a@example\.com\b", "end with"),
    ],
)
def test_open(text: str, words: str) -> None:
    assert words in " ".join(sender_regex.open_ends(_read(text)))


@pytest.mark.parametrize(
    "text",
    [
        "example.com",
        "^.*@example.com$",
        r"^a@example\.co.uk$",
        "(example.com|x)",
        "^a@(b|c).com$",
        "^a@www.example[.]com$",
    ],
)
def test_unescaped_dot(text: str) -> None:
    assert sender_regex.unescaped_dot(_read(text))


@pytest.mark.parametrize(
    "text",
    [
        r"^.*@example\.com$",
        "^a@example[.]com$",
        r"^j.doe@example\.com$",
        r"\Qa@example.com\E",
        "^.*$",
        ".com.*@",
        r"a.b$",
    ],
)
def test_no_unescaped_dot(text: str) -> None:
    assert not sender_regex.unescaped_dot(_read(text))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (r"^.*@gmail\.com$", {"gmail.com"}),
        (r"gmail\.com", {"gmail.com"}),
        (r"[^@]+@GMAIL[.]com", {"gmail.com"}),
        (r"^.*@(gmail|outlook)\.com$", set()),
        (r"^.*@(gmail\.com|outlook\.com)$", {"gmail.com", "outlook.com"}),
        (r"^.*@((gmail\.com)|(?:(?:outlook\.com)))$", {"gmail.com", "outlook.com"}),
        (r"^jane@gmail\.com$", set()),
        (r"^.*\.com$", {".com"}),
        (r"^(.*@)?gmail\.com$", {"gmail.com"}),
        (r"^.*@\Qgmail.com\E$", {"gmail.com"}),
        (r".*", set()),
    ],
)
def test_hosts_that_are_matched_as_a_whole(text: str, whole: set[str]) -> None:
    assert {ending.host for ending in sender_regex.endings(_read(text)) if ending.whole} == whole


# What regular expressions are made of, so that combinations of it come up.
_PARTS = st.sampled_from([*"()[]{}|^$.*+?\\-&a@,1:=!<>Q E", "\\Q", "\\E", "(?", "[^", "{2,", "\\x", "\\p{", "(?<"])


@given(st.lists(_PARTS, max_size=60).map("".join) | st.text(max_size=60))
@example("\\")
@example("\\Q")
@example("\\k<")
@example("\\p{")
@example("\\x{110000}")
@example("a{2,1}{3}?")
@example("[]]")
@example("[^]")
def test_anything_can_be_read(text: str) -> None:
    """No text makes it fail, whether it is an expression or not."""
    try:
        regex = parse(text)
    except JavaRegexError:
        regex = None
    if regex is not None:
        assert sender_regex.matches_nearly_everything(regex) in (True, False)
        assert set(map(type, sender_regex.open_ends(regex))) <= {str}
        assert sender_regex.unescaped_dot(regex) in (True, False)
        assert all(ending.host for ending in sender_regex.endings(regex))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "a" + ")" * 5000,
        "(a|" * 2000 + "b" + ")" * 2000,
        "((a+)+)+" * 1000 + "$",
        "(x|y)" * 3000 + r"example\.com",
        "a." * 10000,
        "[" * 3000 + "a" + "]" * 3000,
        "{1,}" * 3000,
        "\\Qa" * 3000,
    ],
    ids=lambda text: text[:8],
)
def test_hostile_expressions_are_read_in_one_pass(text: str) -> None:
    """Deep, long and (run by an engine) endless ones. They would take minutes or fail if this were not linear."""
    regex = parse(text)
    assert regex is not None
    assert isinstance(sender_regex.matches_nearly_everything(regex), bool)
    assert len(list(sender_regex.endings(regex))) <= 64
    assert isinstance(sender_regex.open_ends(regex), list)


def _read(text: str) -> Regex:
    regex = parse(text)
    assert regex is not None
    return regex
