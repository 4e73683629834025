#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_resources/content_policies.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: content_policy
short_description: Manage a content policy
version_added: 0.1.0
description:
  - Create, change or remove a content policy of Cloudflare Email Security.
  - O(name) identifies the content policy.
  - The task describes the whole entry. An omitted option that has a default gets it, whatever the account has.
  - A message that an enabled policy matches gets the disposition C(MALICIOUS), and what is done with that.
  - Some plans and older services have no content policies. The module says so and fails.
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
      - With it, O(name) can be changed in place.
    type: str
  name:
    description:
      - Name of the policy. Its case matters.
      - 1 to 256 characters. Required unless O(id) is given.
    type: str
  pattern:
    description:
      - Regular expression to look for. The API uses Java's syntax, such as C((?i)) to ignore case.
      - 1 to 2,048 characters. Required for a new content policy. If omitted, it stays as it is.
    type: str
  targets:
    description:
      - Parts of a message to look in. Their order does not matter.
      - 1 to 2 items. Required for a new content policy. If omitted, it stays as it is.
    type: list
    elements: str
    choices: [SUBJECT, BODY]
  enabled:
    description:
      - Whether the policy is at work.
    type: bool
    default: true
  notes:
    description:
      - A note, such as a ticket number. An empty text clears it.
      - Up to 4,096 characters. If omitted, it stays as it is.
    type: str
  expires_at:
    description:
      - Time at which the service ends the policy, where it offers that. An empty text clears it.
      - If omitted, it stays as it is.
    type: str
  state:
    description:
      - Whether the entry should exist.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: cloudflare.email_security.content_policy_info
  - module: cloudflare.email_security.settings
"""

EXAMPLES = r"""
- name: Stop a wave of fake invoices
  cloudflare.email_security.content_policy:
    name: Fake invoices
    pattern: '(?i)overdue invoice \d{6}'
    targets: [SUBJECT, BODY]
    notes: Campaign of 2026-11, INC-77

- name: Keep an old one for the next wave, and do not use it now
  cloudflare.email_security.content_policy:
    name: Gift cards
    enabled: false
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
    name:
      description: Name of the policy.
      type: str
      returned: when returned by the API
      sample: Fake invoices
    pattern:
      description: What is matched.
      type: str
      returned: when returned by the API
      sample: (?i)overdue invoice \d{6}
    targets:
      description: Parts of a message to look in. Their order does not matter.
      type: list
      elements: str
      returned: when returned by the API
      sample: [SUBJECT, BODY]
    enabled:
      description: Whether the policy is at work.
      type: bool
      returned: when returned by the API
      sample: true
    notes:
      description: A note, such as a ticket number. An empty text clears it.
      type: str
      returned: when returned by the API
      sample: Campaign of 2026-11, INC-77
    expires_at:
      description: Time at which the service ends the policy, where it offers that. An empty text clears it.
      type: str
      returned: when returned by the API
      sample: "2026-12-31T18:00:00Z"
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
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.content_policies import (
    CONTENT_POLICIES,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entry import entry_module

SPEC = entry_module(CONTENT_POLICIES)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
