# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of settings resources: of fields as options, of what the API returns, and of filters.

A sentence that follows from the data is never written by hand: limits, defaults, what is required, what is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collection import code, source
from layout import Flow
from options import complete, documented, sentences

RETURNED = "when returned by the API"
RESOURCES: Mapping[str, Any] = code("module_utils._resources.resources").RESOURCES
COMMON = source("_resources/common.yml")


class Entries:
    """What a resource's source says, completed by what all of them share."""

    def __init__(self, resource: Any) -> None:
        self.resource = resource
        self.path = f"_resources/{resource.name}.yml"
        self.source = source(self.path)
        self._fields = _merged("fields", self.source, resource.by_name)
        self._returned = _merged("returned", self.source)
        filters = [*(item.name for item in resource.filters), *resource.parts]
        self._filters = _merged("filters", self.source, ["id", *filters])
        complete(resource.by_name, self._fields, f"{self.path}, fields")
        complete(["id", *filters], self._filters, f"{self.path}, filters")

    def options(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """The options of the module for one entry."""
        own = COMMON["options"]
        found = {"id": documented({"type": "str"}, [*own["id"], *self._in_place()])}
        for field in self.resource.fields:
            text = [*sentences(self._fields[field.name]["description"]), *self._derived(field)]
            found[field.name] = documented(declared[field.name], text)
        found["state"] = documented(declared["state"], own["state"])
        return found

    def suboptions(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """The options of one entry in a list of a document."""
        own = COMMON["options"]
        return {
            **self.options(declared),
            "expires": documented({"type": "str"}, own["expires"]),
            "accepted_risks": documented({"type": "dict"}, own["accepted_risks"]),
        }

    def filters(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """The options of the module that reads entries."""
        return {name: documented(option, self._filters[name]) for name, option in declared.items()}

    def contains(self) -> dict[str, Any]:
        """The fields that the API returns."""
        common = COMMON["returned"]
        own = {name: item for name, item in self._returned.items() if name not in common}
        return {
            "id": _returned(common["id"]),
            **{field.name: _returned({**_type(field), **self._fields[field.name]}) for field in self.resource.fields},
            **{name: _returned(item) for name, item in own.items()},
            **{name: _returned(self._returned[name]) for name in common if name != "id"},
        }

    def identity(self) -> str:
        """Which fields identify an entry, as a sentence."""
        names = [f"O({name})" for name in self.resource.key]
        verb = "identifies" if len(names) == 1 else "identify"
        return f"{_and(names)} {verb} the {self.resource.title}."

    def replaces(self) -> list[str]:
        """What becomes of options with defaults that a task omits."""
        if not any(field.default is not None and not field.qualifies for field in self.resource.fields):
            return []
        return [
            "The task describes the whole entry. An omitted option that has a default gets it, whatever the account"
            " has."
        ]

    def lacking(self) -> list[str]:
        """That an account may not have the list."""
        if not self.resource.optional:
            return []
        return [f"Some plans and older services have no {self.source['many']}. The module says so and fails."]

    def _in_place(self) -> list[str]:
        resource = self.resource
        names = [
            f"O({name})"
            for name in resource.key
            if name not in resource.immutable and name not in resource.match_mode_fields
        ]
        return [f"With it, {' or '.join(names)} can be changed in place."] if names else []

    def _derived(self, field: Any) -> list[str]:
        resource = self.resource
        found = [_limit(field)] if field.size else []
        if field.name in resource.key and field.default is None:
            found.append("Required unless O(id) is given.")
            if field.name in resource.immutable:
                found.append("It cannot be changed.")
        elif field.default is None:
            if field.name in resource.create_needs:
                found.append(f"Required for a new {resource.title}.")
            found.append("If omitted, it stays as it is.")
        elif field.qualifies:
            found.append(
                f"If omitted, it is V({str(field.default).lower()})."
                f" With O(id) and without O({field.qualifies}), it stays as it is."
            )
        text = " ".join(filter(None, found))
        return [text] if text else []


def _merged(part: str, own: Mapping[str, Any], names: Any = None) -> dict[str, Any]:
    """A part of a source, its items completed by those of the common one with the same name."""
    common = COMMON[part]
    mine = own.get(part, {})
    chosen = [name for name in common if names is None or name in names]
    merged = {}
    for name in [*chosen, *(name for name in mine if name not in chosen)]:
        shared, special = common.get(name), mine.get(name)
        both = isinstance(shared, dict) and isinstance(special, dict)
        merged[name] = {**shared, **special} if both else special if name in mine else shared
    return merged


def _type(field: Any) -> dict[str, Any]:
    return {"type": field.type, "elements": "str"} if field.type == "list" else {"type": field.type}


def _returned(item: Mapping[str, Any]) -> dict[str, Any]:
    text = item.get("returns") or sentences(item["description"])[0]
    found = {"description": text, "type": item["type"]}
    if "elements" in item:
        found["elements"] = item["elements"]
    return {**found, "returned": RETURNED, "sample": Flow(item["sample"])}


def _limit(field: Any) -> str:
    smallest, largest = field.size
    unit = {"int": "", "list": " items", "str": " characters"}[field.type]
    if largest is None:
        return "It must not be empty." if smallest else ""
    if smallest:
        return f"{smallest:,} to {largest:,}{unit}."
    return f"Up to {largest:,}{unit}."


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
