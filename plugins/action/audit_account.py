# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Audits one account for the role ``audit``. It reads the role's variables, and the task has no options.

It never fails: an error is a finding, so that the report includes it. Only a defect fails the task.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._options import ENVIRONMENT
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.transfer import FILES, OPTION, option_of
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import settings_module
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.look import (
    OWN_VARIABLES,
    POLICY_ERROR,
    look_spec,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.policy_files import (
    PolicyFiles,
    names_of,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.role_action import (
    PREFIX,
    RoleAction,
    failed,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.role_task import RoleTask

_POLICY = (*RESOURCES, FILES, "purge", "purge_scope", "accepted_risks", "mail_providers", "monthly_report")


class ActionModule(RoleAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        spec = look_spec()
        names = {option: f"{PREFIX}{option}" for option in spec.argument_spec() if option != OPTION}
        own = {**names, **OWN_VARIABLES}
        given: dict[str, Any] = {}
        try:
            given = self.role_variables({name: own[name] for name in names if name not in _POLICY}, variables)
        except InputError as error:
            result = failed(str(error), error.details())
        else:
            try:
                given |= self.role_variables({name: own[name] for name in _POLICY}, variables)
                given[OPTION] = self._policy(given, variables)
            except InputError as error:
                result = failed(str(error), {"type": POLICY_ERROR})
            else:
                result = self.do(spec, given, variables)
        if "exception" not in result:
            # Messages name the role's variables for options that the role shares with the module.
            result = _as_found(RoleTask(self._task, settings_module()).in_its_words(result))
            account_id = given.get("account_id") or self.environment().get(ENVIRONMENT["account_id"])
            result["found"]["account_id"] = str(account_id or "").strip() or None
        return self.as_from_a_module(result, variables)

    def _policy(self, given: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        files = PolicyFiles(self._loader, self._templar, variables, [Path.cwd()])
        return option_of(files.read(names_of(given.get(FILES))), PREFIX)


def _as_found(result: Mapping[str, Any]) -> dict[str, Any]:
    """The result as a finding, even if the run failed."""
    found = dict(result.get("found") or {})
    if result.get("failed"):
        found["error"] = {**(result.get("error") or {}), "message": result["msg"]}
    found["warnings"] = result.get("warnings", [])
    kept = {name: result[name] for name in ("invocation", "warnings") if name in result}
    return {**kept, "changed": False, "found": found}
