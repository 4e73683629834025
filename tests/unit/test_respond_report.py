# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role respond says of each message, and its table, whatever was found and whatever came of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._respond.request import DONE
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._respond.states import (
    count_states,
    held_ids,
    states_of,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._respond.table import (
    LEAST_WIDTH,
    MOST_LEFT_OUT,
    cells,
    cut,
    report_lines,
)
from hypothesis import given, settings
from hypothesis import strategies as st

_IDS = st.lists(st.text("abcdef", min_size=1, max_size=3), unique=True, max_size=8)
_PARTS = dict.fromkeys(("unchanged", "missing", "moved", "released", "reclassified"), _IDS)
_SAID = st.fixed_dictionaries(
    {},
    optional={
        **_PARTS,
        "outcomes": st.lists(
            st.fixed_dictionaries({"investigate_id": st.none() | st.sampled_from("abc"), "success": st.booleans()}),
            max_size=4,
        ),
    },
)
_FIELD = st.text(max_size=60) | st.none() | st.integers()
_MESSAGE = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=70)},
    optional={
        **dict.fromkeys(("from", "subject", "scanned_at"), _FIELD),
        "final_disposition": st.sampled_from(["NONE", "MALICIOUS-BEC"]),
        "client_recipients": _FIELD | st.lists(st.text(max_size=60), max_size=3),
        "to": st.lists(st.text(max_size=60), max_size=3),
    },
)
_HEAD = ["RESULT", "FROM", "SUBJECT", "RECIPIENTS", "DISPOSITION", "SCANNED", "AT", "ID"]


@settings(deadline=None)
@given(_IDS, _SAID, st.sampled_from(sorted(DONE)), st.booleans(), st.data())
def test_states(ids: list[str], said: dict[str, Any], action: str, check: bool, data: st.DataObject) -> None:
    held = set(data.draw(st.lists(st.sampled_from(ids)))) if ids else set()
    states = states_of(ids, held, said, action, check=check)
    assert list(states) == ids
    done = DONE[action]
    failed = {one["investigate_id"] for one in said.get("outcomes", []) if not one["success"]}
    for each, state in states.items():
        assert (state == "failed") is (each in failed)
        if each not in failed and done:
            assert (state in (done, f"to {action}")) is (each in said.get(done, []))
        # What is only looked at is never said to be done, and what is done not to be planned.
        assert state != (done if check else f"to {action}") or not done
    counts = count_states(states)
    assert sum(counts.values()) == len(ids)
    assert all(count == list(states.values()).count(state) for state, count in counts.items())


@pytest.mark.parametrize(
    ("fields", "held"),
    [
        ({"is_quarantined": True}, True),
        ({"is_quarantined": True, "delivery_status": ["quarantined"]}, True),
        ({"is_quarantined": True, "delivery_status": None}, True),
        ({"is_quarantined": True, "delivery_status": ["quarantined", "delivered"]}, False),
        ({"is_quarantined": True, "delivery_status": ["moved"]}, False),
        ({"is_quarantined": False}, False),
        ({}, False),
    ],
)
def test_what_is_only_in_quarantine_is_not_moved(fields: dict[str, Any], held: bool) -> None:
    message = {"id": "a", **fields}
    assert held_ids([message], "move") == ({"a"} if held else set())
    assert held_ids([message], "release") == held_ids([message], "none") == set()


@settings(deadline=None)
@given(st.lists(_MESSAGE, max_size=6), st.lists(_MESSAGE, max_size=9), st.booleans(), st.integers(0, 250))
def test_the_table_fits_and_is_calm(
    messages: list[dict[str, Any]], others: list[dict[str, Any]], acted: bool, width: int
) -> None:
    left_out = [(message, "from another sender") for message in others]
    states = {message["id"]: "in quarantine" for message in messages}
    outcomes = [{"investigate_id": "x", "success": False, "status": "\x1b[2J\nno"}]
    lines = report_lines(messages, left_out, states, outcomes, acted=acted, truncated=False, width=width)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]", "".join(lines))
    assert lines[-1] == "failed: x, ?[2J?no"
    assert max(map(cells, lines[1:])) <= max(width, LEAST_WIDTH)
    assert sum(line.startswith("left out: ") for line in lines) == bool(others)
    # Whatever else is cut, an id can be copied as long as it fits.
    for message in [*messages, *others[:MOST_LEFT_OUT]]:
        own = message["id"]
        assert len(own) > LEAST_WIDTH // 2 - 4 or not own.isalnum() or any(own in line for line in lines)


def test_how_it_looks() -> None:
    messages = [
        {
            "id": "4PhshWave0000001-2026-11-22T21:58:40-00000001",
            "from": "billing@phish.example",
            "subject": "Overdue invoice 4711, last reminder before we go to court",
            "client_recipients": ["jane.doe@acme.example", "john.doe@acme.example"],
            "final_disposition": "NONE",
            "scanned_at": "2026-11-22T21:58:40Z",
        },
        {"id": "4PhshWave0000002", "from": "a@phish.example", "subject": "日本語", "final_disposition": "MALICIOUS"},
    ]
    left_out = [
        ({"id": str(number), "from": f"{number}@acme.example"}, "to the domain, not from it") for number in range(7)
    ]
    states = {messages[0]["id"]: "to move", messages[1]["id"]: "in quarantine"}

    def lines(width: int, *, acted: bool = True) -> list[str]:
        return report_lines(messages, left_out, states, [], acted=acted, truncated=True, width=width)

    wide = lines(250)
    summary = "2 messages match, and there may be more: 1 in quarantine, 1 to move. Left out of what the API found: 7."
    assert wide[0] == summary
    assert wide[1].split() == _HEAD
    assert wide[4] == "left out: 7 to the domain, not from it (5 shown)"
    assert len(wide) == 10
    assert "jane.doe@acme.example +1" in wide[2]
    assert cells(wide[2][: wide[2].index("jane.doe")]) == cells(wide[1][: wide[1].index("RECIPIENTS")])
    narrow = lines(68)
    assert narrow[1:7] == [
        "RESULT         FROM                 SUBJECT              DISPOSITION",
        "  RECIPIENTS                SCANNED AT",
        "  ID",
        "to move        billing@phish.ex...  Overdue invoice ...  NONE",
        "  jane.doe@acme.example +1  2026-11-22T21:58:40Z",
        "  4PhshWave0000001-2026-11-22T21:58:40-00000001",
    ]
    # Without an action all are in one state, which would be said once for each.
    assert lines(250, acted=False)[0].startswith("2 messages match, and there may be more. Left out")
    assert lines(250, acted=False)[1].split() == _HEAD[1:]


@given(st.text(max_size=30), st.integers(4, 30))
def test_what_is_cut_fits(text: str, width: int) -> None:
    assert cells(cut(text, width)) <= max(width, 3)
    assert cut(text, width) == text or cut(text, width).endswith("...")
