# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: apply_lines
short_description: Summarize what was done to an account, a line for each list
version_added: 0.1.0
description:
  - A short form of the result of M(cloudflare.email_security.settings), for a job's output or a chat message.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
options:
  _input:
    description: C(summary) of the result.
    type: dict
    required: true
  planned:
    description: Whether it says what would be done, as in check mode.
    type: bool
    default: false
seealso:
  - module: cloudflare.email_security.settings
"""

EXAMPLES = r"""
- name: Bring the account in line
  cloudflare.email_security.settings:
    block_senders:
      - pattern: phish.example
        pattern_type: DOMAIN
  register: result

- name: Show what was done
  ansible.builtin.debug:
    msg: "{{ result.summary | cloudflare.email_security.apply_lines(planned=ansible_check_mode) }}"
"""

RETURN = r"""
_value:
  description: The lines, in the order in which lists are written.
  type: list
  elements: str
  sample: ["block_senders: 2 created, 1 deleted, 40 unchanged (1 expired)"]
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.report import lines


def apply_lines(summary: Any, planned: bool = False) -> list[str]:
    """A line for each list."""
    try:
        return lines(summary, planned)
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError(f"apply_lines: this is no summary of settings: {error!r}") from error


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"apply_lines": apply_lines}
