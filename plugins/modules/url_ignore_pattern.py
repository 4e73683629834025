#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_resources/url_ignore_patterns.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: url_ignore_pattern
short_description: Manage a URL ignore pattern
version_added: 0.1.0
description:
  - Create, change or remove a URL ignore pattern of Cloudflare Email Security.
  - O(pattern) identifies the URL ignore pattern.
  - A URL that the pattern matches stays as it is in delivered mail, so that nothing checks it when somebody clicks.
  - Some plans and older services have no URL ignore patterns. The module says so and fails.
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
      - Regular expression for URLs. The API uses Java's syntax. Patterns are compared letter by letter.
      - 1 to 1,024 characters. Required unless O(id) is given.
    type: str
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
  - module: cloudflare.email_security.url_ignore_pattern_info
  - module: cloudflare.email_security.settings
"""

EXAMPLES = r"""
- name: Leave the links of a sign-in service as they are, since they work only once
  cloudflare.email_security.url_ignore_pattern:
    pattern: '^https://login\.partner\.example/once/.*$'
    comments: One-time links, SEC-4001

- name: Have the links of another one checked again
  cloudflare.email_security.url_ignore_pattern:
    pattern: '^https://old\.partner\.example/once/.*$'
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
      description: Regular expression for URLs.
      type: str
      returned: when returned by the API
      sample: ^https://login\.partner\.example/.*$
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
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.url_ignore_patterns import (
    URL_IGNORE_PATTERNS,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entry import entry_module

SPEC = entry_module(URL_IGNORE_PATTERNS)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
