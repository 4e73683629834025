# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which variables the collection has, and which of a play's were meant to be one of them."""

from __future__ import annotations

import difflib
import functools
import importlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

PREFIX = "email_security_"
# What begins so is the user's own.
CUSTOM = f"{PREFIX}custom_"

ROLES = Path(__file__).parents[3] / "roles"
# What roles leave for the tasks, and the nodes of a workflow, that follow.
RESULTS = frozenset(
    {
        f"{PREFIX}apply",
        f"{PREFIX}apply_result",
        f"{PREFIX}audit",
        f"{PREFIX}audit_account",
        f"{PREFIX}audit_result",
        f"{PREFIX}export",
        f"{PREFIX}export_files",
        f"{PREFIX}export_result",
        f"{PREFIX}respond",
        f"{PREFIX}respond_result",
        f"{PREFIX}validate_result",
    }
)
# What playbooks and rulebooks take beside the variables of their roles.
PLAYBOOKS = frozenset(
    {
        f"{PREFIX}hosts",
        f"{PREFIX}audit_merge",
        f"{PREFIX}awx_credential",
        f"{PREFIX}awx_credential_inputs",
        f"{PREFIX}awx_credential_type",
        f"{PREFIX}awx_execution_environment",
        f"{PREFIX}awx_inventory",
        f"{PREFIX}awx_inventory_file",
        f"{PREFIX}awx_job_templates",
        f"{PREFIX}awx_organization",
        f"{PREFIX}awx_project",
        f"{PREFIX}awx_schedules",
        f"{PREFIX}awx_scm_branch",
        f"{PREFIX}awx_scm_credential",
        f"{PREFIX}awx_scm_url",
        f"{PREFIX}awx_update_secrets",
        f"{PREFIX}checkpoint",
        f"{PREFIX}interval",
        f"{PREFIX}overlap",
        f"{PREFIX}retract",
        f"{PREFIX}retract_destination",
        f"{PREFIX}retract_id",
        f"{PREFIX}start",
    }
)


@functools.cache
def options() -> Mapping[str, Mapping[str, Any]]:
    """The variables of all roles, as their argument specifications declare them: roles share those of a group."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted(ROLES.glob("*/meta/argument_specs.yml")):
        found |= yaml.load(path.read_text(encoding="utf-8"), loader)["argument_specs"]["main"]["options"]  # noqa: S506 - a safe one
    return found


@functools.cache
def known_names() -> frozenset[str]:
    """Every variable of the collection."""
    return RESULTS.union(PLAYBOOKS, options())


def unknown_names(names: Iterable[str]) -> list[str]:
    """What is wrong with these names of variables: a sentence for each that was meant for the collection."""
    return [
        f"{place(name)}{name} is no variable of this collection; {_remedy(name)}"
        for name in names
        if isinstance(name, str)
        and name.startswith(PREFIX)
        and not name.startswith(CUSTOM)
        and name not in known_names()
    ]


def _remedy(name: str) -> str:
    # Without the prefix, in which all of them are alike.
    known = [one.removeprefix(PREFIX) for one in sorted(known_names())]
    close = difflib.get_close_matches(name.removeprefix(PREFIX), known, n=1)
    if close:
        return f"did you mean {PREFIX}{close[0]}?"
    return f"correct it, or begin a variable of your own with {CUSTOM}"


def place(value: Any) -> str:
    """``file:line:column: `` of a value or of a variable's name, where Ansible knows it; else nothing."""
    position = _position(value)
    if position is None:
        return ""
    path, here = Path(position[0]), Path.cwd()
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}:{position[1]}:{position[2]}: "


def place_of_value(name: Any, value: Any) -> str:
    """As :func:`place`, for the value of a variable.

    Ansible knows no place of a number or of true. That of the name may be another's, whose value this one replaced.
    """
    position = _position(name)
    if _position(value) is not None or position is None:
        return place(value)
    try:
        lines = Path(position[0]).read_text(encoding="utf-8").splitlines()
        written = yaml.safe_load(lines[position[1] - 1].strip().removeprefix("- "))
    except (OSError, ValueError, IndexError, yaml.YAMLError):
        return ""
    return place(name) if written == {str(name): value} else ""


def _position(value: Any) -> tuple[str, int, int] | None:
    position = getattr(value, "ansible_pos", None)
    if position is None and _origin():
        origin = _origin().get_tag(value)
        position = origin and (origin.path, origin.line_num, origin.col_num)
    return position if position and position[0] and position[1] else None


@functools.cache
def _origin() -> Any:
    """How ansible-core marks where a value was written, from 2.19 on. It is not promised to stay."""
    try:
        return importlib.import_module("ansible._internal._datatag._tags").Origin
    except (ImportError, AttributeError):
        return None
