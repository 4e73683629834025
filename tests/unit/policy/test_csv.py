# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CSV files as spreadsheets save them: each is read rightly, or refused by row."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.policy import Policy
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.read import read_file

HEADER = "Blocked Sender,Blocked Sender Type,Is Regex,Notes\r\n"
ROWS = "a.example,DOMAIN,FALSE,INC-1\r\nb@b.example,EMAIL,TRUE,Größe\r\n"
FOUND = [
    {"pattern": "a.example", "pattern_type": "DOMAIN", "is_regex": False, "comments": "INC-1"},
    {"pattern": "b@b.example", "pattern_type": "EMAIL", "is_regex": True, "comments": "Größe"},
]


def read(text: str | bytes) -> Policy:
    return read_file("a.csv", text if isinstance(text, bytes) else text.encode(), lambda text: text)


@pytest.mark.parametrize(
    "text",
    [
        HEADER + ROWS,
        "\ufeff" + HEADER + ROWS,
        "\ufeff" + (HEADER + ROWS).replace(",", ";"),
        (HEADER + ROWS).replace(",", "\t"),
        "sep=,\r\n" + HEADER + ROWS,
        "sep=;\r\n" + (HEADER + ROWS).replace(",", ";"),
        (HEADER + ROWS).replace("\r\n", "\r"),
        (HEADER + ROWS).replace("\r\n", "\n").rstrip(),
        HEADER + ROWS + "\x1a",
        HEADER + ROWS + ",,,\r\n",
        HEADER + ROWS.replace("FALSE", "FALSCH").replace("TRUE", "WAHR"),
        HEADER + ROWS.replace("FALSE", "Faux").replace("TRUE", "Vrai"),
        (HEADER + ROWS).replace(",", ", "),
    ],
)
def test_what_a_spreadsheet_saves_is_read(text: str) -> None:
    policy = read(text)
    assert (policy.problems, policy.documents()) == ([], {"block_senders": FOUND})


def test_an_entry_knows_its_row() -> None:
    policy = read("sep=,\n" + HEADER + '"a\nb",DOMAIN,FALSE,\n' + ROWS)
    placed: list[Any] = policy.lists["block_senders"]
    assert [each.where for each in placed] == ["a.csv:3:1", "a.csv:4:1", "a.csv:5:1"]
    assert placed[1].place("is_regex") == "a.csv:4:3"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Values,Rule Type", "allow_policies"),
        ("Notes,Pattern,Pattern Type,Verify Email", "allow_policies"),
        ("Blocked Sender,Pattern Type", "block_senders"),
        ('\ufeff"Domain","New"', "trusted_domains"),
        ("Email;Display_Name", "impersonation_registry"),
    ],
)
def test_the_header_tells_the_list(header: str, name: str) -> None:
    assert read(f"{header}\r\n").documents() == {name: []}


def test_texts_are_as_the_cell_shows_them() -> None:
    (entry,) = read(HEADER + "'=a.example,DOMAIN,,1-Mar\r\n").documents()["block_senders"]
    assert entry == {"pattern": "=a.example", "pattern_type": "DOMAIN", "comments": "1-Mar"}
    # A cell is never a template, and there is no tag to say so.
    (entry,) = read(HEADER + "a.example,DOMAIN,,{{ x }}\r\n").documents()["block_senders"]
    assert entry["comments"] == "{{ x }}"


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        (
            HEADER + ROWS.replace("INC-1", "\u201cINC-1\u201d, seen"),
            "a.csv:2:1: this row has 5 cells, and the header has 4",
        ),
        (HEADER + ROWS.replace("TRUE", "perhaps"), "a.csv:3:3: Is Regex must be true or false, not 'perhaps'"),
        (HEADER + 'a.example,DOMAIN,FALSE,"open\r\n', "a.csv:2:1: not CSV"),
        (HEADER + ROWS.replace("INC-1", "INC\x001"), "a.csv:2:27: here is a NUL character"),
        ((HEADER + ROWS).encode("utf-16"), "a.csv:1:1: this is UTF-16 (also called Unicode text)"),
        ((HEADER + ROWS).encode("cp1252"), "a.csv:3:26: this is not UTF-8: the byte 0xF6 is 'ö' in code page 1252"),
        ("Sender,Type\r\na,b\r\n", "a.csv:1:1: this is no header of the dashboard's CSV files ('Sender, Type')"),
        ("Blocked Sender,Blocked Sender Type,Colour\r\n", "a.csv:1:3: unknown column 'Colour'"),
        ("", "a.csv:1:1: this file is empty"),
    ],
)
def test_what_is_wrong_is_refused_by_row(text: str | bytes, reported: str) -> None:
    (problem,) = read(text).problems
    assert problem.startswith(reported)
