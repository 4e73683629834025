# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the report of the role ``audit`` on all accounts of a play. It reads the role's variables.

``only_check`` verifies, before any account is read, that a report can be written.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.cloudflare.email_security.plugins.module_utils._censor import sanitize_result
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError, InputError
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.history import History
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.outcome import (
    NAMES,
    PREVIOUS,
    comparison,
    outcome,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.read import read_reports
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.report import build
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.verdict import account_failures
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.files import folder_of, make_folder
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.role_action import (
    RoleAction,
    failed,
)

# The variable in which the role registers each account's finding.
FOUND = "email_security_audit_account"
_UNORDERED = ("free", "host_pinned")


class ActionModule(RoleAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        try:
            strategy = str(self._task.get_play().strategy)
            if strategy.endswith(_UNORDERED):
                raise InputError(
                    [
                        f"The strategy of this play is {strategy}, which does not wait for all accounts before one of "
                        "them goes on, and so no report could hold them all. Give the play strategy: linear"
                    ]
                )
            given = self.role_variables(NAMES, variables)
            conditions, previous = comparison(given)
            folder = folder_of(str(given["dest"]))
            make_folder(folder, 0o750)
            only_check = boolean(self._task.args.get("only_check", False))
            # Before any account is read, since these files may not be reports.
            history = None if previous is None else History(read_reports(PREVIOUS, previous))
            result = {} if only_check else _report(variables, conditions, folder, history)
        except EmailSecurityError as error:
            result = failed(str(error))
        return self.as_from_a_module(sanitize_result({"changed": False, "invocation": {}, **result}), variables)


def _report(
    variables: Mapping[str, Any], conditions: list[str], folder: Path, history: History | None
) -> dict[str, Any]:
    """:returns: for the role: ``lines`` to print, ``summary`` to pass on, ``failures`` by account."""
    accounts = [str(name) for name in variables["ansible_play_hosts_all"]]
    found = _found(variables["hostvars"], accounts)
    report = build(found, history=history)
    reached = {name for name in found if found[name]}
    return {
        **outcome(report, conditions, folder),
        "failures": _blamed(account_failures(report, conditions), reached, variables, folder),
    }


def _found(hostvars: Any, accounts: Iterable[str]) -> dict[str, Any]:
    """The finding of each account; empty for an account that was not reached. Nothing in it is templated."""
    registered = {name: hostvars.raw_get(name).get(FOUND) or {} for name in accounts}
    return {name: result.get("found") or {} for name, result in registered.items()}


def _blamed(
    reasons: Mapping[str, str], reached: Container[str], variables: Mapping[str, Any], folder: Path
) -> dict[str, str]:
    """A sentence for each account of this batch that fails the job. An account that was not reached has left the play,
    perhaps without failing, so its sentence goes to the account that writes the report.
    """
    playing, batch = ([str(name) for name in variables[f"ansible_play_{kind}"]] for kind in ("hosts", "batch"))
    sentences: dict[str, list[str]] = {}
    for account, reason in reasons.items():
        waits = account in playing and account not in batch
        if account in reached and account in batch:
            sentences.setdefault(account, []).append(f"{account}: {reason}.")
        elif account not in reached and not waits:
            sentences.setdefault(str(variables["inventory_hostname"]), []).append(f"{account}: {reason}.")
    return {host: f"{' '.join(lines)} The report is in {folder}." for host, lines in sentences.items()}
