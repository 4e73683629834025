# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second entry point to the modules: the same run in Ansible's own process, if it is equivalent there.

``meta/runtime.yml`` routes every module of the collection here. A task that runs on this machine, as this user and with
this Python runs here, without the quarter of a second that a module process takes to start, and the items of a loop
share their connections. Every other task, and any for which equivalence is uncertain, goes to the module as if this
plugin did not exist; so does a task for which the module's validation reports anything.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action.normal import ActionModule as ModuleRunner
from ansible.utils.display import Display
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.connection import REQUESTS_IMPORT_ERROR
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import Task
from ansible_collections.cloudflare.email_security.plugins.module_utils._options import BUNDLE_VARIABLES, is_read
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.policy import Policy
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.transfer import FILES, OPTION, option_of
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import ModuleSpec
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.failure import refusal, shown
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.in_process import (
    PARSE_ARGUMENTS,
    InProcess,
    as_sent,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.role_task import NO_POLICY, RoleTask
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.variables import unknown_names

SWITCH_VARIABLE = "cloudflare_email_security_fast_path"
SWITCH_ENVIRONMENT = "CLOUDFLARE_EMAIL_SECURITY_FAST_PATH"

_MODULES = "ansible_collections.cloudflare.email_security.plugins.modules"
# The settings that accept any Python.
_ANY_PYTHON = {"", "auto", "auto_legacy", "auto_silent", "auto_legacy_silent"}


class _NotHereError(Exception):
    """The module must run the task; the message says why."""


class ActionModule(InProcess, ModuleRunner):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        host = variables.get("inventory_hostname")
        display = Display()
        spec = self._spec()
        role = RoleTask(self._task, spec)
        # The role's first task has checked all hosts, unless it was skipped for them.
        unknown = unknown_names(variables) if role.prefix else []
        if unknown:
            return shown(refusal(unknown), self._task, in_role=True)
        policy = self._policy(spec, role, variables)
        try:
            task = self._prepare(spec, policy, variables)
        except _NotHereError as reason:
            display.vvv(f"{self._task.action}: done by the module, since {reason}", host=host)
            self._task.args = {**self._task.args, **policy}
            return shown(role.in_its_words(super().run(tmp, task_vars)), self._task, bool(role.prefix))
        display.vvv(f"{self._task.action}: done on the fast path, without a module process", host=host)

        # Ansible stores the message separately as soon as it gets the result.
        result = self.as_from_a_module(role.in_its_words(self.outcome_of(task, host)), variables)
        return shown(result, self._task, bool(role.prefix))

    def _policy(self, spec: ModuleSpec, role: RoleTask, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The internal option with the policy in the task's files, for a module that takes one."""
        if OPTION not in spec.options:
            return {}
        # What a previous attempt at this task has read may be outdated.
        given = {name: value for name, value in self._task.args.items() if name != OPTION}
        self._task.args = {**role.lists(variables, self._templar), **given}
        names, policy = self._read_files(given.get(FILES), role, variables)
        if role.prefix and not names and not self._task.args.keys() & RESOURCES.keys():
            policy.problems.append(NO_POLICY)
        return {OPTION: option_of(policy, role.prefix)}

    def _read_files(self, value: Any, role: RoleTask, variables: Mapping[str, Any]) -> tuple[list[str], Policy]:
        """The files that an option names, and the policy in them."""
        if value is None:
            return [], Policy()
        # Every task starts a process of its own, and one without files does not need this import.
        from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.policy_files import (
            PolicyFiles,
            names_of,
            search_path,
        )

        # A role's variables name files relative to the directory in which Ansible was started.
        search = [] if role.prefix else search_path([*self._task.get_search_path(), self._loader.get_basedir()])
        names = names_of(value)
        return names, PolicyFiles(self._loader, self._templar, variables, [*search, Path.cwd()]).read(names)

    def _prepare(self, spec: ModuleSpec, policy: Mapping[str, Any], variables: Mapping[str, Any]) -> Task:
        """
        :raises _NotHereError: the module must run the task.
        """
        environ = self._environ()
        if not _is_on(self._templar.template(variables.get(SWITCH_VARIABLE)), environ):
            raise _NotHereError("the fast path is switched off")
        if PARSE_ARGUMENTS is None:
            raise _NotHereError("this version of ansible-core is not known")
        if REQUESTS_IMPORT_ERROR:
            raise _NotHereError("Ansible's Python has no requests")
        if self._task.async_val:
            raise _NotHereError("the task is asynchronous")
        if self._connection.ansible_name != "ansible.builtin.local":
            raise _NotHereError(f"the connection is {self._connection.ansible_name}")
        if self._connection.become:
            raise _NotHereError("the task becomes another user")
        self._check_interpreter(variables)
        return self.task_of(spec, {**self._params(spec, environ), **policy}, environ)

    def _spec(self) -> ModuleSpec:
        module_loader = self._shared_loader_obj.module_loader
        found = module_loader.find_plugin_with_context(self._task.action, collection_list=self._task.collections)
        name = found.resolved_fqcn.rpartition(".")[2]
        spec: ModuleSpec = importlib.import_module(f"{_MODULES}.{name}").SPEC
        return spec

    def _check_interpreter(self, variables: Mapping[str, Any]) -> None:
        delegate = self._task.delegate_to
        host_variables = variables["ansible_delegated_vars"][delegate] if delegate else variables
        setting = constants.config.get_config_value("INTERPRETER_PYTHON", variables=host_variables)
        asked = str(self._templar.template(setting) or "").strip()
        if asked not in _ANY_PYTHON and not _same_python(asked, sys.executable):
            raise _NotHereError(f"ansible_python_interpreter is {asked}")

    def _environ(self) -> dict[str, str]:
        """This process's environment, overridden by the task's.

        :raises _NotHereError: the task sets a variable that this code does not read, but a module's Python might.
        """
        given: dict[str, Any] = {}
        self._compute_environment_string(given)
        for name in given:
            if name != SWITCH_ENVIRONMENT and not is_read(name):
                raise _NotHereError(f"the task sets the environment variable {name}")
        return {**os.environ, **{name: str(value) for name, value in _as_sent(given).items()}}

    def _params(self, spec: ModuleSpec, environ: Mapping[str, str]) -> dict[str, Any]:
        """The task's options as the module's own validation would return them."""

        def fallback(variable: str) -> str:
            if variable in environ:
                return environ[variable]
            raise AnsibleFallbackNotFound

        validator = ArgumentSpecValidator(spec.argument_spec(fallback), **spec.constraints)
        sent = _as_sent(self._task.args)
        # Validation would copy these, and checks none of their elements.
        unread = {name: sent[name] for name in _raw_lists(spec) if isinstance(sent.get(name), list)}
        validation = validator.validate({**sent, **{name: [] for name in unread}})
        if validation.error_messages or validation._warnings or validation._deprecations:
            raise _NotHereError("validation reports a problem with its options")
        params: dict[str, Any] = {**validation.validated_parameters, **unread}
        paths = [name for name, option in validator.argument_spec.items() if option.get("type") == "path"]
        places = {name: params[name] for name in paths} | {name: environ.get(name) or None for name in BUNDLE_VARIABLES}
        for name, place in places.items():
            # A module's process has another working directory.
            if place is not None and not Path(place).is_absolute():
                raise _NotHereError(f"{name} is a relative path")
        return params


def _raw_lists(spec: ModuleSpec) -> list[str]:
    """The options whose elements may be anything."""
    return [name for name, option in spec.options.items() if option.get("elements") == "raw"]


def _is_on(variable: Any, environ: Mapping[str, str]) -> bool:
    for name, value in ((SWITCH_VARIABLE, variable), (SWITCH_ENVIRONMENT, environ.get(SWITCH_ENVIRONMENT))):
        if value is not None and value != "":
            try:
                return bool(boolean(value))
            except TypeError:
                raise AnsibleActionFail(f"{name} must be true or false") from None
    return True


def _same_python(one: str, other: str) -> bool:
    """Whether two paths start the same Python. A virtual environment's differs from the one that it is based on."""
    return Path(one).parent == Path(other).parent and Path(one).resolve() == Path(other).resolve()


def _as_sent(value: Any) -> Any:
    """:raises _NotHereError: it cannot be serialized; the module itself reports it."""
    try:
        return as_sent(value)
    except (TypeError, ValueError) as error:
        raise _NotHereError(f"its options cannot be sent ({type(error).__name__})") from None
