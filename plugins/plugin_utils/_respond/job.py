# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A response by a bulk job of the service: one write for a wave of any size, as the module ``message_bulk`` does it.

The job searches by itself. So it is only used with criteria by which it finds what was found here, and what it says of
its messages is compared with that afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import jobs
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.bulk import (
    SEARCH_PARAMS,
    message_bulk_module,
    run_job,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.match import count_reasons, matcher
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import EXACT_SUBJECT, Found
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import Context

from .request import DONE, JOB_ACTIONS, PREFIX, Request
from .states import FAILED, NOT_DONE, SKIPPED, UNDER_WAY, UNKNOWN

Row = Mapping[str, Any]
_DONE = "done"
# What the statuses of a job's rows mean for their message. Of several, one for each recipient, the last of these wins.
_MEANING = {
    "SKIPPED": SKIPPED,
    "COMPLETED": _DONE,
    "CANCELLED": NOT_DONE,
    "PENDING": UNDER_WAY,
    "PROCESSING": UNDER_WAY,
    "FAILED": FAILED,
}
_STATES = tuple(dict.fromkeys(_MEANING.values()))


def refuse_loose(request: Request, found: Found) -> None:
    """:raises EmailSecurityError: the search found what the criteria do not say, and so would a job."""
    searched = {name: value for name, value in request.criteria.items() if name != EXACT_SUBJECT.name}
    mismatch = matcher(searched)
    reasons = [reason for message in _all(found) if (reason := mismatch(message))]
    if reasons:
        surplus = ", ".join(f"{one['count']} {one['reason']}" for one in count_reasons(reasons))
        raise EmailSecurityError(
            f"The API found more than the criteria say: {surplus}. A bulk job would act on that too, so nothing was "
            f"done. Leave out {PREFIX}bulk."
        )


def act_by_job(context: Context, request: Request, found: Found, due: Sequence[str]) -> dict[str, Any]:
    """Have a job act on what was found: one that is in progress, or has done it, or a new one.

    :param due: ids of the messages that are to be acted on.
    :returns: as the modules that act: ``changed``, ids by outcome, ``outcomes``; and ``bulk_job``.
    :raises EmailSecurityError: ``partial`` is the same, as far as it goes.
    """
    rows = _Rows(context, found)
    error: EmailSecurityError | None = None
    try:
        result = run_job(replace(context, params=_options(request)), lambda job: rows.cover(job, due))
    except EmailSecurityError as failure:
        result, error = failure.partial, _in_variables(failure)
    job = result.get("job")
    report: dict[str, Any] = {"changed": bool(result.get("changed")), "bulk_job": job}
    if job is not None:
        done = "unchanged" if rows.have(job) else DONE[request.action]
        try:
            report |= _became(context, job, rows.of(job), due, done)
        except EmailSecurityError as failure:
            report[UNKNOWN] = list(due)
            error = error or failure
    elif error is not None and error.unconfirmed:
        report[UNKNOWN] = list(due)
    elif context.check and error is None:
        report[DONE[request.action]] = list(due)
    if error:
        error.partial = report
        raise error
    return report


def job_line(job: Mapping[str, Any]) -> str:
    """What the service counted."""
    counted = {
        "successful": jobs.count(job, "messages_successful"),
        "failed": jobs.count(job, "messages_failed"),
        "skipped": jobs.count(job, "messages_skipped"),
        "cancelled": jobs.count(job, "messages_cancelled"),
        "pending": jobs.count(job, "messages_pending"),
    }
    counts = ", ".join(f"{number:,} {word}" for word, number in counted.items() if number)
    found = jobs.count(job, "total_messages_discovered")
    return (
        f"Bulk job {jobs.id_of(job)} is {job.get('status')}: {found:,} messages found{': ' if counts else ''}{counts}."
    )


def _all(found: Found) -> Iterable[Mapping[str, Any]]:
    return [*found.messages, *(message for message, dummy in found.left_out)]


def _options(request: Request) -> dict[str, Any]:
    """The options of ``message_bulk``. Its comment keeps jobs of different incidents apart."""
    defaults = {name: option.get("default") for name, option in message_bulk_module().options.items()}
    return {
        **defaults,
        "action": JOB_ACTIONS[request.action],
        "destination": request.target.get("destination"),
        "search_params": {**{each.name: None for each in SEARCH_PARAMS}, **request.criteria},
        "comment": request.ticket or None,
        "wait_timeout": request.bulk_timeout,
    }


def _in_variables(error: EmailSecurityError) -> EmailSecurityError:
    """The error in the words of the role, which takes failed messages on again by itself."""
    for option, words in (
        ("wait_timeout", f"{PREFIX}bulk_timeout"),
        ("Check failed_messages, mend", "Mend"),
        (" with force=true", ""),
        ("search_params: ", ""),
    ):
        error.message = error.message.replace(option, words)
    return error


@dataclass
class _Rows:
    """What jobs say of their messages, read once for each job."""

    context: Context
    found: Found
    _read: dict[str, list[tuple[str | None, Row]]] = field(default_factory=dict)

    def have(self, job: jobs.Job) -> bool:
        """Whether they were read: that is so of a job that was completed before this run."""
        return jobs.id_of(job) in self._read

    def of(self, job: jobs.Job) -> list[tuple[str | None, Row]]:
        """Each row with the id of its message; None where it was not among those that were found."""
        job_id = jobs.id_of(job)
        if job_id not in self._read:
            rows = self.context.client.jobs.messages(job_id)
            self._read[job_id] = [(message_id, row) for row in rows for message_id in self._ids_of(row)]
        return self._read[job_id]

    def cover(self, job: jobs.Job, due: Sequence[str]) -> bool:
        """Whether a completed job did all that is due, or found that it does not apply to it."""
        states = _states_of_rows(self.of(job))
        left = sum(states.get(each) not in (_DONE, SKIPPED) for each in due)
        if left:
            self.context.client.http.report_progress(
                f"Bulk job {jobs.id_of(job)} is completed, and did not do {left:,} of the messages: another is needed."
            )
        return not left

    def _ids_of(self, row: Row) -> Sequence[str | None]:
        """Newer descriptions give the message with its row; the others, what it was called in transit."""
        message = row.get("message")
        named = message.get("id") if isinstance(message, Mapping) else None
        return [str(named)] if named is not None else self._in_transit.get(str(row.get("postfix_id")), [None])

    @cached_property
    def _in_transit(self) -> Mapping[str, Sequence[str]]:
        ids: dict[str, list[str]] = {}
        for message in self.found.messages:
            ids.setdefault(str(message.get("postfix_id")), []).append(str(message.get("id")))
        return ids


def _states_of_rows(rows: Iterable[tuple[str | None, Row]]) -> dict[str, str]:
    states: dict[str, str] = {}
    for message_id, row in rows:
        if message_id is not None:
            state = _MEANING.get(str(row.get("status")), UNKNOWN)
            states[message_id] = max(states.get(message_id, state), state, key=(*_STATES, UNKNOWN).index)
    return states


def _became(
    context: Context, job: jobs.Job, rows: Sequence[tuple[str | None, Row]], due: Sequence[str], done: str
) -> dict[str, Any]:
    """Ids by outcome, and what the service reports of each finished row.

    :param done: what it is called when the job did it.
    """
    states = _states_of_rows(rows)
    without = [each for each in due if each not in states]
    if jobs.is_under_way(job):
        # It may still find them.
        states |= dict.fromkeys(without, UNDER_WAY)
    elif without:
        context.client.warnings.append(
            f"{len(without):,} of the messages that were found are not among those of the bulk job. Run again."
        )
    groups: dict[str, list[str]] = {}
    for message_id, state in states.items():
        groups.setdefault(done if state == _DONE else state, []).append(message_id)
    ended = [(message_id, row) for message_id, row in rows if row.get("status") in ("COMPLETED", "FAILED")]
    return {**groups, "outcomes": [_outcome(message_id, row) for message_id, row in ended]}


def _outcome(message_id: str | None, row: Row) -> dict[str, Any]:
    params = row.get("action_params")
    recipient = params.get("client_recipient") if isinstance(params, Mapping) else None
    return {
        "investigate_id": message_id or row.get("email_message_id"),
        "recipient": recipient,
        "success": row.get("status") == "COMPLETED",
        "status": row.get("status_message"),
    }
