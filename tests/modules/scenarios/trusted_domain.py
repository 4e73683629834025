# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``trusted_domain`` and ``trusted_domain_info``."""

from __future__ import annotations

from typing import Any

from modules.scenario import REFUSED, Change, ReadScenario, ReadStep, WriteScenario


def _domain(pattern: str, **fields: Any) -> dict[str, Any]:
    return {
        "pattern": pattern,
        "is_regex": False,
        "is_recent": False,
        "is_similarity": False,
        "comments": None,
        **fields,
    }


WRITES = WriteScenario(
    collection="trusted_domains",
    before={"trusted_domains": [_domain("other.example", is_recent=True), _domain("Mixed.Example")]},
    steps={
        # The user's spelling is what is written.
        "create": Change(
            args={"pattern": "New-Partner.example", "is_recent": True, "comments": "SEC-2001"},
            sends=[
                (
                    "POST",
                    "settings/trusted_domains",
                    {
                        "pattern": "New-Partner.example",
                        "is_regex": False,
                        "is_recent": True,
                        "is_similarity": False,
                        "comments": "SEC-2001",
                    },
                )
            ],
            leaves={"trusted_domains": {"New-Partner.example": {"is_recent": True, "is_similarity": False}}},
        ),
        # A difference in case alone is no drift.
        "update": Change(
            args={"pattern": "new-partner.EXAMPLE", "is_similarity": True},
            sends=[
                (
                    "PATCH",
                    "settings/trusted_domains/{New-Partner.example}",
                    {"is_recent": False, "is_similarity": True},
                )
            ],
            leaves={
                "trusted_domains": {
                    "New-Partner.example": {"is_recent": False, "is_similarity": True, "comments": "SEC-2001"}
                }
            },
        ),
        "update in place, by id": Change(
            args={"id": "{Mixed.Example}", "pattern": r"^mixed\.example$", "is_regex": True},
            sends=[
                (
                    "PATCH",
                    "settings/trusted_domains/{Mixed.Example}",
                    {"pattern": r"^mixed\.example$", "is_regex": True},
                )
            ],
            leaves={"trusted_domains": {r"^mixed\.example$": {"is_regex": True}}},
        ),
        "absent": Change(
            args={"pattern": "new-partner.example", "state": "absent"},
            sends=[("DELETE", "settings/trusted_domains/{New-Partner.example}", None)],
            leaves={"trusted_domains": {}},
        ),
    },
    refused={"pattern": REFUSED},
)

READS = ReadScenario(
    collection="trusted_domains",
    before=[
        _domain("b.example", is_recent=True, comments="new"),
        _domain("a.example", is_similarity=True),
        _domain("c.example"),
    ],
    steps=[
        ReadStep({}, {}, ["b.example", "a.example", "c.example"]),
        ReadStep({"pattern": "a.example"}, {"pattern": "a.example"}, ["a.example"]),
        ReadStep({"search": "NEW"}, {"search": "NEW"}, ["b.example"]),
        ReadStep({"is_recent": True}, {"is_recent": "true"}, ["b.example"]),
        ReadStep({"is_similarity": False}, {"is_similarity": "false"}, ["b.example", "c.example"]),
        ReadStep(
            {"order": "pattern", "direction": "desc"},
            {"order": "pattern", "direction": "desc"},
            ["c.example", "b.example", "a.example"],
        ),
    ],
    many=_domain("{number}.example"),
)
