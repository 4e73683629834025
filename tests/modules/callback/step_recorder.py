# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback plugin that works the simulator's control side before each task and writes down what each task returned.

The environment variable STEP_RECORDER names a JSON file: ``control`` is the URL of the account's control side,
``output`` the file to append to, ``commands`` a file that gets a line for each process that Ansible starts, ``steps``
maps a task's name to the calls to make before it, [method, path, body].
"""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: step_recorder
type: notification
short_description: Record what each task returned
description:
  - Marks the requests of each task in the simulator, and writes results to a file.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "step_recorder"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._job = json.loads(Path(os.environ["STEP_RECORDER"]).read_text(encoding="utf-8"))
        self._commands = 0
        # A proxy in the environment has no business between a test and its simulator.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        for method, path, body in self._job["steps"][task.name]:
            self._call(method, path, body)

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record(result, failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record(result, failed=True)

    def _record(self, result: Any, *, failed: bool) -> None:
        task, returned = (result.task, result.result) if hasattr(result, "result") else (result._task, result._result)
        commands = len(Path(self._job["commands"]).read_text(encoding="utf-8").splitlines())
        started, self._commands = commands - self._commands, commands
        record = {
            "name": task.name,
            "failed": failed,
            "commands": started,
            "result": dict(returned),
            "state": self._call("GET", "", None),
        }
        with Path(self._job["output"]).open("a", encoding="utf-8") as output:
            output.write(json.dumps(record, default=str) + "\n")

    def _call(self, method: str, path: str, body: Any) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._job["control"] + path, data=data, method=method)
        with self._opener.open(request, timeout=30) as answer:
            return json.load(answer)
