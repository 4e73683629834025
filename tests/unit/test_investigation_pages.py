# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Submissions and PhishGuard reports: all pages, each entry once, under the names that are not retired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.envelope import Answer
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import NoAnswerError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import (
    phishguard_report_info_module,
    submission_info_module,
)

from modules.in_process import OLDEST, Report, both_dates, perform
from simulator.handle import Account
from unit.engine import Engine

SUBMISSIONS = submission_info_module()
REPORTS = phishguard_report_info_module()


def put_submissions(account: Account, count: int, **fields: Any) -> None:
    account.put_submissions(*[{"submission_id": f"s{number:05}", **fields} for number in range(count)])


def ids_of(report: Report) -> list[str]:
    return [each["submission_id"] for each in report.ok()["submissions"]]


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (3, 1), (1000, 1), (1001, 2), (2300, 3)])
def test_all_pages_of_submissions(account: Account, count: int, pages: int) -> None:
    put_submissions(account, count)
    report = perform(account, SUBMISSIONS, connection={"concurrency": 1})
    assert len(set(ids_of(report))) == len(ids_of(report)) == count
    assert [one["query"] for one in report.requests] == [
        {"page": str(page), "per_page": "1000"} for page in range(1, pages + 1)
    ]


# What total_count says is a hint: the published description calls it a count without the filters.
@pytest.mark.parametrize("total", [0, 1, 999, 5000, 10**9, None, "many", -1])
def test_submissions_are_whole_whatever_the_total_says(account: Account, total: Any) -> None:
    put_submissions(account, 2300)
    account.faults({"kind": "wrong_total_count", "times": None, "arguments": {"value": total}})
    report = perform(account, SUBMISSIONS)
    assert len(set(ids_of(report))) == 2300
    assert len(report.requests) <= 5


def test_a_page_that_repeats_loses_nothing_silently(account: Account) -> None:
    put_submissions(account, 2300)
    account.faults({"kind": "repeat_page"})
    report = perform(account, SUBMISSIONS)
    if report.error is None:
        assert len(ids_of(report)) == len(set(ids_of(report))) == 2300
    else:
        assert isinstance(report.error, NoAnswerError)
        assert "submissions" in report.msg


def test_the_same_page_for_ever_comes_to_an_end(account: Account) -> None:
    """A server that knows no pages gives the same ones again, and announces more."""
    put_submissions(account, 1000)
    account.faults(
        {"kind": "wrong_total_count", "times": None, "arguments": {"value": 10**6}},
        {"kind": "repeat_page", "times": None},
    )
    report = perform(account, SUBMISSIONS)
    assert report.error is None or isinstance(report.error, NoAnswerError)
    assert len(report.requests) < 20


@both_dates
def test_retired_names_of_a_submission(account: Account) -> None:
    put_submissions(account, 1)
    (found,) = perform(account, SUBMISSIONS).ok()["submissions"]
    assert "requested_ts" not in found
    assert found["requested_at"]


@pytest.mark.parametrize("account", [OLDEST], indirect=True)
def test_an_older_api_is_read_under_the_new_names(account: Account) -> None:
    put_submissions(account, 1, requested_at="2026-06-01T00:00:00Z")
    account.faults({"kind": "rewritten", "arguments": {"old": '"requested_at"', "new": '"another"'}})
    (found,) = perform(account, SUBMISSIONS, start="2026-05-01").ok()["submissions"]
    assert found["requested_at"] == "2026-06-01T00:00:00Z"


@both_dates
@pytest.mark.parametrize("total", ["given", "zero", "missing"])
@pytest.mark.parametrize(("count", "pages"), [(0, 1), (53, 1), (1000, 2), (2300, 3)])
def test_all_reports_come_each_once(account: Account, count: int, pages: int, total: str) -> None:
    """On one page of the older API, or on pages whose count may say nothing."""
    account.options(phishguard_total_count=total)
    account.put_phishguard_reports(*[{"id": number} for number in range(count)])
    report = perform(account, REPORTS)
    assert sorted(each["id"] for each in report.ok()["reports"]) == list(range(count))
    if account.options()["api"] == OLDEST:
        assert [one["query"] for one in report.requests] == [{"page": "1", "per_page": "1000"}, {}]
    else:
        assert len(report.requests) == pages


def test_reports_on_pages_that_are_smaller_than_asked_for(account: Account) -> None:
    """A server that gives 20 a page whatever is asked for, and says so, but not how many there are."""
    account.options(phishguard_total_count="zero")
    account.put_phishguard_reports(*[{"id": number} for number in range(53)])
    engine, asked = Engine(account, read_only=True), []
    get = engine.http.get

    def smaller(path: str, query: Mapping[str, Any]) -> Answer:
        asked.append(query["page"])
        return get(path, {**query, "per_page": 20})

    engine.http.get = smaller  # type: ignore[method-assign, assignment]
    assert sorted(each["id"] for each in engine.client.messages.reports({})) == list(range(53))
    assert asked == [1, 2, 3]


def test_a_list_that_knows_no_pages_ends_where_it_ends(account: Account) -> None:
    """A server that ignores what is said of pages gives more than was asked for, the same each time."""
    engine = Engine(account, read_only=True)
    every = [{"id": number} for number in range(1500)]
    engine.http.get = lambda path, query: Answer(every, {}, 200, {})  # type: ignore[method-assign, assignment]
    assert engine.client.messages.reports({}) == every


def test_the_order_of_submissions(account: Account) -> None:
    account.put_submissions(*[{"submission_id": name, "subject": subject} for name, subject in ("az", "bx", "cy")])
    report = perform(account, SUBMISSIONS, order="subject", direction="desc")
    assert ids_of(report) == ["a", "c", "b"]
    (request,) = report.requests
    assert (request["query"]["order"], request["query"]["direction"]) == ("subject", "desc")


@both_dates
def test_retired_names_of_a_report(account: Account) -> None:
    """A report's own ``ts`` is when it was written, and the one among its fields when the mail was seen."""
    account.put_phishguard_reports({"created_at": "2026-06-02T00:00:00Z", "fields": {"occurred_at": "2026-06-01"}})
    (found,) = perform(account, REPORTS).ok()["reports"]
    assert "scanned_at" not in found
    assert "ts" not in {*found, *found["fields"]}
    assert (found["created_at"], found["fields"]["occurred_at"]) == ("2026-06-02T00:00:00Z", "2026-06-01")


@pytest.mark.parametrize("account", [OLDEST], indirect=True)
def test_an_older_report_is_read_under_the_new_names(account: Account) -> None:
    account.put_phishguard_reports({"created_at": "2026-06-02T00:00:00Z", "fields": {"occurred_at": "2026-06-01"}})
    account.faults(
        {"kind": "rewritten", "arguments": {"old": '_at":', "new": '_gone":'}},
    )
    (found,) = perform(account, REPORTS).ok()["reports"]
    assert (found["created_at"], found["fields"]["occurred_at"]) == ("2026-06-02T00:00:00Z", "2026-06-01")
