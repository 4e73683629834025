# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk jobs: a search on the server, and a move or release of all that it finds, step by step.

No time passes here. A job goes on by a step when a test says so, or when a client looks at it: what it is to do is
found in one step, and done in as many as it takes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from options import Options

from . import acting, searching
from .mail import Mail
from .message import Fields, Message
from .vocabulary import INBOX

PENDING, DISCOVERING, PROCESSING = "PENDING", "DISCOVERING", "PROCESSING"
COMPLETED, FAILED, CANCELLED, SKIPPED = "COMPLETED", "FAILED", "CANCELLED", "SKIPPED"
JOB_STATUSES = (PENDING, DISCOVERING, PROCESSING, COMPLETED, FAILED, CANCELLED)
ROW_STATUSES = (PENDING, PROCESSING, COMPLETED, FAILED, CANCELLED, SKIPPED)
_UNDER_WAY = (PENDING, DISCOVERING, PROCESSING)


@dataclass(slots=True)
class Row:
    """A message of a job; or, where the job counts mailboxes, one recipient's. ``fields`` are shown as they are."""

    message: Message
    recipient: str | None
    fields: Fields

    @property
    def status(self) -> Any:
        return self.fields["status"]

    def become(self, status: str, at: str | None = None, why: str | None = None) -> None:
        self.fields.update(status=status, processed_at=at, status_message=why)


@dataclass(slots=True)
class Job:
    """``fields`` are shown as they are, beside the counters. ``search`` is what is really searched for."""

    id: str
    search: Mapping[str, Any]
    by: str
    fields: Fields
    rows: list[Row] = field(default_factory=list)
    # The outcome for a message that was acted on: for each recipient its error, or None.
    done: dict[str, Mapping[str | None, str | None]] = field(default_factory=dict)

    @property
    def under_way(self) -> bool:
        return self.fields["status"] in _UNDER_WAY

    def counters(self) -> dict[str, int]:
        """How many of its messages are where; the first number is the sum of the others."""
        counts = dict.fromkeys(ROW_STATUSES, 0)
        for row in self.rows:
            counts[row.status] += 1
        return {
            "total_messages_discovered": len(self.rows),
            "messages_pending": counts[PENDING] + counts[PROCESSING],
            "messages_successful": counts[COMPLETED],
            "messages_failed": counts[FAILED],
            "messages_skipped": counts[SKIPPED],
            "messages_cancelled": counts[CANCELLED],
        }

    def waiting(self) -> Iterator[Row]:
        return (row for row in self.rows if row.status in (PENDING, PROCESSING))


