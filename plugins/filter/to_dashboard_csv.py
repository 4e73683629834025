# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: to_dashboard_csv
short_description: Write entries as a CSV file of the dashboard
version_added: 0.1.0
description:
  - Writes entries as the Cloudflare dashboard takes them, with its headers, UTF-8, and lines that end with CR and LF.
  - The dashboard has no columns for a person's C(comments) and link to a directory. They are left out.
  - An entry that the file could not say truly is refused. That is one that is to be absent or expires, or whose address
    is a regular expression.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
positional: list
options:
  _input:
    description: Entries, as M(cloudflare.email_security.settings_info) returns them for the list.
    type: list
    elements: dict
    required: true
  list:
    description: The list that the entries are of.
    type: str
    required: true
    choices: [allow_policies, block_senders, trusted_domains, impersonation_registry]
  formulas:
    description:
      - Whether to write cells as they are, for a file that goes to the dashboard without a detour.
      - Otherwise, an apostrophe is put before what a spreadsheet would run as a formula. The dashboard would take that
        for a part of the text.
    type: bool
    default: false
  synced:
    description: Whether to keep entries of the impersonation registry that are synced from a directory.
    type: bool
    default: false
  split:
    description:
      - Whether to return a list of files of at most 150 KB each, which is what the dashboard takes, rather than one
        text.
      - Without it, a larger text is returned with a warning.
    type: bool
    default: false
  bom:
    description: Whether to begin with a byte order mark, which some spreadsheets need to see that it is UTF-8.
    type: bool
    default: false
seealso:
  - plugin: cloudflare.email_security.from_dashboard_csv
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the account
  cloudflare.email_security.settings_info:
  register: account

- name: Hand the allow policies to somebody with a spreadsheet
  ansible.builtin.copy:
    content: "{{ entries | cloudflare.email_security.to_dashboard_csv('allow_policies', bom=true) }}"
    dest: allow_policies.csv
    mode: "0600"
  vars:
    entries: "{{ account.settings.allow_policies }}"
"""

RETURN = r"""
_value:
  description: The file as text, or with O(split) a list of them.
  type: raw
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._policy import dashboard_csv

_BOM = "\ufeff"


def to_dashboard_csv(
    entries: Any,
    list: str,  # noqa: A002 (the option's name)
    formulas: bool = False,
    synced: bool = False,
    split: bool = False,
    bom: bool = False,
) -> Any:
    """The text, or the texts; nothing in them is evaluated as a template."""
    mark = _BOM if bom else ""
    try:
        lines = dashboard_csv.write(entries, list, formulas=formulas, synced=synced)
    except InputError as error:
        # The message of the error itself stops after a few.
        raise AnsibleFilterError(f"to_dashboard_csv: {'; '.join(error.problems)}") from error
    if split:
        room = dashboard_csv.LARGEST - len(mark.encode())
        return wrap_var([mark + text for text in dashboard_csv.files(lines, room)])
    text = mark + "".join(lines)
    size = len(text.encode())
    if size > dashboard_csv.LARGEST:
        Display().warning(
            f"to_dashboard_csv: {list} take {size:,} bytes, and the dashboard takes files of up to "
            f"{dashboard_csv.LARGEST:,}. Use split=true."
        )
    return wrap_var(text)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"to_dashboard_csv": to_dashboard_csv}
