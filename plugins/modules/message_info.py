#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_messages/message_info.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: message_info
short_description: Read messages by id
version_added: 0.1.0
description:
  - Read everything about messages of Cloudflare Email Security. Their details are always there, and on request why they
    were detected, how they travelled, and what was done to them.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.info
  - cloudflare.email_security.attributes.action_group
options:
  investigate_ids:
    description:
      - Ids of the messages, as M(cloudflare.email_security.investigate_info) returns them in C(id).
    type: list
    elements: str
    required: true
  submission:
    description:
      - Whether to look only among messages that were submitted for reclassification.
    type: bool
    default: false
  gather:
    description:
      - What to read in addition to the details.
    type: list
    elements: str
    choices: [detections, trace, action_log]
    default: []
  fail_on_missing:
    description:
      - Whether to fail when a message is not found, rather than to name it in RV(missing).
    type: bool
    default: false
seealso:
  - module: cloudflare.email_security.investigate_info
  - module: cloudflare.email_security.message_raw
  - module: cloudflare.email_security.message_preview
"""

EXAMPLES = r"""
- name: See everything about a message
  cloudflare.email_security.message_info:
    investigate_ids: ["{{ message_id }}"]
    gather: [detections, trace, action_log]
  register: looked_up
"""

RETURN = r"""
messages:
  description: The messages found, in the order of O(investigate_ids).
  type: list
  elements: dict
  returned: success, and failure after the first request
  contains:
    id:
      description: Identifies the message to the other modules.
      type: str
      returned: when returned by the API
      sample: 4Njp3P0STMz2c02Q-2026-11-20T10:00:00-12345678
    postfix_id:
      description: Id of the message in transit.
      type: str
      returned: when returned by the API
      sample: 4Njp3P0STMz2c02Q
    message_id:
      description: Its Message-ID header.
      type: str
      returned: when returned by the API
      sample: <20261120100000.1@mailer.example>
    subject:
      description: Its subject.
      type: str
      returned: when returned by the API
      sample: Your invoice
    from:
      description: Address in its From header.
      type: str
      returned: when returned by the API
      sample: billing@phish.example
    from_name:
      description: Name in its From header.
      type: str
      returned: when returned by the API
      sample: Accounts
    to:
      description: Addresses in its To header.
      type: list
      elements: str
      returned: when returned by the API
      sample: [jane.doe@example.com]
    to_name:
      description: Names in its To header.
      type: list
      elements: str
      returned: when returned by the API
      sample: [Jane Doe]
    replyto:
      description: Address in its Reply-To header.
      type: str
      returned: when returned by the API
      sample: reply@phish.example
    envelope_from:
      description: Sender of the envelope.
      type: str
      returned: when returned by the API
      sample: bounce@phish.example
    envelope_to:
      description: Recipients of the envelope.
      type: list
      elements: str
      returned: when returned by the API
      sample: [jane.doe@example.com]
    client_recipients:
      description: Recipients that belong to the account.
      type: list
      elements: str
      returned: when returned by the API
      sample: [jane.doe@example.com]
    final_disposition:
      description: Disposition that Email Security gave it.
      type: str
      returned: when returned by the API
      sample: MALICIOUS
    detection_reasons:
      description: Reasons for the disposition.
      type: list
      elements: str
      returned: when returned by the API
      sample: [Malicious link]
    threat_categories:
      description: Kinds of threat.
      type: list
      elements: str
      returned: when returned by the API
      sample: [CredentialHarvester]
    is_quarantined:
      description: Whether it is in quarantine.
      type: bool
      returned: when returned by the API
      sample: false
    is_phish_submission:
      description: Whether it is a user's report of a suspected phishing message.
      type: bool
      returned: when returned by the API
      sample: false
    delivery_mode:
      description: How it reached Email Security.
      type: str
      returned: when returned by the API
      sample: API
    delivery_status:
      description: Delivery status.
      type: list
      elements: str
      returned: when returned by the API
      sample: [delivered]
    post_delivery_operations:
      description: Actions taken after delivery.
      type: list
      elements: str
      returned: when returned by the API
      sample: [MOVE]
    properties:
      description: How it was processed, such as the pattern that let it through.
      type: dict
      returned: when returned by the API
      sample: {allowlisted_pattern: billing@partner.example}
    validation:
      description: Results of DKIM, DMARC and SPF.
      type: dict
      returned: when returned by the API
      sample: {dkim: pass, dmarc: none, spf: fail, comment: ""}
    scanned_at:
      description: Time of the scan (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T10:00:00Z"
    sent_at:
      description: Time of sending (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T09:59:57Z"
    sent_date:
      description: Time of sending, as its Date header gives it.
      type: str
      returned: when returned by the API
      sample: Fri, 20 Nov 2026 09:59:57 +0000
    alert_id:
      description: Alert that it belongs to.
      type: str
      returned: when returned by the API
      sample: 4Njp3P0STMz2c02Q-2026-11-20T10:00:00
    edf_hash:
      description: Fingerprint of the message.
      type: str
      returned: when returned by the API
      sample: 5f9c
    htmltext_structure_hash:
      description: Fingerprint of how its text is built.
      type: str
      returned: when returned by the API
      sample: a1b2
    postfix_id_outbound:
      description: Id of the message in outbound transit.
      type: str
      returned: when returned by the API
      sample: 4Njp3P0STMz2c03R
    smtp_helo_server_ip:
      description: Address of the server that delivered it.
      type: str
      returned: when returned by the API
      sample: 203.0.113.9
    smtp_previous_hop_ip:
      description: Address of the server before.
      type: str
      returned: when returned by the API
      sample: 203.0.113.8
    x_originating_ip:
      description: Address in its X-Originating-IP header.
      type: str
      returned: when returned by the API
      sample: 203.0.113.7
    detections:
      description: Why it was a detection, with its links, attachments, headers and sender; null for one that was none.
      type: dict
      returned: when O(gather) names it
      sample: {action: QUARANTINE, final_disposition: MALICIOUS, links: [{href: "https://phish.example/login"}]}
    trace:
      description: Its delivery trace, inbound and outbound, line by line.
      type: dict
      returned: when O(gather) names it
      sample: {inbound: {lines: [{lineno: 1, message: received}]}, outbound: {lines: []}}
    action_log:
      description: What was done to it, in no certain order; null where the API has no log of the message.
      type: list
      elements: dict
      returned: when O(gather) names it
      sample: [{operation: MOVE, completed_at: "2026-11-20T11:00:00Z", properties: {folder: JunkEmail}}]
missing:
  description: Ids that were not found.
  type: list
  elements: str
  returned: success, and failure after the first request
  sample: []
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import message_info_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = message_info_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
