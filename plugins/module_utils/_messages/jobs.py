# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests for bulk jobs, and which of the account's jobs has the same request. Pure.

The API has no idempotency key, so this is how a repeated task finds its own job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .._times import parse_time

Job = Mapping[str, Any]

ACTIONS = MOVE, RELEASE = "MOVE", "RELEASE"
STATUSES = ("PENDING", "DISCOVERING", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED", "SKIPPED")
MESSAGE_STATUSES = ("PENDING", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED", "SKIPPED")
# SKIPPED comes from older API descriptions: the job had nothing to do.
_FINISHED = ("COMPLETED", "SKIPPED")
_ENDED = (*_FINISHED, "FAILED", "CANCELLED")

# The API's defaults of search parameters. A job may show them or omit them.
_DEFAULTS: Mapping[str, Any] = {"detections_only": True, "submissions": False}
_TIMES = ("start", "end")
# The service may store times with fewer digits.
_ROUNDING = timedelta(seconds=1)
# A span is relative to the task's start, and a job is created a little later, by another clock.
_DELAY = timedelta(minutes=15)


@dataclass(frozen=True)
class JobRequest:
    """The request for a job.

    :param search_params: as sent; times are RFC 3339.
    :param spans: the span of each time that the task gives relative to now.
    """

    action: str
    destination: str | None
    search_params: Mapping[str, Any]
    comment: str | None
    spans: Mapping[str, timedelta] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The body of Create bulk action job."""
        optional = {"destination": self.destination, "comment": self.comment}
        given = {name: value for name, value in optional.items() if value is not None}
        return {"action": self.action, "search_params": dict(self.search_params), **given}

    def describes(self, job: Job, *, spans: bool = True) -> bool:
        """Whether a job has the same request.

        :param spans: whether times given as spans are compared relative to the job's creation, instead of as the
            absolute times that were sent.
        """
        params = job.get("action_params")
        destination = params.get("destination") if isinstance(params, Mapping) else None
        if (job.get("action_type"), destination) != (self.action, self.destination):
            return False
        if (job.get("comment") or None) != (self.comment or None):
            return False
        theirs = job.get("search_params") or {}
        if _without_times(theirs) != _without_times(self.search_params):
            return False
        return all(self._same_time(name, job, self.spans if spans else {}) for name in _TIMES)

    def _same_time(self, name: str, job: Job, spans: Mapping[str, timedelta]) -> bool:
        ours, theirs = self.search_params.get(name), (job.get("search_params") or {}).get(name)
        if not ours or not theirs:
            return not ours and not theirs
        span = spans.get(name)
        try:
            found = _time(theirs)
            if span is None:
                return abs(found - _time(ours)) < _ROUNDING
            return abs(found - (_time(job.get("created_at")) - span)) <= min(_DELAY, span / 10)
        except (ValueError, OverflowError):
            return False


def choose(request: JobRequest, jobs: Sequence[Job]) -> Job | None:
    """The newest running job with the same request, else the newest finished one.

    Failed and cancelled jobs do not count.
    """
    alike = newest_first([job for job in jobs if request.describes(job)])
    under_way = [job for job in alike if is_under_way(job)]
    finished = [job for job in alike if job.get("status") in _FINISHED]
    return next(iter([*under_way, *finished]), None)


def find_new(request: JobRequest, jobs: Sequence[Job], known: set[str]) -> Job | None:
    """The job started by a request without a response, if there is one.

    :param known: ids of the jobs before that request.
    """
    new = [job for job in jobs if id_of(job) not in known and request.describes(job, spans=False)]
    return next(iter(newest_first(new)), None)


def newest_first(jobs: Sequence[Job]) -> list[Job]:
    """Jobs sorted by creation; the API does not document the order of its list."""
    return sorted(jobs, key=lambda job: str(job.get("created_at") or ""), reverse=True)


def id_of(job: Job) -> str:
    return str(job.get("job_id"))


def is_under_way(job: Job) -> bool:
    """Whether a job is running. An unknown status counts as running: a task that waits for it reports it in the end."""
    return job.get("status") not in (*_ENDED, None)


def is_finished(job: Job) -> bool:
    return job.get("status") in _FINISHED


def is_open_ended(request: JobRequest, job: Job) -> bool:
    """Whether messages that arrived after the job's creation, which it ignored, may match its request."""
    end = request.search_params.get("end")
    try:
        return not end or _time(end) > _time(job.get("created_at"))
    except ValueError:
        return True


def count(job: Job, name: str) -> int:
    """A counter of a job; older API descriptions lack some."""
    value = job.get(name)
    return value if isinstance(value, int) else 0


def progress(job: Job) -> str:
    """The progress of a job, in a sentence."""
    found = count(job, "total_messages_discovered")
    done = found - count(job, "messages_pending")
    return f"Bulk job {id_of(job)} is {job.get('status')}: {done:,} of {found:,} messages done."


def _without_times(params: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in params.items() if value not in (None, "") and name not in _TIMES}
    return {**_DEFAULTS, **given}


def _time(value: Any) -> datetime:
    return parse_time(str(value or ""), end_of_day=False)
