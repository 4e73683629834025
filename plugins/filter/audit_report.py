# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_report
short_description: Make one audit report out of what was found in accounts
version_added: 0.1.0
description:
  - Counts and sorts what was found in each account. The same findings always give the same report.
  - The report is described by C(docs/schemas/audit-report.schema.json) of this collection.
  - Where drift and findings are too many for a small report, only the first of each list and rule are in it, the counts
    still say how many there are, and RV(_value.accounts[].not_listed) says how many are left out.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
options:
  _input:
    description:
      - What was found, by the account's name. An empty mapping says that the audit did not get to the account.
      - C(account_id) is its id, C(entries) says how many entries each list has.
      - C(drift) holds C(summary) and C(changes) as M(cloudflare.email_security.settings) returns them in check mode.
        Without it, there was no policy to compare with.
      - C(findings) are the risks, as the filter P(cloudflare.email_security.risks#filter) finds them.
      - C(warnings) is a list of what else to report about the account.
      - C(not_judged) says what nothing is known of. C(lists) are lists that the account lacks, C(entries) are entries
        that no rule can read, each with C(list), C(id), C(label) and C(reason), C(rules) are rules that were left
        out, each with C(rule), C(package) and C(in_part), and C(monthly_report) says why that could not be read.
      - A change or a finding may hold C(comment), C(created_at) and C(place), which is where the policy speaks of the
        entry.
      - C(monthly_report) counts messages by month and disposition.
      - C(usage) says what the mail of a time says of the exceptions.
      - C(error) says why the account could not be read or compared, with C(message), and perhaps C(type),
        C(http_status) and C(cf_ray).
    type: dict
    required: true
  generated_at:
    description: Time of the audit, ISO 8601 in UTC. Now, when left out.
    type: str
  previous:
    description: Earlier reports to compare with, of this filter or from C(audit.json).
    type: list
    elements: dict
seealso:
  - plugin: cloudflare.email_security.audit_html
    plugin_type: filter
  - plugin: cloudflare.email_security.audit_junit
    plugin_type: filter
  - plugin: cloudflare.email_security.audit_failures
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Make a report about one account
  ansible.builtin.set_fact:
    report: "{{ {'acme': found} | cloudflare.email_security.audit_report }}"
  vars:
    found:
      entries: {block_senders: 5000}
      drift: "{{ outcome }}"
"""

RETURN = r"""
_value:
  description: The report.
  type: dict
  contains:
    version:
      description: Version of the report's form.
      type: int
    generated_at:
      description: Time of the audit.
      type: str
    summary:
      description: Numbers over all accounts.
      type: dict
    rules:
      description: The rules that were asked, with numbers over all accounts.
      type: list
      elements: dict
    previous:
      description: Time of the newest earlier report, else null.
      type: str
    trend:
      description: Numbers of the last runs by time, this one the last. Empty without earlier reports.
      type: list
      elements: dict
    accounts:
      description: The accounts, by name.
      type: list
      elements: dict
      contains:
        account:
          description: Name of the account.
          type: str
        account_id:
          description: Its id at Cloudflare, if the record has it, else null.
          type: str
        status:
          description: C(in_sync), C(drifted), C(no_policy) or C(unreadable).
          type: str
        error:
          description: Why it could not be read or compared, else null.
          type: dict
        warnings:
          description: What the modules warned of.
          type: list
          elements: str
        dashboard_url:
          description: Email Security's settings in Cloudflare's dashboard.
          type: str
        not_judged:
          description: What nothing is known of, as in the input.
          type: dict
        lists:
          description: For each list how many entries it has, whether the policy names it, how they compare, and risks.
          type: dict
        drift:
          description: How many entries are missing, extra and changed, in all lists.
          type: dict
        risks:
          description: How many risks there are of each severity, and how many are accepted.
          type: dict
        rules:
          description: The same for each rule that found any.
          type: dict
        changes:
          description:
            - Entries that drifted, with the fields that differ, C(comment), C(owner), C(created_at) and C(place). What
              lets more through than the policy says comes first.
          type: list
          elements: dict
        findings:
          description: Risks, with C(comment), C(owner), C(created_at) and C(place) of the entry.
          type: list
          elements: dict
        monthly_report:
          description: Messages by month and disposition, if the record has it, else null.
          type: dict
        usage:
          description: When each exception last decided a message, and a policy by which the unused ones end, if the
            record has it, else null.
          type: dict
        since_previous:
          description:
            - How much is new, and how much is gone, since C(previous). Null without earlier reports. Each change and
              finding says C(first_seen) and whether it is C(new).
          type: dict
        gone:
          description: What the newest earlier report that judged the account had, and this one has not.
          type: list
          elements: dict
        not_listed:
          description: How many C(changes) and C(findings) are left out to keep the report small.
          type: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.history import History
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.report import build
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.text import to_json


def audit_report(records: Any, generated_at: str | None = None, previous: Any = None) -> Any:
    """The report over all accounts; text in it is never evaluated as a template."""
    try:
        return wrap_var(build(records, generated_at, history=None if previous is None else History(to_json(previous))))
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError(f"audit_report: this is not what was found in accounts: {error!r}") from error


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"audit_report": audit_report}
