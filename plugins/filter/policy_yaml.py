# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: policy_yaml
short_description: Write settings as a policy file
version_added: 0.1.0
description:
  - Turns settings into YAML that M(cloudflare.email_security.settings) gets back exactly as they were, when the file is
    read as variables.
  - Lists and fields always come in the same order, entries in the order in which they were given.
  - Texts that YAML could read as something else are quoted. Texts that Jinja would evaluate are marked C(!unsafe).
  - Fields that no policy has, such as the read-only ones of M(cloudflare.email_security.domain_info), are left out.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
options:
  _input:
    description:
      - Settings, as M(cloudflare.email_security.settings_info) returns them in C(settings), with any of the lists.
      - With O(list), the entries of that list alone.
    type: raw
    required: true
  list:
    description: The list that the entries are for.
    type: str
    choices: [domains, impersonation_registry, block_senders, trusted_domains, allow_policies]
  omit_defaults:
    description: Whether to leave out fields that mean the same when they are left out.
    type: bool
    default: false
  synced:
    description:
      - Whether to keep entries of the impersonation registry that are synced from a directory. A comment marks them.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Read what is blocked
  cloudflare.email_security.settings_info:
    gather: [block_senders]
  register: account

- name: Keep it as a policy file
  ansible.builtin.copy:
    content: "{{ account.settings | cloudflare.email_security.policy_yaml(omit_defaults=true) }}"
    dest: policy.yml
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The file, as text.
  type: str
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._policy import dump as text


def policy_yaml(
    settings: Any,
    list: str | None = None,  # noqa: A002 (the option's name)
    omit_defaults: bool = False,
    synced: bool = False,
) -> str:
    """The text of a policy file; nothing in it is evaluated as a template."""
    try:
        policy = settings if list is None else {list: settings}
        return wrap_var(text.policy_yaml(policy, omit_defaults=omit_defaults, synced=synced))  # type: ignore[no-any-return]
    except (InputError, AttributeError) as error:
        raise AnsibleFilterError(f"policy_yaml: {error}") from error


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"policy_yaml": policy_yaml}
