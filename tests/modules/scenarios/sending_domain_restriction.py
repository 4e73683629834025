# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``sending_domain_restriction`` and ``sending_domain_restriction_info``."""

from __future__ import annotations

from typing import Any

from modules.scenario import REFUSED, Change, ReadScenario, ReadStep, WriteScenario

_PATH = "settings/sending_domain_restrictions"


def _partner(domain: str, *exclude: str, **fields: Any) -> dict[str, Any]:
    return {"domain": domain, "exclude": list(exclude), **fields}


WRITES = WriteScenario(
    collection="sending_domain_restrictions",
    before={"sending_domain_restrictions": [_partner("other.example", comments="ours"), _partner("Mixed.Example")]},
    steps={
        "create": Change(
            args={"domain": "partner.example", "exclude": ["A.partner.example", "b.partner.example"]},
            sends=[("POST", _PATH, _partner("partner.example", "A.partner.example", "b.partner.example"))],
            leaves={"sending_domain_restrictions": {"partner.example": {"comments": None}}},
        ),
        # Neither case nor order is drift.
        "update": Change(
            args={
                "domain": "PARTNER.example",
                "exclude": ["B.partner.example", "a.partner.example"],
                "comments": "SEC-1",
            },
            sends=[("PATCH", f"{_PATH}/{{partner.example}}", {"comments": "SEC-1"})],
            leaves={"sending_domain_restrictions": {"partner.example": {"comments": "SEC-1"}}},
        ),
        "update, without exceptions": Change(
            args={"domain": "partner.example"},
            sends=[("PATCH", f"{_PATH}/{{partner.example}}", {"exclude": []})],
            leaves={"sending_domain_restrictions": {"partner.example": {"exclude": [], "comments": "SEC-1"}}},
        ),
        "absent": Change(
            args={"domain": "mixed.example", "state": "absent"},
            sends=[("DELETE", f"{_PATH}/{{Mixed.Example}}", None)],
            leaves={"sending_domain_restrictions": {}},
        ),
    },
    refused={"domain": REFUSED},
)

READS = ReadScenario(
    collection="sending_domain_restrictions",
    before=[
        _partner("b.example", "x.b.example", comments="new"),
        _partner("a.example", comments=None),
        _partner("c.example"),
    ],
    steps=[
        ReadStep({}, {}, ["b.example", "a.example", "c.example"]),
        ReadStep({"search": "NEW"}, {"search": "NEW"}, ["b.example"]),
        ReadStep(
            {"order": "domain", "direction": "desc"},
            {"order": "domain", "direction": "desc"},
            ["c.example", "b.example", "a.example"],
        ),
    ],
    many=_partner("{number}.example"),
)
