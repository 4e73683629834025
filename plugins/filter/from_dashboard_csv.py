# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: from_dashboard_csv
short_description: Read a CSV file of the dashboard as entries
version_added: 0.1.0
description:
  - Reads what the Cloudflare dashboard exports, or what is prepared for its upload, as entries for
    M(cloudflare.email_security.settings). So a policy can name a CSV file in place of a list.
  - Both spellings of the headers that are in use are understood, in any order and case. Columns that say what is the
    default may be missing.
  - Switches may be written C(true), C(yes), C(1), C(on) and their opposites, in any case. An empty cell means the
    default.
  - An empty cell in the column C(Notes) means that the entry has no comments.
  - All faulty rows are told at once, by their numbers as a spreadsheet shows them.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
positional: list
options:
  _input:
    description: Text of the file, UTF-8, with or without a byte order mark.
    type: str
    required: true
  list:
    description: The list that the file is for.
    type: str
    required: true
    choices: [allow_policies, block_senders, trusted_domains, impersonation_registry]
  formulas:
    description:
      - Whether cells are to be taken as they are. Otherwise, an apostrophe that
        P(cloudflare.email_security.to_dashboard_csv#filter) has put before what looks like a formula is taken away.
    type: bool
    default: false
seealso:
  - plugin: cloudflare.email_security.to_dashboard_csv
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Block what the file says
  cloudflare.email_security.settings:
    block_senders: >-
      {{ lookup('ansible.builtin.file', 'blocked.csv', rstrip=false)
      | cloudflare.email_security.from_dashboard_csv('block_senders') }}

# Where only a file is meant, settings takes it in policy_files.
"""

RETURN = r"""
_value:
  description: Entries, in the order of the file.
  type: list
  elements: dict
"""

from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.csv_text import read_csv
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import read_placed


def read(text: str, name: str, now: datetime, *, formulas: bool = False) -> list[dict[str, Any]]:
    """The entries of a file, in its order.

    :param name: the list that it is for.
    :param formulas: take apostrophes before formulas as they are.
    :raises InputError: holds every problem, each with the number of its row as a spreadsheet counts them.
    """
    name, placed, problems = read_csv(text, name, lambda row, column: f"row {row}", formulas=formulas)
    try:
        # A row is place enough.
        read_placed(RESOURCES[name], [row._replace(marks=()) for row in placed], now)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return [entry for dummy, entry, dummy in placed]


def from_dashboard_csv(
    text: Any,
    list: str,  # noqa: A002 (the option's name)
    formulas: bool = False,
) -> Any:
    """The entries; text in them is never evaluated as a template."""
    if not isinstance(text, str):
        raise AnsibleFilterError(f"from_dashboard_csv: must be text, not {type(text).__name__}")
    try:
        return wrap_var(read(str.__str__(text), list, datetime.now(timezone.utc), formulas=formulas))
    except InputError as error:
        # The message of the error itself stops after a few.
        raise AnsibleFilterError(f"from_dashboard_csv: {'; '.join(error.problems)}") from error


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"from_dashboard_csv": from_dashboard_csv}
