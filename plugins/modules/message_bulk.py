#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_messages/message_bulk.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: message_bulk
short_description: Move or release all messages that a search finds
version_added: 0.1.0
description:
  - Starts a bulk job. Cloudflare Email Security searches, and moves or releases all that it finds, in the mailboxes of
    all recipients. One write is enough for any number of messages, where M(cloudflare.email_security.message_move)
    takes 1,000.
  - A job of the same action, destination, search and comment is not started a second time. If it is under way, it is
    waited for; if it is completed, nothing is changed. One that failed or was cancelled is started anew.
  - B(Note:) the search of the service finds more than the names of its parameters say; the description of each says
    what. The job acts on all of it. Check mode counts what matches and what it would act on, and RV(matching.left_out)
    says why the rest is not. C(message_id), C(alert_id), C(smtp_helo_ip), C(delivery_status), C(final_disposition) and
    C(exact_subject) are exact.
  - If messages of a completed job failed, the module fails, and RV(failed_messages) lists them.
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
      - Looks for a job of the same request, counts what matches, and sends nothing but GET requests. It waits for no
        job.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - As long as the service keeps the job on its list. With O(force=true), a job is started each time.
notes:
  - A job acts on what there is when it searches. What comes later is left alone, and a warning says so where a
    completed job keeps another from being started. Say O(search_params.end), or use O(force).
  - A time that is given as a span before now, such as V(7d), is the same request whenever the task runs.
  - When a response never arrives, the module looks for the job before anything else. The service knows no key that
    would distinguish two equal requests, so it finds its job by what was asked for and by what was listed before.
  - Older descriptions of the API do not have bulk jobs.
options:
  action:
    description:
      - Whether to move messages, or to release them from quarantine. Required unless O(job_id) is given.
    type: str
    choices: [MOVE, RELEASE]
  destination:
    description:
      - Folder to move to. Required with O(action=MOVE).
      - V(RecoverableItemsDeletions) is a soft delete, V(RecoverableItemsPurges) a hard one.
    type: str
    choices: [Inbox, JunkEmail, DeletedItems, RecoverableItemsDeletions, RecoverableItemsPurges]
  search_params:
    description:
      - Which messages to act on, in the words of the API. Required with O(action).
      - All of them must hold. At least one beside O(search_params.start), O(search_params.end),
        O(search_params.detections_only) and O(search_params.submissions) is required, so that an empty variable never
        means all mail.
    type: dict
    suboptions:
      start:
        description:
          - Only messages from then on. A time (C(2026-11-22T18:00:00Z)), a date, or a span before now (C(36h), C(7d),
            C(2w)).
          - If omitted, the API uses 30 days ago.
        type: str
      end:
        description:
          - Only messages until then. A time (C(2026-11-22T18:00:00Z)), a date, or a span before now (C(36h), C(7d),
            C(2w)). A date lasts until its end.
        type: str
      query:
        description:
          - Words to search for, separated by spaces, without regard to case. The API looks for them in sender,
            recipient, subject, names and hashes of attachments, and the Message-ID.
        type: str
      detections_only:
        description:
          - Whether to leave out mail that was not a detection.
          - To act on what slipped through, this must be V(false).
        type: bool
        default: true
      final_disposition:
        description:
          - Only messages with this disposition.
        type: str
        choices: [MALICIOUS, MALICIOUS-BEC, SUSPICIOUS, SPOOF, SPAM, BULK, ENCRYPTED, EXTERNAL, UNKNOWN, NONE]
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
        type: str
      recipient:
        description:
          - Only messages to this address or this domain.
        type: str
      domain:
        description:
          - Only messages that mention this domain. The API finds those whose sender, B(recipient or link) has it.
        type: str
      subject:
        description:
          - Only messages with these words in their subject, in any order.
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
          - Only messages with this delivery status.
        type: str
        choices: [delivered, moved, quarantined, rejected, deferred, bounced, queued, move_failed]
      smtp_helo_ip:
        description:
          - Only messages that the server with this IP address passed on. Older descriptions of the API do not have it.
        type: str
      exact_subject:
        description:
          - Only messages with exactly this subject.
        type: str
      submissions:
        description:
          - Whether to act on submissions for reclassification instead. These cannot be counted before.
        type: bool
  comment:
    description:
      - Text that is kept with the job, such as the number of an incident.
      - It is a part of what makes two requests the same. With a comment of its own, each incident has a job of its own.
    type: str
  job_id:
    description:
      - The job to cancel or to remove, with O(state=cancelled) or O(state=absent).
    type: str
  state:
    description:
      - V(present) has the messages moved or released.
      - V(cancelled) stops a job that is under way. What it has done stays done, and the job stays listed.
      - V(absent) stops a job that is under way, and takes it off the list.
      - Without O(job_id), the last two mean all jobs of the same action, destination, search and comment.
    type: str
    choices: [present, cancelled, absent]
    default: present
  wait:
    description:
      - Whether to wait for the end of the job.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait for that. The job continues; when the task runs again, it waits for it.
    type: int
    default: 3600
  max_messages:
    description:
      - Start no job if more messages match. They are counted before, which takes one request for every 1,000.
    type: int
  force:
    description:
      - Start a job even if there is one of the same request.
    type: bool
    default: false
