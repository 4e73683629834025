#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_resources/domains.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: domain_info
short_description: Read protected domains
version_added: 0.1.0
description:
  - Read protected domains of Cloudflare Email Security, one by its id, or all that match the filters.
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
    choices: [domain, created_at]
  active_delivery_mode:
    description:
      - Only domains whose mail arrives this way now.
    type: str
    choices: [DIRECT, BCC, JOURNAL, API, RETRO_SCAN]
  allowed_delivery_mode:
    description:
      - Only domains whose mail may arrive this way.
    type: str
    choices: [DIRECT, BCC, JOURNAL, API, RETRO_SCAN]
  domain:
    description:
      - Only domains with these names.
    type: list
    elements: str
  integration_id:
    description:
      - Only domains of this integration.
    type: str
  search:
    description:
      - Only entries that contain this text. The API decides which fields it searches.
    type: str
  status:
    description:
      - Only domains in this state. Upper and lower case mean the same.
    type: str
    choices: [PENDING, ACTIVE, FAILED, TIMEOUT, pending, active, failed, timeout]
  verification:
    description:
      - Whether to read, for each domain, the TXT record that proves it. That takes one more request for each.
      - Older descriptions of the API do not have it; then it is null, with a warning.
    type: bool
    default: false
seealso:
  - module: cloudflare.email_security.domain
  - module: cloudflare.email_security.settings_info
"""

EXAMPLES = r"""
- name: List the domains that are not active yet
  cloudflare.email_security.domain_info:
    status: PENDING
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ found.domains | map(attribute='domain') }}"

- name: Read which records are missing in DNS
  cloudflare.email_security.domain_info:
    status: PENDING
    verification: true
  register: pending
"""

RETURN = r"""
domains:
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
    domain:
      description: Name of the domain.
      type: str
      returned: when returned by the API
      sample: example.com
    allowed_delivery_modes:
      description: Ways by which its mail may reach Email Security.
      type: list
      elements: str
      returned: when returned by the API
      sample: [DIRECT, API]
    drop_dispositions:
      description: Dispositions whose mail is dropped.
      type: list
      elements: str
      returned: when returned by the API
      sample: [MALICIOUS, SPAM]
    folder:
      description: Folder that is scanned.
      type: str
      returned: when returned by the API
      sample: Inbox
    integration_id:
      description: Integration that gives access to its mailboxes.
      type: str
      returned: when returned by the API
      sample: f174e90a-fafe-4643-bbbc-4a0ed4fc8415
    ip_restrictions:
      description: Addresses and blocks that may deliver its mail.
      type: list
      elements: str
      returned: when returned by the API
      sample: [192.0.2.0/24]
    lookback_hops:
      description: How many hops are looked back to find the real sender.
      type: int
      returned: when returned by the API
      sample: 2
    regions:
      description: Where its mail is processed.
      type: list
      elements: str
      returned: when returned by the API
      sample: [GLOBAL]
    require_tls_inbound:
      description: Whether mail must arrive over TLS.
      type: bool
      returned: when returned by the API
      sample: true
    require_tls_outbound:
      description: Whether mail must leave over TLS.
      type: bool
      returned: when returned by the API
      sample: true
    transport:
      description: Host that mail is passed on to.
      type: str
      returned: when returned by the API
      sample: mx.example.com
    status:
      description: State of the domain, one of C(PENDING), C(ACTIVE), C(FAILED) or C(TIMEOUT).
      type: str
      returned: when returned by the API
      sample: ACTIVE
    authorization:
      description: Whether the integration may read its mailboxes, since when, and if not, why.
      type: dict
      returned: when returned by the API
      sample: {authorized: true, timestamp: "2026-01-15T09:30:00Z"}
    dmarc_status:
      description: State of its DMARC record.
      type: str
      returned: when returned by the API
      sample: good
    spf_status:
      description: State of its SPF record.
      type: str
      returned: when returned by the API
      sample: good
    emails_processed:
      description: How many messages were processed in the latest period and in the one before.
      type: dict
      returned: when returned by the API
      sample: {timestamp: "2026-01-15T09:30:00Z", total_emails_processed: 1200, total_emails_processed_previous: 1100}
    inbox_provider:
      description: Provider of its mailboxes.
      type: str
      returned: when returned by the API
      sample: Microsoft
    o365_tenant_id:
      description: Microsoft tenant of its mailboxes.
      type: str
      returned: when returned by the API
      sample: c9b1e4ac
    verification:
      description: "What proves that the domain is yours: the name and the value of the TXT record to publish in DNS,
        and when that was last looked for. It is null where nothing is to be published.
        M(cloudflare.email_security.domain) reads it for a domain that is pending,
        M(cloudflare.email_security.domain_info) where it is asked to."
      type: dict
      returned: when returned by the API
      sample:
        status: PENDING
        txt_record_name: _cf-email-sec-challenge.shop.example
        txt_record_value: 0f5a3c4e9b7d
        last_checked_at: null
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
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.domains import DOMAINS
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.read import info_module

SPEC = info_module(DOMAINS)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
