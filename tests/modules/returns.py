# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module documents that it returns, against what it returned."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from modules.playbook import COLLECTION, Outcome

_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "bool": bool,
    "int": int,
    "float": (int, float),
    "list": list,
    "dict": dict,
}
_PLUGINS = f"ansible_collections.{COLLECTION}.plugins.modules"


def documented(module: str) -> dict[str, Any]:
    """The RETURN block of a module, parsed."""
    returned: dict[str, Any] = yaml.safe_load(importlib.import_module(f"{_PLUGINS}.{module}").RETURN)
    return returned


def differences(documentation: Mapping[str, Any], outcomes: Iterable[Outcome]) -> list[str]:
    """Keys that are returned and not documented, of another type, or documented and never returned with a value."""
    problems: set[str] = set()
    seen: set[str] = set()
    for outcome in outcomes:
        _compare(documentation, outcome.returned, "", problems, seen)
    never = _paths(documentation, "") - seen
    return sorted(problems | {f"{path} is documented and was never returned" for path in never})


def _compare(
    documentation: Mapping[str, Any], value: Mapping[str, Any], prefix: str, problems: set[str], seen: set[str]
) -> None:
    for name, item in value.items():
        path = prefix + name
        field = documentation.get(name)
        if field is None:
            problems.add(f"{path} is returned and not documented")
            continue
        if item is None:
            continue
        seen.add(path)
        if not _fits(field["type"], item):
            problems.add(f"{path} is documented as {field['type']} and was {type(item).__name__}")
            continue
        members = item if field["type"] == "list" else [item]
        if field["type"] == "list" and not all(_fits(field["elements"], member) for member in members):
            problems.add(f"{path} is documented as a list of {field['elements']}, and has other elements")
        elif "contains" in field:
            for member in members:
                _compare(field["contains"], member, f"{path}.", problems, seen)


def _fits(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "bool"
    return isinstance(value, _TYPES[kind])


def _paths(documentation: Mapping[str, Any], prefix: str) -> set[str]:
    paths = set()
    for name, field in documentation.items():
        paths.add(prefix + name)
        paths |= _paths(field.get("contains", {}), f"{prefix}{name}.")
    return paths
