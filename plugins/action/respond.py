# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the role ``respond`` on the controller. Its options are the role's variables, without their prefix.

It never fails: a failure becomes the result's ``error``, so that the role can report what was done before it, and then
fail once. Only a defect fails at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.utils.display import Display
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.failure import refusal, shown
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.role_action import RoleAction
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.variables import unknown_names
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._respond.respond import respond_spec
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._respond.table import one_line

# The width of what Ansible's default output puts around a line of a list.
_AROUND = len(8 * " " + '"",')
# The result of a run that failed before its search ended.
_NOTHING: Mapping[str, Any] = {
    "changed": False,
    "messages": [],
    "states": {},
    "counts": {},
    "left_out": [],
    "let_through_by": [],
    "blocked_by": [],
    "report": [],
    "bulk_job": None,
}


class ActionModule(RoleAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        # The role's first task has checked all hosts, unless it was skipped for them.
        unknown = unknown_names(variables)
        if unknown:
            return shown(refusal(unknown), self._task, in_role=True)
        environ = self.environment()
        given = _given(self._task.args)
        given.setdefault("requested_by", environ.get("USER") or environ.get("LOGNAME"))
        result = self.do(respond_spec(_width(environ)), given, variables)
        if "exception" not in result:
            failed = result.pop("failed", False)
            result["error"] = one_line(result.pop("msg")) if failed else ""
            result = {**_NOTHING, **result}
            result["summary"] = self._summary(result)
        return self.as_from_a_module(result, variables)

    def _summary(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """The summary for a workflow. It holds no text from the sender of a message."""
        return {
            "action": str(self._task.args.get("action") or "none"),
            "changed": result["changed"],
            "check_mode": bool(self._task.check_mode),
            "failed": bool(result["error"]),
            "messages": len(result["states"]),
            "states": result["counts"],
            "left_out": sum(one["count"] for one in result["left_out"]),
            "bulk_job": str((result["bulk_job"] or {}).get("job_id", "")),
        }


def _given(args: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are set: surveys pass empty strings, and users type spaces."""
    texts = {name: value.strip() if isinstance(value, str) else value for name, value in args.items()}
    return {name: value for name, value in texts.items() if value is not None and value != ""}


def _width(environ: Mapping[str, str]) -> int:
    """The width of lines that fit the terminal. COLUMNS overrides it, as elsewhere."""
    given = environ.get("COLUMNS", "")
    columns = int(given) if given.isdecimal() and int(given) else Display().columns
    return int(columns) - _AROUND
