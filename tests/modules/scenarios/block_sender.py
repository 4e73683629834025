# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``block_sender`` and ``block_sender_info``."""

from __future__ import annotations

from typing import Any

from modules.scenario import REFUSED, Change, ReadScenario, ReadStep, WriteScenario

_KEY = {"pattern": r"^invoice-[0-9]+@.*\.example$", "pattern_type": "EMAIL", "is_regex": True}


def _sender(pattern: str, pattern_type: str, **fields: Any) -> dict[str, Any]:
    return {"pattern": pattern, "pattern_type": pattern_type, "is_regex": False, "comments": None, **fields}


WRITES = WriteScenario(
    collection="block_senders",
    before={"block_senders": [_sender("phish.example", "DOMAIN"), _sender("198.51.100.0/24", "IP", comments="spam")]},
    steps={
        "create": Change(
            args=_KEY,
            sends=[("POST", "settings/block_senders", _KEY)],
            leaves={"block_senders": {_KEY["pattern"]: {"is_regex": True, "pattern_type": "EMAIL"}}},
        ),
        "update": Change(
            args={**_KEY, "comments": "INC-77 — Rechnung"},
            sends=[("PATCH", "settings/block_senders/{" + _KEY["pattern"] + "}", {"comments": "INC-77 — Rechnung"})],
            leaves={"block_senders": {_KEY["pattern"]: {"comments": "INC-77 — Rechnung"}}},
        ),
        "update, clearing the comment": Change(
            args={"pattern": "198.51.100.0/24", "pattern_type": "IP", "comments": ""},
            sends=[("PATCH", "settings/block_senders/{198.51.100.0/24}", {"comments": ""})],
            leaves={"block_senders": {"198.51.100.0/24": {"comments": ""}}},
        ),
        "absent": Change(
            args={**_KEY, "state": "absent"},
            sends=[("DELETE", "settings/block_senders/{" + _KEY["pattern"] + "}", None)],
            leaves={"block_senders": {}},
        ),
        "absent, by id": Change(
            args={"id": "{phish.example}", "state": "absent"},
            sends=[("DELETE", "settings/block_senders/{phish.example}", None)],
            leaves={"block_senders": {}},
        ),
    },
    refused={"pattern": REFUSED, "pattern_type": "DOMAIN"},
)

READS = ReadScenario(
    collection="block_senders",
    before=[
        _sender("b.example", "DOMAIN", comments="feed"),
        _sender("a.example", "DOMAIN"),
        _sender("192.0.2.3", "IP", comments="feed"),
    ],
    steps=[
        ReadStep({}, {}, ["b.example", "a.example", "192.0.2.3"]),
        ReadStep({"pattern": "a.example"}, {"pattern": "a.example"}, ["a.example"]),
        ReadStep({"pattern_type": "IP"}, {"pattern_type": "IP"}, ["192.0.2.3"]),
        ReadStep({"search": "feed"}, {"search": "feed"}, ["b.example", "192.0.2.3"]),
        ReadStep({"direction": "desc"}, {"direction": "desc"}, ["192.0.2.3", "a.example", "b.example"]),
        ReadStep({"order": "pattern"}, {"order": "pattern"}, ["192.0.2.3", "a.example", "b.example"]),
    ],
    many=_sender("{number}.example", "DOMAIN"),
)
