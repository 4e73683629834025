# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a response found and did, as lines for a terminal. Pure.

What a message says is data: it is truncated, and holds nothing that could control a terminal or look like another line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.decided import BLOCKED, LET_THROUGH
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import replace_controls

from .states import count_states

Message = Mapping[str, Any]
# So many messages are shown of those left out for one reason.
MOST_LEFT_OUT = 5
LEAST_WIDTH = 60

_COLUMNS = _RESULT, _FROM, _SUBJECT, _RECIPIENTS, _DISPOSITION, _SCANNED, _ID = (
    "RESULT",
    "FROM",
    "SUBJECT",
    "RECIPIENTS",
    "DISPOSITION",
    "SCANNED AT",
    "ID",
)
# The lines that a message takes, by their columns: the layouts from the widest to the narrowest.
_LAYOUTS = (
    (_COLUMNS,),
    (_COLUMNS[:-1], (_ID,)),
    ((_RESULT, _FROM, _SUBJECT, _DISPOSITION), (_RECIPIENTS, _SCANNED), (_ID,)),
)
# Columns that are truncated if a line is too long, with their smallest and largest widths.
_FLEXIBLE = (_FROM, _SUBJECT, _RECIPIENTS)
_LEAST, _MOST = 10, 40
_GAP, _INDENT = "  ", "  "

Row = Mapping[str, str]
Layout = Sequence[Sequence[str]]


def report_lines(
    messages: Sequence[Message],
    left_out: Sequence[tuple[Message, str]],
    states: Mapping[str, str],
    outcomes: Sequence[Mapping[str, Any]],
    decided: Sequence[str] = (),
    *,
    acted: bool,
    truncated: bool,
    width: int,
    most: int | None = None,
) -> list[str]:
    """A summary, a table of the messages, what was left out and why, and what failed.

    :param left_out: messages that the API found and the criteria do not say, with the reason.
    :param states: the outcome for each message, by id.
    :param decided: lines that say which policies decided the messages.
    :param acted: whether an action was asked for; without one, all messages are in one state, which goes unsaid.
    :param width: of the terminal, in columns. Lines of the table are no longer, unless it is less than LEAST_WIDTH.
    :param most: show no more messages and failures than these, those with the rarest results first.
    """
    listed, failures = messages, [outcome for outcome in outcomes if not outcome.get("success")]
    if most is not None and len(messages) > most:
        counts = count_states(states)
        listed = sorted(messages, key=lambda message: counts.get(states.get(str(message.get("id")), ""), 0))[:most]
    groups: dict[str, list[Message]] = {}
    for message, reason in left_out:
        groups.setdefault(reason, []).append(message)
    rows = [_row(message, states.get(str(message.get("id")), "")) for message in listed]
    shown = {reason: [_row(each, "left out") for each in group[:MOST_LEFT_OUT]] for reason, group in groups.items()}
    columns = [column for column in _COLUMNS if acted or column != _RESULT]
    table = _Table([*rows, *(row for group in shown.values() for row in group)], columns, max(width, LEAST_WIDTH))
    lines = [_summary(len(messages), states, len(left_out), acted=acted, truncated=truncated), *table.lines(rows)]
    if len(listed) < len(messages):
        lines.append(f"shown: {len(listed):,} of {len(messages):,}, the rarest results first")
    lines += decided
    for reason, group in groups.items():
        more = f" ({MOST_LEFT_OUT} shown)" if len(group) > MOST_LEFT_OUT else ""
        lines += [f"left out: {len(group)} {reason}{more}", *table.lines(shown[reason])]
    lines += [printable(_failure(outcome)) for outcome in failures[:most]]
    if most is not None and len(failures) > most:
        lines.append(f"failed: {len(failures) - most:,} more")
    return lines


