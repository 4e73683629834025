#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_resources/impersonation_registry.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: impersonation_registry_entry
short_description: Manage an entry of the impersonation registry
version_added: 0.1.0
description:
  - Create, change or remove an entry of the impersonation registry of Cloudflare Email Security.
  - O(email) and O(name) identify the impersonation registry entry.
  - Entries that are synced from a directory cannot be changed or removed here. A task that would do so fails before it
    writes anything.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.settings
  - cloudflare.email_security.attributes.action_group
notes:
  - The module reads the whole list to find the entry, because the API does not document how its filters treat upper and
    lower case. To manage many entries, use M(cloudflare.email_security.settings), which reads each list once.
options:
  id:
    description:
      - Id of the entry. It identifies the entry in place of its key.
      - With it, O(email) or O(name) can be changed in place.
    type: str
  email:
    description:
      - Address that the person writes from, or a regular expression for all such addresses.
      - The host part is compared without regard to case.
      - It must not be empty. Required unless O(id) is given.
    type: str
  name:
    description:
      - Display name to protect.
      - 1 to 1,024 characters. Required unless O(id) is given.
    type: str
  is_email_regex:
    description:
      - Whether O(email) is a regular expression. The API uses Java's syntax.
      - If omitted, it is V(false). With O(id) and without O(email), it stays as it is.
    type: bool
  comments:
    description:
      - A note, such as a ticket number or an owner. An empty text clears it.
      - Up to 1,024 characters. If omitted, it stays as it is.
    type: str
  directory_id:
    description:
      - Directory that the entry belongs to.
      - If omitted, it stays as it is.
    type: int
  directory_node_id:
    description:
      - Node in that directory.
      - If omitted, it stays as it is.
    type: int
  external_directory_node_id:
    description:
      - Node, as the directory itself names it.
      - An empty text clears it.
      - If omitted, it stays as it is.
    type: str
  provenance:
    description:
      - Where the entry comes from. The API sets V(A1S_INTERNAL) for a new entry.
      - Entries with another value are synced from a directory. They cannot be changed or removed here.
      - If omitted, it stays as it is.
    type: str
    choices: [A1S_INTERNAL, SNOOPY-CASB_OFFICE_365, SNOOPY-OFFICE_365, SNOOPY-GOOGLE_DIRECTORY]
  state:
    description:
      - Whether the entry should exist.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: cloudflare.email_security.impersonation_registry_entry_info
  - module: cloudflare.email_security.settings
"""

EXAMPLES = r"""
- name: Protect the name of the chief executive
  cloudflare.email_security.impersonation_registry_entry:
    name: Jane Doe
    email: jane.doe@example.com
    comments: CEO

- name: Accept her private addresses too
  cloudflare.email_security.impersonation_registry_entry:
    name: Jane Doe
    email: '^jane\.doe@(mail|home)\.example$'
    is_email_regex: true

- name: Somebody left
  cloudflare.email_security.impersonation_registry_entry:
    name: John Roe
    email: john.roe@example.com
    state: absent
"""

RETURN = r"""
entry:
  description:
    - The entry after the task, with every field that the API returns.
    - In check mode, an entry that would be created has only the fields that would be sent.
    - Null when it is absent.
  type: dict
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
changes:
  description: What had been done before the task failed. See RV(cloudflare.email_security.settings#module:changes).
  type: list
  elements: dict
  returned: failure, when something was written or tried
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
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entry import entry_module

SPEC = entry_module(IMPERSONATION_REGISTRY)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
