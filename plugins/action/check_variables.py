# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first task of every role and playbook: rejects invalid variables, for all hosts, before any request."""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.cloudflare.email_security.plugins.module_utils._options import ENVIRONMENT
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.failure import refusal, shown
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.play import Play


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _requires_connection = False
    _VALID_ARGS = frozenset({"accounts", "allow_empty_account"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        given: dict[str, Any] = {}
        self._compute_environment_string(given)
        environ = {**os.environ, **{name: str(value) for name, value in given.items()}}
        play = Play(task_vars or {}, self._templar, environ, shared=ENVIRONMENT["account_id"] not in given)
        problems = play.problems(**{name: bool(value) for name, value in self._task.args.items()})
        return shown(refusal(problems), self._task, in_role=True) if problems else {"changed": False}
