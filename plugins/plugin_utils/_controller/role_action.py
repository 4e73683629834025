# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action plugins of roles have in common: the role's variables in, a result out, all on the controller."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import ModuleSpec

from .in_process import InProcess, as_sent

# What the variables that all roles share begin with.
PREFIX = "email_security_"


class RoleAction(InProcess):
    """An action plugin that does what a role is for. It needs no module, no interpreter and no connection."""

    def environment(self) -> dict[str, str]:
        """This process's environment, and over it the task's."""
        given: dict[str, Any] = {}
        self._compute_environment_string(given)
        return {**os.environ, **{name: str(value) for name, value in given.items()}}

    def role_variables(self, names: Mapping[str, str], variables: Mapping[str, Any]) -> dict[str, Any]:
        """The variables that say something, by option, as plain JSON. Nothing, empty text and ``omit`` are not given.

        They are read here, so that whatever is wrong with one is the account's result, as any other mistake is.

        :param names: the variable of each option.
        :raises InputError: holds all that cannot be evaluated.
        """
        given: dict[str, Any] = {}
        problems: list[str] = []
        omit = variables.get("omit")
        for option, name in names.items():
            if name not in variables:
                continue
            try:
                value = as_sent(self._templar.template(variables[name]))
            except (AnsibleError, TypeError, ValueError) as error:
                problems.append(f"{name}: {' '.join(str(error).split())}")
                continue
            if value is not None and value not in ("", omit):
                given[option] = value
        if problems:
            raise InputError(problems)
        return given

    def do(self, spec: ModuleSpec, given: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Validate the options and do the work. Returns what a module would, whether or not it failed."""
        environ = self.environment()
        validator = ArgumentSpecValidator(spec.argument_spec(_fallback(environ)), **spec.constraints)
        validation = validator.validate(dict(given))
        if validation.error_messages:
            return failed("; ".join(validation.error_messages))
        task = self.task_of(spec, validation.validated_parameters, environ)
        return self.outcome_of(task, variables.get("inventory_hostname"))


def failed(message: str, error: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The result of a task that failed before its work began."""
    return {"failed": True, "msg": message, "error": error or {}, "invocation": {}}


def _fallback(environ: Mapping[str, str]) -> Callable[[str], str]:
    def fallback(variable: str) -> str:
        if variable in environ:
            return environ[variable]
        raise AnsibleFallbackNotFound

    return fallback
