# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback plugin that writes down whatever it is given, as those for logs and databases do.

The environment variable DUMP_EVERYTHING names the file to append to. A task's own options are left out: Ansible gives
them to every callback as the playbook says them, before any module has a say.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: dump_everything
type: notification
short_description: Write down everything
description:
  - Writes each event of a run to a file.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "dump_everything"
    CALLBACK_NEEDS_ENABLED = True

    def note(self, event: str, given: tuple[Any, ...]) -> None:
        with Path(os.environ["DUMP_EVERYTHING"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps([event, *map(_shown, given)], default=repr, ensure_ascii=False) + "\n")


def _shown(given: Any) -> Any:
    result = getattr(given, "result", getattr(given, "_result", None))
    if not isinstance(result, dict):
        return repr(given)
    fields = getattr(given, "task_fields", getattr(given, "_task_fields", {}))
    return {"result": result, "task": {name: value for name, value in fields.items() if name != "args"}}


def _noting(event: str) -> Callable[..., None]:
    def method(self: CallbackModule, *given: Any, **more: Any) -> None:
        self.note(event, (*given, *more.values()))

    return method


for _event in dir(CallbackBase):
    if _event.startswith("v2_"):
        setattr(CallbackModule, _event, _noting(_event))
