#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_resources/url_ignore_patterns.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: url_ignore_pattern_info
short_description: Read URL ignore patterns
version_added: 0.1.0
description:
  - Read URL ignore patterns of Cloudflare Email Security, one by its id, or all.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.info
  - cloudflare.email_security.attributes.action_group
notes:
  - All pages are read.
options:
  id:
    description:
      - Only the entry with this id. The list is empty if there is none.
    type: str
seealso:
  - module: cloudflare.email_security.url_ignore_pattern
  - module: cloudflare.email_security.settings_info
"""

EXAMPLES = r"""
- name: Read what is not rewritten
  cloudflare.email_security.url_ignore_pattern_info:
  register: found

- name: Show it
  ansible.builtin.debug:
    msg: "{{ found.url_ignore_patterns | map(attribute='pattern') }}"
"""

RETURN = r"""
url_ignore_patterns:
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
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.read import info_module

SPEC = info_module(URL_IGNORE_PATTERNS)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
