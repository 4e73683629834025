# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``allow_policy`` and ``allow_policy_info``."""

from __future__ import annotations

from typing import Any

from modules.scenario import REFUSED, Change, ReadScenario, ReadStep, WriteScenario

_FLAGS = {
    "is_trusted_sender": False,
    "is_exempt_recipient": False,
    "is_acceptable_sender": False,
    "verify_sender": True,
}
_KEY = {"pattern": "billing@partner.example", "pattern_type": "EMAIL"}


def _policy(pattern: str, pattern_type: str, **fields: Any) -> dict[str, Any]:
    return {
        "pattern": pattern,
        "pattern_type": pattern_type,
        "is_regex": False,
        **_FLAGS,
        "comments": None,
        **fields,
    }


WRITES = WriteScenario(
    collection="allow_policies",
    before={
        "allow_policies": [
            _policy("other.example", "DOMAIN", verify_sender=False),
            _policy("203.0.113.25", "IP", is_trusted_sender=True, comments="old gateway"),
        ]
    },
    steps={
        "create": Change(
            args={**_KEY, "is_acceptable_sender": True, "comments": "Invoices"},
            sends=[
                (
                    "POST",
                    "settings/allow_policies",
                    {**_KEY, "is_regex": False, **_FLAGS, "is_acceptable_sender": True, "comments": "Invoices"},
                )
            ],
            leaves={
                "allow_policies": {"billing@partner.example": {"is_acceptable_sender": True, "verify_sender": True}}
            },
        ),
        # A flag that is left out gets its default, and a comment that is left out stays.
        "update": Change(
            args={**_KEY, "is_trusted_sender": True},
            sends=[
                (
                    "PATCH",
                    "settings/allow_policies/{billing@partner.example}",
                    {"is_trusted_sender": True, "is_acceptable_sender": False},
                )
            ],
            leaves={
                "allow_policies": {
                    "billing@partner.example": {
                        "is_trusted_sender": True,
                        "is_acceptable_sender": False,
                        "comments": "Invoices",
                    }
                }
            },
        ),
        "update in place, by id": Change(
            args={
                "id": "{203.0.113.25}",
                "pattern": "203.0.113.26",
                "pattern_type": "IP",
                "is_trusted_sender": True,
                "comments": "",
            },
            sends=[("PATCH", "settings/allow_policies/{203.0.113.25}", {"pattern": "203.0.113.26", "comments": ""})],
            leaves={"allow_policies": {"203.0.113.26": {"is_trusted_sender": True, "comments": ""}}},
        ),
        "absent": Change(
            args={**_KEY, "pattern": "billing@PARTNER.example", "state": "absent"},
            sends=[("DELETE", "settings/allow_policies/{billing@partner.example}", None)],
            leaves={"allow_policies": {}},
        ),
    },
    refused={"pattern": REFUSED, "pattern_type": "DOMAIN"},
)

READS = ReadScenario(
    collection="allow_policies",
    before=[
        _policy("a@one.example", "EMAIL", is_trusted_sender=True, verify_sender=False, comments="old"),
        _policy("two.example", "DOMAIN", is_exempt_recipient=True),
        _policy("192.0.2.3", "IP", is_acceptable_sender=True),
        _policy("four", "UNKNOWN"),
    ],
    steps=[
        ReadStep({}, {}, ["a@one.example", "two.example", "192.0.2.3", "four"]),
        ReadStep({"pattern": "two.example"}, {"pattern": "two.example"}, ["two.example"]),
        ReadStep({"pattern_type": "UNKNOWN"}, {"pattern_type": "UNKNOWN"}, ["four"]),
        ReadStep({"search": "ONE"}, {"search": "ONE"}, ["a@one.example"]),
        ReadStep({"is_trusted_sender": True}, {"is_trusted_sender": "true"}, ["a@one.example"]),
        ReadStep({"is_exempt_recipient": True}, {"is_exempt_recipient": "true"}, ["two.example"]),
        ReadStep({"is_acceptable_sender": True}, {"is_acceptable_sender": "true"}, ["192.0.2.3"]),
        ReadStep({"verify_sender": False}, {"verify_sender": "false"}, ["a@one.example"]),
        ReadStep(
            {"order": "pattern", "direction": "desc"},
            {"order": "pattern", "direction": "desc"},
            ["two.example", "four", "a@one.example", "192.0.2.3"],
        ),
        ReadStep(
            {"pattern_type": "EMAIL", "verify_sender": True},
            {"pattern_type": "EMAIL", "verify_sender": "true"},
            [],
        ),
    ],
    many=_policy("{number}.example", "DOMAIN"),
)
