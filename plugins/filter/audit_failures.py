# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_failures
short_description: Say why an audit report is to fail a job
version_added: 0.1.0
description:
  - Holds a report against conditions, and returns a sentence for each that is met.
  - When no condition is named, none is met.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.audit_report
options:
  fail_on:
    description:
      - V(drift) is met when an account has drifted.
      - V(risk:high), V(risk:medium) and V(risk:low) are met by a finding of that severity or above that is not
        accepted. V(risk) is the same as V(risk:low).
      - V(unreadable) is met when an account could not be read or compared, or was not reached. So is every other
        condition then, since nobody knows.
      - V(new) narrows the others to what is new since an earlier report; alone it is met by whatever is new. Where no
        earlier report was compared with, everything is new.
    type: list
    elements: str
    choices: [drift, risk, "risk:high", "risk:medium", "risk:low", unreadable, new]
    default: []
"""

EXAMPLES = r"""
- name: Nothing may have drifted, and there may be no high risk
  ansible.builtin.assert:
    that: failures | length == 0
    fail_msg: "{{ failures | join(' ') }}"
  vars:
    failures: "{{ report | cloudflare.email_security.audit_failures(['drift', 'risk:high']) }}"
"""

RETURN = r"""
_value:
  description: Sentences; none, if the job is not to fail.
  type: list
  elements: str
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.text import to_json
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.verdict import failures


def audit_failures(report: Any, fail_on: Any = ()) -> list[str]:
    """Why the job is to fail, as sentences."""
    try:
        return failures(report, to_json(fail_on))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"audit_failures: {error}") from error


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"audit_failures": audit_failures}
