# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a bulk job is asked for, and which of the account's jobs was asked for the same. Pure.

The API has no key that would make a second request the same job, so this is how a repeated task finds its own.
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
# SKIPPED is a word of older descriptions: the job had nothing to do.
_FINISHED = ("COMPLETED", "SKIPPED")
_ENDED = (*_FINISHED, "FAILED", "CANCELLED")

# What the API takes a search parameter for that is left out. A job may show it, or leave it out as well.
_DEFAULTS: Mapping[str, Any] = {"detections_only": True, "submissions": False}
_TIMES = ("start", "end")
# The service may keep times with fewer digits.
_ROUNDING = timedelta(seconds=1)
# A span ends when a task runs, and a job is created a little later, by another clock.
_DELAY = timedelta(minutes=15)


@dataclass(frozen=True)
class JobRequest:
    """What a job is asked for.

    :param search_params: as they are sent; times are RFC 3339.
    :param spans: for each time that the task gives as a span before now, that span.
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
        """Whether a job was asked for the same.

        :param spans: whether a time that is given as a span is compared as one, before the job's creation, rather
            than as the time that it was sent as.
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
            found = _moment(theirs)
            if span is None:
                return abs(found - _moment(ours)) < _ROUNDING
            return abs(found - (_moment(job.get("created_at")) - span)) <= min(_DELAY, span / 10)
        except (ValueError, OverflowError):
            return False


def choose(request: JobRequest, jobs: Sequence[Job]) -> Job | None:
    """The job that does what is asked for, or has done it: one under way, else one that is completed, the newest.

    One that failed or was cancelled does neither.
    """
    alike = newest_first([job for job in jobs if request.describes(job)])
    under_way = [job for job in alike if is_under_way(job)]
    finished = [job for job in alike if job.get("status") in _FINISHED]
    return next(iter([*under_way, *finished]), None)


def find_new(request: JobRequest, jobs: Sequence[Job], known: set[str]) -> Job | None:
    """The job that a request whose answer never came has started, if it has.

    :param known: ids of the jobs that there were before.
    """
    new = [job for job in jobs if id_of(job) not in known and request.describes(job, spans=False)]
    return next(iter(newest_first(new)), None)


def newest_first(jobs: Sequence[Job]) -> list[Job]:
    """The API does not say in which order it lists them."""
    return sorted(jobs, key=lambda job: str(job.get("created_at") or ""), reverse=True)


def id_of(job: Job) -> str:
    return str(job.get("job_id"))


def is_under_way(job: Job) -> bool:
    """A word that is not known is taken for one of work that goes on: whoever waits reports it in the end."""
    return job.get("status") not in (*_ENDED, None)


def is_finished(job: Job) -> bool:
    return job.get("status") in _FINISHED


def is_open_ended(request: JobRequest, job: Job) -> bool:
    """Whether messages may match that came after the job was created, which it therefore left alone."""
    end = request.search_params.get("end")
    try:
        return not end or _moment(end) > _moment(job.get("created_at"))
    except ValueError:
        return True


def count(job: Job, name: str) -> int:
    """A counter of a job; older descriptions lack some."""
    value = job.get(name)
    return value if isinstance(value, int) else 0


def progress(job: Job) -> str:
    """How far a job has come, in a sentence."""
    found = count(job, "total_messages_discovered")
    done = found - count(job, "messages_pending")
    return f"Bulk job {id_of(job)} is {job.get('status')}: {done:,} of {found:,} messages done."


def _without_times(params: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in params.items() if value not in (None, "") and name not in _TIMES}
    return {**_DEFAULTS, **given}


def _moment(value: Any) -> datetime:
    return parse_time(str(value or ""), end_of_day=False)
