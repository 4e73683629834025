#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_messages/message_reclassify.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: message_reclassify
short_description: Ask for another disposition of messages
version_added: 0.1.0
description:
  - Tells Cloudflare that messages should have another disposition. Cloudflare looks into it later;
    M(cloudflare.email_security.submission_info) shows the outcome.
  - A message that has the disposition already, or for which the same request of the past 30 days is still open, is left
    alone.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.action_group
attributes:
  check_mode:
    support: full
    details:
      - Looks at the messages, sends nothing but GET requests, and returns what would be done.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - A request that Cloudflare has turned down is made again.
notes:
  - Each message is read first, with one request, and the open submissions once, several concurrently. The rate limit of
    the API allows about 1,200 requests in five minutes.
  - Up to 100 messages are submitted in one request; the API publishes no limit. A message that was a detection is
    reported by its alert, any other by its Message-ID, postfix id and recipients. What the API refuses of a request
    fails alone. Where the API does not have the operation, each message is a request of the older kind.
  - When a response never arrives, the module looks again and acts only on what is still left. The API takes requests
    first and works on them later; one that is not listed by then is made a second time.
options:
  investigate_ids:
    description:
      - Ids of the messages, as M(cloudflare.email_security.investigate_info) returns them in C(id).
    type: list
    elements: str
    required: true
  expected_disposition:
    description:
      - What it should have been.
    type: str
    choices: [MALICIOUS, SUSPICIOUS, SPOOF, SPAM, BULK, NONE]
    required: true
  eml:
    description:
      - File with the message, to be analyzed instead of Cloudflare's copy. Only for a single message.
      - Cloudflare asks for it where a message was no detection. The API takes none for one that was; then the file is
        not sent, with a warning.
    type: path
  escalated_submission_id:
    description:
      - Submission of a user that this escalates. Only for a single message.
      - The user's submission then has the id of the team's. One that is older than 30 days is not listed by the API, so
        it is escalated without checking whether it already was, with a warning.
    type: str
seealso:
  - module: cloudflare.email_security.submission_info
  - module: cloudflare.email_security.message_info
"""

EXAMPLES = r"""
- name: Report a message that should have been caught
  cloudflare.email_security.message_reclassify:
    investigate_ids: ["{{ message_id }}"]
    expected_disposition: MALICIOUS
"""

RETURN = r"""
reclassified:
  description: Ids of the messages that were asked for, or would be in check mode.
  type: list
  elements: str
  returned: success, and failure after the first request
  sample: ["4Njp3P0STMz2c02Q-2026-11-20T10:00:00-12345678"]
unchanged:
  description: Ids of the messages that needed no change.
  type: list
  elements: str
  returned: success, and failure after the first request
  sample: []
missing:
  description: Ids that were not found. If there are any, the module acts on the others and then fails.
  type: list
  elements: str
  returned: success, and failure after the first request
  sample: []
outcomes:
  description: What the API said of each. Empty in check mode.
  type: list
  elements: dict
  returned: success, and failure after the first request
  contains:
    investigate_id:
      description: Id of the message; null where the API does not say which one it means.
      type: str
      returned: always
      sample: 4Njp3P0STMz2c02Q-2026-11-20T10:00:00-12345678
    success:
      description: Whether it worked.
      type: bool
      returned: always
      sample: true
    status:
      description: State, in words.
      type: str
      returned: when returned by the API
      sample: completed
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.act import message_reclassify_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = message_reclassify_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
