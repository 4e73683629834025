# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk jobs by operation name: the service searches, then moves or releases every message it finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import NoAnswerError, NotFoundError, NotOfferedError
from .._resources.retired import tidy
from .envelope import Answer
from .http import Http
from .messages import tidy_message
from .paging import Listing, Pager, Total
from .parameters import path_segment

Job = dict[str, Any]
JobMessage = dict[str, Any]

PATH = "investigate/bulk"
# Retired search parameters, which jobs may still show.
_RETIRED: Mapping[str, str | None] = {"action_log": None, "expected_disposition": None}


class JobOperations:
    """Bulk jobs of one account. Methods raise what :class:`Http` raises."""

    def __init__(self, http: Http, pager: Pager) -> None:
        self._http = http
        self._pager = pager

    def jobs(self, filters: Mapping[str, Any]) -> list[Job]:
        """All jobs, all pages. Operation: List bulk action jobs."""
        # total_count is always 0 here, so a short page is the last.
        listing = Listing(PATH, "bulk jobs", filters, key="job_id", total=Total.HINT)
        try:
            return [_tidy_job(job) for job in self._pager.read(listing)]
        except NotOfferedError as error:
            error.advise("Or it has no bulk jobs: then search with investigate_info, and act on what it finds.")
            raise

    def get(self, job_id: str) -> Job | None:
        """One job, or None. Operation: Get bulk action job."""
        try:
            return _job(self._http.get(_path(job_id)), f"GET {_path(job_id)}")
        except NotFoundError:
            return None

    def create(self, body: Mapping[str, Any]) -> Job:
        """Start a job. The API has no idempotency key: a second request starts a second job.

        Operation: Create bulk action job.
        """
        return _job(self._http.send("POST", PATH, dict(body)), f"POST {PATH}")

    def cancel(self, job_id: str) -> Job:
        """Stop a running job. What it has done is not undone. Operation: Cancel bulk action job."""
        path = f"{_path(job_id)}/cancel"
        return _job(self._http.send("POST", path), f"POST {path}")

    def delete(self, job_id: str) -> None:
        """Remove an ended job from the list. Operation: Delete bulk action job."""
        self._http.send("DELETE", _path(job_id))

    def messages(self, job_id: str, status: str | None = None) -> list[JobMessage]:
        """The messages of a job, all pages. Operation: List bulk action job messages."""
        listing = Listing(
            f"{_path(job_id)}/messages",
            "messages of the job",
            {} if status is None else {"status": status},
            key="message_id",
            total=Total.HINT,
        )
        return [_tidy_row(row) for row in self._pager.read(listing)]


def _job(answer: Answer, request: str) -> Job:
    if not isinstance(answer.result, dict) or not (answer.result.get("job_id") and answer.result.get("status")):
        raise NoAnswerError(f"{request} was answered without the job.")
    return _tidy_job(answer.result)


def _tidy_job(job: Job) -> Job:
    params = job.get("search_params")
    return {**job, "search_params": tidy(params, _RETIRED) if isinstance(params, dict) else {}}


def _tidy_row(row: JobMessage) -> JobMessage:
    message = row.get("message")
    return {**row, "message": tidy_message(message)} if isinstance(message, dict) else row


def _path(job_id: str) -> str:
    return f"{PATH}/{path_segment(job_id)}"
