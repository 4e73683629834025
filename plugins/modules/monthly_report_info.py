#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_messages/monthly_report_info.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: monthly_report_info
short_description: Read how many messages had which disposition, month by month
version_added: 0.1.0
description:
  - Read the counts of the last twelve months. Older descriptions of the API do not have them.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.info
  - cloudflare.email_security.attributes.action_group
seealso:
  - module: cloudflare.email_security.investigate_info
"""

EXAMPLES = r"""
- name: Read the counts of the last twelve months
  cloudflare.email_security.monthly_report_info:
  register: year

- name: Show how much malicious mail there was
  ansible.builtin.debug:
    msg: "{{ item.key }}: {{ item.value | selectattr('disposition', 'equalto', 'MALICIOUS') | sum(attribute='total') }}"
  loop: "{{ year.by_month | dict2items }}"
"""

RETURN = r"""
by_month:
  description: By month, items of C(disposition) and C(total), the number of messages that had it. The earliest month
    comes first.
  type: dict
  returned: success
  sample: {2026-10: [{disposition: MALICIOUS, total: 412}, {disposition: SPAM, total: 9310}]}
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import monthly_report_info_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = monthly_report_info_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
