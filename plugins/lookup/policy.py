# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: policy
short_description: Read the files of a policy
version_added: 0.1.0
description:
  - Reads policy files as M(cloudflare.email_security.settings) does, for filters that take a policy.
  - Every mistake in all files is reported at once, by file, line and column. What fields may hold is not checked.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
options:
  _terms:
    description:
      - Files, folders and paths with wildcards, as in O(cloudflare.email_security.settings#module:policy_files).
    type: list
    elements: str
    required: true
  with_variables:
    description:
      - Whether the lists that are given as variables of this collection's roles, such as
        C(email_security_block_senders), come after those of the files.
      - Relative paths then start at the working directory, as they do in these roles.
    type: bool
    default: false
seealso:
  - plugin: cloudflare.email_security.risks
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Fail when the policy allows a serious risk that nobody has accepted
  ansible.builtin.assert:
    that: findings | selectattr('severity', 'eq', 'high') | selectattr('accepted', 'none') | length == 0
    fail_msg: "{{ findings | map(attribute='why') | join(' ') }}"
  vars:
    findings: "{{ lookup('cloudflare.email_security.policy', 'policy.yml') | cloudflare.email_security.risks }}"
"""

RETURN = r"""
_raw:
  description: One policy, with the lists that the files name.
  type: list
  elements: dict
"""

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.policy_files import (
    PolicyFiles,
    names_of,
    search_path,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._controller.role_task import lists_of_roles


class LookupModule(LookupBase):
    """The lookup. Text that it returns is never evaluated as a template."""

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> list[Any]:
        """One policy, in a list as lookups return it."""
        self.set_options(var_options=variables, direct=kwargs)
        of_roles = self.get_option("with_variables")
        begin = [*variables.get("ansible_search_path", []), self._loader.get_basedir()]
        search = [] if of_roles else search_path(begin)
        files = PolicyFiles(self._loader, self._templar, variables, [*search, Path.cwd()])
        policy = files.read(name for term in terms for name in names_of(term))
        if policy.problems:
            raise AnsibleLookupError("\n".join(policy.problems))
        for warning in policy.warnings:
            self._display.warning(warning)
        documents: dict[str, list[Any]] = policy.documents()
        for name, entries in lists_of_roles(variables, self._templar).items() if of_roles else ():
            documents.setdefault(name, []).extend(entries)
        return [wrap_var(documents)]
