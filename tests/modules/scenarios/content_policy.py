# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``content_policy`` and ``content_policy_info``."""

from __future__ import annotations

from typing import Any

from modules.scenario import REFUSED, Change, ReadScenario, ReadStep, WriteScenario

_PATH = "settings/content_policies"
_UNTIL = "2127-01-01T00:00:00Z"


def _policy(name: str, pattern: str, *targets: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "pattern": pattern, "targets": list(targets) or ["BODY"], "enabled": True, **fields}


_FAKE = _policy("Fake", r"(?i)invoice \d{6}", "BODY", "SUBJECT", notes="INC-77")
# Neither the order of targets nor the zone of a time is drift.
_CHANGED = {"name": "Fake", "targets": ["SUBJECT", "BODY"], "expires_at": "2127-01-01T01:00:00+01:00"}
WRITES = WriteScenario(
    collection="content_policies",
    before={"content_policies": [_policy("Other", "other", enabled=False), _policy("Old", "(?i)old", notes="INC-1")]},
    steps={
        "create": Change(_FAKE, [("POST", _PATH, _FAKE)], {"content_policies": {"Fake": _FAKE}}),
        "update": Change(
            args=_CHANGED,
            sends=[("PATCH", f"{_PATH}/{{Fake}}", {"expires_at": _UNTIL})],
            leaves={"content_policies": {"Fake": {**_FAKE, "expires_at": _UNTIL}}},
        ),
        "no end": Change(
            args={"name": "Fake", "expires_at": ""},
            sends=[("PATCH", f"{_PATH}/{{Fake}}", {"expires_at": None})],
            leaves={"content_policies": {"Fake": {**_FAKE, "expires_at": None}}},
        ),
        "absent": Change(
            args={"name": "Fake", "state": "absent"},
            sends=[("DELETE", f"{_PATH}/{{Fake}}", None)],
            leaves={"content_policies": {}},
        ),
    },
    # Any policy that the module takes, the service takes too; but not from a token that may only read.
    refused={**_FAKE, "name": REFUSED},
)

READS = ReadScenario(
    collection="content_policies",
    before=[_policy("B", "wire", notes="a"), _policy("A", "b", enabled=False, expires_at=_UNTIL), _policy("C", "A c")],
    steps=[
        ReadStep({}, {}, ["B", "A", "C"]),
        ReadStep({"name": "A"}, {"name": "A"}, ["A"]),
        ReadStep({"enabled": False}, {"enabled": "false"}, ["A"]),
        ReadStep({"search": "a"}, {"search": "a"}, ["A", "C"]),
        ReadStep({"order": "name", "direction": "desc"}, {"order": "name", "direction": "desc"}, ["C", "B", "A"]),
    ],
    many=_policy("{number}", "x"),
)
