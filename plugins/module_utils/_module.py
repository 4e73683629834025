# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The edge: from a task's options to a run, and from its outcome to the result that Ansible shows.

:func:`run` is a plain function: validated parameters and an environment in, a result or an error out. It reads no
process state, so anything that has those two can call it. It has two entry points: :func:`run_module`, in a module's
process, and the action plugin ``fast_path``, in Ansible's own. :func:`outcome` is what both of them return.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import remove_values

from ._api.client import Client
from ._api.connection import REQUESTS_IMPORT_ERROR, Connection, Sessions
from ._api.http import Http
from ._censor import escape_details, invocation, sanitize_result, secrets
from ._errors import EmailSecurityError, InputError
from ._options import connection
from ._spec import Context, ModuleSpec
from ._text import one_line, replace_controls


@dataclass(frozen=True, repr=False)  # Its parameters and environment hold credentials.
class Task:
    """A module, and what it runs with.

    :param params: as validated by AnsibleModule.
    :param environ: the environment of the task: credentials, proxies, CA bundle.
    """

    spec: ModuleSpec
    params: Mapping[str, Any]
    check: bool
    diff: bool
    environ: Mapping[str, str]


@dataclass(frozen=True)
class Callbacks:
    """The callbacks of a run. The sentences hold no credential.

    :param sessions: returns the open sessions of a connection, which stay open; None for new ones.
    :param report_progress: receives sentences about progress and waits.
    :param announce_wait: receives one sentence if the API does not respond for some seconds.
    """

    sessions: Callable[[Connection], Sessions | None] = lambda connection: None
    report_progress: Callable[[str], None] = lambda sentence: None
    announce_wait: Callable[[str], None] | None = None


def run(task: Task, callbacks: Callbacks | None = None) -> dict[str, Any]:
    """Run a module.

    :returns: the module's result, with ``changed`` and perhaps ``warnings``.
    :raises EmailSecurityError: ``partial`` holds what was done.
    """
    callbacks = callbacks or Callbacks()
    warnings: list[str] = []

    def say(sentence: str) -> None:
        callbacks.report_progress(replace_controls(sentence))

    def notify(sentence: str) -> None:
        warnings.append(sentence)
        say(sentence)

    def sanitized_warnings() -> list[str]:
        return list(dict.fromkeys(map(replace_controls, map(one_line, warnings))))

    account = connection(task.params, task.environ)
    http = Http(
        account,
        sessions=callbacks.sessions(account),
        read_only=task.check or not task.spec.writes,
        notify=notify,
        report_progress=say,
        announce_wait=callbacks.announce_wait,
    )
    with http:
        client = Client(http, warnings)
        try:
            result = task.spec.run(Context(client, task.params, task.check, task.diff, datetime.now(timezone.utc)))
        except EmailSecurityError as error:
            if warnings:
                error.partial["warnings"] = sanitized_warnings()
            raise
    return {**result, "warnings": sanitized_warnings()} if warnings else result


def outcome(task: Task, callbacks: Callbacks | None = None) -> dict[str, Any]:
    """The result of a task, failed or not: valid JSON, without secrets."""
    if REQUESTS_IMPORT_ERROR:
        return {"failed": True, "msg": missing_required_lib("requests"), "exception": REQUESTS_IMPORT_ERROR}
    try:
        result = run(task, callbacks)
    except EmailSecurityError as error:
        result = {
            "failed": True,
            "msg": replace_controls(str(error) if isinstance(error, InputError) else one_line(str(error))),
            "error": escape_details(error.details()),
            **error.partial,
        }
    except Exception as error:
        # A traceback shows code and the error's message, but no variables.
        result = {
            "failed": True,
            "msg": replace_controls(
                f"This is a defect of the collection, please report it: {type(error).__name__}: {error}"
            ),
            "exception": traceback.format_exc(),
        }
    result["invocation"] = invocation(task.params)
    censored = remove_values(result, secrets(task.params, task.environ))
    # As AnsibleModule does: true and false are never secrets.
    return sanitize_result(
        {name: value if isinstance(value, bool) else censored[name] for name, value in result.items()}
    )


def run_module(spec: ModuleSpec) -> None:
    """Run as an Ansible module: read the task, run it, exit."""
    module = AnsibleModule(argument_spec=spec.argument_spec(), supports_check_mode=True, **spec.constraints)
    module.no_log_values = secrets(module.params, os.environ)
    task = Task(spec, module.params, module.check_mode, module._diff, os.environ)
    result = outcome(task, Callbacks(report_progress=module.log))
    for warning in result.pop("warnings", []):
        module.warn(warning)
    # Also for failures: depending on its version, fail_json adds a traceback to each or drops that of a defect.
    module.exit_json(**result)
