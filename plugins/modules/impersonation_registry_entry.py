#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: impersonation_registry_entry
short_description: Manage an entry of the impersonation registry
version_added: 0.1.0
description:
  - Create, change or remove one entry of the impersonation registry of Cloudflare Email Security.
  - The address and the name say which entry is meant.
  - An entry that is synced from a directory cannot be changed or removed here. A task that would do so fails before
    it writes anything.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.entry
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.settings
  - cloudflare.email_security.attributes.action_group
options:
  id:
    description:
      - Id of the entry, as another way to say which one is meant.
      - With it, O(email) or O(name) can be changed in place.
    type: str
  email:
    description:
      - Address that the person really writes from, or a regular expression for all such addresses.
      - Needed unless O(id) is given. The host part is compared without regard to case.
    type: str
  name:
    description:
      - Display name to protect, up to 1,024 characters.
      - Needed unless O(id) is given.
    type: str
  is_email_regex:
    description:
      - Whether O(email) is a regular expression. The API reads it as Java does.
      - When left out it counts as V(false); only with O(id) and without O(email) it stays as it is.
    type: bool
  comments:
    description:
      - A note, up to 1,024 characters. A ticket or an owner helps those who come later.
      - When left out, it stays as it is. An empty text clears it.
    type: str
  directory_id:
    description:
      - Directory that the entry belongs to. When left out, it stays as it is.
    type: int
  directory_node_id:
    description:
      - Node in that directory. When left out, it stays as it is.
    type: int
  external_directory_node_id:
    description:
      - Node, as the directory itself names it. When left out, it stays as it is. An empty text clears it.
    type: str
  provenance:
    description:
      - Where the entry comes from. When left out, it stays as it is, and the API makes a new entry V(A1S_INTERNAL).
      - Entries with another value are synced from a directory. They cannot be changed or removed here.
    type: str
    choices: [A1S_INTERNAL, SNOOPY-CASB_OFFICE_365, SNOOPY-OFFICE_365, SNOOPY-GOOGLE_DIRECTORY]
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
    - The entry as it is after the task, with every field that the API returns.
    - In check mode, an entry that would be created has only the fields that would be sent.
    - Null when it is absent.
  type: dict
  returned: success
  contains:
    id:
      description: Identifies the entry.
      type: str
      returned: when the API says so
      sample: f174e90a-fafe-4643-bbbc-4a0ed4fc8415
    email:
      description: Address of the person, or a regular expression for it.
      type: str
      returned: when the API says so
      sample: jane.doe@example.com
    name:
      description: Display name of the person.
      type: str
      returned: when the API says so
      sample: Jane Doe
    is_email_regex:
      description: Whether the address is a regular expression.
      type: bool
      returned: when the API says so
      sample: false
    comments:
      description: What somebody wrote about it.
      type: str
      returned: when the API says so
      sample: Partner, ticket SEC-1234
    provenance:
      description: Where the entry comes from; C(A1S_INTERNAL) was made by hand.
      type: str
      returned: when the API says so
      sample: A1S_INTERNAL
    directory_id:
      description: Directory that the entry is synced from.
      type: int
      returned: when the API says so
      sample: 123
    directory_node_id:
      description: Node in that directory.
      type: int
      returned: when the API says so
      sample: 456
    external_directory_node_id:
      description: Node, as the directory itself names it.
      type: str
      returned: when the API says so
      sample: 8f1c
    created_at:
      description: When it was created (UTC).
      type: str
      returned: when the API says so
      sample: "2026-01-15T09:30:00Z"
    modified_at:
      description: When it was last changed (UTC).
      type: str
      returned: when the API says so
      sample: "2026-01-15T09:30:00Z"
changes:
  description:
    - What had been done before the task failed; see RV(cloudflare.email_security.settings#module:changes).
  type: list
  elements: dict
  returned: failure, when something was written or tried
error:
  description:
    - What went wrong, for programs. C(type) is its kind. C(problems) lists every problem of a refused task.
    - When the API refused, also C(request), C(http_status), C(api_errors) and C(cf_ray), which Cloudflare's support
      needs.
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
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.write import entry_module

SPEC = entry_module(IMPERSONATION_REGISTRY)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
