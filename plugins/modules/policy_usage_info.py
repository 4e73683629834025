#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_evidence/policy_usage_info.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: policy_usage_info
short_description: Find which allow policies and blocked senders are still used
version_added: 0.1.0
description:
  - For each entry, counts the messages that it decided. Each message says which pattern allowed or blocked it.
  - An entry that decided no message may have been needed by nobody, or its mail may come once a year. Choose O(since)
    accordingly, and let exceptions expire rather than remove them.
  - Sends nothing but GET. A token that may read is enough.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.info
  - cloudflare.email_security.attributes.action_group
notes:
  - Reading all mail takes a request for each 1,000 messages, however many entries there are. A search by sender takes
    at least one for each entry. The module asks in the way that takes fewer. For a domain it prefers to read all mail,
    since the search may leave out mail from below a domain. Regular expressions and IP addresses need all mail in any
    case.
  - Each list is read too, with a request for each 1,000 entries.
  - How long the service keeps messages is not published. RV(oldest_message) shows how far back it reached.
  - Where two policies match a message, the service names one of them. The other may look unused.
options:
  gather:
    description:
      - Lists to look at.
    type: list
    elements: str
    choices: [allow_policies, block_senders]
    default: [allow_policies, block_senders]
  since:
    description:
      - Only messages from then on. A time (C(2026-11-22T18:00:00Z)), a date, or a span before now (C(36h), C(7d),
        C(2w)).
    type: str
    default: 30d
  max_requests:
    description:
      - The most requests that are sent for messages. What could not be examined within them is C(unknown).
      - The API allows 1,200 requests in five minutes, for everything that uses the same credentials.
    type: int
    default: 200
seealso:
  - module: cloudflare.email_security.allow_policy_info
  - module: cloudflare.email_security.block_sender_info
  - module: cloudflare.email_security.investigate_info
"""

EXAMPLES = r"""
- name: Find out which exceptions nobody needed for a quarter of a year
  cloudflare.email_security.policy_usage_info:
    gather: [allow_policies]
    since: 90d
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ found.usage | selectattr('status', 'equalto', 'unused') | map(attribute='pattern') }}"
"""

RETURN = r"""
usage:
  description: What each entry decided. Allow policies come first, each list in the order in which its entries were
    made.
  type: list
  elements: dict
  returned: success
  contains:
    list:
      description: List that the entry belongs to.
      type: str
      returned: always
      sample: allow_policies
    pattern:
      description: The pattern.
      type: str
      returned: always
      sample: billing@partner.example
    pattern_type:
      description: Type of the pattern.
      type: str
      returned: always
      sample: EMAIL
    is_regex:
      description: Whether the pattern is a regular expression.
      type: bool
      returned: always
      sample: false
    id:
      description: Id of the entry.
      type: str
      returned: always
      sample: f174e90a-fafe-4643-bbbc-4a0ed4fc8415
    status:
      description:
        - With C(used), it decided RV(usage[].messages) messages. With C(unused), it decided none.
        - With C(unknown), not all messages could be examined or distinguished. RV(usage[].reason) says why, and
          RV(usage[].messages) counts those that were found.
      type: str
      returned: always
      sample: used
    reason:
      description: Why the status is C(unknown). Null if it is not.
      type: str
      returned: always
      sample: null
    messages:
      description: How many messages it decided.
      type: int
      returned: always
      sample: 1200
    first_seen:
      description: When the first of them was scanned. Null if there are none.
      type: str
      returned: always
      sample: "2026-10-27T08:11:05Z"
    last_seen:
      description: When the last of them was scanned. Null if there are none.
      type: str
      returned: always
      sample: "2026-11-24T16:40:12Z"
    dispositions:
      description: How many of them have which disposition.
      type: dict
      returned: always
      sample: {NONE: 1198, BULK: 2}
since:
  description: The time from which on messages were looked for, in UTC.
  type: str
  returned: success
  sample: "2026-10-26T12:00:00Z"
oldest_message:
  description: When the oldest message that was examined was scanned. Null if there was none.
  type: str
  returned: success
  sample: "2026-10-26T12:00:07Z"
requests:
  description: How many requests were sent for messages.
  type: int
  returned: success
  sample: 100
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._evidence.usage import policy_usage_info_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = policy_usage_info_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
