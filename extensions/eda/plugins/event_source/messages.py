# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
---
name: messages
short_description: Messages that Cloudflare Email Security detected, as events
description:
  - Asks for new messages again and again, and makes an event of each, oldest first.
  - An event has the message as C(message), the way that M(cloudflare.email_security.investigate_info) returns it, and
    the C(account_id).
  - Every message is handed over at least once, from O(start) on, as long as it shows up in the API within O(overlap)
    of its time. It is handed over once, unless ansible-rulebook ends while its rule engine takes it, and then twice.
  - The API's filters find more than their names say. What does not match word for word is left out, and the log says
    how many and why; see O(match).
  - What rules then do is ansible-rulebook's affair. An action that runs when ansible-rulebook ends is not run again.
  - What senders write stays data. Where a text would begin a template of Ansible (two braces, or a brace and a percent
    or number sign), a space parts them, since playbooks get events as variables and evaluate these.
requirements:
  - ansible-core and requests, in the Python that runs ansible-rulebook
options:
  checkpoint:
    description:
      - File to keep on record in what was handed over, so that a restart goes on from there. Required.
      - It is made with its folder where it is not there. Each source needs a file of its own.
      - It holds ids and times of messages, and nothing that was written in them.
    type: path
    required: true
  interval:
    description: Seconds between two questions, at least 5.
    type: float
    default: 60
  overlap:
    description:
      - How late a message may show up in the API and still become an event. A span such as V(30m), V(1h), V(2d).
      - Each question reads all of that time again, a request for every 1,000 messages.
    type: str
    default: 1h
  start:
    description:
      - Where to begin when there is no checkpoint yet. A span before now, a date, or a time (C(2026-11-22T18:00:00Z)).
    type: str
    default: 1h
  feedback:
    description:
      - Ask ansible-rulebook, 1.3.0 or newer, to say when its rule engine has taken an event. The source needs a name
        then.
      - Without it, the source looks whether the queue to the rule engine is empty, which comes to the same.
    type: bool
    default: false
  feedback_timeout:
    description: Seconds to wait for that, before the source fails.
    type: float
    default: 900
  match:
    description:
      - Which of the messages that the API finds become events.
      - V(strict) takes those that are what all filters say. V(api) takes the API's word; its O(domain) also finds
        messages that go to the domain or link to it, and its O(subject) takes words in any order.
      - O(query), O(metric) and O(message_action) are always as the API takes them.
    type: str
    choices: [strict, api]
    default: strict
  query:
    description: Only messages with these words, separated by spaces, without regard to case.
    type: str
  detections_only:
    description: Whether to leave out mail that was not a detection.
    type: bool
    default: true
  final_disposition:
    description: Only messages with this disposition.
    type: str
    choices: [MALICIOUS, SUSPICIOUS, SPOOF, SPAM, BULK, NONE]
  message_action:
    description: Only messages that this was done to.
    type: str
    choices: [PREVIEW, QUARANTINE_RELEASED, MOVED]
  metric:
    description: Only messages that this metric counts.
    type: str
  sender:
    description: Only messages from this address, or from this domain and what is below it.
    type: str
  recipient:
    description: Only messages to this address, or to this domain and what is below it.
    type: str
  domain:
    description: Only messages from this domain, or from a domain below it.
    type: str
  subject:
    description: Only messages whose subject has this phrase, without regard to case.
    type: str
  message_id:
    description: Only messages with this Message-ID header, written with or without its angle brackets.
    type: str
  alert_id:
    description: Only messages of this alert.
    type: str
  delivery_status:
    description: Only messages with this delivery status. Older descriptions of the API do not have it.
    type: str
    choices: [delivered, moved, quarantined, rejected, deferred, bounced, queued, move_failed]
  smtp_helo_ip:
    description:
      - Only messages that the server with this IP address handed over. Older descriptions of the API do not have it.
    type: str
  account_id:
    description:
      - Id of the Cloudflare account, 32 hexadecimal characters.
      - When left out, the environment variable E(CLOUDFLARE_ACCOUNT_ID) is used.
    type: str
  api_token:
    description:
      - API token with the permission Cloud Email Security Read. Nothing is ever written.
      - When left out, the environment variable E(CLOUDFLARE_API_TOKEN) is used, which is the better place.
    type: str
  api_key:
    description:
      - Global API key of a user, together with O(api_email). A token is the better choice, since it can do less.
      - When left out, the environment variable E(CLOUDFLARE_API_KEY) is used.
    type: str
  api_email:
    description:
      - E-mail address of the user whom O(api_key) belongs to.
      - When left out, the environment variable E(CLOUDFLARE_EMAIL) is used.
    type: str
  base_url:
    description:
      - Where the API is. It must be C(https), except on this machine's own loopback address.
      - When left out, the environment variable E(CLOUDFLARE_BASE_URL) is used,
        and without that C(https://api.cloudflare.com/client/v4).
    type: str
  allow_http:
    description: Whether O(base_url) may be C(http) elsewhere too. Credentials and mail then travel unencrypted.
    type: bool
    default: false
  validate_certs:
    description: Whether to check the certificate of the server. Turn this off only for tests.
    type: bool
    default: true
  ca_path:
    description:
      - File or folder with the certificate authorities to trust, instead of those that C(requests) comes with.
      - When left out, the environment variables E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) are used.
    type: path
  timeout:
    description: Seconds to wait for a connection, and for each piece of an answer.
    type: float
    default: 30
  retry_timeout:
    description:
      - Seconds that one request may spend on waiting and trying again. After that the source says so in the log, waits,
        and asks again, for as long as it takes.
    type: float
    default: 900
  concurrency:
    description: How many requests may be under way at a time, at most 16. A source sends one at a time.
    type: int
    default: 4
"""

EXAMPLES = r"""
- cloudflare.email_security.messages:
    checkpoint: /var/lib/ansible-rulebook/messages.json

- name: malicious
  cloudflare.email_security.messages:
    checkpoint: /var/lib/ansible-rulebook/malicious.json
    final_disposition: MALICIOUS
    overlap: 1d
    interval: 120
"""

# A source is run by its path, so nobody else sees to it that the rest of its collection can be imported.
COLLECTIONS = Path(__file__).absolute().parents[6]


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Hand over messages, until it is cancelled."""
    folder = str(COLLECTIONS.parent)
    if COLLECTIONS.name == "ansible_collections" and folder not in sys.path:
        sys.path.insert(0, folder)
    from ansible_collections.cloudflare.email_security.plugins.plugin_utils._events import feed as event_feed

    await event_feed.follow(queue, args, event_feed.MESSAGES)
