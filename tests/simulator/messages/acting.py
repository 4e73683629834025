# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acting on messages: move, release, submit, and what becomes of a submission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from answers import NOT_FOUND, Refusal
from options import Options

from . import filling
from .mail import Mail
from .message import Fields, Message
from .vocabulary import INBOX


def move(mail: Mail, message_id: str, destination: str, options: Options, by: str) -> list[Fields]:
    """Move a message to a folder, in each mailbox that it is in. Returns an item for each recipient."""
    message = mail.get(message_id)
    if message is None:
        return [_moved(mail, options, None, message_id, destination, None, "message not found")]
    mailboxes = message.record.mailboxes
    items = []
    for recipient, folder in mailboxes.items():
        trouble = None
        if recipient in options.failing_mailboxes:
            trouble = "mailbox not available"
        elif folder is None:
            trouble = "not in this mailbox"
        else:
            mailboxes[recipient] = destination
        items.append(_moved(mail, options, message, message_id, destination, recipient, trouble))
    done = [item["success"] for item in items]
    mail.log(message, "MOVE", success=all(done), folder=destination, requested_by=by)
    if any(done):
        message.write(delivery_status=["moved"])
    return items


def _moved(
    mail: Mail,
    options: Options,
    message: Message | None,
    message_id: str,
    destination: str,
    recipient: str | None,
    trouble: str | None,
) -> Fields:
    shown = {"id": message_id, "message_id": message and message.value("message_id")}
    now = mail.clock.stamp()
    item = {
        "success": trouble is None,
        "completed_at": now,
        "destination": destination,
        "message_id": shown.get(options.move_message_id or ""),
        "operation": "MOVE",
        "recipient": recipient,
        "status": trouble or "OK",
    }
    if not options.behaviour("deprecated_fields"):
        return item
    return {**item, "completed_timestamp": now, "item_count": int(trouble is None)}


def release(mail: Mail, message_ids: list[str], options: Options, by: str) -> list[Fields]:
    """Deliver quarantined messages. Raises Refusal, and then delivers none, where one isn't there."""
    messages = []
    for index, message_id in enumerate(message_ids):
        message = mail.get(message_id)
        if message is None:
            raise Refusal(404, NOT_FOUND, f"message {message_id} not found", f"/{index}")
        messages.append(message)
    return [_released(mail, message, options, by) for message in messages]


def _released(mail: Mail, message: Message, options: Options, by: str) -> Fields:
    outcome: dict[str, list[str]] = {"delivered": [], "failed": [], "undelivered": []}
    mailboxes = message.record.mailboxes
    if message.value("is_quarantined") is True:
        for recipient in [recipient for recipient, folder in mailboxes.items() if folder is None]:
            failing = recipient in options.failing_mailboxes
            outcome["failed" if failing else "delivered"].append(recipient)
            if not failing:
                mailboxes[recipient] = INBOX
        left = bool(outcome["failed"])
        mail.log(message, "QUARANTINE_RELEASE", success=not left, requested_by=by)
        delivered = ["delivered"] if INBOX in mailboxes.values() else []
        message.write(is_quarantined=left, delivery_status=[*delivered, *(["quarantined"] if left else [])])
    else:
        outcome["undelivered"] = list(mailboxes)
    item = {"id": message.id, **{name: recipients or None for name, recipients in outcome.items()}}
    return {**item, "postfix_id": message.value("postfix_id")} if options.undated_fields else item


def submit(mail: Mail, message: Message, body: Mapping[str, Any], options: Options, by: str) -> str:
    """Ask for another disposition: makes a submission, pending until it is reviewed, and returns its id.

    Where it escalates a user's submission, that one says so afterwards, and names the one made here.
    """
    requested = body["expected_disposition"]
    made = filling.submission_of(message, requested, mail.clock.stamp(), by)
    escalated = body.get("escalated_submission_id")
    if escalated is not None:
        for submission in mail.submissions:
            if submission["submission_id"] == escalated:
                stamp = mail.clock.stamp()
                submission.update(
                    customer_status="escalated",
                    escalated_as=requested,
                    escalated_at=stamp,
                    escalated_by=by,
                    escalated_submission_id=made["submission_id"],
                )
    mail.submissions.insert(0, made)
    mail.looks[made["submission_id"]] = 0
    mail.log(
        message,
        "SUBMISSION",
        requested_by=by,
        requested_disposition=requested,
        submission_id=made["submission_id"],
        submission_type="Team",
    )
    if message.datastore == "regular":
        message.record.datastore = "both"
    if options.reclassify_after == 0:
        review(mail, made["submission_id"])
    return str(made["submission_id"])


def look(mail: Mail, options: Options) -> None:
    """Somebody lists the submissions: those that have been seen often enough as pending are reviewed first."""
    for submission_id in list(mail.looks):
        mail.looks[submission_id] += 1
        if options.reclassify_after is not None and mail.looks[submission_id] > options.reclassify_after:
            review(mail, submission_id)


def review(mail: Mail, submission_id: str | None = None, outcome: str | None = None) -> list[Fields]:
    """Decide a pending submission, or all: as was requested, or otherwise. Returns those that were decided."""
    decided = []
    for submission in mail.submissions:
        pending = str(submission["status"]).lower() == "pending"
        if not pending or submission_id not in (None, submission["submission_id"]):
            continue
        disposition = outcome or submission["requested_disposition"]
        submission.update(
            status="reviewed",
            customer_status="reviewed",
            outcome="accepted" if disposition == submission["requested_disposition"] else "rejected",
            outcome_disposition=disposition,
        )
        mail.looks.pop(submission["submission_id"], None)
        message = mail.by_postfix(submission["original_postfix_id"])
        if message is not None:
            message.write(final_disposition=disposition)
        decided.append(submission)
    return decided
