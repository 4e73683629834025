# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a value may be: refused before any request, only warned about, or fine; and in which form it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import read_entry
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.plan import differences

from unit.planning import NOW, blocked, made, steps

REFUSED = [
    ("@at.example", "DOMAIN", "without @: write 'at.example'"),
    ("user@wrong-type.example", "DOMAIN", "without @: write 'wrong-type.example'"),
    (".dot.example", "DOMAIN", "a dot with nothing before it"),
    ("a..b.example", "DOMAIN", "a dot with nothing before it"),
    ("http://url.example/", "DOMAIN", "not a URL"),
    ("198.51.100.0/24", "DOMAIN", "use pattern_type IP"),
    ("198.51.100.7", "DOMAIN", "use pattern_type IP"),
    ("trailing.example ", "DOMAIN", "must not begin or end with white space"),
    ("two words.example", "DOMAIN", "must not hold white space"),
    ("no\xa0break.example", "DOMAIN", "must not hold white space"),
    ("soft\xadhyphen.example", "DOMAIN", "<U+00AD>"),
    ("zero\u200bwidth.example", "DOMAIN", "<U+200B>"),
    ("\ufeffbom.example", "DOMAIN", "<U+FEFF>"),
    ("joiner\u2060.example", "DOMAIN", "<U+2060>"),
    ("semi;colon.example", "DOMAIN", "none holds ';'"),
    (f"{'x' * 64}.example", "DOMAIN", "too long"),
    ("wrong-type.example", "EMAIL", "has no @"),
    ("a@b@x.example", "EMAIL", "more than one @"),
    ("@x.example", "EMAIL", "nothing before the @"),
    ("a@", "EMAIL", "nothing after the @"),
    ("<a@x.example", "EMAIL", "holds '<'"),
    ("a@http://x.example", "EMAIL", "after the @"),
    ("198.51.100.0/33", "IP", "must be an IP address"),
    ("198.51.100.1-198.51.100.9", "IP", "name the block"),
    ("office", "IP", "must be an IP address"),
]
WARNED = [
    ("*.star.example", "DOMAIN", "holds a star"),
    ("*@star.example", "EMAIL", "holds a star"),
    ("localhost", "DOMAIN", "has no dot"),
    ("dot-at-end.example.", "DOMAIN", "ends with a dot"),
    ("198.51.100.7/24", "IP", "means all of 198.51.100.0/24"),
    ("198.51.100.0/255.255.255.0", "IP", "198.51.100.0/24 says the same"),
]
FINE = [
    ("good-1.example", "DOMAIN"),
    ("_dmarc.example.com", "DOMAIN"),
    ("user+tag@plus.example", "EMAIL"),
    ('"quoted@local"@x.example', "EMAIL"),
    ("postmaster@[192.0.2.1]", "EMAIL"),
    ("2001:db8:4::/48", "IP"),
    ("198.51.100.7", "IP"),
]
BAD_REGEX = [
    "(",
    "a)",
    "[a",
    "[]",
    "*a",
    "a**",
    "a|+",
    "{x}",
    "a{2,1}",
    r"\y",
    "a\\",
    r"[\b]",
    "[z-a]",
    "(?P<n>a)",
    r"\k<n>",
    "(?",
]
GOOD_REGEX = [
    "",
    r"^.*@x\.example$",
    "[]a]",
    "a++",
    "(?i)x",
    "(?<n>a)\\k<n>",
    r"\Qa(b\E",
    "(?<=a)b",
    "[a-z&&[^b]]",
    "a]}",
    r"\p{L}",
]


def read(pattern: str, kind: str, **more: Any) -> Any:
    return read_entry(RESOURCES["block_senders"], blocked(pattern, kind, **more), "block_senders[0]", NOW)


