#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_messages/message_move.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: message_move
short_description: Move messages to another folder
version_added: 0.1.0
description:
  - Moves delivered messages to another folder of their mailboxes. It needs an active integration with the mailboxes.
  - A message whose latest successful move went to that folder already is left alone.
  - If a message could not be moved for somebody, the module fails after all are done, and RV(outcomes) lists them.
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
      - As far as the API logs moves. With O(force=true), messages are moved again each time.
notes:
  - Each message is read first, with one request, several concurrently. The rate limit of the API allows about 1,200
    requests in five minutes.
  - When a response never arrives, the module looks again and acts only on what is still left. A message without an
    action log is then not moved a second time; the module fails and names it.
options:
  investigate_ids:
    description:
      - Ids of the messages, as M(cloudflare.email_security.investigate_info) returns them in C(id).
    type: list
    elements: str
    required: true
  destination:
    description:
      - Folder to move to.
      - V(RecoverableItemsDeletions) is a soft delete, V(RecoverableItemsPurges) a hard one.
    type: str
    choices: [Inbox, JunkEmail, DeletedItems, RecoverableItemsDeletions, RecoverableItemsPurges]
    required: true
  force:
    description:
      - Move without reading first. When a response never arrives, the module fails, since a read could not show what
        was done.
    type: bool
    default: false
seealso:
  - module: cloudflare.email_security.investigate_info
  - module: cloudflare.email_security.message_release
"""

EXAMPLES = r"""
- name: Take a wave out of people's inboxes
  cloudflare.email_security.message_move:
    investigate_ids: "{{ wave.messages | map(attribute='id') }}"
    destination: JunkEmail
"""

RETURN = r"""
moved:
  description: Ids of the messages that were moved, or would be in check mode.
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
    recipient:
      description: Recipient whose mailbox it is in.
      type: str
      returned: when returned by the API
      sample: jane.doe@example.com
    destination:
      description: Folder that it was moved to.
      type: str
      returned: when returned by the API
      sample: JunkEmail
    operation:
      description: Action that was taken.
      type: str
      returned: when returned by the API
      sample: MOVE
    message_id:
      description: What the API calls the message here.
      type: str
      returned: when returned by the API
      sample: 4Njp3P0STMz2c02Q-2026-11-20T10:00:00-12345678
    completed_at:
      description: Time of completion (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T11:00:00Z"
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.act import message_move_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = message_move_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
