# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Cloudflare's newer clients and pages say, laid over the published OpenAPI description, which is older."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

OURS = "/accounts/{account_id}/email-security/"
NEWER = Path(__file__).with_name("newer.yml")

Document = dict[str, Any]


def load(path: Path = NEWER) -> Document:
    """The overlay. Its paths are written as they follow ``email-security/``."""
    overlay = _with_text_keys(yaml.safe_load(path.read_text()))
    return {
        "paths": {f"{OURS}{name}": item for name, item in overlay["paths"].items()},
        "components": overlay["components"],
    }


def lay_over(document: Document, overlay: Document) -> tuple[Document, list[str]]:
    """The document with the overlay merged into it, and the parts of the overlay that change nothing.

    Mappings are merged, and parameters by their name; a null takes away; of everything else the overlay's value stands.
    What is not whole in the overlay, an operation with a response that has no description or a component with
    x-changes, changes what is there, and is left out where nothing is.
    """
    changed = copy.deepcopy(document)
    idle: list[str] = []
    for place, name, part in _parts(overlay):
        target = changed
        for step in place:
            target = target.setdefault(step, {})
        if name in target or _whole(place, part):
            before = target.get(name)
            target[name] = _merged(before, part)
            if target[name] == before:
                idle.append(" ".join((*place[1:], name)))
    for path in overlay["paths"]:
        _add_path_parameters(changed, path)
    return changed, idle


def _parts(overlay: Document) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Each operation and each component of the overlay, with the place that it belongs to."""
    for path, item in overlay["paths"].items():
        for method, operation in item.items():
            yield ("paths", path), method, operation
    for kind, components in overlay["components"].items():
        for name, component in components.items():
            yield ("components", kind), name, component


def _whole(place: tuple[str, ...], part: Any) -> bool:
    if place[0] == "paths":
        responses = part.get("responses", {}).values()
        return bool(responses) and all("description" in each or "$ref" in each for each in responses)
    return "x-changes" not in part


def _merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    merged = {**old, **{name: _merged(old.get(name), value) for name, value in new.items() if name != "x-changes"}}
    merged = {name: value for name, value in merged.items() if value is not None}
    if "parameters" in old and "parameters" in new:
        names = {parameter["name"] for parameter in new["parameters"]}
        kept = [parameter for parameter in old["parameters"] if parameter.get("name") not in names]
        merged["parameters"] = [*kept, *new["parameters"]]
    return merged


def _with_text_keys(value: Any) -> Any:
    """Statuses are numbers in YAML, and texts in JSON."""
    if isinstance(value, dict):
        return {str(name): _with_text_keys(each) for name, each in value.items()}
    return [_with_text_keys(each) for each in value] if isinstance(value, list) else value


def _add_path_parameters(document: Document, path: str) -> None:
    """Declare the placeholders of a path that the published description does not have."""
    item = document["paths"].get(path)
    if not item:
        document["paths"].pop(path, None)
    elif "parameters" not in item:
        names = re.findall(r"{(\w+)}", path)
        item["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
