#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_resources/content_policies.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: content_policy_info
short_description: Read content policies
version_added: 0.1.0
description:
  - Read content policies of Cloudflare Email Security, one by its id, or all that match the filters.
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
    choices: [name, created_at]
  enabled:
    description:
      - Only policies that are, or are not, at work.
    type: bool
  name:
    description:
      - Only the policy with exactly this name.
    type: str
  search:
    description:
      - Only entries that contain this text. The API decides which fields it searches.
    type: str
seealso:
  - module: cloudflare.email_security.content_policy
  - module: cloudflare.email_security.settings_info
"""

EXAMPLES = r"""
- name: List the policies that are switched off
  cloudflare.email_security.content_policy_info:
    enabled: false
"""

RETURN = r"""
content_policies:
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
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.read import info_module

SPEC = info_module(CONTENT_POLICIES)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
