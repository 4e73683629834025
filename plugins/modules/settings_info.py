#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_settings/settings_info.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: settings_info
short_description: Read an account's settings as a document
version_added: 0.1.0
description:
  - Reads the settings of a Cloudflare Email Security account as a document that M(cloudflare.email_security.settings)
    accepts. Applying it to the same account changes nothing.
  - Entries hold their writable fields and are sorted. They have an id only where several entries share a key.
  - A list that the account's plan or service does not have is left out with a warning. If that is all there is to read,
    the task fails.
  - Entries that no document can hold, such as old ones with the pattern type C(UNKNOWN), are left out with a warning.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.info
  - cloudflare.email_security.attributes.action_group
options:
  gather:
    description:
      - Lists to read.
    type: list
    elements: str
    choices:
      - domains
      - impersonation_registry
      - block_senders
      - content_policies
      - sending_domain_restrictions
      - trusted_domains
      - allow_policies
      - url_ignore_patterns
    default:
      - domains
      - impersonation_registry
      - block_senders
      - content_policies
      - sending_domain_restrictions
      - trusted_domains
      - allow_policies
      - url_ignore_patterns
seealso:
  - module: cloudflare.email_security.settings
"""

EXAMPLES = r"""
- name: Read what is blocked and what is allowed
  cloudflare.email_security.settings_info:
    gather: [block_senders, allow_policies]
  register: account

- name: Keep it as a file
  ansible.builtin.copy:
    content: "{{ account.settings | to_nice_yaml }}"
    dest: "{{ backup_file }}"
    mode: "0600"
"""

RETURN = r"""
settings:
  description: The lists that were read, each with its entries as M(cloudflare.email_security.settings) takes them.
  type: dict
  returned: success
  sample: {block_senders: [{pattern: phish.example, pattern_type: DOMAIN, is_regex: false, comments: INC-77}]}
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
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.read import settings_info_module

SPEC = settings_info_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
