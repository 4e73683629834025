#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_messages/submission_info.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: submission_info
short_description: Read submissions
version_added: 0.1.0
description:
  - Read the requests of the team and of users to reclassify messages, and their outcomes. All pages are read.
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
      - Only submissions from then on. A time (C(2026-11-22T18:00:00Z)), a date, or a span before now (C(36h), C(7d),
        C(2w)).
      - If omitted, the API uses 30 days ago.
    type: str
  end:
    description:
      - Only submissions until then. A time (C(2026-11-22T18:00:00Z)), a date, or a span before now (C(36h), C(7d),
        C(2w)). A date lasts until its end.
    type: str
  query:
    description:
      - Text to search for.
    type: str
  type:
    description:
      - Only submissions of the team, or of users.
    type: str
    choices: [TEAM, USER]
  submission_id:
    description:
      - Only this submission.
    type: str
  status:
    description:
      - Only submissions in this state. The API publishes no list of states, so any text is passed on.
      - Newer descriptions name C(escalated), C(reviewed) and C(unreviewed). By older ones, one that has not been
        decided is C(pending).
    type: str
  original_disposition:
    description:
      - Only messages that had this disposition.
    type: str
    choices: [MALICIOUS, SUSPICIOUS, SPOOF, SPAM, BULK, NONE]
  requested_disposition:
    description:
      - Only submissions that request this disposition.
    type: str
    choices: [MALICIOUS, SUSPICIOUS, SPOOF, SPAM, BULK, NONE]
  outcome_disposition:
    description:
      - Only submissions whose outcome is this disposition.
    type: str
    choices: [MALICIOUS, SUSPICIOUS, SPOOF, SPAM, BULK, NONE]
  escalated_from_user:
    description:
      - Only submissions that were, or were not, escalated by a user.
    type: bool
  order:
    description:
      - What to sort by. If omitted, the API decides. Older descriptions of the API do not have it.
    type: str
    choices: [submission_id, subject, original_disposition, requested_disposition, outcome_disposition, requested_at]
  direction:
    description:
      - Whether to sort upwards or downwards. Older descriptions of the API do not have it.
    type: str
    choices: [asc, desc]
seealso:
  - module: cloudflare.email_security.message_reclassify
"""

EXAMPLES = r"""
- name: Show the outcome of our reports
  cloudflare.email_security.submission_info:
    type: TEAM
    start: 14d
  register: reports
"""

RETURN = r"""
submissions:
  description: The submissions found.
  type: list
  elements: dict
  returned: success
  contains:
    submission_id:
      description: Identifies the submission.
      type: str
      returned: when returned by the API
      sample: f174e90a
    type:
      description: C(Team), or C(User) for an end user.
      type: str
      returned: when returned by the API
      sample: Team
    status:
      description: State of the submission.
      type: str
      returned: when returned by the API
      sample: pending
    requested_at:
      description: Time of the request (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T11:00:00Z"
    requested_by:
      description: Who requested it.
      type: str
      returned: when returned by the API
      sample: soc@example.com
    requested_disposition:
      description: Disposition that was requested.
      type: str
      returned: when returned by the API
      sample: MALICIOUS
    original_disposition:
      description: Disposition of the message before.
      type: str
      returned: when returned by the API
      sample: NONE
    original_postfix_id:
      description: The message.
      type: str
      returned: when returned by the API
      sample: 4Njp3P0STMz2c02Q
    original_edf_hash:
      description: Fingerprint of the message.
      type: str
      returned: when returned by the API
      sample: 5f9c
    outcome:
      description: Outcome of the submission.
      type: str
      returned: when returned by the API
      sample: accepted
    outcome_disposition:
      description: Disposition of the message now.
      type: str
      returned: when returned by the API
      sample: MALICIOUS
    subject:
      description: Subject of the message.
      type: str
      returned: when returned by the API
      sample: Your invoice
    customer_status:
      description: C(escalated), C(reviewed) or C(unreviewed).
      type: str
      returned: when returned by the API
      sample: unreviewed
    escalated_as:
      description: Disposition that it was escalated as.
      type: str
      returned: when returned by the API
      sample: MALICIOUS
    escalated_at:
      description: Time of the escalation (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T12:00:00Z"
    escalated_by:
      description: Who escalated it.
      type: str
      returned: when returned by the API
      sample: soc@example.com
    escalated_submission_id:
      description: Submission that it was escalated with.
      type: str
      returned: when returned by the API
      sample: a1b2c3d4
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import submission_info_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = submission_info_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
