#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_resources/trusted_domains.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: trusted_domain
short_description: Manage a trusted domain
version_added: 0.1.0
description:
  - Create, change or remove a trusted domain of Cloudflare Email Security.
  - O(pattern) and O(is_regex) identify the trusted domain.
  - The task describes the whole entry. An omitted option that has a default gets it, whatever the account has.
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
      - With it, O(pattern) can be changed in place.
    type: str
  pattern:
    description:
      - What to match.
      - Domains are compared without regard to case.
      - 1 to 1,024 characters. Required unless O(id) is given.
    type: str
  is_regex:
    description:
      - Whether O(pattern) is a regular expression. The API uses Java's syntax.
      - If omitted, it is V(false). With O(id) and without O(pattern), it stays as it is.
    type: bool
  is_recent:
    description:
      - Do not hold it against the domain that it was registered recently. The dashboard calls this C(New).
    type: bool
    default: false
  is_similarity:
    description:
      - Do not hold it against the domain that it is spelled like one of yours. The dashboard calls this C(Proximity).
    type: bool
    default: false
  comments:
    description:
      - A note, such as a ticket number or an owner. An empty text clears it.
      - Up to 1,024 characters. If omitted, it stays as it is.
    type: str
  state:
    description:
      - Whether the entry should exist.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: cloudflare.email_security.trusted_domain_info
  - module: cloudflare.email_security.settings
"""

EXAMPLES = r"""
- name: Trust a partner whose domain was registered last week
  cloudflare.email_security.trusted_domain:
    pattern: new-partner.example
    is_recent: true
    comments: Joint venture, SEC-2001

- name: Trust all look-alikes that are our own
  cloudflare.email_security.trusted_domain:
    pattern: '^(.*\.)?examp1e\.example$'
    is_regex: true
    is_similarity: true

- name: Trust it no longer
  cloudflare.email_security.trusted_domain:
    pattern: former-partner.example
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
    pattern:
      description: What is matched.
      type: str
      returned: when returned by the API
      sample: partner.example
    is_regex:
      description: Whether the pattern is a regular expression.
      type: bool
      returned: when returned by the API
      sample: false
    is_recent:
      description: Whether a recent registration of the domain is tolerated.
      type: bool
      returned: when returned by the API
      sample: true
    is_similarity:
      description: Whether a spelling close to a protected domain is tolerated.
      type: bool
      returned: when returned by the API
      sample: false
    comments:
      description: Note about the entry.
      type: str
      returned: when returned by the API
      sample: Partner, ticket SEC-1234
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
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.trusted_domains import (
    TRUSTED_DOMAINS,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entry import entry_module

SPEC = entry_module(TRUSTED_DOMAINS)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
