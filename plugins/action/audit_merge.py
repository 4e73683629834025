# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Merges reports about different accounts into one. Sends no request."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._censor import sanitize_result
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError, InputError
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.history import History
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.merge import merge
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.outcome import (
    NAMES,
    PREVIOUS,
    comparison,
    outcome,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.read import read_reports, report_files
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.files import folder_of, make_folder
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.policy_files import names_of
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.role_action import (
    RoleAction,
    failed,
)

REPORTS = "email_security_audit_merge"


class ActionModule(RoleAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        try:
            given = self.role_variables({**NAMES, "reports": REPORTS}, variables)
            names = names_of(given.get("reports"))
            if not names:
                raise InputError([f"{REPORTS}: name the reports (audit.json) to merge, or folders of them"])
            conditions, previous = comparison(given)
            history = None if previous is None else History(read_reports(PREVIOUS, previous))
            files = report_files(REPORTS, names)
            report = merge(zip(map(str, files), read_reports(REPORTS, files), strict=True), history)
            folder = folder_of(str(given["dest"]))
            make_folder(folder, 0o750)
            result = outcome(report, conditions, folder)
        except EmailSecurityError as error:
            result = failed(str(error))
        return self.as_from_a_module(sanitize_result({"changed": False, "invocation": {}, **result}), variables)