def decision_lines(decided: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Which policies let messages through, and which blocked them, as lines.

    :param decided: as :func:`count_decisions` returns it.
    """
    lines = []
    for name, effect in ((LET_THROUGH, "let through"), (BLOCKED, "blocked")):
        for one in decided[name]:
            kind = f" ({one['type']})" if one["type"] else ""
            what = " ".join(part for part in (one["list"], one["pattern"]) if part) or "what the API does not name"
            lines.append(one_line(f"{effect}: {one['messages']} by {what}{kind}"))
    return lines


def printable(text: str) -> str:
    """Text with a question mark in place of each unprintable character."""
    return replace_controls(re.sub(r"[\t\n]", "?", text))


def one_line(text: str) -> str:
    """Text in one line, whatever it was written in."""
    return printable(" ".join(text.split()))


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(map(_cells, text))


def cut(text: str, width: int) -> str:
    """The beginning of a text that is wider than this, with three dots."""
    if cells(text) <= width:
        return text
    taken, space = "", width - 3
    for character in text:
        space -= _cells(character)
        if space < 0:
            break
        taken += character
    return f"{taken}..."


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _summary(count: int, states: Mapping[str, str], left_out: int, *, acted: bool, truncated: bool) -> str:
    sentence = "1 message matches" if count == 1 else f"{count} messages match"
    sentence += ", and there may be more" if truncated else ""
    counts = ", ".join(f"{number} {state}" for state, number in count_states(states).items())
    sentence += f": {counts}." if acted and counts else "."
    if left_out:
        sentence += f" Left out of what the API found: {left_out}."
    return sentence


def _failure(outcome: Mapping[str, Any]) -> str:
    parts = [outcome.get("investigate_id") or "a message", outcome.get("recipient"), outcome.get("status")]
    return "failed: " + ", ".join(str(part) for part in parts if part)


def _row(message: Message, state: str) -> Row:
    found = message.get("client_recipients") or message.get("to") or []
    recipients = [str(each) for each in found] if isinstance(found, list) else [str(found)]
    more = f" +{len(recipients) - 1}" if len(recipients) > 1 else ""
    values = {
        _RESULT: state,
        _FROM: message.get("from"),
        _SUBJECT: message.get("subject"),
        _RECIPIENTS: f"{recipients[0]}{more}" if recipients else "",
        _DISPOSITION: message.get("final_disposition"),
        _SCANNED: message.get("scanned_at"),
        _ID: message.get("id"),
    }
    row = {column: printable(str(value or "")) for column, value in values.items()}
    return {column: _cell(column, text, _MOST) if column in _FLEXIBLE else text for column, text in row.items()}


def _cell(column: str, text: str, width: int) -> str:
    """A text cut to its column's width. How many more recipients there are stays."""
    more = re.search(r" \+\d+$", text) if column == _RECIPIENTS else None
    return cut(text[: more.start()], width - len(more[0])) + more[0] if more else cut(text, width)


class _Table:
    """Rows in columns of a common width, in the widest layout that there is space for. Its head comes once."""

    def __init__(self, rows: Sequence[Row], columns: Sequence[str], width: int) -> None:
        self._head: Sequence[Row] = [{column: column for column in columns}]
        natural = {column: max(cells(row[column]) for row in [*self._head, *rows]) for column in columns}
        least = {column: min(size, _LEAST) if column in _FLEXIBLE else size for column, size in natural.items()}
        layouts = [[[each for each in line if each in columns] for line in layout] for layout in _LAYOUTS]
        # An id has no other line to go to, so it is cut there if it must be.
        self._layout = next(
            (one for one in layouts if all(_length(line, least) <= width for line in one if line != [_ID])), layouts[-1]
        )
        self._sizes = dict(natural)
        for number, line in enumerate(self._layout):
            space = width - (len(_INDENT) if number else 0)
            self._sizes |= _shrunk(line, natural, least, space)

    def lines(self, rows: Sequence[Row]) -> list[str]:
        if not rows:
            return []
        head, self._head = self._head, []
        return [line for row in [*head, *rows] for line in self._lines_of(row)]

    def _lines_of(self, row: Row) -> Iterable[str]:
        for number, line in enumerate(self._layout):
            texts = [_cell(column, row[column], self._sizes[column]) for column in line]
            padded = [
                text + " " * (self._sizes[column] - cells(text)) for column, text in zip(line, texts, strict=True)
            ]
            yield f"{_INDENT if number else ''}{_GAP.join(padded)}".rstrip()


def _length(line: Sequence[str], sizes: Mapping[str, int]) -> int:
    return sum(sizes[column] for column in line) + len(_GAP) * (len(line) - 1)


def _shrunk(line: Sequence[str], natural: Mapping[str, int], least: Mapping[str, int], space: int) -> dict[str, int]:
    """The widths of a line's columns, the widest of them cut until the line fits."""
    sizes = {column: natural[column] for column in line}
    if line == [_ID]:
        return {_ID: min(natural[_ID], space)}
    while _length(line, sizes) > space:
        widest = max(line, key=lambda column: sizes[column] - least[column])
        if sizes[widest] == least[widest]:
            break
        sizes[widest] -= 1
    return sizes
