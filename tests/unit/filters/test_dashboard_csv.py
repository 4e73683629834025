# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CSV files of the dashboard: what is written is read back, and what is wrong is reported row by row."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.filter.from_dashboard_csv import read
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.dashboard import COLUMNS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources import checks
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import HIDDEN
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._policy import dashboard_csv
from hypothesis import assume, given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)
RUNNING = ("=", "+", "-", "@", "\t", "\r")

# The csv module of older Pythons takes no NUL, and no file can hold lone halves of surrogate pairs.
_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
_TEXTS = st.text(_CHARACTERS, max_size=30) | st.text(st.sampled_from("'=+-@\t\r\n\", ;a"), max_size=8)
# What may stand in a name and in a regular expression.
_FULL = _TEXTS.map(lambda text: "".join(HIDDEN.sub("", text).replace("\n", "").replace("\t", "").split("\r")).strip())
_FULL = _FULL.filter(lambda text: text != "" and not checks.regex(text) and not checks.name(text, {}))
_ADDRESSES = st.sampled_from(["a@x.example", "=a@x.example", "+1@x.example", "'=a@x.example", "-a@x.example"])
_NAMES = st.sampled_from(sorted(COLUMNS))


@st.composite
def _lists(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    """A list and entries of it that have all the fields of its columns, and no two the same key."""
    name = draw(_NAMES)
    resource = RESOURCES[name]
    values: dict[str, st.SearchStrategy[Any]] = {}
    for column in COLUMNS[name]:
        field = resource.by_name[column.field]
        if field.type == "bool":
            values[column.field] = st.booleans()
        elif field.choices:
            # Private addresses would be refused.
            values[column.field] = st.sampled_from(["EMAIL", "DOMAIN"])
        else:
            values[column.field] = {"comments": _TEXTS, "email": _ADDRESSES}.get(column.field, _FULL)
    if "is_regex" in values:
        values["is_regex"] = st.just(True)
    entries = draw(st.lists(st.fixed_dictionaries(values), max_size=5, unique_by=resource.key_of))
    return name, entries


@given(_lists(), st.booleans(), st.sampled_from(["", "\ufeff"]))
def test_what_is_written_is_read_back(case: tuple[str, list[dict[str, Any]]], formulas: bool, bom: str) -> None:
    name, entries = case
    text = bom + "".join(dashboard_csv.write(entries, name, formulas=formulas))
    assert read(text, name, NOW, formulas=formulas) == entries


@given(_lists())
def test_no_cell_is_run_by_a_spreadsheet(case: tuple[str, list[dict[str, Any]]]) -> None:
    name, entries = case
    rows = list(csv.reader(io.StringIO("".join(dashboard_csv.write(entries, name)), newline="")))
    assert len(rows) == len(entries) + 1
    assert [cell for row in rows for cell in row if cell.startswith(RUNNING)] == []


def test_the_headers_of_the_dashboard() -> None:
    headers = {name: "".join(dashboard_csv.write([], name)) for name in COLUMNS}
    assert headers == {
        "allow_policies": "Values,Rule Type,Is Regex,Sender Verification,Trusted Sender,Exempt Recipient,"
        "Acceptable Sender,Notes\r\n",
        "block_senders": "Blocked Sender,Blocked Sender Type,Is Regex,Notes\r\n",
        "trusted_domains": "Domain,Proximity,New,Is Regex,Notes\r\n",
        "impersonation_registry": "Display Name,Email\r\n",
    }


def test_the_other_spelling() -> None:
    text = (
        "Pattern, Notes, Pattern Type, Verify Email, Trusted Sender, Exempt Recipient, Acceptable Sender\n"
        "whale@example.com, not a phish, email, true, Yes, 0, FALSE\n"
    )
    (entry,) = read(text, "allow_policies", NOW)
    assert entry == {
        "pattern": "whale@example.com",
        "pattern_type": "EMAIL",
        "verify_sender": True,
        "is_trusted_sender": True,
        "is_exempt_recipient": False,
        "is_acceptable_sender": False,
        "comments": "not a phish",
    }
    text = "\ufeffblocked_sender,BLOCKED_SENDER_TYPE\r\nexample.com,Domains\r\n\r\n192.0.2.1,IP addresses\r\n"
    assert read(text, "block_senders", NOW) == [
        {"pattern": "example.com", "pattern_type": "DOMAIN"},
        {"pattern": "192.0.2.1", "pattern_type": "IP"},
    ]
    assert read("Display_Name,Email\nJane,j@example.com", "impersonation_registry", NOW) == [
        {"name": "Jane", "email": "j@example.com"}
    ]


@pytest.mark.parametrize(("cell", "value"), [("TRUE", True), (" yes ", True), ("1", True), ("No", False), ("0", False)])
def test_switches(cell: str, value: bool) -> None:
    text = f"Domain,Proximity\nexample.com,{cell}\n"
    assert read(text, "trusted_domains", NOW) == [{"pattern": "example.com", "is_similarity": value}]


def test_an_empty_switch_is_the_default() -> None:
    assert read("Domain,Proximity\nexample.com,\n", "trusted_domains", NOW) == [{"pattern": "example.com"}]


def test_quoted_line_breaks() -> None:
    text = 'Domain,Notes\r\nexample.com,"first\r\nsecond, ""third"""\r\nexample.org,x\r\n'
    comments = [entry["comments"] for entry in read(text, "trusted_domains", NOW)]
    assert comments == ['first\r\nsecond, "third"', "x"]


def test_all_faulty_rows_are_reported_by_number() -> None:
    rows = [
        "Blocked Sender,Blocked Sender Type,Is Regex,Notes",
        "good.example,DOMAIN,no,",
        "phone.example,PHONE,no,",
        '"two',
        'lines.example",DOMAIN,perhaps,',
        ",DOMAIN,no,",
        "short.example,DOMAIN",
        "long.example,DOMAIN,no,,more",
        "GOOD.example,DOMAIN,no,",
        f"{'a' * 1025},DOMAIN,no,",
        '"quote" after,DOMAIN,no,',
        "10.0.0.1,IP,no,",
        "fine.example,DOMAIN,no,",
    ]
    with pytest.raises(InputError) as refused:
        read("\n".join(rows), "block_senders", NOW)
    reported = {int(problem.split()[1].rstrip(":")): problem for problem in refused.value.problems}
    assert sorted(reported) == [3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert "PHONE" in reported[3]
    assert "perhaps" in "".join(refused.value.problems)
    assert "pattern" in reported[5]
    assert "2 cells" in reported[6]
    assert "5 cells" in reported[7]
    assert "row 2" in reported[8]
    assert "1024" in reported[9]
    assert "not CSV" in reported[10]
    assert "private" in reported[11]


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("", ["column Values is missing", "column Rule Type is missing"]),
        ("Values,Rule Type,Colour\n", ["unknown column 'Colour'", "Values or Pattern"]),
        ("Values,Pattern,Rule Type\n", ["column 'Pattern' is there twice"]),
        ("Values;Colour\n", ["unknown column 'Colour'", "column Rule Type is missing"]),
        ('"Values\n', ["row 1: not CSV"]),
    ],
)
def test_headers_that_are_wrong(text: str, reported: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        read(text, "allow_policies", NOW)
    for part in reported:
        assert part in str(refused.value)


def test_what_a_file_cannot_say_is_refused() -> None:
    entries: list[Any] = [
        {"name": "A", "email": "a@example.com", "state": "absent"},
        {"name": "B", "email": "b@example.com", "expires": "2027-01-01"},
        {"name": "C", "email": ".*", "is_email_regex": True},
        {"name": "D"},
        {"name": "E", "email": "e@example.com"},
        "F",
    ]
    with pytest.raises(InputError) as refused:
        dashboard_csv.write(entries, "impersonation_registry")
    assert len(refused.value.problems) == 5
    for position, problem in zip([0, 1, 2, 3, 5], refused.value.problems, strict=True):
        assert problem.startswith(f"impersonation_registry[{position}]")


def test_no_files_for_domains() -> None:
    for act in (lambda: dashboard_csv.write([], "domains"), lambda: read("", "domains", NOW)):
        with pytest.raises(InputError, match="allow_policies"):
            act()


def test_synced_people_are_left_out_unless_asked_for() -> None:
    entries = [
        {"name": "A", "email": "a@example.com", "provenance": "A1S_INTERNAL"},
        {"name": "B", "email": "b@example.com", "provenance": "SNOOPY-OFFICE_365"},
    ]
    assert len(dashboard_csv.write(entries, "impersonation_registry")) == 2
    assert len(dashboard_csv.write(entries, "impersonation_registry", synced=True)) == 3


@given(st.lists(_FULL, max_size=20, unique=True), st.integers(60, 200))
def test_files_are_split_by_size(texts: list[str], largest: int) -> None:
    entries = [{"pattern": text, "is_regex": True} for text in texts]
    assume(len({RESOURCES["trusted_domains"].key_of(entry) for entry in entries}) == len(entries))
    lines = dashboard_csv.write(entries, "trusted_domains")
    files = dashboard_csv.files(lines, largest)
    patterns = [entry["pattern"] for text in files for entry in read(text, "trusted_domains", NOW)]
    assert patterns == texts
    for text in files:
        # A single entry that is larger than a file may be goes alone.
        assert len(text.encode()) <= largest or len(read(text, "trusted_domains", NOW)) == 1
