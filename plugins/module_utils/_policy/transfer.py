# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passes a policy that was read on the controller to the module, wherever that runs.

Vault secrets and templates exist only on the controller. The action plugin reads there, and passes what it read as an
internal option of the task, which is plain JSON. Problems are included, so that a run reports all of them at once.
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
    """The value of the internal option.

    :param prefix: what stands before the names of lists in messages, where they are given as variables of a role.
    """
    return {
        "lists": policy.lists,
        "problems": policy.problems,
        "warnings": policy.warnings,
        "prefix": prefix,
    }


def policy_from(params: Mapping[str, Any]) -> tuple[Policy, str]:
    """What the action plugin read, and the prefix.

    :raises InputError: there are files, and no action plugin has read them.
    """
    passed = params.get(OPTION)
    if passed is None:
        if params.get(FILES):
            raise InputError(
                [f"{FILES} is read by the collection's action plugin, which did not run; use the module in a task"]
            )
        return Policy(), ""
    lists = {name: [Placed(*placed) for placed in entries] for name, entries in passed["lists"].items()}
    return Policy(lists, list(passed["problems"]), list(passed["warnings"])), str(passed["prefix"])
