# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that read messages, submissions and reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._api.messages import Message, logged_in, tidy_message
from .._errors import EmailSecurityError, InputError
from .._resources.schema import Filter
from .._spec import Context, ModuleSpec, filter_options, given_filters
from .._times import to_api_time
from .jobs import ACTIONS, MESSAGE_STATUSES, STATUSES
from .match import BY_API, MATCH_MODES, count_reasons, matcher

# Dispositions that searches, submissions and requests accept. Messages themselves may have others.
DISPOSITIONS = ("MALICIOUS", "SUSPICIOUS", "SPOOF", "SPAM", "BULK", "NONE")
DELIVERY_STATUSES = (
    "delivered",
    "moved",
    "quarantined",
    "rejected",
    "deferred",
    "bounced",
    "queued",
    "move_failed",
)
SUBMISSION_ORDERS = (
    "submission_id",
    "subject",
    "original_disposition",
    "requested_disposition",
    "outcome_disposition",
    "requested_at",
)
PARTS = ("detections", "trace", "action_log")
_TIMES = (Filter("start", exact=True), Filter("end", exact=True))

# Filters that are not exact match more than their names suggest; see match.py.
SEARCH_FILTERS = (
    *_TIMES,
    Filter("query"),
    # The API's own default, sent explicitly so that the request says what the task does.
    Filter("detections_only", "bool", default=True, exact=True),
    Filter("final_disposition", choices=DISPOSITIONS, exact=True),
    Filter("message_action", choices=("PREVIEW", "QUARANTINE_RELEASED", "MOVED")),
    Filter("metric"),
    Filter("sender"),
    Filter("recipient"),
    Filter("domain"),
    Filter("subject"),
    Filter("message_id", exact=True),
    Filter("alert_id", exact=True),
    Filter("delivery_status", choices=DELIVERY_STATUSES, exact=True),
    Filter("smtp_helo_ip", exact=True),
)
# Bulk jobs have this filter, and the search does not: it finds the words, and their exact match is evaluated here.
EXACT_SUBJECT = Filter("exact_subject", exact=True)
SUBMISSION_FILTERS = (
    *_TIMES,
    Filter("query"),
    Filter("type", choices=("TEAM", "USER")),
    Filter("submission_id"),
    Filter("status"),
    Filter("original_disposition", choices=DISPOSITIONS),
    Filter("requested_disposition", choices=DISPOSITIONS),
    Filter("outcome_disposition", choices=DISPOSITIONS),
    Filter("escalated_from_user", "bool"),
    Filter("order", choices=SUBMISSION_ORDERS),
    Filter("direction", choices=("asc", "desc")),
)
REPORT_FILTERS = _TIMES
JOB_FILTERS = (Filter("action_type", choices=ACTIONS), Filter("status", choices=STATUSES))


def investigate_info_module() -> ModuleSpec:
    return ModuleSpec(
        options={
            **filter_options(SEARCH_FILTERS),
            "match": {"type": "str", "choices": list(MATCH_MODES), "default": BY_API},
            "max_results": {"type": "int"},
        },
        run=_search,
        writes=False,
    )


def message_info_module() -> ModuleSpec:
    return ModuleSpec(
        options={
            "investigate_ids": {"type": "list", "elements": "str", "required": True},
            "submission": {"type": "bool", "default": False},
            "gather": {"type": "list", "elements": "str", "choices": list(PARTS), "default": []},
            "fail_on_missing": {"type": "bool", "default": False},
        },
        run=_look_up,
        writes=False,
    )


def submission_info_module() -> ModuleSpec:
    return ModuleSpec(options=filter_options(SUBMISSION_FILTERS), run=_submissions, writes=False)


def phishguard_report_info_module() -> ModuleSpec:
    return ModuleSpec(options=filter_options(REPORT_FILTERS), run=_reports, writes=False)


def message_bulk_info_module() -> ModuleSpec:
    return ModuleSpec(
        options={
            "job_id": {"type": "str"},
            **filter_options(JOB_FILTERS),
            "messages": {"type": "bool", "default": False},
            "message_status": {"type": "str", "choices": list(MESSAGE_STATUSES)},
        },
        run=_jobs,
        constraints={"mutually_exclusive": [("job_id", item.name) for item in JOB_FILTERS]},
        writes=False,
    )


def monthly_report_info_module() -> ModuleSpec:
    return ModuleSpec(options={}, run=_monthly_report, writes=False)


def unique_ids(ids: Iterable[str]) -> list[str]:
    """The ids of a task without duplicates, in order.

    :raises InputError: an id is empty or made of dots.
    """
    unique = list(dict.fromkeys(str(each).strip() for each in ids))
    invalid = [each for each in unique if not each.strip(".")]
    if invalid:
        raise InputError([f"investigate_ids holds {each!r}, which is not an id" for each in invalid])
    return unique


def refuse_missing(context: Context, missing: list[str], result: dict[str, Any]) -> None:
    """:raises EmailSecurityError: messages are missing, and ``fail_on_missing`` is set."""
    if missing and context.params["fail_on_missing"]:
        error = EmailSecurityError(f"{len(missing)} of the messages were not found: {', '.join(missing[:20])}.")
        error.partial = result
        raise error


