# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_html
short_description: Write an audit report as one HTML page
version_added: 0.1.0
description:
  - The page needs no other file and no network. It opens from a disk, an artifact store or a mail attachment.
  - Everything that comes from an account is shown as text. A content security policy forbids the page every request and
    every script but its own.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.audit_report
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    content: "{{ report | cloudflare.email_security.audit_html }}"
    dest: audit.html
    mode: "0640"
"""

RETURN = r"""
_value:
  description: Text of the HTML file.
  type: str
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.page import page
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.text import to_json


def audit_html(report: Any) -> Any:
    """The report as an HTML page; text in it is never evaluated as a template."""
    try:
        return wrap_var(page(to_json(report)))
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError(f"audit_html: this is not a report of audit_report: {error!r}") from error


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"audit_html": audit_html}
