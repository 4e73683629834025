# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists written as the dashboard's CSV files. What they are made of, and who reads them, is in module_utils."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.dashboard import (
    COLUMNS,
    FORMULA,
    Column,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.schema import Resource

# The dashboard's limit, with the smaller of the two meanings of KB.
LARGEST = 150_000


def write(
    entries: Iterable[Mapping[str, Any]], name: str, *, formulas: bool = False, synced: bool = False
) -> list[str]:
    """Entries as the lines of a file: the header, then one for each entry. A line may hold line breaks.

    :param formulas: leave cells that a spreadsheet would run as they are.
    :param synced: keep entries that a directory keeps.
    :raises InputError: entries that a file cannot hold, all of them.
    """
    if name not in COLUMNS:
        raise InputError([f"the dashboard has no CSV files for {name!r}; it has them for {', '.join(COLUMNS)}"])
    columns, resource = COLUMNS[name], RESOURCES[name]
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
    return f"'{cell}" if not formulas and FORMULA.match(cell) else cell


def _line(cells: Sequence[str]) -> str:
    # Space at the start of a cell would be lost without quotes.
    spaced = any(cell[:1].isspace() for cell in cells)
    line = io.StringIO(newline="")
    csv.writer(line, quoting=csv.QUOTE_ALL if spaced else csv.QUOTE_MINIMAL, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
