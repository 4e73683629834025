# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_junit
short_description: Write an audit report as JUnit XML
version_added: 0.1.0
description:
  - One suite for each account, with a case for each list, which fails when the list has drifted, and a case for each
    risk rule, which fails when the rule has a finding that is not accepted.
  - Lists that the policy does not name are skipped. So is what was not judged, with the reason. An account
    that could not be read has a case with an error.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.audit_report
options:
  only_new:
    description: Whether nothing fails but what is new since an earlier report. What is known is reported, and passes.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Let CI show what was found
  ansible.builtin.copy:
    content: "{{ report | cloudflare.email_security.audit_junit }}"
    dest: audit.junit.xml
    mode: "0640"
"""

RETURN = r"""
_value:
  description: Text of the XML file.
  type: str
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.junit import junit
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.text import to_json


def audit_junit(report: Any, only_new: bool = False) -> Any:
    """The report as JUnit XML; text in it is never evaluated as a template."""
    try:
        return wrap_var(junit(to_json(report), only_new=only_new))
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError(f"audit_junit: this is not a report of audit_report: {error!r}") from error


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"audit_junit": audit_junit}
