#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_resources/impersonation_registry.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: impersonation_registry_entry_info
short_description: Read entries of the impersonation registry
version_added: 0.1.0
description:
  - Read entries of the impersonation registry of Cloudflare Email Security, one by its id, or all that match the
    filters.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.info
  - cloudflare.email_security.attributes.action_group
notes:
  - All pages are read. Without O(order), the oldest entries come first.
options:
  id:
    description:
      - Only the entry with this id. The list is empty if there is none.
    type: str
  direction:
    description:
      - Sort direction.
    type: str
    choices: [asc, desc]
  order:
    description:
      - Field to sort by.
    type: str
    choices: [name, email, created_at]
  provenance:
    description:
      - Only entries that come from there.
    type: str
    choices: [A1S_INTERNAL, SNOOPY-CASB_OFFICE_365, SNOOPY-OFFICE_365, SNOOPY-GOOGLE_DIRECTORY]
  search:
    description:
      - Only entries that contain this text. The API decides which fields it searches.
    type: str
seealso:
  - module: cloudflare.email_security.impersonation_registry_entry
  - module: cloudflare.email_security.settings_info
"""

EXAMPLES = r"""
- name: List the entries that were made by hand
  cloudflare.email_security.impersonation_registry_entry_info:
    provenance: A1S_INTERNAL
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ found.impersonation_registry | map(attribute='name') }}"
"""

RETURN = r"""
impersonation_registry:
  description: The entries found.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: Id of the entry.
      type: str
      returned: when returned by the API
      sample: f174e90a-fafe-4643-bbbc-4a0ed4fc8415
    email:
      description: Address of the person, or a regular expression for it.
      type: str
      returned: when returned by the API
      sample: jane.doe@example.com
    name:
      description: Display name of the person.
      type: str
      returned: when returned by the API
      sample: Jane Doe
    is_email_regex:
      description: Whether the address is a regular expression.
      type: bool
      returned: when returned by the API
      sample: false
    comments:
      description: Note about the entry.
      type: str
      returned: when returned by the API
      sample: Partner, ticket SEC-1234
    directory_id:
      description: Directory that the entry is synced from.
      type: int
      returned: when returned by the API
      sample: 123
    directory_node_id:
      description: Node in that directory.
      type: int
      returned: when returned by the API
      sample: 456
    external_directory_node_id:
      description: Node, as the directory itself names it.
      type: str
      returned: when returned by the API
      sample: 8f1c
    provenance:
      description: Where the entry comes from. C(A1S_INTERNAL) means that it was made by hand.
      type: str
      returned: when returned by the API
      sample: A1S_INTERNAL
    created_at:
      description: Time of creation (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-01-15T09:30:00Z"
    modified_at:
      description: Time of the last change (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-01-15T09:30:00Z"
error:
  description:
    - What went wrong, for programs. C(type) is its kind. C(problem_count) counts what is wrong with a refused task; the
      message names it, a line each, up to twenty.
    - If the API refused the request, also C(request), C(http_status), C(api_errors) and C(cf_ray), which Cloudflare's
      support needs.
  type: dict
  returned: failure
  sample:
    type: RefusedError
    request: POST settings/block_senders
    http_status: 400
    api_errors: [{code: 10400, message: pattern must be a valid domain name}]
    cf_ray: 8d0c1e7c1a2b3c4d-FRA
"""

from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.impersonation_registry import (
    IMPERSONATION_REGISTRY,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.read import info_module

SPEC = info_module(IMPERSONATION_REGISTRY)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
