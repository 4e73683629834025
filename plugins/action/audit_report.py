# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of the role ``audit`` over all accounts of a play. The role's variables are read here.

``only_check`` makes sure, before any account is read, that there can be a report.
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

# Where each account's finding stands: the role registers it so.
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
            # Before anything is asked of an account: they may be no reports.
            history = None if previous is None else History(read_reports(PREVIOUS, previous))
            result = {} if only_check else _report(variables, conditions, folder, history)
        except EmailSecurityError as error:
            result = failed(str(error))
        return self.as_from_a_module(sanitize_result({"changed": False, "invocation": {}, **result}), variables)


def _report(
    variables: Mapping[str, Any], conditions: list[str], folder: Path, history: History | None
) -> dict[str, Any]:
    """:returns: what the role does with it: ``lines`` to print, ``summary`` to hand on, ``failures`` by account."""
    accounts = [str(name) for name in variables["ansible_play_hosts_all"]]
    found = _found(variables["hostvars"], accounts)
    report = build(found, history=history)
    reached = {name for name in found if found[name]}
    return {
        **outcome(report, conditions, folder),
        "failures": _blamed(account_failures(report, conditions), reached, variables, folder),
    }


def _found(hostvars: Any, accounts: Iterable[str]) -> dict[str, Any]:
    """What was found in each account; nothing, where nobody got to it. Nothing in it is evaluated."""
    registered = {name: hostvars.raw_get(name).get(FOUND) or {} for name in accounts}
    return {name: result.get("found") or {} for name, result in registered.items()}


def _blamed(
    reasons: Mapping[str, str], reached: Container[str], variables: Mapping[str, Any], folder: Path
) -> dict[str, str]:
    """A sentence for each account of this batch that fails the job. One that nobody reached has left, perhaps without
    failing, so the account that reports speaks for it.
    """
    playing, batch = ([str(name) for name in variables[f"ansible_play_{kind}"]] for kind in ("hosts", "batch"))
    messages: dict[str, list[str]] = {}
    for account, reason in reasons.items():
        waits = account in playing and account not in batch
        if account in reached and account in batch:
            messages.setdefault(account, []).append(f"{account}: {reason}.")
        elif account not in reached and not waits:
            messages.setdefault(str(variables["inventory_hostname"]), []).append(f"{account}: {reason}.")
    return {host: f"{' '.join(sentences)} The report is in {folder}." for host, sentences in messages.items()}
