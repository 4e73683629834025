# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of a module or role in Ansible's own process, and its result the way that a module's output takes."""

from __future__ import annotations

import gc
import inspect
import json
import warnings
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common import json as ansible_json
from ansible.plugins.action import ActionBase
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.connection import Connection, Sessions
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import Callbacks, Task, outcome
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import ModuleSpec

from .progress import Progress, silent

# How Ansible writes a task's options for a module, and how the module reads them.
if hasattr(ansible_json, "get_module_encoder"):
    _TO_MODULE = ("legacy", ansible_json.Direction.CONTROLLER_TO_MODULE)
    _WRITING: dict[str, Any] = {"cls": ansible_json.get_module_encoder(*_TO_MODULE)}
    _READING: dict[str, Any] = {"cls": ansible_json.get_module_decoder(*_TO_MODULE)}
else:  # ansible-core before 2.19
    _WRITING = {"cls": ansible_json.AnsibleJSONEncoder, "vault_to_text": True}
    _READING = {}

# How Ansible reads what a module writes. It is not promised to stay; where it is not known, the module runs.
_PARSE_PARAMETERS = tuple(inspect.signature(ActionBase._parse_returned_data).parameters)[1:]
PARSE_ARGUMENTS = {("res",): (), ("res", "profile"): ("legacy",)}.get(_PARSE_PARAMETERS)


class InProcess(ActionBase):  # type: ignore[misc]  # Ansible has no types
    """What all action plugins of this collection that speak to the API do."""

    # The open sessions of the connection that was used last: a loop runs in one process.
    _kept: Sessions | None = None

    def task_of(self, spec: ModuleSpec, params: Mapping[str, Any], environ: Mapping[str, str]) -> Task:
        """What the module would get."""
        return Task(spec, params, bool(self._task.check_mode), bool(self._task.diff), environ)

    def outcome_of(self, task: Task, host: str | None) -> dict[str, Any]:
        """What a module would return, whether or not it failed.

        :param host: the inventory's, which the task is for.
        """
        # The process ends with this task. Entries are no garbage, and each search for some goes through all of them.
        gc.disable()
        progress, quiet = Progress(host), bool(self._task.no_log)
        # What a library has to say about certificates that are not checked is lost in a module's process too.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return outcome(
                    task,
                    Callbacks(
                        self._sessions,
                        silent if quiet else progress.report,
                        None if quiet else progress.wait,
                    ),
                )
            except BaseException:
                # The task's timeout may strike between a request and its answer.
                self._close_sessions()
                raise

    @classmethod
    def _sessions(cls, connection: Connection) -> Sessions:
        if cls._kept is None or cls._kept.connection != connection:
            cls._close_sessions()
            cls._kept = Sessions(connection)
        return cls._kept

    @classmethod
    def _close_sessions(cls) -> None:
        kept, cls._kept = cls._kept, None
        if kept:
            kept.close()

    def as_from_a_module(self, result: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """The result the way that a module's output takes, so that it is kept and shown like one."""
        internal: dict[str, Any] = {}
        self._update_module_args(self._task.action, internal, variables)
        if not internal.get("_ansible_inject_invocation", True):
            del result["invocation"]
        output = {"stdout": json.dumps(result), "stderr": "", "rc": 0}
        parsed: Any = self._parse_returned_data(output, *(PARSE_ARGUMENTS or ()))
        # From ansible-core 2.21 on, it is an object.
        returned: dict[str, Any] = parsed if isinstance(parsed, dict) else parsed.as_result_dict(for_round_trip=True)
        return returned


def as_sent(value: Any) -> Any:
    """A value as a module gets it: plain JSON, without the marks that Ansible puts on variables.

    :raises TypeError, ValueError: it cannot be sent.
    """
    return json.loads(json.dumps(value, **_WRITING), **_READING)
