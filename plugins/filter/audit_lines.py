# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_lines
short_description: Write an audit report as a line for each account
version_added: 0.1.0
description:
  - A short form of the report, for a job's output or a chat message.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.audit_report
"""

EXAMPLES = r"""
- name: Show the state of the accounts
  ansible.builtin.debug:
    msg: "{{ report | cloudflare.email_security.audit_lines }}"
"""

RETURN = r"""
_value:
  description: The lines, by name of the account.
  type: list
  elements: str
  sample: ["acme: drifted (1 missing, 2 extra); risks: 1 high"]
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.verdict import lines


def audit_lines(report: Any) -> Any:
    """A line for each account; text in it is never evaluated as a template."""
    try:
        return wrap_var(lines(report))
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError(f"audit_lines: this is not a report of audit_report: {error!r}") from error


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"audit_lines": audit_lines}
