# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task of this collection's roles: its user knows the role's variables, and not the module's options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible.playbook.task import Task
from ansible.template import Templar
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import ModuleSpec

_COLLECTION = "cloudflare.email_security"
_PREFIX = "email_security_"
NO_POLICY = (
    f"There is no policy: {_PREFIX}policy_files names no file, and none of "
    f"{', '.join(_PREFIX + name for name in sorted(RESOURCES))} is set; name what the account is to hold"
)


def lists_of_roles(variables: Mapping[str, Any], templar: Templar) -> dict[str, Any]:
    """``{list: value}`` of the variables ``email_security_block_senders`` and so on, where they are set."""
    names = [name for name in RESOURCES if f"{_PREFIX}{name}" in variables]
    values = {name: templar.template(variables[f"{_PREFIX}{name}"]) for name in names}
    return {name: value for name, value in values.items() if value is not None}


class RoleTask:
    """What is particular about such a task. Of every other one, nothing is.

    :param prefix: what the role's variables have before the names of the module's options; empty for other tasks.
    """

    def __init__(self, task: Task, spec: ModuleSpec) -> None:
        role = task._role
        self.prefix = _PREFIX if role is not None and role._role_collection == _COLLECTION else ""
        # One word alone, such as timeout, may be said of something else; so may be a list's name.
        names = [name for name in spec.argument_spec() if "_" in name.strip("_") and name not in RESOURCES]
        self._options = re.compile(rf"(?<![\w./'\"-])(?={'|'.join(sorted(names, key=len, reverse=True))})\b")

    def lists(self, variables: Mapping[str, Any], templar: Templar) -> dict[str, Any]:
        """The lists that are given as variables of the role, as they are.

        Before ansible-core 2.19, an expression in the role's task would make text of them, and data of that again.
        """
        return lists_of_roles(variables, templar) if self.prefix else {}

    def in_its_words(self, result: dict[str, Any]) -> dict[str, Any]:
        """A result whose messages name the role's variables."""
        if not self.prefix:
            return result
        translated: dict[str, Any] = {
            name: self._translated(result[name]) for name in ("msg", "warnings") if name in result
        }
        return {**result, **translated}

    def _translated(self, value: Any) -> Any:
        if isinstance(value, str):
            # What is only said to the role apply has its name there.
            return self._options.sub(self.prefix, value).replace(f"{_PREFIX}impact", f"{_PREFIX}apply_impact")
        return [self._translated(item) for item in value] if isinstance(value, list) else value
