# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every role under every setting of Ansible that could make a difference: what is set, and what then comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ROLES = ("apply", "audit", "respond", "export")
SAME, REFUSED = "the same", "refused (1)"
NOTE = (
    "The role says so before its first request: a strategy that does not wait for all accounts has no report on them "
    "all. The playbook `cloudflare.email_security.audit` sets `strategy: linear` itself, so it does the same there too."
)


@dataclass(frozen=True)
class Setting:
    """One setting.

    :param environ: variables that set up Ansible.
    :param times: how often each role runs in its play.
    :param otherwise: roles that do not do the same as without the setting, and what they do.
    """

    name: str
    title: str
    environ: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    otherwise: Mapping[str, str] = field(default_factory=dict)

    def end(self, role: str) -> str:
        return self.otherwise.get(role, SAME)


# What really became another user would fail: there is no such program.
_BECOME = {"ANSIBLE_BECOME": "true", "ANSIBLE_BECOME_USER": "nobody", "ANSIBLE_BECOME_EXE": "/nonexistent/sudo"}

_REFUSED = {"audit": REFUSED}
SETTINGS = (
    Setting("any_errors_fatal", "`any_errors_fatal`", {"ANSIBLE_ANY_ERRORS_FATAL": "true"}),
    Setting("become", "`become`", _BECOME),
    Setting("native", "`jinja2_native` (ansible-core before 2.19)", {"ANSIBLE_JINJA2_NATIVE": "true"}),
    Setting("free", "`strategy: free`", {"ANSIBLE_STRATEGY": "free"}, otherwise=_REFUSED),
    Setting("host_pinned", "`strategy: host_pinned`", {"ANSIBLE_STRATEGY": "host_pinned"}, otherwise=_REFUSED),
    Setting("forks", "`--forks 1`", {"ANSIBLE_FORKS": "1"}),
    Setting("tags", "`--tags` of the role", {"ANSIBLE_RUN_TAGS": "the_role"}),
    Setting("twice", "the role twice in a play", times=2),
)
