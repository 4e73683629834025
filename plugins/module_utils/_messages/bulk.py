# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module that moves or releases all messages of a search with one write: a bulk job of the service.

A job of the same request is adopted, not started twice, so that a task that was killed, or whose response was lost,
resumes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from .._api.http import Http
from .._api.pacing import MAX_ATTEMPTS, backoff
from .._errors import ConflictError, EmailSecurityError, InputError, NoAnswerError, NotFoundError
from .._resources.common import ALL_DISPOSITIONS
from .._resources.schema import Filter
from .._spec import Context, ModuleSpec, filter_options, given_filters
from .._times import span_of
from . import jobs
from .act import DESTINATIONS
from .count import count_matching, refuse_more
from .jobs import ACTIONS, JobRequest
from .read import EXACT_SUBJECT, SEARCH_FILTERS, read_times

Found = TypeVar("Found")

PRESENT, CANCELLED, ABSENT = "present", "cancelled", "absent"
# A job accepts every disposition; the search itself accepts fewer.
SEARCH_PARAMS = (
    *(replace(item, choices=ALL_DISPOSITIONS) if item.name == "final_disposition" else item for item in SEARCH_FILTERS),
    EXACT_SUBJECT,
    Filter("submissions", "bool"),
)
# These are no criteria by themselves: a job with nothing else acts on all mail of its time range.
_NO_CRITERIA = {"start", "end", "detections_only", "submissions"}
_MAX_PAUSE = 15.0


def message_bulk_module() -> ModuleSpec:
    request_options = ("action", "destination", "search_params", "comment")
    return ModuleSpec(
        options={
            "action": {"type": "str", "choices": list(ACTIONS)},
            "destination": {"type": "str", "choices": list(DESTINATIONS)},
            "search_params": {"type": "dict", "options": filter_options(SEARCH_PARAMS)},
            "comment": {"type": "str"},
            "job_id": {"type": "str"},
            "state": {"type": "str", "choices": [PRESENT, CANCELLED, ABSENT], "default": PRESENT},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 3600},
            "max_messages": {"type": "int"},
            "force": {"type": "bool", "default": False},
        },
        run=run_job,
        constraints={
            "mutually_exclusive": [("job_id", name) for name in request_options],
            "required_one_of": [("job_id", "action")],
            "required_together": [("action", "search_params")],
            "required_if": [("state", PRESENT, ("action",)), ("action", jobs.MOVE, ("destination",))],
        },
    )


def run_job(context: Context, covers: Callable[[jobs.Job], bool] | None = None) -> dict[str, Any]:
    """The result of the module.

    :param covers: for a caller that has already searched and counted: whether a completed job did all of the work. If
        it did not, another one is started.
    :raises EmailSecurityError: ``partial`` is the result so far.
    """
    request = read_request(context)
    outcome = Outcome()
    try:
        if request is not None and context.params["state"] == PRESENT:
            _ensure_job(context, request, outcome, covers)
        else:
            _end_jobs(context, request, outcome)
    except EmailSecurityError as error:
        error.partial = outcome.result()
        raise
    return outcome.result()


