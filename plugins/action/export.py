# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the role ``export`` on the controller. It reads the role's variables."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.read import settings_info_module
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.role_action import (
    PREFIX,
    RoleAction,
    failed,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.role_task import RoleTask
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._export.export import export_spec


class ActionModule(RoleAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        spec = export_spec()
        own = {option: f"{PREFIX}export_{option}" for option in spec.options if option != "host"}
        shared = {option: f"{PREFIX}{option}" for option in spec.argument_spec() if option not in spec.options}
        try:
            given = self.role_variables({**shared, **own}, variables)
        except InputError as error:
            result = failed(str(error), error.details())
        else:
            if isinstance(given.get("lists"), str):  # From a command line, lists come as text.
                given["lists"] = [name.strip() for name in given["lists"].split(",")]
            result = self.do(spec, {**given, "host": variables["inventory_hostname"]}, variables)
        result = RoleTask(self._task, settings_info_module()).in_its_words(result)
        return self.as_from_a_module(result, variables)
