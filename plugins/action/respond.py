# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the role ``respond``, on the controller. Its options are the role's variables, without their prefix.

It never fails: what went wrong is the result's ``error``, so that the role can report what was done before that, and
then fail once. Only a defect fails at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible.utils.display import Display
from ansible_collections.cloudflare.email_security.plugins.action.fast_path import ActionModule as FastPath
from ansible_collections.cloudflare.email_security.plugins.action.fast_path import Work
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._respond.respond import respond_spec
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._respond.table import one_line

# What Ansible's default output puts around a line of a list.
_AROUND = len(8 * " " + '"",')
# What is known of a response that ended before its search did.
_NOTHING: Mapping[str, Any] = {
    "changed": False,
    "messages": [],
    "states": {},
    "counts": {},
    "left_out": [],
    "report": [],
}


class ActionModule(FastPath):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        host = variables.get("inventory_hostname")
        environ = self._environment()
        spec = respond_spec(_width(environ))
        validator = ArgumentSpecValidator(spec.argument_spec(_fallback(environ)))
        validation = validator.validate(_given(self._task.args))
        if validation.error_messages:
            result: dict[str, Any] = {
                "failed": True,
                "msg": "; ".join(validation.error_messages),
                "invocation": {},
            }
        else:
            params = dict(validation.validated_parameters)
            params["requested_by"] = params["requested_by"] or environ.get("USER") or environ.get("LOGNAME")
            result = self._done(Work(spec, params, environ), lambda sentence: Display().v(sentence, host=host))
        if "exception" not in result:
            failed = result.pop("failed", False)
            result["error"] = one_line(result.pop("msg")) if failed else ""
            result = {**_NOTHING, **result}
            result["summary"] = self._summary(result)
        return self._as_from_a_module(result, variables)

    def _summary(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """What a workflow gets. It holds nothing that the sender of a message wrote."""
        return {
            "action": str(self._task.args.get("action") or "none"),
            "changed": result["changed"],
            "check_mode": bool(self._task.check_mode),
            "failed": bool(result["error"]),
            "messages": len(result["states"]),
            "states": result["counts"],
            "left_out": sum(one["count"] for one in result["left_out"]),
        }

    def _environment(self) -> dict[str, str]:
        """This process's environment, and over it the task's."""
        given: dict[str, Any] = {}
        self._compute_environment_string(given)
        return {**os.environ, **{name: str(value) for name, value in given.items()}}


def _given(args: Mapping[str, Any]) -> dict[str, Any]:
    """The options that say something: a survey gives empty texts, and spaces come from typing."""
    texts = {name: value.strip() if isinstance(value, str) else value for name, value in args.items()}
    return {name: value for name, value in texts.items() if value is not None and value != ""}


def _fallback(environ: Mapping[str, str]) -> Callable[[str], str]:
    def fallback(variable: str) -> str:
        if variable in environ:
            return environ[variable]
        raise AnsibleFallbackNotFound

    return fallback


def _width(environ: Mapping[str, str]) -> int:
    """Of the lines that the terminal has room for; COLUMNS says so where there is none, as elsewhere."""
    told = environ.get("COLUMNS", "")
    columns = int(told) if told.isdecimal() and int(told) else Display().columns
    return int(columns) - _AROUND
