#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_messages/phishguard_report_info.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: phishguard_report_info
short_description: Read PhishGuard reports
version_added: 0.1.0
description:
  - Read the reports of the PhishGuard team. All pages are read.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.info
  - cloudflare.email_security.attributes.action_group
options:
  start:
    description:
      - Only reports from then on. A time (C(2026-11-22T18:00:00Z)), a date, or a span before now (C(36h), C(7d),
        C(2w)).
      - If omitted, it is up to the API how far back it goes.
    type: str
  end:
    description:
      - Only reports until then. A time (C(2026-11-22T18:00:00Z)), a date, or a span before now (C(36h), C(7d), C(2w)).
        A date lasts until its end.
    type: str
seealso:
  - module: cloudflare.email_security.investigate_info
"""

EXAMPLES = r"""
- name: Read the reports of this week
  cloudflare.email_security.phishguard_report_info:
    start: 7d
  register: week
"""

RETURN = r"""
reports:
  description: The reports found.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: Identifies the report.
      type: int
      returned: when returned by the API
      sample: 42
    title:
      description: Its title.
      type: str
      returned: when returned by the API
      sample: Credential phishing
    content:
      description: Its text.
      type: str
      returned: when returned by the API
      sample: Somebody asked three people for their passwords.
    disposition:
      description: Disposition of the message before.
      type: str
      returned: when returned by the API
      sample: MALICIOUS
    priority:
      description: How urgent it is.
      type: str
      returned: when returned by the API
      sample: high
    fields:
      description: The message, as C(from), C(to), C(occurred_at), C(postfix_id).
      type: dict
      returned: when returned by the API
      sample: {from: a@phish.example, to: [jane.doe@example.com], occurred_at: "2026-11-20T10:00:00Z"}
    tags:
      description: Tags, each with C(category) and C(value).
      type: list
      elements: dict
      returned: when returned by the API
      sample: [{category: actor, value: unknown}]
    created_at:
      description: When it was written (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T12:00:00Z"
    updated_at:
      description: When it was last changed (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T12:00:00Z"
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import (
    phishguard_report_info_module,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = phishguard_report_info_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
