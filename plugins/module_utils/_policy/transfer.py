# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The internal option that passes a policy from the controller to the module, wherever that runs.

Vault secrets and templates exist only on the controller. The action plugin reads the files there and serializes the
policy as an internal option of the task, in plain JSON. Problems are included, so that a run reports all of them at
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import InputError
from .places import Placed
from .policy import Policy

FILES = "policy_files"
OPTION = "_policy"
OPTIONS: dict[str, Any] = {FILES: {"type": "list", "elements": "path"}, OPTION: {"type": "raw"}}


def option_of(policy: Policy, prefix: str) -> dict[str, Any]:
    """Serialize a policy as the value of the internal option.

    :param prefix: of list names in messages, if the lists are variables of a role.
    """
    return {
        "lists": policy.lists,
        "problems": policy.problems,
        "warnings": policy.warnings,
        "prefix": prefix,
    }


def policy_from(params: Mapping[str, Any]) -> tuple[Policy, str]:
    """Deserialize the policy and the prefix.

    :raises InputError: the task names files, and no action plugin has read them.
    """
    value = params.get(OPTION)
    if value is None:
        if params.get(FILES):
            raise InputError(
                [f"{FILES} is read by the collection's action plugin, which did not run; use the module in a task"]
            )
        return Policy(), ""
    lists = {name: [Placed(*placed) for placed in entries] for name, entries in value["lists"].items()}
    return Policy(lists, list(value["problems"]), list(value["warnings"])), str(value["prefix"])
