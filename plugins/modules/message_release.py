#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_messages/message_release.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: message_release
short_description: Release messages from quarantine
version_added: 0.1.0
description:
  - Delivers messages that Cloudflare Email Security holds in quarantine. Messages that are not in quarantine are left
    alone.
  - If a message could not be delivered to somebody, the module fails after all are done, and RV(outcomes) lists them.
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
    support: full
notes:
  - Each message is read first, with one request, several concurrently. The rate limit of the API allows about 1,200
    requests in five minutes.
  - When a response never arrives, the module looks again and acts only on what is still left.
  - The request has the newer form first, and after a refusal of that the older one. If both are refused, the error has
    both reasons.
options:
  investigate_ids:
    description:
      - Ids of the messages, as M(cloudflare.email_security.investigate_info) returns them in C(id).
    type: list
    elements: str
    required: true
seealso:
  - module: cloudflare.email_security.investigate_info
  - module: cloudflare.email_security.message_move
"""

EXAMPLES = r"""
- name: Release what was held back by mistake
  cloudflare.email_security.message_release:
    investigate_ids: ["{{ message_id }}"]
"""

RETURN = r"""
released:
  description: Ids of the messages that were released, or would be in check mode.
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
    delivered:
      description: Recipients that it was delivered to.
      type: list
      elements: str
      returned: when the answer came
      sample: []
    failed:
      description: Recipients for whom that failed.
      type: list
      elements: str
      returned: when the answer came
      sample: []
    undelivered:
      description: Recipients that it was not delivered to.
      type: list
      elements: str
      returned: when the answer came
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.act import message_release_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = message_release_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