seealso:
  - module: cloudflare.email_security.message_bulk_info
  - module: cloudflare.email_security.investigate_info
  - module: cloudflare.email_security.message_move
  - module: cloudflare.email_security.message_release
"""

EXAMPLES = r"""
- name: How many messages would it be?
  cloudflare.email_security.message_bulk:
    action: MOVE
    destination: JunkEmail
    comment: INC-77
    search_params:
      exact_subject: Your parcel is waiting
      start: 7d
  check_mode: true
  register: wave

- name: Take a wave of any size out of people's inboxes
  cloudflare.email_security.message_bulk:
    action: MOVE
    destination: JunkEmail
    comment: INC-77
    search_params:
      exact_subject: Your parcel is waiting
      start: 7d
    max_messages: 5000

- name: Release what one mail server delivered and was held back by mistake
  cloudflare.email_security.message_bulk:
    action: RELEASE
    search_params:
      smtp_helo_ip: 192.0.2.25

- name: Stop it
  cloudflare.email_security.message_bulk:
    action: MOVE
    destination: JunkEmail
    comment: INC-77
    search_params:
      exact_subject: Your parcel is waiting
      start: 7d
    state: cancelled
"""

RETURN = r"""
job:
  description: The job, as it was last seen. It is null in check mode where one would be started, and where there is
    none.
  type: dict
  returned: success, and failure after the first request
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
adopted:
  description: Whether the job was there already.
  type: bool
  returned: success, and failure after the first request
  sample: false
matching:
  description: What the search finds, where it was asked. That is in check mode and with O(max_messages), before a job
    is started; else it is null.
  type: dict
  returned: success, and failure after the first request
  contains:
    total:
      description: How many messages match, which the job would act on.
      type: int
      returned: always
      sample: 950
    strict:
      description: How many of them are what the criteria say, word for word.
      type: int
      returned: always
      sample: 900
    left_out:
      description: Why the others are not, with their numbers.
      type: list
      elements: dict
      returned: always
      sample: [{reason: "to the domain, not from it", count: 50}]
    truncated:
      description: Whether there may be more.
      type: bool
      returned: always
      sample: false
failed_messages:
  description: The messages of the ended job that failed.
  type: list
  elements: dict
  returned: success, and failure after the first request
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
    investigate_id:
      description: What other modules know the message by.
      type: str
      returned: when returned by the API
      sample: 4Njp3P0STMz2c02Q-2026-11-20T10:00:00-12345678
skipped_messages:
  description: The messages of the ended job that the action does not apply to, such as submissions.
  type: list
  elements: dict
  returned: success, and failure after the first request
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
    investigate_id:
      description: What other modules know the message by.
      type: str
      returned: when returned by the API
      sample: 4Njp3P0STMz2c02Q-2026-11-20T10:00:00-12345678
cancelled:
  description: Ids of the jobs that were stopped, or would be in check mode.
  type: list
  elements: str
  returned: success, and failure after the first request
  sample: []
removed:
  description: Ids of the jobs that were taken off the list, or would be in check mode.
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.bulk import message_bulk_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = message_bulk_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
