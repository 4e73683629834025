# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module documents that it returns, against what it returned."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from modules.playbook import COLLECTION, Outcome

_TYPES: dict[str, type | tuple[type, ...]] = {
    "raw": object,
    "str": str,
    "bool": bool,
    "int": int,
    "float": (int, float),
    "list": list,
    "dict": dict,
}
_ANSIBLES_REFUSAL = re.compile(r"value of \w+ must be|Unsupported parameters|missing required|parameters are")
_PLUGINS = f"ansible_collections.{COLLECTION}.plugins.modules"


def documented(module: str) -> dict[str, Any]:
    """The RETURN block of a module, parsed."""
    returned: dict[str, Any] = yaml.safe_load(importlib.import_module(f"{_PLUGINS}.{module}").RETURN)
    return returned


def differences(documentation: Mapping[str, Any], outcomes: Iterable[Outcome]) -> list[str]:
    """How results differ from what is documented.

    That is keys that are returned and not documented, or of another type, or not returned when they should be;
    documented ones that never were returned with a value; samples that look like no value that was returned.
    """
    ran = list(outcomes)
    seen: set[str] = set()
    problems = {problem for outcome in ran for problem in _mismatches(documentation, outcome, seen)}
    problems |= {f"{path} is documented and was never returned" for path in _paths(documentation, "") - seen}
    problems |= {problem for name, field in documentation.items() for problem in _untimely(name, field, ran)}
    return sorted(problems | set(_untrue_samples(documentation, ran)))


def mismatches(documentation: Mapping[str, Any], outcome: Outcome) -> list[str]:
    """What of one result is not as documented; what is missing from it may be in another."""
    return sorted(_mismatches(documentation, outcome, set()))


def value_differences(documentation: Mapping[str, Any], value: Mapping[str, Any]) -> list[str]:
    """The same of a value that is no task's result: everything that is documented must be in it."""
    problems: set[str] = set()
    seen: set[str] = set()
    _compare(documentation, value, "", problems, seen)
    return sorted(problems | {f"{path} is documented and was not there" for path in _paths(documentation, "") - seen})


def _mismatches(documentation: Mapping[str, Any], outcome: Outcome, seen: set[str]) -> set[str]:
    problems: set[str] = set()
    _compare(documentation, outcome.returned, "", problems, seen)
    return problems


def _compare(
    documentation: Mapping[str, Any], value: Mapping[str, Any], prefix: str, problems: set[str], seen: set[str]
) -> None:
    always = {name for name, field in documentation.items() if field.get("returned") == "always"}
    problems |= {f"{prefix}{name} is not always returned" for name in always - set(value)}
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


def _untimely(name: str, field: Mapping[str, Any], outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Where a key of the result is there although ``returned`` says it is not, or the other way round."""
    # What Ansible itself refuses never gets to the module.
    reached = [outcome for outcome in outcomes if not _ANSIBLES_REFUSAL.match(outcome.msg)]
    when = field["returned"]
    for failed, word in ((False, "success"), (True, "failure")):
        has = {name in outcome.returned for outcome in reached if outcome.failed is failed}
        if word not in when and True in has:
            yield f"{name} is returned with {word}, and is documented for {when}"
        # "failure, when ..." and "failure after ..." are not every failure.
        if re.search(rf"{word}(, and|$)", when) and False in has:
            yield f"{name} is not returned with every {word}"
        if word in when and has == {False}:
            yield f"{name} was never returned with {word}"


def _untrue_samples(documentation: Mapping[str, Any], outcomes: Iterable[Outcome]) -> Iterator[str]:
    returned: dict[str, set[str]] = {}
    for outcome in outcomes:
        for name, value in outcome.returned.items():
            _note_kinds(name, value, returned)
    for path, kinds in _kinds_of_samples(documentation, "").items():
        if not kinds <= returned.get(path, set()):
            was = " or ".join(sorted(returned.get(path, {"never"})))
            yield f"{path} is {' or '.join(sorted(kinds))} in a sample and was {was} returned"


def _kinds_of_samples(documentation: Mapping[str, Any], prefix: str) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for name, field in documentation.items():
        path = prefix + name
        if "sample" in field:
            _note_kinds(path, field["sample"], kinds)
        below = f"{path}[]." if field["type"] == "list" else f"{path}."
        kinds |= _kinds_of_samples(field.get("contains", {}), below)
    return kinds


def _note_kinds(path: str, value: Any, kinds: dict[str, set[str]]) -> None:
    """Note of what kind a value is, and what is in it: ``changes``, ``changes[]``, ``changes[].key``."""
    if value is None:
        return
    kinds.setdefault(path, set()).add(type(value).__name__)
    if isinstance(value, Mapping):
        for name, item in value.items():
            _note_kinds(f"{path}.{name}", item, kinds)
    elif isinstance(value, list):
        for item in value:
            _note_kinds(f"{path}[]", item, kinds)