def query_filters(filters: Iterable[Filter], context: Context) -> dict[str, Any]:
    """The filters that a task sets, with times in the API's form.

    :raises InputError: a time is invalid.
    """
    given, problems = read_times(given_filters(filters, context.params), context.now)
    if problems:
        raise InputError(problems)
    return given


def read_times(filters: Mapping[str, Any], now: datetime) -> tuple[dict[str, Any], list[str]]:
    """Filters with ``start`` and ``end`` in the API's form, and the problems of those two."""
    given = dict(filters)
    problems: list[str] = []
    for name in ("start", "end"):
        if name in given:
            try:
                given[name] = to_api_time(given[name], now, end_of_day=name == "end")
            except ValueError as error:
                problems.append(f"{name} {error}")
    if not problems and given.get("start", "") > given.get("end", "~"):
        problems.append(f"start ({given['start']}) must not be after end ({given['end']})")
    return given, problems


def _search(context: Context) -> dict[str, Any]:
    most = context.params["max_results"]
    if most is not None and most < 1:
        raise InputError(["max_results must be at least 1"])
    filters = query_filters(SEARCH_FILTERS, context)
    found = search(context, filters, strict=context.params["match"] != BY_API, most=most)
    return {
        "changed": False,
        "messages": found.messages,
        "left_out": count_reasons(reason for message, reason in found.left_out),
        "truncated": found.truncated,
    }


@dataclass(frozen=True)
class Found:
    """What a search found, newest first.

    :param left_out: messages that the API found although they do not match the criteria, each with the reason.
    :param truncated: whether there may be more.
    """

    messages: list[Message]
    left_out: list[tuple[Message, str]]
    truncated: bool


def search(context: Context, filters: Mapping[str, Any], *, strict: bool, most: int | None = None) -> Found:
    """Search, and evaluate the criteria on what was found. Operation: Search email messages.

    :param filters: as :func:`query_filters` returns them, or those of a bulk job.
    :param strict: whether to leave out messages that only the API's looser filters match.
    :param most: stop after this many messages, not counting those left out.
    """
    query, evaluated_here = split_query(filters)
    mismatch = matcher(filters if strict else evaluated_here)
    counts = (lambda message: not mismatch(message)) if strict or evaluated_here else None
    found, more = context.client.messages.search(query, most, counts)
    evaluated = [(message, mismatch(message)) for message in found]
    return Found(
        [message for message, reason in evaluated if not reason],
        [(message, reason) for message, reason in evaluated if reason],
        more,
    )


def split_query(search_params: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The query that finds at least what a bulk job would, and the criteria that the search lacks."""
    query = {name: value for name, value in search_params.items() if name not in (EXACT_SUBJECT.name, "submissions")}
    evaluated_here: dict[str, Any] = {}
    if (subject := search_params.get(EXACT_SUBJECT.name)) is not None:
        # Equal subjects have the same words.
        query.setdefault("subject", subject)
        evaluated_here[EXACT_SUBJECT.name] = subject
    if (disposition := query.get("final_disposition")) not in (None, *DISPOSITIONS):
        evaluated_here["final_disposition"] = query.pop("final_disposition")
        # The search may know the disposition of which this one is a kind.
        if (wider := str(disposition).removesuffix("-BEC")) in DISPOSITIONS:
            query["final_disposition"] = wider
    return query, evaluated_here


def _look_up(context: Context) -> dict[str, Any]:
    ids = unique_ids(context.params["investigate_ids"])
    parts = set(context.params["gather"])
    api = context.client.messages

    def read(message_id: str) -> Message | None:
        details = api.details(message_id, submission=context.params["submission"])
        if details is None:
            return None
        message = tidy_message(details)
        if "detections" in parts:
            message["detections"] = api.detections(message_id)
        if "trace" in parts:
            message["trace"] = api.trace(message_id)
        if "action_log" in parts:
            log = api.action_log(message_id)
            message["action_log"] = logged_in(details) if log is None else log
        return message

    found = context.client.http.map_concurrent(read, ids, "messages read")
    missing = [message_id for message_id, message in zip(ids, found, strict=True) if message is None]
    result = {"changed": False, "messages": [message for message in found if message], "missing": missing}
    refuse_missing(context, missing, result)
    return result


def _submissions(context: Context) -> dict[str, Any]:
    found = context.client.messages.submissions(query_filters(SUBMISSION_FILTERS, context))
    return {"changed": False, "submissions": found}


def _reports(context: Context) -> dict[str, Any]:
    return {"changed": False, "reports": context.client.messages.reports(query_filters(REPORT_FILTERS, context))}


def _jobs(context: Context) -> dict[str, Any]:
    api, job_id = context.client.jobs, context.params["job_id"]
    wants_messages, status = context.params["messages"], context.params["message_status"]
    problems = []
    if wants_messages and job_id is None:
        problems.append("messages are those of one job: job_id is missing")
    if status is not None and not wants_messages:
        problems.append("message_status chooses among messages: messages=true is missing")
    if problems:
        raise InputError(problems)
    if job_id is None:
        return {"changed": False, "jobs": api.jobs(given_filters(JOB_FILTERS, context.params))}
    job = api.get(job_id)
    found: dict[str, Any] = {"changed": False, "jobs": [] if job is None else [job]}
    if wants_messages:
        found["messages"] = [] if job is None else api.messages(job_id, status)
    return found


def _monthly_report(context: Context) -> dict[str, Any]:
    return {"changed": False, "by_month": context.client.messages.monthly_report()}
