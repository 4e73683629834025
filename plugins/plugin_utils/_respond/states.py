# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome for each message, and the totals. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .request import DONE

Message = Mapping[str, Any]
FOUND, NOT_DONE, HELD, UNCHANGED, MISSING, FAILED = (
    "found",
    "not done",
    "in quarantine",
    "unchanged",
    "missing",
    "failed",
)
# Of a bulk job alone: the action does not apply to a message; the job is at work; what it did could not be read.
SKIPPED, UNDER_WAY, UNKNOWN = "skipped", "under way", "unknown"


def held_ids(messages: Sequence[Message], action: str) -> set[str]:
    """Ids of the messages that the action has to leave alone: what is in quarantine, and in nobody's mailbox, cannot be
    moved.
    """
    if action != "move":
        return set()
    return {str(message["id"]) for message in messages if _is_only_in_quarantine(message)}


def _is_only_in_quarantine(message: Message) -> bool:
    status = message.get("delivery_status")
    somewhere = isinstance(status, (list, str)) and ("delivered" in status or "moved" in status)
    return message.get("is_quarantined") is True and not somewhere


def states_of(
    ids: Sequence[str], held: set[str], result: Mapping[str, Any], action: str, *, check: bool
) -> dict[str, str]:
    """The outcome for each message, by id, in the order of the ids.

    :param held: what was left alone.
    :param result: the result of the module that acted; empty where none did.
    """
    done = DONE[action]
    failed = [one.get("investigate_id") for one in result.get("outcomes", []) if not one.get("success")]
    # Whichever comes last wins.
    groups = [
        *((state, result.get(state, [])) for state in (SKIPPED, UNDER_WAY, UNKNOWN)),
        (HELD, held),
        (UNCHANGED, result.get("unchanged", [])),
        (MISSING, result.get("missing", [])),
        (f"to {action}" if check else done, result.get(done, []) if done else []),
        (FAILED, failed),
    ]
    states = dict.fromkeys(ids, NOT_DONE if done else FOUND)
    for state, members in groups:
        states.update((each, state) for each in members if each in states)
    return states


def count_states(states: Mapping[str, str]) -> dict[str, int]:
    """How many messages are in each state, by its name."""
    return dict(sorted(Counter(states.values()).items()))
