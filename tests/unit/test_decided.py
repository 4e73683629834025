# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which policy decided a message, whatever the service says of it, and how the role respond tells it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.decided import (
    count_decisions,
    decisions,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._respond.table import decision_lines


def says(pattern: Any = None, kind: Any = None, **more: Any) -> dict[str, Any]:
    return {"properties": {"allowlisted_pattern": pattern, "allowlisted_pattern_type": kind, **more}}


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("acceptable_sender", "allow_policies"),
        ("allowed_sender", "allow_policies"),
        ("allowed_recipient", "allow_policies"),
        ("domain_similarity", "trusted_domains"),
        ("domain_recency", "trusted_domains"),
        ("quarantine_release", None),
        ("managed_acceptable_sender", None),
        ("outbound_ndr", None),
        ("of_tomorrow", None),
    ],
)
def test_the_list_follows_from_the_type(kind: str, place: str | None) -> None:
    expected = {"let_through_by": {"list": place, "pattern": "a.example", "type": kind}}
    assert decisions(says("a.example", kind)) == expected
    assert decisions(says("a.example", whitelisted_pattern_type=kind)) == expected


@pytest.mark.parametrize(
    "message", [{}, {"properties": None}, {"properties": "no"}, {"properties": {}}, says(), says("", 7), says([], {})]
)
def test_a_message_that_no_policy_decided(message: dict[str, Any]) -> None:
    assert decisions(message) == {}


def test_a_message_may_be_both() -> None:
    found = decisions(says("a.example", blocklisted_pattern="b.example"))
    assert found == {
        "let_through_by": {"list": None, "pattern": "a.example", "type": None},
        "blocked_by": {"list": "block_senders", "pattern": "b.example", "type": None},
    }
    assert decisions(says(blocklisted_message=True))["blocked_by"]["pattern"] is None


def test_how_it_is_reported() -> None:
    counted = count_decisions(
        [
            says("rare.example", "allowed_sender"),
            *[says("x\x1b[31m\ny", "acceptable_sender")] * 2,
            says(None, "outbound_ndr"),
            says(blocklisted_pattern="b.example"),
            {},
        ]
    )
    assert counted["let_through_by"][0] == {
        "list": "allow_policies",
        "pattern": "x\x1b[31m\ny",
        "type": "acceptable_sender",
        "messages": 2,
    }
    assert decision_lines(counted) == [
        "let through: 2 by allow_policies x?[31m y (acceptable_sender)",
        "let through: 1 by allow_policies rare.example (allowed_sender)",
        "let through: 1 by what the API does not name (outbound_ndr)",
        "blocked: 1 by block_senders b.example",
    ]
