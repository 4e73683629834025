# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validates one account for the role ``validate``, on the controller: no request, no credential, no module process.

It does not fail on findings: the role reports those of all accounts together, and then fails once.
"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.policy_files import (
    PolicyFiles,
    names_of,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.role_task import lists_of_roles
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._validate.findings import (
    RISKS,
    RiskOptions,
    validate,
)

_OPTIONS: dict[str, Any] = {
    "policy_files": {"type": "raw"},
    "risks": {"type": "str", "choices": list(RISKS), "default": "none"},
    "accepted_risks": {"type": "list", "elements": "dict", "default": []},
    "mail_providers": {"type": "list", "elements": "str", "default": []},
}


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        super().run(tmp, variables)
        options = self.validate_argument_spec(argument_spec=_OPTIONS)[1]
        reader = PolicyFiles(self._loader, self._templar, variables, [Path.cwd()])
        policy = reader.read(names_of(options["policy_files"]))
        lists = lists_of_roles(variables, self._templar)
        risks = RiskOptions(options["risks"], options["accepted_risks"], options["mail_providers"])
        findings, entries = validate(policy, lists, reader.files, datetime.now(timezone.utc), risks)
        return {
            "changed": False,
            "findings": [finding.plain() for finding in findings],
            "files": reader.files,
            "entries": entries,
        }
