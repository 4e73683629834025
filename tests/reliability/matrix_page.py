# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault matrix as tables for users. ``python tests/reliability/matrix_page.py`` writes them into the page."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path[0] = str(_TESTS)

from reliability.matrix import AGAIN, GOES_ON, KINDS, READ, STOPS, WRITE, Fault, cells  # noqa: E402
from reliability.matrix_faults import FAULTS  # noqa: E402
from reliability.matrix_scenarios import SCENARIOS  # noqa: E402
from reliability.role_settings import NOTE, ROLES, SETTINGS  # noqa: E402

PAGE = _TESTS.parent / "docs/reliability.md"
_BEGIN, _END = "<!-- {}: begin -->\n", "<!-- {}: end -->"
_TITLES = {READ: "reading", WRITE: "writing", AGAIN: "reading again"}


def with_tables(text: str) -> str:
    """The page with its tables as they have to be."""
    tables = {"faults": _faults, "scenarios": _scenarios, "reasons": _reasons, "settings": _settings}
    for name, table in tables.items():
        before, begin, rest = text.partition(_BEGIN.format(name))
        _old, end, after = rest.partition(_END.format(name))
        assert begin, f"the page has no place for the table {name}"
        assert end, f"the table {name} has no end"
        text = f"{before}{begin}{table()}{end}{after}"
    return text


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _faults() -> str:
    columns = [(kind, stays) for kind in KINDS for stays in (False, True)]
    head = ["what happens", *(f"{_TITLES[kind]}, {'lasting' if stays else 'once'}" for kind, stays in columns)]
    notes: list[str] = []
    rows = [[fault.title, *(_ends(fault, kind, stays, notes) for kind, stays in columns)] for fault in FAULTS]
    reported = "".join(f"{number}. {note}\n" for number, note in enumerate(notes, 1))
    return f"{_table(head, rows)}\n{reported}"


def _ends(fault: Fault, kind: str, stays: bool, notes: list[str]) -> str:
    """How runs end, for all scenarios together; where they differ, with the number of a note."""
    found = [cell for cell in cells([fault], SCENARIOS) if cell.step.kind == kind and cell.stays is stays]
    stopped = [cell for cell in found if fault.end(cell.scenario, cell.step, stays) == STOPS]
    if not found:
        return "-"
    if len(stopped) in (0, len(found)):
        return STOPS if stopped else GOES_ON
    assert fault.note, f"{fault.name} ends in several ways, and nobody says why"
    if fault.note not in notes:
        notes.append(fault.note)
    return f"depends ({notes.index(fault.note) + 1})"


def _scenarios() -> str:
    rows = [
        [scenario.title, str(len(scenario.steps)), str(len(list(cells(FAULTS, [scenario]))))] for scenario in SCENARIOS
    ]
    steps, count = sum(len(scenario.steps) for scenario in SCENARIOS), len(list(cells(FAULTS, SCENARIOS)))
    return _table(["what runs", "requests", "cells"], [*rows, ["together", str(steps), f"{count:,}"]])


def _reasons() -> str:
    counts: dict[tuple[str, str], int] = {}
    for fault in FAULTS:
        for scenario in SCENARIOS:
            for step in scenario.steps:
                reason = fault.cannot(scenario, step)
                if reason:
                    counts[fault.title, reason] = counts.get((fault.title, reason), 0) + 1
    rows = [[title, reason, str(count)] for (title, reason), count in counts.items()]
    return _table(["what cannot happen", "where, and why", "requests"], rows)


def _settings() -> str:
    rows = [[setting.title, *(setting.end(role) for role in ROLES)] for setting in SETTINGS]
    return f"{_table(['setting', *(f'`{role}`' for role in ROLES)], rows)}\n1. {NOTE}\n"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
