# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations on bulk jobs, as routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from answers import NO_INTEGRATION, NOT_FOUND, WRONG_STATE, Answer, Refusal, success
from queries import DEFAULT_PAGE, LARGEST_PAGE, check_names, choice, integer, last
from routing import Call, Router

from . import bodies, searching
from .jobs import CANCELLED, JOB_STATUSES, ROW_STATUSES, Job, Row
from .message import Fields
from .showing import shown, who

_OFFERED = ["bulk_jobs"]
# Counters that the first description of jobs had not.
_NEWER_COUNTERS = ("messages_skipped", "messages_cancelled")


def add_routes(router: Router) -> None:
    """To be added before the routes that have the id of a message where these say ``bulk``."""
    several, single = "investigate/bulk", "investigate/bulk/{job_id}"
    router.add("GET", several, _list, offered=_OFFERED)
    router.add("POST", several, _create, offered=_OFFERED)
    router.add("GET", single, _get, offered=_OFFERED)
    router.add("DELETE", single, _delete, offered=_OFFERED)
    router.add("POST", f"{single}/cancel", _cancel, offered=_OFFERED)
    router.add("GET", f"{single}/messages", _messages, offered=_OFFERED)


def _create(call: Call) -> Answer:
    body = bodies.bulk_job(call.request.document(), call.options)
    if body["action"] == "MOVE" and not call.options.integration:
        raise Refusal(400, NO_INTEGRATION, "moving messages needs an active integration with the mailboxes")
    given = body["search_params"]
    filled = {**dict.fromkeys(bodies.SEARCHED_TEXTS), "detections_only": True, "submissions": False}
    stored = {**filled, **given} if call.options.bulk_search_params == "filled" else given
    return success(_shown(call, call.account.jobs.add(body, stored, call.options, who(call))), status=201)


def _get(call: Call) -> Answer:
    job = _job(call)
    if call.options.bulk_progress == "poll":
        call.account.jobs.step(job, call.options)
    return success(_shown(call, job))


def _list(call: Call) -> Answer:
    query = call.request.query
    if call.options.strict:
        check_names(query, ("page", "per_page", "action_type", "status"))
    chosen: list[Job] = list(call.account.jobs)
    for name, choices in (("action_type", bodies.BULK_ACTIONS), ("status", JOB_STATUSES)):
        if (value := last(query, name)) is not None:
            choice(name, value, choices)
            chosen = [job for job in chosen if job.fields[name] == value]
    page, info = _page(call, chosen)
    return call.listed([_shown(call, job) for job in page], info)


def _cancel(call: Call) -> Answer:
    job = _job(call)
    if not job.under_way:
        raise Refusal(409, WRONG_STATE, f"the job is {job.fields['status']}: it can't be cancelled any more")
    call.account.jobs.end(job, CANCELLED)
    return success(_shown(call, job))


def _delete(call: Call) -> Answer:
    job = _job(call)
    if job.under_way:
        raise Refusal(409, WRONG_STATE, f"the job is {job.fields['status']}: it can't be removed yet")
    call.account.jobs.remove(job.id)
    return success({"id": job.id})


def _messages(call: Call) -> Answer:
    query, rows = call.request.query, _job(call).rows
    if call.options.strict:
        check_names(query, ("page", "per_page", "status"))
    if (value := last(query, "status")) is not None:
        choice("status", value, ROW_STATUSES)
        rows = [row for row in rows if row.status == value]
    page, info = _page(call, rows)
    return call.listed([_shown_row(call, row) for row in page], info)


def _page(call: Call, entries: Sequence[Any]) -> tuple[Sequence[Any], Fields]:
    """A page, and its ``result_info``: that of a list with cursors, which no parameter takes, so it says little."""
    query = call.request.query
    number, per_page = integer(query, "page", 1), integer(query, "per_page", DEFAULT_PAGE, LARGEST_PAGE)
    page = entries[(number - 1) * per_page : number * per_page]
    found = searching.Found(
        per_page=per_page,
        next=searching.encode({"page": number + 1}) if number * per_page < len(entries) else None,
        previous=searching.encode({"page": number - 1}) if number > 1 else None,
    )
    return page, {**found.info(), "count": len(page)}


def _job(call: Call) -> Job:
    job: Job | None = call.account.jobs.get(call.arguments["job_id"])
    if job is None:
        raise Refusal(404, NOT_FOUND, "bulk job not found")
    return job


def _shown(call: Call, job: Job) -> Fields:
    counters = job.counters()
    if not call.behaviour("bulk_details"):
        counters = {name: count for name, count in counters.items() if name not in _NEWER_COUNTERS}
    return {**job.fields, **counters}


def _shown_row(call: Call, row: Row) -> Fields:
    if not call.behaviour("bulk_details"):
        return row.fields
    there = call.account.mail.get(row.message.id) or call.account.mail.get(row.message.id, submission=True)
    return {**row.fields, "message": there and shown(call, there, log=True)}
