#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_messages/message_bulk_info.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: message_bulk_info
short_description: Read bulk jobs
version_added: 0.1.0
description:
  - Read the jobs that move or release all messages of a search, and the messages of one of them. All pages are read.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.info
  - cloudflare.email_security.attributes.action_group
options:
  job_id:
    description:
      - Only this job. The list is empty if there is none.
    type: str
  action_type:
    description:
      - Only jobs with this action.
    type: str
    choices: [MOVE, RELEASE]
  status:
    description:
      - Only jobs in this state. V(SKIPPED) is a word of older descriptions of the API.
    type: str
    choices: [PENDING, DISCOVERING, PROCESSING, COMPLETED, FAILED, CANCELLED, SKIPPED]
  messages:
    description:
      - Whether to read the messages of the job. O(job_id) is required for that.
    type: bool
    default: false
  message_status:
    description:
      - Only messages in this state.
    type: str
    choices: [PENDING, PROCESSING, COMPLETED, FAILED, CANCELLED, SKIPPED]
seealso:
  - module: cloudflare.email_security.message_bulk
"""

EXAMPLES = r"""
- name: Read which jobs are under way
  cloudflare.email_security.message_bulk_info:
    status: PROCESSING
  register: found

- name: Read what a job could not move
  cloudflare.email_security.message_bulk_info:
    job_id: "{{ job_id }}"
    messages: true
    message_status: FAILED
  register: rest
"""

RETURN = r"""
jobs:
  description: The jobs found.
  type: list
  elements: dict
  returned: success
  contains:
    job_id:
      description: Identifies the job.
      type: str
      returned: when returned by the API
      sample: f174e90a-fafe-4643-bbbc-4a0ed4fc8415
    action_type:
      description: C(MOVE) or C(RELEASE).
      type: str
      returned: when returned by the API
      sample: MOVE
    action_params:
      description: The action, and the folder that it moves to.
      type: dict
      returned: when returned by the API
      sample: {type: MOVE, destination: JunkEmail}
    search_params:
      description: What it searches for.
      type: dict
      returned: when returned by the API
      sample: {detections_only: true, exact_subject: Your parcel is waiting}
    comment:
      description: Text that is kept with it.
      type: str
      returned: when returned by the API
      sample: INC-77
    status:
      description: C(PENDING), C(DISCOVERING), C(PROCESSING), and in the end C(COMPLETED), C(FAILED) or C(CANCELLED).
      type: str
      returned: when returned by the API
      sample: COMPLETED
    status_message:
      description: What there is to say about its state.
      type: str
      returned: when returned by the API
      sample: the search failed
    total_messages_discovered:
      description: How many messages it found.
      type: int
      returned: when returned by the API
      sample: 900
    messages_pending:
      description: How many of them are still to do.
      type: int
      returned: when returned by the API
      sample: 0
    messages_successful:
      description: How many were moved or released.
      type: int
      returned: when returned by the API
      sample: 897
    messages_failed:
      description: How many were not.
      type: int
      returned: when returned by the API
      sample: 1
    messages_skipped:
      description: To how many the action does not apply.
      type: int
      returned: when returned by the API
      sample: 2
    messages_cancelled:
      description: How many were left when it was cancelled.
      type: int
      returned: when returned by the API
      sample: 0
    created_at:
      description: Time of the request (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T11:00:00Z"
    started_at:
      description: Time of its start (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T11:00:01Z"
    completed_at:
      description: Time of its end (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T11:00:30Z"
messages:
  description: The messages of the job.
  type: list
  elements: dict
  returned: with O(messages=true)
  contains:
    message_id:
      description: Identifies the message within the job.
      type: str
      returned: when returned by the API
      sample: 0b0d4c1e-1f64-4a51-a5b4-3f8a57f0a7d1
    email_message_id:
      description: Its Message-ID header.
      type: str
      returned: when returned by the API
      sample: <20261120100000.1@mailer.example>
    alert_id:
      description: Alert that it belongs to.
      type: str
      returned: when returned by the API
      sample: 4Njp3P0STMz2c02Q-2026-11-20T10:00:00
    postfix_id:
      description: Id of the message in transit.
      type: str
      returned: when returned by the API
      sample: 4Njp3P0STMz2c02Q
    action_type:
      description: C(MOVE) or C(RELEASE).
      type: str
      returned: when returned by the API
      sample: MOVE
    action_params:
      description: The action, the folder that it moves to, and whose mailbox it is.
      type: dict
      returned: when returned by the API
      sample: {type: MOVE, destination: JunkEmail, client_recipient: jane.doe@example.com}
    status:
      description: C(PENDING), C(PROCESSING), C(COMPLETED), C(FAILED), C(CANCELLED) or C(SKIPPED).
      type: str
      returned: when returned by the API
      sample: FAILED
    status_message:
      description: What there is to say about its state.
      type: str
      returned: when returned by the API
      sample: the mailbox is full
    retry_count:
      description: How often it was tried again.
      type: int
      returned: when returned by the API
      sample: 3
    retry_after:
      description: Time of the next try (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T11:00:20Z"
    created_at:
      description: When the job found it (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T11:00:01Z"
    processed_at:
      description: When the action was taken (UTC).
      type: str
      returned: when returned by the API
      sample: "2026-11-20T11:00:10Z"
    message:
      description: The whole message, as M(cloudflare.email_security.investigate_info) returns it.
      type: dict
      returned: when returned by the API
      sample: {id: "4Njp3P0STMz2c02Q-2026-11-20T10:00:00-12345678", subject: Your parcel is waiting}
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import message_bulk_info_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = message_bulk_info_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
