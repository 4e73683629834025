# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists as the dashboard's CSV files.

Headers: https://developers.cloudflare.com/cloudflare-one/email-security/settings/detection-settings/ and the files that
the dashboard exports. Two spellings are in use; both are read, the first is written. A file begins with a header row,
holds no other columns, and has at most 150 KB.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return as a formula. Such
cells get an apostrophe in front, and lose it when they are read; a cell that already begins with apostrophes before
such a character gets one more, so that every text comes back as it was.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.schema import Resource
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import read_entry

# The dashboard's limit, with the smaller of the two meanings of KB.
LARGEST = 150_000

_SWITCHES = {
    **dict.fromkeys(("true", "yes", "1", "y", "on"), True),
    **dict.fromkeys(("false", "no", "0", "n", "off"), False),
}
_TYPES = {
    "EMAIL ADDRESS": "EMAIL",
    "EMAIL ADDRESSES": "EMAIL",
    "IP ADDRESS": "IP",
    "IP ADDRESSES": "IP",
    "DOMAINS": "DOMAIN",
}
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True)
class Column:
    """A column: the field that it holds, and its header in each spelling."""

    field: str
    headers: tuple[str, ...]
    required: bool = False


_NOTES = Column("comments", ("Notes",))
_IS_REGEX = Column("is_regex", ("Is Regex",))
COLUMNS: dict[str, tuple[Column, ...]] = {
    "allow_policies": (
        Column("pattern", ("Values", "Pattern"), required=True),
        Column("pattern_type", ("Rule Type", "Pattern Type"), required=True),
        _IS_REGEX,
        Column("verify_sender", ("Sender Verification", "Verify Email")),
        Column("is_trusted_sender", ("Trusted Sender",)),
        Column("is_exempt_recipient", ("Exempt Recipient",)),
        Column("is_acceptable_sender", ("Acceptable Sender",)),
        _NOTES,
    ),
    "block_senders": (
        Column("pattern", ("Blocked Sender",), required=True),
        Column("pattern_type", ("Blocked Sender Type", "Pattern Type"), required=True),
        _IS_REGEX,
        _NOTES,
    ),
    "trusted_domains": (
        Column("pattern", ("Domain",), required=True),
        Column("is_similarity", ("Proximity",)),
        Column("is_recent", ("New",)),
        _IS_REGEX,
        _NOTES,
    ),
    "impersonation_registry": (
        Column("name", ("Display Name",), required=True),
        Column("email", ("Email",), required=True),
    ),
}


