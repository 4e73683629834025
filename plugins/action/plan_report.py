# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adds the outcome of one account to the report of the role ``apply``. It changes nothing else."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._plan.file import ReportFile
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._plan.report import account_report

_OPTIONS: dict[str, Any] = {
    "file": {"type": "path", "required": True},
    "size": {"type": "int"},
    "result": {"type": "dict", "default": {}},
    "account_id": {"type": "str"},
    "accounts": {"type": "list", "elements": "str", "required": True},
}


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        super().run(tmp, variables)
        options = self.validate_argument_spec(argument_spec=_OPTIONS)[1]
        try:
            # Ansible makes a folder for each run, and removes it at the end.
            report = ReportFile(Path(options["file"]), Path(constants.DEFAULT_LOCAL_TMP), options["size"])
            report.add(
                str(self._task._uuid),
                str(variables["inventory_hostname"]),
                account_report(options["result"], options["account_id"]),
                options["accounts"],
                datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                check_mode=bool(self._task.check_mode),
            )
        except ValueError as error:
            raise AnsibleActionFail(f"email_security_apply_report: {error}") from None
        except OSError as error:
            raise AnsibleActionFail(f"{options['file']} cannot be written: {error.strerror}") from None
        return {"changed": False}
