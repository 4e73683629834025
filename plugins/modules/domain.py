#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_resources/domains.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: domain
short_description: Manage a protected domain
version_added: 0.1.0
description:
  - Create, change or remove a protected domain of Cloudflare Email Security.
  - O(domain) identifies the protected domain.
  - Options that are omitted stay as they are. Lists are compared without regard to order.
  - A domain that the account does not have is created where the API offers that. Where it does not, onboard the domain
    in the Cloudflare dashboard.
  - A new domain is pending until a TXT record in DNS proves it. RV(entry.verification) says which.
  - B(Warning:) O(state=absent) ends the protection of the domain at once. It cannot be undone.
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
    type: str
  domain:
    description:
      - Name of the domain.
      - 1 to 253 characters. Required unless O(id) is given. It cannot be changed.
    type: str
  allowed_delivery_modes:
    description:
      - Ways by which its mail may reach Email Security.
      - 1 to 10 items. Required for a new protected domain. If omitted, it stays as it is.
    type: list
    elements: str
    choices: [DIRECT, BCC, JOURNAL, API, RETRO_SCAN]
  drop_dispositions:
    description:
      - Dispositions whose mail is dropped.
      - An empty list drops none.
      - Up to 10 items. Required for a new protected domain. If omitted, it stays as it is.
    type: list
    elements: str
    choices: [MALICIOUS, MALICIOUS-BEC, SUSPICIOUS, SPOOF, SPAM, BULK, ENCRYPTED, EXTERNAL, UNKNOWN, NONE]
  folder:
    description:
      - Folder to scan.
      - If omitted, it stays as it is.
    type: str
    choices: [AllItems, Inbox]
  integration_id:
    description:
      - Integration that gives access to its mailboxes.
      - An empty text detaches the domain from it.
      - If omitted, it stays as it is.
    type: str
  ip_restrictions:
    description:
      - Addresses and blocks that may deliver its mail.
      - An empty list allows all.
      - Up to 100 items. Required for a new protected domain. If omitted, it stays as it is.
    type: list
    elements: str
  lookback_hops:
    description:
      - How many hops to look back to find the real sender.
      - 1 to 20. If omitted, it stays as it is.
    type: int
  regions:
    description:
      - Where to process its mail.
      - 1 to 10 items. Required for a new protected domain. If omitted, it stays as it is.
    type: list
    elements: str
    choices: [GLOBAL, AU, DE, IN, US]
  require_tls_inbound:
    description:
      - Whether mail must arrive over TLS.
      - If omitted, it stays as it is.
    type: bool
  require_tls_outbound:
    description:
      - Whether mail must leave over TLS.
      - If omitted, it stays as it is.
    type: bool
  transport:
    description:
      - Host to pass mail on to.
      - If omitted, it stays as it is.
    type: str
  state:
    description:
      - Whether the entry should exist.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: cloudflare.email_security.domain_info
  - module: cloudflare.email_security.settings
"""

EXAMPLES = r"""
- name: Drop malicious mail, and let only our gateways deliver
  cloudflare.email_security.domain:
    domain: example.com
    drop_dispositions: [MALICIOUS, SPAM]
    ip_restrictions: [192.0.2.0/24]
    require_tls_inbound: true

- name: Protect a new domain, where the API offers that
  cloudflare.email_security.domain:
    domain: shop.example
    allowed_delivery_modes: [API]
    drop_dispositions: [MALICIOUS]
    ip_restrictions: []
    regions: [GLOBAL]
  register: added

- name: Read what proves it, until the record is published and found
  ansible.builtin.debug:
    var: added.entry.verification

- name: Take the protection from a domain that was sold; this cannot be undone
  cloudflare.email_security.domain:
    domain: sold.example
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
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.domains import DOMAINS
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entry import entry_module

SPEC = entry_module(DOMAINS)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
