# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``url_ignore_pattern`` and ``url_ignore_pattern_info``."""

from __future__ import annotations

from typing import Any

from modules.scenario import REFUSED, Change, ReadScenario, ReadStep, WriteScenario

_PATH = "settings/url_ignore_patterns"
_LOGIN = r"^https://login\.partner\.example/.*$"


def _pattern(pattern: str, **fields: Any) -> dict[str, Any]:
    return {"pattern": pattern, **fields}


WRITES = WriteScenario(
    collection="url_ignore_patterns",
    before={"url_ignore_patterns": [_pattern("^https://other/", comments="ours"), _pattern("^https://Old/")]},
    steps={
        "create": Change(
            args={"pattern": _LOGIN},
            sends=[("POST", _PATH, _pattern(_LOGIN))],
            leaves={"url_ignore_patterns": {_LOGIN: {"comments": None}}},
        ),
        "update": Change(
            args={"pattern": _LOGIN, "comments": "SEC-1"},
            sends=[("PATCH", f"{_PATH}/{{{_LOGIN}}}", {"comments": "SEC-1"})],
            leaves={"url_ignore_patterns": {_LOGIN: {"comments": "SEC-1"}}},
        ),
        # An expression in another case is another one.
        "another": Change(
            args={"pattern": "^https://old/"},
            sends=[("POST", _PATH, _pattern("^https://old/"))],
            leaves={"url_ignore_patterns": {"^https://old/": {}}},
        ),
        "update in place, by id": Change(
            args={"id": "{^https://Old/}", "pattern": "^https://new/"},
            sends=[("PATCH", f"{_PATH}/{{^https://Old/}}", {"pattern": "^https://new/"})],
            leaves={"url_ignore_patterns": {"^https://new/": {}}},
        ),
        "absent": Change(
            args={"pattern": _LOGIN, "state": "absent"},
            sends=[("DELETE", f"{_PATH}/{{{_LOGIN}}}", None)],
            leaves={"url_ignore_patterns": {}},
        ),
    },
    # Any pattern that the module takes, the service takes too; but not from a token that may only read.
    refused={"pattern": REFUSED},
)

READS = ReadScenario(
    collection="url_ignore_patterns",
    before=[_pattern("b"), _pattern("a", comments="INC-7"), _pattern("c")],
    steps=[ReadStep({}, {}, ["b", "a", "c"])],
    many=_pattern("{number}"),
)
