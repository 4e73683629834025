# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dashboard's CSV files, as the dashboard exports them and as spreadsheets save them.

Row numbers are those of a spreadsheet: a cell of several lines is part of one row.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._errors import InputError
from .._resources.resources import RESOURCES
from .dashboard import COLUMNS, FORMULA, Column
from .places import Placed

# As spreadsheets write them, including German, French, Spanish, Italian, Dutch, Portuguese and Polish ones.
_TRUE = ("true", "yes", "1", "y", "on", "wahr", "vrai", "verdadero", "vero", "waar", "verdadeiro", "prawda")
_FALSE = ("false", "no", "0", "n", "off", "falsch", "faux", "falso", "onwaar", "fałsz")
_SWITCHES = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
_TYPES = {
    "EMAIL ADDRESS": "EMAIL",
    "EMAIL ADDRESSES": "EMAIL",
    "IP ADDRESS": "IP",
    "IP ADDRESSES": "IP",
    "DOMAINS": "DOMAIN",
}
_SEPARATORS = ",;\t"

# Returns a place for messages from a row and a column, both counted from 1; column 0 is the whole row.
Place = Callable[[int, int], str]


def read_csv(
    text: str, name: str | None, place: Place, *, formulas: bool = False
) -> tuple[str, list[Placed], list[str]]:
    """Read a file: the name of its list, its entries in their order, and every problem with its place.

    :param name: its list; None to detect it by the header.
    :param formulas: whether to keep apostrophes before formulas.
    :raises InputError: its header is not one of the dashboard's, so that nothing can be read.
    """
    if name is not None and name not in COLUMNS:
        raise InputError([f"the dashboard has no CSV files for {name!r}; it has them for {', '.join(COLUMNS)}"])
    separator, first, rest = _separator(text)
    rows = _rows(rest, separator, first)
    number, header = next(rows, (first, []))
    if isinstance(header, str):
        raise InputError([f"{place(number, 1)}: {header}"])
    name = name or _list_of(header, place(number, 1))
    columns = _columns(COLUMNS[name], header, lambda column: place(number, column))
    entries: list[Placed] = []
    problems: list[str] = []
    for number, cells in rows:
        if isinstance(cells, str):
            problems.append(f"{place(number, 1)}: {cells}")
        elif any(cell.strip() for cell in cells):
            entries.append(_entry(name, columns, cells, number, place, formulas, problems))
    return name, entries, problems


def _separator(text: str) -> tuple[str, int, str]:
    """The cell separator, the row number of the header, and the text from the header on."""
    text = text.removeprefix("\ufeff")
    declared = re.match(r"\"?sep=(.)\"?(?:\r\n|\r|\n)", text, re.I)
    if declared:
        return declared[1], 2, text[declared.end() :]
    header = re.match(r"[^\r\n]*", text)
    counts = {separator: header[0].count(separator) for separator in _SEPARATORS} if header else {}
    return max(_SEPARATORS, key=lambda separator: counts.get(separator, 0)), 1, text


def _rows(text: str, separator: str, first: int) -> Iterator[tuple[int, list[str] | str]]:
    """Rows with their numbers; for an unreadable row, the reason in place of its cells."""
    # Examples of the dashboard have a space after each comma.
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, strict=True, skipinitialspace=True, delimiter=separator)
    number = first - 1
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, f"not CSV: {error}"


def _list_of(header: Sequence[str], where: str) -> str:
    """The list whose required columns are all present."""
    given = {_folded(title) for title in header}
    for name, columns in COLUMNS.items():
        if all(given & {_folded(title) for title in column.headers} for column in columns if column.required):
            return name
    known = "; ".join(
        f"{', '.join(column.headers[0] for column in columns if column.required)} for {name}"
        for name, columns in COLUMNS.items()
    )
    raise InputError(
        [
            f"{where}: this is no header of the dashboard's CSV files ({', '.join(header)[:60]!r}); "
            f"it must hold the columns {known}"
        ]
    )


def _columns(columns: Iterable[Column], header: Sequence[str], place: Callable[[int], str]) -> dict[int, Column]:
    """The columns of the file by index.

    :raises InputError: columns are missing, unknown or duplicate.
    """
    known = {_folded(title): column for column in columns for title in column.headers}
    found: dict[int, Column] = {}
    problems = []
    for index, title in enumerate(header):
        column = known.get(_folded(title))
        if column is None:
            problems.append(f"{place(index + 1)}: unknown column {title!r:.60}; known are {_titles(columns)}")
        elif column in found.values():
            problems.append(f"{place(index + 1)}: column {title!r:.60} is there twice; remove one of them")
        else:
            found[index] = column
    missing = [column for column in columns if column.required and column not in found.values()]
    problems += [f"{place(1)}: column {column.headers[0]} is missing" for column in missing]
    if problems:
        raise InputError(problems)
    return found


def _titles(columns: Iterable[Column]) -> str:
    return ", ".join(" or ".join(column.headers) for column in columns)


def _folded(title: str) -> str:
    return " ".join(title.replace("_", " ").lower().split())


def _entry(
    name: str,
    columns: Mapping[int, Column],
    cells: Sequence[str],
    number: int,
    place: Place,
    formulas: bool,
    problems: list[str],
) -> Placed:
    resource = RESOURCES[name]
    fields: dict[str, Any] = {}
    marks: list[int] = []
    if len(cells) != len(columns):
        problems.append(
            f"{place(number, 0)}: this row has {len(cells)} cells, and the header has {len(columns)}; "
            f"put a cell that holds a separator in straight double quotes"
        )
    for index, column in columns.items():
        cell = cells[index] if index < len(cells) else ""
        value: Any
        if resource.by_name[column.field].type == "bool":
            value = _SWITCHES.get(cell.strip().lower())
            if value is None and cell.strip():
                problems.append(
                    f"{place(number, index + 1)}: {column.headers[0]} must be true or false, not {cell!r:.60}"
                )
        elif column.field == "pattern_type":
            written = cell.strip().upper()
            value = _TYPES.get(written, written)
        else:
            value = cell if formulas else _without_apostrophe(cell)
        if value is not None:
            fields[column.field] = value
            marks += (number, index + 1)
    return Placed(place(number, 0), fields, marks)


def _without_apostrophe(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