def read(text: str, name: str, now: datetime, *, formulas: bool = False) -> list[Entry]:
    """The entries of a file, in its order.

    :param name: the list that it is for.
    :param formulas: take apostrophes before formulas as they are.
    :raises InputError: holds every problem, each with the number of its row as a spreadsheet counts them.
    """
    columns, resource = _list(name)
    rows = _rows(text.removeprefix("\ufeff"))
    number, header = next(rows, (1, []))
    if isinstance(header, str):
        raise InputError([f"row {number}: {header}"])
    places = _places(columns, header)
    problems: list[str] = []
    entries: list[Entry] = []
    first: dict[Hashable, int] = {}
    for number, cells in rows:
        if isinstance(cells, str):
            problems.append(f"row {number}: {cells}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        try:
            entry = _entry(resource, places, cells, number, now, formulas)
        except InputError as error:
            problems.extend(error.problems)
            continue
        twin = first.setdefault(resource.key_of(entry), number)
        if twin != number:
            problems.append(f"row {number} ({resource.label(entry)}): the same entry as row {twin}; keep one of them")
        entries.append(entry)
    if problems:
        raise InputError(problems)
    return entries


def write(
    entries: Iterable[Mapping[str, Any]], name: str, *, formulas: bool = False, synced: bool = False
) -> list[str]:
    """Entries as the lines of a file: the header, then one for each entry. A line may hold line breaks.

    :param formulas: leave cells that a spreadsheet would run as they are.
    :param synced: keep entries that a directory keeps.
    :raises InputError: entries that a file cannot hold, all of them.
    """
    columns, resource = _list(name)
    if not isinstance(entries, Iterable) or isinstance(entries, (str, bytes, Mapping)):
        raise InputError([f"{name} must be a list of entries, not {type(entries).__name__}"])
    problems: list[str] = []
    lines = [_line([column.headers[0] for column in columns])]
    for position, entry in enumerate(entries):
        where = f"{name}[{position}]"
        if not isinstance(entry, Mapping):
            problems.append(f"{where}: must be a mapping of fields")
            continue
        problems += [f"{where} ({resource.label(entry)}): {reason}" for reason in _unfit(columns, entry)]
        if resource.synced_from(entry) and not synced:
            continue
        lines.append(_line([_cell(resource, column, entry, formulas) for column in columns]))
    if problems:
        raise InputError(problems)
    return lines


def files(lines: Sequence[str], largest: int = LARGEST) -> list[str]:
    """The lines as files of at most so many bytes, each with the header."""
    header, *rest = lines
    parts: list[list[str]] = [[header]]
    size = len(header.encode())
    for line in rest:
        length = len(line.encode())
        if size + length > largest and len(parts[-1]) > 1:
            parts.append([header])
            size = len(header.encode())
        parts[-1].append(line)
        size += length
    return ["".join(part) for part in parts]


def _list(name: str) -> tuple[tuple[Column, ...], Resource]:
    if name not in COLUMNS:
        raise InputError([f"the dashboard has no CSV files for {name!r}; it has them for {', '.join(COLUMNS)}"])
    return COLUMNS[name], RESOURCES[name]


def _rows(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Rows with their numbers; what cannot be read is the reason why."""
    # Examples of the dashboard have a space after each comma.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, f"not CSV: {error}"


def _places(columns: Iterable[Column], header: Sequence[str]) -> dict[int, Column]:
    """Which column of the file holds what.

    :raises InputError: columns that are missing, unknown or there twice.
    """
    known = {_folded(title): column for column in columns for title in column.headers}
    places: dict[int, Column] = {}
    problems = []
    for index, title in enumerate(header):
        column = known.get(_folded(title))
        if column is None:
            problems.append(f"row 1: unknown column {title!r:.60}; known are {_titles(columns)}")
        elif column in places.values():
            problems.append(f"row 1: column {title!r:.60} is there twice")
        else:
            places[index] = column
    missing = [column for column in columns if column.required and column not in places.values()]
    problems += [f"row 1: column {column.headers[0]} is missing" for column in missing]
    if problems:
        raise InputError(problems)
    return places


def _titles(columns: Iterable[Column]) -> str:
    return ", ".join(" or ".join(column.headers) for column in columns)


def _folded(title: str) -> str:
    return " ".join(title.replace("_", " ").lower().split())


def _entry(
    resource: Resource, places: Mapping[int, Column], cells: Sequence[str], number: int, now: datetime, formulas: bool
) -> Entry:
    entry: Entry = {}
    problems = []
    if len(cells) != len(places):
        problems.append(f"{len(cells)} cells, and the header has {len(places)}")
    for index, column in places.items():
        cell = cells[index] if index < len(cells) else ""
        kind = resource.by_name[column.field].type
        if kind == "bool":
            switch = _SWITCHES.get(cell.strip().lower())
            if switch is None and cell.strip():
                problems.append(f"{column.headers[0]} must be true or false, not {cell!r:.60}")
            elif switch is not None:
                entry[column.field] = switch
        elif column.field == "pattern_type":
            written = cell.strip().upper()
            entry[column.field] = _TYPES.get(written, written)
        else:
            entry[column.field] = cell if formulas else _without_apostrophe(cell)
    where = f"row {number}"
    try:
        read_entry(resource, entry, where, now)
    except InputError as error:
        raise InputError([*(f"{where}: {problem}" for problem in problems), *error.problems]) from None
    if problems:
        raise InputError([f"{where} ({resource.label(entry)}): {problem}" for problem in problems])
    return entry


def _unfit(columns: Iterable[Column], entry: Mapping[str, Any]) -> list[str]:
    """Why a file cannot say what this entry says. Notes on people, and links to a directory, are just left out."""
    problems = [
        f"{column.field} is missing" for column in columns if column.required and entry.get(column.field) is None
    ]
    if entry.get("state", "present") != "present":
        problems.append("a file cannot say that an entry is to be absent")
    if entry.get("expires") is not None:
        problems.append("a file cannot say when an entry expires")
    if entry.get("is_email_regex"):
        problems.append("a file cannot say that an address is a regular expression")
    return problems


def _cell(resource: Resource, column: Column, entry: Mapping[str, Any], formulas: bool) -> str:
    field = resource.by_name[column.field]
    value = entry.get(column.field)
    if field.type == "bool":
        return "true" if (field.default if value is None else value) else "false"
    cell = "" if value is None else str(value)
    return f"'{cell}" if not formulas and _FORMULA.match(cell) else cell


def _without_apostrophe(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _line(cells: Sequence[str]) -> str:
    # Space at the start of a cell would be lost without quotes.
    spaced = any(cell[:1].isspace() for cell in cells)
    line = io.StringIO(newline="")
    csv.writer(line, quoting=csv.QUOTE_ALL if spaced else csv.QUOTE_MINIMAL, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
