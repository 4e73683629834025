# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON schema of policy files, from the resources and their words. Editors complete and check with it.

It is stricter than the reader where a second spelling has no use, such as `yes` for true, and it knows no check that
looks into a pattern: the role `validate` does those. Draft 7 is what editors understand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from collection import code
from entries import RESOURCES, Entries
from options import sentences

# Changes when a file that was right would no longer be.
VERSION = 1
_TYPES = {"bool": "boolean", "int": "integer"}
_SIZES = {"str": ("minLength", "maxLength"), "list": ("minItems", "maxItems"), "int": ("minimum", "maximum")}
_MARKUP = re.compile(r"\b(?:RV|[OVCEMP])\(([^()]*)\)")


def policy_schema() -> dict[str, Any]:
    """The schema."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": code("plugin_utils._policy.dump").SCHEMA,
        "$comment": f"Version {VERSION}. Written by tools/generate from plugins/module_utils/_resources.",
        "title": "Policy of Cloudflare Email Security",
        "description": "A policy file of the Ansible collection cloudflare.email_security.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {
                "description": _plain(Entries(resource).source["list"]),
                "type": "array",
                "items": {"$ref": f"#/definitions/{resource.singular}"},
            }
            for name, resource in RESOURCES.items()
        },
        "definitions": {resource.singular: _entry(resource) for resource in RESOURCES.values()},
    }


def _entry(resource: Any) -> dict[str, Any]:
    entry = code("module_utils._settings.entry")
    words = Entries(resource).suboptions(entry.entry_module(resource).options)
    needed = [name for name in resource.key if resource.by_name[name].default is None]
    own: Mapping[str, Any] = {
        "id": _text(),
        "state": {"enum": list(code("module_utils._settings.entries").STATES)},
        "expires": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d.*)?$"},
        "accepted_risks": _accepted_risks(resource),
    }
    fields = {field.name: _field(field, field.name in needed) for field in resource.fields}
    return {
        "type": "object",
        "additionalProperties": False,
        "anyOf": [{"required": needed}, {"required": ["id"]}],
        "properties": {
            name: {"description": _plain(words[name]["description"]), **schema}
            for name, schema in {**fields, **own}.items()
        },
    }


def _field(field: Any, needed: bool) -> dict[str, Any]:
    # What is null counts as left out.
    null: list[Any] = [] if needed else ["null"]
    if field.type == "list":
        items = {"enum": list(field.choices)} if field.choices else {"type": "string"}
        found: dict[str, Any] = {"type": ["array", *null], "items": items}
    elif field.choices:
        return {"enum": [*field.choices, *(None for dummy in null)]}
    elif field.type == "str":
        found = _text(*null)
    else:
        found = {"type": [_TYPES[field.type], *null]}
    if field.default is not None:
        found["default"] = field.default
    for name, size in zip(_SIZES.get(field.type, ()), field.size or (), strict=False):
        if size is not None:
            found[name] = size
    return found


def _text(*more: str) -> dict[str, Any]:
    # The reader takes a number as the text that is written.
    return {"type": ["string", "number", *more]}


def _accepted_risks(resource: Any) -> dict[str, Any]:
    rules = code("plugin_utils._risk.rules").RULES.values()
    reason = {"type": "string", "minLength": 1}
    known = {rule.name: {"description": rule.title, **reason} for rule in rules if resource.name in rule.lists}
    return {"type": "object", "properties": known, "additionalProperties": reason}


def _plain(text: Any) -> str:
    """Words without Ansible's markup."""
    return _MARKUP.sub(lambda found: re.split(r"[#=]", found[1])[0], " ".join(sentences(text)))