@dataclass
class Outcome:
    """What a task has done so far.

    :ivar matching: what the search finds; None if there was no search.
    """

    changed: bool = False
    adopted: bool = False
    job: dict[str, Any] | None = None
    matching: dict[str, Any] | None = None
    failed_messages: list[dict[str, Any]] = field(default_factory=list)
    skipped_messages: list[dict[str, Any]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def result(self) -> dict[str, Any]:
        return dict(vars(self))


def read_request(context: Context) -> JobRequest | None:
    """The job that the task requests; None if it names a job by its id.

    :raises InputError: it is not a valid request, or would act on all mail.
    """
    params = context.params
    problems = [
        f"{name} must not be below {least}"
        for name, least in (("wait_timeout", 0), ("max_messages", 0))
        if params[name] is not None and params[name] < least
    ]
    if params["action"] == jobs.RELEASE and params["destination"] is not None:
        problems.append("destination belongs to action=MOVE: a message is released to where it was sent")
    given = given_filters(SEARCH_PARAMS, params["search_params"]) if params["action"] else {}
    search_params, wrong_times = read_times(given, context.now)
    problems += [f"search_params: {problem}" for problem in wrong_times]
    problems += [f"search_params: {name} must not be empty" for name, value in given.items() if value == ""]
    if params["action"] and not set(given) - _NO_CRITERIA:
        problems.append(
            "search_params must name at least one criterion beside times: without one, the job acts on all mail"
        )
    if problems:
        raise InputError(problems)
    if not params["action"]:
        return None
    spans = {name: span for name in ("start", "end") if (span := span_of(given.get(name) or "")) is not None}
    return JobRequest(params["action"], params["destination"], search_params, params["comment"] or None, spans)


def _ensure_job(
    context: Context, request: JobRequest, outcome: Outcome, covers: Callable[[jobs.Job], bool] | None
) -> None:
    """Ensure that there is a job for the request: an existing one, or a new one."""
    known = context.client.jobs.jobs({"action_type": request.action})
    chosen = None if context.params["force"] else jobs.choose(request, known)
    if chosen is not None and covers and jobs.is_finished(chosen) and not covers(chosen):
        chosen = None
    if chosen is not None:
        outcome.job, outcome.adopted = dict(chosen), True
        _report_adoption(context, request, chosen, covered=covers is not None)
    else:
        most = context.params["max_messages"]
        if not covers and (context.check or most is not None):
            outcome.matching = count_matching(context, request.search_params, None if context.check else most)
            refuse_more(outcome.matching, most)
        outcome.changed = context.check
        if context.check:
            return
        outcome.job = _start(context, request, {jobs.id_of(job) for job in known})
        outcome.changed = True
        context.client.http.report_progress(f"Bulk job {jobs.id_of(outcome.job)} was started.")
    if context.params["wait"] and not context.check:
        _wait(context, outcome)
    _judge(context, outcome)


def _report_adoption(context: Context, request: JobRequest, job: Mapping[str, Any], *, covered: bool) -> None:
    if jobs.is_finished(job) and jobs.is_open_ended(request, job) and not covered:
        context.client.warnings.append(
            f"Bulk job {jobs.id_of(job)} of {job.get('created_at')} did the same already, so no other was started. "
            "It left alone what came later. force=true starts another."
        )
    elif not jobs.is_finished(job):
        context.client.http.report_progress(f"Bulk job {jobs.id_of(job)} does the same and is under way.")


def _start(context: Context, request: JobRequest, known: set[str]) -> dict[str, Any]:
    api = context.client.jobs

    def check() -> dict[str, Any] | None:
        found = jobs.find_new(request, api.jobs({"action_type": request.action}), known)
        return None if found is None else dict(found)

    return _confirmed(context.client.http, lambda: api.create(request.body()), check, "the job was started")


def _confirmed(http: Http, write: Callable[[], Found], check: Callable[[], Found | None], what: str) -> Found:
    """Send a write. If no response comes, check whether it was carried out, and retry it only if it was not.

    :param check: returns what the write would have, or None if it was not carried out.
    """
    attempts = 0
    while True:
        try:
            return write()
        except (ConflictError, NotFoundError):
            found = check() if attempts else None
            if found is None:
                raise
            return found
        except NoAnswerError as error:
            attempts += 1
            # The server may still be processing the request.
            http.sleep(backoff(attempts))
            try:
                found = check()
            except EmailSecurityError as second:
                error.advise(f"It is not known whether {what}.")
                second.after(error, "looking again")
                second.unconfirmed = True
                raise second from error
            if found is not None:
                return found
            if attempts > MAX_ATTEMPTS:
                error.advise("Gave up. Run again later: a job that was started is found then.")
                error.unconfirmed = True
                raise


def _wait(context: Context, outcome: Outcome) -> None:
    """Wait until the outcome's job ends.

    :raises EmailSecurityError: it takes longer than ``wait_timeout``, or somebody removed it.
    """
    http, limit = context.client.http, context.params["wait_timeout"]
    deadline = http.clock() + limit
    polls, reported = 0, ""
    while outcome.job is not None and jobs.is_under_way(outcome.job):
        polls += 1
        pause = min(backoff(polls), _MAX_PAUSE)
        if http.clock() + pause > deadline:
            raise EmailSecurityError(
                f"{jobs.progress(outcome.job)} It takes longer than wait_timeout ({limit} s) allows, and goes on. "
                "Run again to wait for it, or raise wait_timeout."
            )
        http.sleep(pause)
        job_id = jobs.id_of(outcome.job)
        found = context.client.jobs.get(job_id)
        if found is None:
            raise EmailSecurityError(
                f"Bulk job {job_id} was not found any more: somebody removed it. What it has done stays done. "
                "Check with investigate_info what is left."
            )
        outcome.job = found
        if reported != (reported := jobs.progress(found)):
            http.report_progress(reported)


def _judge(context: Context, outcome: Outcome) -> None:
    """List the messages that the outcome's job did not act on.

    :raises EmailSecurityError: it ended without completing, or with failed messages.
    """
    job = outcome.job
    if job is None or jobs.is_under_way(job):
        return
    job_id = jobs.id_of(job)
    outcome.failed_messages = _left(context, job, "FAILED", "messages_failed")
    outcome.skipped_messages = _left(context, job, "SKIPPED", "messages_skipped")
    if not jobs.is_finished(job):
        reason = f" ({_on_one_line(job['status_message'])})" if job.get("status_message") else ""
        raise EmailSecurityError(
            f"{jobs.progress(job)} It did not come to its end{reason}. What it has done stays done. "
            "Run again: another job does the rest."
        )
    failed = outcome.failed_messages
    if failed or jobs.count(job, "messages_failed"):
        first = f"; the first is {_in_words(failed[0])}" if failed else ""
        raise EmailSecurityError(
            f"Bulk job {job_id} is completed, but {max(len(failed), jobs.count(job, 'messages_failed')):,} of its "
            f"messages failed{first}. Check failed_messages, mend the cause, then run again with force=true."
        )


def _left(context: Context, job: Mapping[str, Any], status: str, counter: str) -> list[dict[str, Any]]:
    """The messages of a job in one status; sends no request if the job's counter is 0."""
    if job.get(counter) == 0:
        return []
    return [_brief(row) for row in context.client.jobs.messages(jobs.id_of(job), status)]


def _brief(row: Mapping[str, Any]) -> dict[str, Any]:
    """A message of a job without the message itself, but with the id that other modules take."""
    message = row.get("message")
    investigate_id = message.get("id") if isinstance(message, Mapping) else None
    return {**{name: value for name, value in row.items() if name != "message"}, "investigate_id": investigate_id}


def _in_words(row: Mapping[str, Any]) -> str:
    name = row.get("investigate_id") or row.get("email_message_id") or row.get("postfix_id")
    return f"{_on_one_line(name)}: {_on_one_line(row.get('status_message') or 'no reason given')}"


def _on_one_line(text: Any) -> str:
    """Foreign text on one line, so that it cannot imitate a line of our own."""
    return " ".join(str(text).split())


def _end_jobs(context: Context, request: JobRequest | None, outcome: Outcome) -> None:
    """Cancel the jobs that the task selects and, with state=absent, remove them from the list."""
    for job in _selected(context, request):
        outcome.job = dict(job)
        if jobs.is_under_way(job):
            _cancel(context, outcome)
        if context.params["state"] == ABSENT:
            _remove(context, outcome)
        outcome.changed = bool(outcome.cancelled or outcome.removed)


def _selected(context: Context, request: JobRequest | None) -> list[jobs.Job]:
    """The jobs that a task selects, oldest first."""
    api, job_id = context.client.jobs, context.params["job_id"]
    if request is not None:
        found = api.jobs({"action_type": request.action})
        return jobs.newest_first([job for job in found if request.describes(job)])[::-1]
    named = api.get(job_id)
    if named is None and context.params["state"] == CANCELLED:
        raise EmailSecurityError(f"Bulk job {job_id} was not found. Check job_id with message_bulk_info.")
    return [] if named is None else [named]


def _cancel(context: Context, outcome: Outcome) -> None:
    api, job_id = context.client.jobs, jobs.id_of(outcome.job or {})
    if context.check:
        outcome.cancelled.append(job_id)
        return

    def check() -> dict[str, Any] | None:
        job = api.get(job_id)
        return None if job is not None and jobs.is_under_way(job) else (job or {"job_id": job_id})

    try:
        outcome.job = _confirmed(context.client.http, lambda: api.cancel(job_id), check, "the job was cancelled")
    except (ConflictError, NotFoundError):
        # It ended by itself, or somebody else was faster.
        ended = check()
        if ended is None:
            raise
        outcome.job = ended
        return
    outcome.cancelled.append(job_id)
    outcome.changed = True
    _wait(context, outcome)


def _remove(context: Context, outcome: Outcome) -> None:
    api, job_id = context.client.jobs, jobs.id_of(outcome.job or {})

    def check() -> bool | None:
        return True if api.get(job_id) is None else None

    def delete() -> bool:
        api.delete(job_id)
        return True

    if not context.check:
        try:
            _confirmed(context.client.http, delete, check, "the job was removed")
        except NotFoundError:
            return
    outcome.removed.append(job_id)
    outcome.changed = True
