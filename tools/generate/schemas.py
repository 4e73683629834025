# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON schemas: one whole, and of another the parts that follow from the data, named here since JSON takes no marks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from collection import ROOT, code
from entries import RESOURCES
from policy_schema import policy_schema

AUDIT_REPORT = "docs/schemas/audit-report.schema.json"
POLICY = "docs/schemas/policy.schema.json"
_WIDTH = 140


def all_schemas() -> Iterator[tuple[str, str]]:
    """The path and the text of every schema."""
    schema = json.loads((ROOT / AUDIT_REPORT).read_text(encoding="utf-8"))
    definitions = schema["$defs"]
    definitions["severity"]["enum"] = list(code("plugin_utils._risk.rules").SEVERITIES)
    lists = definitions["account"]["properties"]["lists"]
    lists["required"] = list(RESOURCES)
    lists["properties"] = {name: {"$ref": "#/$defs/list"} for name in RESOURCES}
    yield AUDIT_REPORT, _text(schema)
    yield POLICY, _text(policy_schema())


def _text(schema: Mapping[str, Any]) -> str:
    return "\n".join(_lines("", schema, 0, "")) + "\n"


def _lines(prefix: str, value: Any, indent: int, end: str) -> Iterator[str]:
    """A value on one line if it fits, else its parts below each other."""
    line = f"{prefix}{json.dumps(value, ensure_ascii=False)}{end}"
    if len(line) <= _WIDTH or not value or not isinstance(value, (dict, list)):
        yield line
        return
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    items = value.items() if isinstance(value, Mapping) else ((None, item) for item in value)
    yield f"{prefix}{opening}"
    for position, (key, item) in enumerate(items, 1):
        name = "" if key is None else f"{json.dumps(key)}: "
        yield from _lines(f"{' ' * (indent + 2)}{name}", item, indent + 2, "," if position < len(value) else "")
    yield f"{' ' * indent}{closing}{end}"
