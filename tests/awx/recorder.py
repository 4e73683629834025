# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In the place of every module of awx.awx: writes down what it is asked for, as a line of JSON."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """What the task asks for, once the templates in it are evaluated."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        module = self._task.action.rpartition(".")[2]
        with open(os.environ["AWX_RECORDER"], "a", encoding="utf-8") as file:  # noqa: PTH123 - one line of standard Ansible
            file.write(json.dumps({"module": module, "options": self._task.args}) + "\n")
        return {**result, "changed": False}
