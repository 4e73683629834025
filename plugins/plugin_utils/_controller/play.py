# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A play of a role, before its first request: what its hosts' variables say, and what of that cannot be meant."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.template import Templar
from ansible_collections.cloudflare.email_security.plugins.module_utils._options import (
    ENVIRONMENT,
    NO_ACCOUNT_ID,
    is_account_id,
)

from .values import value_problem
from .variables import PREFIX, options, place_of_value, unknown_names

ACCOUNT = f"{PREFIX}account_id"
SAME_ACCOUNT = f"{PREFIX}allow_same_account"
_BASE_URL = f"{PREFIX}base_url"


class Play:
    """The hosts of the play that a task belongs to, and their variables as the task sees them.

    :param variables: of the task, for the host that it runs for.
    :param environ: of the task.
    :param shared: whether the environment is the same for every host.
    """

    def __init__(
        self, variables: Mapping[str, Any], templar: Templar, environ: Mapping[str, str], shared: bool = True
    ) -> None:
        self._variables = variables
        self._templar = templar
        self._environ = environ
        self._shared = shared
        self._here = str(variables.get("inventory_hostname"))
        self.hosts = [str(host) for host in variables.get("ansible_play_hosts_all") or [self._here]]

    def problems(self, *, accounts: bool = True, allow_empty_account: bool = False) -> list[str]:
        """All that is wrong, in all hosts' variables; each once.

        :param accounts: whether the play is about accounts, and not about policies alone.
        :param allow_empty_account: whether an empty account id means the environment's account, as a form leaves it.
        """
        found = [problem for host in self.hosts for problem in unknown_names(self._of(host))]
        found += self._values()
        if accounts:
            found += self._accounts(allow_empty_account)
        return list(dict.fromkeys(found))

    def _of(self, host: str) -> Mapping[str, Any]:
        if host == self._here:
            return self._variables
        variables: Mapping[str, Any] = self._variables["hostvars"][host]
        return variables

    def _get(self, host: str, name: str) -> Any:
        """A variable's value; None where it is not set, or not to be known here."""
        try:
            if host == self._here:
                return self._templar.template(self._variables[name]) if name in self._variables else None
            value = self._of(host).get(name)
        except (AnsibleError, KeyError):
            return None
        return None if isinstance(value, str) and "{{" in value else value

    def _values(self) -> Iterator[str]:
        places: dict[str, list[str]] = defaultdict(list)
        for host in self.hosts:
            of_host = self._of(host)
            for name, option in options().items():
                problem = value_problem(name, option, self._get(host, name)) if name in of_host else None
                if problem:
                    places[problem].append(self._place(host, name))
        for problem, found in places.items():
            # For the same value, the place may be known of one host only.
            yield from (f"{place}{problem}" for place in list(filter(None, found)) or found)

    def _place(self, host: str, name: str) -> str:
        # In what a task sees, the name may be that of the role's default, whose value was replaced.
        for variables in (self._variables.get("hostvars", {}).get(host, {}), self._of(host)):
            key = next((key for key in variables if key == name), None)
            place = "" if key is None else place_of_value(key, variables[key])
            if place:
                return place
        return ""

    def _accounts(self, allow_empty: bool) -> Iterator[str]:
        hosts: dict[tuple[str, str], list[str]] = defaultdict(list)
        for host in self.hosts:
            given = self._for_host(host, ACCOUNT)
            account = str(given or "").strip()
            if given is not None and not account and not allow_empty:
                yield (
                    f"{self._place(host, ACCOUNT)}{ACCOUNT} of the host {host} is empty; write the id of its account, "
                    f"or leave the variable out to mean the account of {ENVIRONMENT['account_id']}"
                )
            elif account and not is_account_id(account):
                yield f"{self._place(host, ACCOUNT)}{ACCOUNT} of the host {host} {NO_ACCOUNT_ID}"
            else:
                account = account or (self._environ.get(ENVIRONMENT["account_id"], "").strip() if self._shared else "")
                if account:
                    hosts[str(self._for_host(host, _BASE_URL) or ""), account.lower()].append(host)
        for (_base_url, account), same in hosts.items():
            if len(same) > 1 and not all(self._allows_same(host) for host in same):
                shown = ", ".join(same[:5]) + (f" and {len(same) - 5} more" if len(same) > 5 else "")
                yield (
                    f"the hosts {shown} mean one account, {account}; give each its own {ACCOUNT}, or set "
                    f"{SAME_ACCOUNT} to true where that is meant"
                )

    def _allows_same(self, host: str) -> bool:
        value = self._for_host(host, SAME_ACCOUNT)
        return value is not None and bool(boolean(value, strict=False))

    def _for_host(self, host: str, name: str) -> Any:
        """A variable's value for a host, where one that the play itself sets counts before the inventory's."""
        here = self._get(self._here, name)
        if host == self._here or here is None:
            return self._get(host, name)
        raw = self._variables[name]
        own = self._variables["hostvars"][self._here].get(name) if "hostvars" in self._variables else None
        if own == here:
            return self._get(host, name)
        if not isinstance(raw, str):
            return here
        return self._templated_for(host, raw)

    def _templated_for(self, host: str, text: str) -> Any:
        known = self._of(host)
        there = {name: known[name] for name in set(re.findall(r"\w+", text)) if name in known}
        try:
            templar = self._templar.copy_with_new_env(
                available_variables={**self._variables, **there, "inventory_hostname": host}
            )
            return templar.template(text)
        except AnsibleError:
            return None
