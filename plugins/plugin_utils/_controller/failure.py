# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a failure is shown: once where people read, and once as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ansible.template
from ansible.playbook.task import Task
from ansible.utils.display import Display
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import replace_controls

# From 2.19 on, ansible-core shows a failed task's message as it is, before the line with the result.
_SHOWS_MESSAGES = hasattr(ansible.template, "trust_as_template")


def refusal(problems: Sequence[str]) -> dict[str, Any]:
    """The result of a task that is refused before it begins."""
    error = InputError(problems)
    return {"failed": True, "changed": False, "msg": replace_controls(str(error)), "error": error.details()}


def shown(result: dict[str, Any], task: Task, in_role: bool) -> dict[str, Any]:
    """The result of a task; where it failed, its message is made legible.

    :param in_role: whether the task is the collection's own, so that its place says nothing to its user.
    """
    if not result.get("failed"):
        return result
    if in_role:
        # Ansible would show the lines of the role around the task.
        task._ds = None
    message = str(result.get("msg", ""))
    if not _SHOWS_MESSAGES and "\n" in message and not task.no_log:
        # Its lines are one there, with escapes between them.
        Display().error(message, wrap_text=False)
    return result