@pytest.mark.parametrize(("pattern", "kind", "said"), REFUSED)
def test_what_cannot_be_its_type_is_refused(pattern: str, kind: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read(pattern, kind)
    assert said in str(refused.value)


@pytest.mark.parametrize(("pattern", "kind", "said"), WARNED)
def test_what_only_may_be_wrong_is_a_warning(pattern: str, kind: str, said: str) -> None:
    (warning,) = read(pattern, kind).warnings
    assert said in warning


@pytest.mark.parametrize(("pattern", "kind"), FINE)
def test_what_is_fine(pattern: str, kind: str) -> None:
    assert not read(pattern, kind).warnings


@pytest.mark.parametrize("pattern", BAD_REGEX)
def test_what_java_cannot_read_is_refused(pattern: str) -> None:
    with pytest.raises(InputError, match="no regular expression that Java can read"):
        read(pattern, "EMAIL", regex=True)


@pytest.mark.parametrize("pattern", [pattern for pattern in GOOD_REGEX if pattern])
def test_what_java_reads_is_taken(pattern: str) -> None:
    assert read(pattern, "EMAIL", regex=True).fields["pattern"] == pattern


@pytest.mark.parametrize("name", ["Ann ", "An\u200bn", "Ann\nB", "\ufeffAnn"])
def test_names_that_nobody_can_see_right_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="name "):
        read_entry(RESOURCES["impersonation_registry"], {"email": "a@x.example", "name": name}, "x", NOW)


def test_a_joiner_between_letters_that_join_is_part_of_a_name() -> None:
    entry = {"email": "a@x.example", "name": "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"}
    assert read_entry(RESOURCES["impersonation_registry"], entry, "x", NOW).fields["name"] == entry["name"]


@pytest.mark.parametrize(
    ("name", "written", "sent"),
    [
        (
            "block_senders",
            {"pattern": "bücher.example", "pattern_type": "DOMAIN"},
            {"pattern": "xn--bcher-kva.example"},
        ),
        (
            "block_senders",
            {"pattern": "a@Bücher.example", "pattern_type": "EMAIL"},
            {"pattern": "a@xn--bcher-kva.example"},
        ),
        ("impersonation_registry", {"email": "a@x.example", "name": "Jose\u0301"}, {"name": "Jos\xe9"}),
        ("trusted_domains", {"pattern": "x.example", "comments": "INC-77\n"}, {"comments": "INC-77"}),
        ("trusted_domains", {"pattern": "x.example", "comments": "  a b \n"}, {"comments": "a b"}),
    ],
)
def test_one_form_is_sent(name: str, written: dict[str, Any], sent: dict[str, Any]) -> None:
    resource = RESOURCES[name]
    desired = read_entry(resource, written, "x", NOW)
    assert {field: desired.fields[field] for field in sent} == sent
    # Either spelling in the account is the same entry, and nothing is left to do about it.
    if "comments" not in sent:
        assert resource.key_of(written) == resource.key_of(desired.fields)
        assert differences(resource, {**desired.fields, **written}, desired.fields) == {}


def test_a_trimming_service_is_not_updated_for_ever() -> None:
    account = [blocked("x.example", comments="INC-77"), blocked("y.example", comments="INC-78\n")]
    document = [blocked("x.example", comments="INC-77\n"), blocked("y.example", comments="INC-78\n")]
    assert steps(made("block_senders", account, document)) == []


def test_white_space_and_hidden_characters_in_the_account_are_a_difference() -> None:
    account = [blocked(" x.example"), blocked("y\u200b.example")]
    plan = made("block_senders", account, [blocked("x.example"), blocked("y.example")])
    assert [step[0] for step in steps(plan)] == ["create", "create"]


def test_what_the_account_has_can_be_named_as_it_is() -> None:
    account = [blocked("two words"), blocked("(", "EMAIL", regex=True)]
    document = [
        {**blocked("two words"), "state": "absent"},
        {"id": "2", **blocked("(", "EMAIL", regex=True), "comments": "old"},
    ]
    plan = made("block_senders", account, document)
    assert [step[:2] for step in steps(plan)] == [("update", "2"), ("delete", "1")]


def test_an_entry_named_by_id_gets_no_pattern_that_cannot_be_its_type() -> None:
    with pytest.raises(InputError, match="has no @"):
        made("block_senders", [blocked("a@x.example", "EMAIL")], [{"id": "1", "pattern": "x.example"}])
