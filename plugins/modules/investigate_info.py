#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_messages/investigate_info.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: investigate_info
short_description: Search messages
version_added: 0.1.0
description:
  - Search the mail that Cloudflare Email Security saw. All pages are read.
  - B(Note:) only detections are found unless O(detections_only=false). The API hides clean mail by default, and a
    message that slipped through is clean mail.
  - The API's filters find more than their names say; the description of each option says what. Before acting on
    messages, use O(match=strict), or the role P(cloudflare.email_security.respond#role), which does.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.info
  - cloudflare.email_security.attributes.action_group
notes:
  - A search that takes the API longer is waited for, within O(retry_timeout).
options:
  start:
    description:
      - Only messages from then on. A time (C(2026-11-22T18:00:00Z)), a date, or a span before now (C(36h), C(7d),
        C(2w)).
      - If omitted, the API uses 30 days ago.
    type: str
  end:
    description:
      - Only messages until then. A time (C(2026-11-22T18:00:00Z)), a date, or a span before now (C(36h), C(7d), C(2w)).
        A date lasts until its end.
    type: str
  query:
    description:
      - Words to search for, separated by spaces, without regard to case. The API looks for them in sender, recipient,
        subject, names and hashes of attachments, and the Message-ID.
    type: str
  detections_only:
    description:
      - Whether to leave out mail that was not a detection.
      - To find what slipped through, this must be V(false).
    type: bool
    default: true
  final_disposition:
    description:
      - Only messages with this disposition.
    type: str
    choices: [MALICIOUS, SUSPICIOUS, SPOOF, SPAM, BULK, NONE]
  message_action:
    description:
      - Only messages on which this action was taken.
    type: str
    choices: [PREVIEW, QUARANTINE_RELEASED, MOVED]
  metric:
    description:
      - Only messages that this metric counts.
    type: str
  sender:
    description:
      - Only messages from this address or this domain.
      - With O(match=strict), a domain includes those below it, and the envelope sender matches too.
    type: str
  recipient:
    description:
      - Only messages to this address or this domain.
      - With O(match=strict), a domain includes those below it.
    type: str
  domain:
    description:
      - Only messages that mention this domain. The API finds those whose sender, B(recipient or link) has it.
      - With O(match=strict), only messages from it or from a domain below it, by their From header or their envelope.
    type: str
  subject:
    description:
      - Only messages with these words in their subject, in any order.
      - With O(match=strict), only messages whose subject has them as a phrase, without regard to case.
    type: str
  message_id:
    description:
      - Only messages with this Message-ID header, written with or without its angle brackets.
    type: str
  alert_id:
    description:
      - Only messages of this alert.
    type: str
  delivery_status:
    description:
      - Only messages with this delivery status. Older descriptions of the API do not have it.
    type: str
    choices: [delivered, moved, quarantined, rejected, deferred, bounced, queued, move_failed]
  smtp_helo_ip:
    description:
      - Only messages that the server with this IP address passed on. Older descriptions of the API do not have it.
    type: str
  match:
    description:
      - Which of the messages that the API finds are returned.
      - V(api) returns all of them.
      - V(strict) leaves out those that do not match all filters word for word. RV(left_out) counts them by reason. It
        judges O(sender), O(domain), O(recipient), O(subject), O(message_id), O(alert_id), O(final_disposition),
        O(delivery_status) and O(smtp_helo_ip). For O(query), O(metric), O(message_action) and the times, it relies on
        the API.
    type: str
    choices: [strict, api]
    default: api
  max_results:
    description:
      - Stop after this many messages, not counting those that O(match=strict) leaves out. If omitted, all are read.
    type: int
seealso:
  - module: cloudflare.email_security.message_info
  - module: cloudflare.email_security.message_move
"""

EXAMPLES = r"""
- name: Find a wave of phishing, with what slipped through
  cloudflare.email_security.investigate_info:
    detections_only: false
    domain: phish.example
    start: 7d
    match: strict
  register: wave

- name: Is it many?
  ansible.builtin.debug:
    msg: "{{ wave.messages | length }} messages"
"""

RETURN = r"""
messages:
  description: Messages that match, newest first.
  type: list
  elements: dict
  returned: success
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
truncated:
  description:
    - Whether there may be more, because O(max_results) or, with a warning, the API ended the search.
    - That is also so where the API counts more messages than it gives, and names no place to go on.
  type: bool
  returned: success
  sample: false
left_out:
  description: How many of the messages that the API found do not match the filters, by reason. Empty unless
    O(match=strict).
  type: list
  elements: dict
  returned: success
  contains:
    reason:
      description: Why they were left out.
      type: str
      returned: always
      sample: without the phrase in its subject
    count:
      description: How many they are.
      type: int
      returned: always
      sample: 2
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import investigate_info_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = investigate_info_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