class Jobs:
    """The bulk jobs of one account, newest first."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self._jobs: dict[str, Job] = {}

    def __iter__(self) -> Iterator[Job]:
        return reversed(self._jobs.values())

    def get(self, job_id: Any) -> Job | None:
        return self._jobs.get(str(job_id))

    def remove(self, job_id: Any) -> None:
        self._jobs.pop(str(job_id), None)

    def add(self, body: Mapping[str, Any], shown: Mapping[str, Any], options: Options, by: str) -> Job:
        """A new job, of a body that was checked; ``shown`` is what it shows as its search parameters."""
        action = body["action"]
        job_id = str(body.get("job_id") or uuid.uuid4())
        fields = {
            "job_id": job_id,
            "action_type": action,
            "action_params": {"type": action, **({"destination": body["destination"]} if action == "MOVE" else {})},
            "search_params": shown,
            "status": PENDING,
            "status_message": None,
            "comment": body.get("comment"),
            "created_at": self._mail.clock.stamp(),
            "started_at": None,
            "completed_at": None,
        }
        job = self._jobs[job_id] = Job(job_id, body["search_params"], by, fields)
        while options.bulk_progress == "at_once" and job.under_way:
            self.step(job, options)
        return job

    def put(self, documents: Iterable[Mapping[str, Any]], options: Options) -> None:
        """Replace all jobs, by bodies as clients send them, with an id and how many steps each has taken, or neither.

        Raises ValueError where one can't be understood, and then replaces none.
        """
        jobs = Jobs(self._mail)
        for document in documents:
            steps, destination = document.get("steps", 0), document.get("destination", INBOX)
            if document.get("action") not in ("MOVE", "RELEASE") or not isinstance(steps, int):
                raise ValueError("a bulk job has an action, MOVE or RELEASE, and steps, a number, or none")
            search = document.get("search_params", {})
            body = {**document, "destination": destination, "search_params": search}
            job = jobs.add(body, search, options, "api-token")
            for _unused in range(steps):
                jobs.step(job, options)
        self._jobs = jobs._jobs

    def step(self, job: Job, options: Options) -> None:
        """Take a job further by one step, if it is under way."""
        match job.fields["status"]:
            case "PENDING":
                job.fields.update(status=DISCOVERING, started_at=self._mail.clock.stamp())
            case "DISCOVERING" if options.bulk_failure == "discovering":
                self.end(job, FAILED, "the search failed")
            case "DISCOVERING":
                job.rows = list(_discovered(job, self._mail, options))
                job.fields["status"] = PROCESSING
                self._go_on(job, options)
            case "PROCESSING":
                for row in [row for row in job.rows if row.status == PROCESSING]:
                    self._process(job, row, options)
                if options.bulk_failure == "processing":
                    self.end(job, FAILED, "the job failed under way")
                else:
                    self._go_on(job, options)

    def end(self, job: Job, status: str, why: str | None = None) -> None:
        """End a job; what it has not done yet is cancelled."""
        now = self._mail.clock.stamp()
        for row in job.waiting():
            row.become(CANCELLED)
        job.fields.update(status=status, status_message=why, completed_at=now)

    def _go_on(self, job: Job, options: Options) -> None:
        """Take on the messages of the next step; without any, the job is done."""
        chosen = [row for row, _unused in zip(job.waiting(), range(options.bulk_chunk), strict=False)]
        for row in chosen:
            row.become(PROCESSING)
        if not chosen:
            self.end(job, COMPLETED)

    def _process(self, job: Job, row: Row, options: Options) -> None:
        message_id = row.message.id
        if message_id not in job.done:
            job.done[message_id] = self._act(job, row.message, options)
        outcome = job.done[message_id]
        troubles = outcome.values() if row.recipient is None else [outcome.get(row.recipient)]
        why = next((trouble for trouble in troubles if trouble), None)
        row.become(FAILED if why else COMPLETED, self._mail.clock.stamp(), why)

    def _act(self, job: Job, message: Message, options: Options) -> Mapping[str | None, str | None]:
        if _said(message, options) == FAILED:
            return dict.fromkeys([None, *message.recipients], "the action failed")
        if self._mail.get(message.id) is None:
            return dict.fromkeys([None, *message.recipients], "message not found")
        if job.fields["action_type"] == "MOVE":
            moved = acting.move(self._mail, message.id, job.fields["action_params"]["destination"], options, job.by)
            return {item["recipient"]: None if item["success"] else item["status"] for item in moved}
        (released,) = acting.release(self._mail, [message.id], options, job.by)
        gone = dict.fromkeys(released["undelivered"] or (), "not in quarantine")
        return {**gone, **dict.fromkeys(released["failed"] or (), "not delivered")}


def _discovered(job: Job, mail: Mail, options: Options) -> Iterator[Row]:
    """The rows of what a job finds; those that its action can't be applied to are skipped at once."""
    params = {**job.fields["action_params"]}
    for message in searching.matching(mail, job.search, options):
        recipients = message.recipients or [""]
        skipped = _said(message, options) == SKIPPED or not _APPLIES[job.fields["action_type"]](message)
        for recipient in recipients if options.bulk_rows == "recipient" else [None]:
            fields = {
                "message_id": str(uuid.uuid4()),
                "postfix_id": message.value("postfix_id"),
                "email_message_id": message.value("message_id"),
                "alert_id": message.value("alert_id"),
                "action_type": job.fields["action_type"],
                "action_params": {**params, "client_recipient": recipient or recipients[0]},
                "created_at": mail.clock.stamp(),
                "retry_count": 0,
                "retry_after": None,
            }
            row = Row(message, recipient, fields)
            row.become(SKIPPED if skipped else PENDING, None, "the action does not apply" if skipped else None)
            yield row


def _said(message: Message, options: Options) -> str | None:
    """What a test wants to come of a message, by its id or its Message-ID."""
    known = options.bulk_outcomes
    return known.get(message.id) or known.get(str(message.value("message_id"))) if known else None


def _movable(message: Message) -> bool:
    submission = message.value("is_phish_submission") is True or message.datastore == "submissions"
    return not submission and any(folder is not None for folder in message.mailboxes.values())


_APPLIES: Mapping[str, Callable[[Message], bool]] = {
    "MOVE": _movable,
    "RELEASE": lambda message: message.value("is_quarantined") is True,
}
