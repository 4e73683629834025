# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Submissions and PhishGuard reports: filters and pages."""

from __future__ import annotations

from typing import Any

import pytest

SUBMISSIONS: list[dict[str, Any]] = [
    {"submission_id": "s0", "type": "User", "subject": "Lunch", "requested_disposition": "SPAM"},
    {
        "submission_id": "s1",
        "status": "reviewed",
        "outcome_disposition": "BULK",
        "requested_by": "Ada@example.com",
        "subject": "A",
    },
    {
        "submission_id": "s2",
        "original_disposition": "SPOOF",
        "escalated_from_user": True,
        "customer_status": "escalated",
        "subject": "Offer",
    },
    {"submission_id": "s3", "requested_at": "2020-01-01T00:00:00Z"},
]

REPORTS: list[dict[str, Any]] = [
    {"id": 10, "created_at": "2026-01-01T10:00:00Z", "fields": {"to": ["a@example.com"]}},
    {"id": 11, "created_at": "2026-01-02T23:59:59Z", "title": "Second"},
    {"id": 12, "created_at": "2026-01-03T10:00:00Z"},
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "210"),
        ({"start": "2019-01-01T00:00:00Z"}, "2103"),
        ({"start": "2019-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}, "3"),
        ({"type": "USER"}, "0"),
        ({"type": "TEAM"}, "21"),
        ({"submission_id": "s1"}, "1"),
        ({"original_disposition": "SPOOF"}, "2"),
        ({"requested_disposition": "SPAM"}, "0"),
        ({"outcome_disposition": "BULK"}, "1"),
        ({"status": "reviewed"}, "1"),
        ({"status": "unreviewed"}, "0"),
        ({"status": "escalated"}, "2"),
        ({"order": "subject"}, "102"),
        ({"order": "submission_id", "direction": "desc"}, "210"),
        ({"direction": "asc"}, "012"),
        ({"query": "lunch"}, "0"),
        ({"query": "ADA@"}, "1"),
        ({"escalated_from_user": "true"}, "2"),
        ({"escalated_from_user": "false"}, "10"),
        ({"per_page": 2, "page": 2}, "0"),
    ],
)
def test_submissions(client: Any, query: dict[str, Any], expected: str) -> None:
    client.account.put_submissions(*SUBMISSIONS)
    answer = client.send("GET", "submissions", params=query).json()
    assert [entry["submission_id"] for entry in answer["result"]] == [f"s{number}" for number in expected]
    info = answer["result_info"]
    assert (info["count"], info["page"]) == (len(expected), query.get("page", 1))
    assert info["total_count"] == (3 if "page" in query else len(expected))


@pytest.mark.parametrize(
    "query",
    [
        {"type": "Team"},
        {"start": "x"},
        {"page": 0},
        {"original_disposition": "X"},
        {"escalated_from_user": 1},
        {"order": "status"},
        {"order": "subject", "direction": "up"},
        {"x": 1},
    ],
)
def test_submissions_that_cannot_be_asked_for(client: Any, query: dict[str, Any]) -> None:
    assert client.refused("GET", "submissions", params=query) == (400, 10422, None)


def test_deprecated_fields_of_submissions(client: Any) -> None:
    client.account.put_submissions({"requested_ts": "ignored"})
    shown = client.ok("GET", "submissions")[0]
    assert shown["requested_ts"] == shown["requested_at"]
    client.account.options(undated_fields=False)
    assert "requested_ts" not in client.ok("GET", "submissions")[0]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [12, 11, 10]),
        ({"start": "2026-01-02T00:00:00Z"}, [12, 11]),
        ({"end": "2026-01-01T10:00:00Z"}, [10]),
        ({"from_date": "2026-01-02", "to_date": "2026-01-02"}, [11]),
        ({"start": "2026-01-03T00:00:00Z", "from_date": "2026-01-01"}, [12]),
    ],
)
def test_reports(client: Any, query: dict[str, str], expected: list[int]) -> None:
    client.account.put_phishguard_reports(*REPORTS)
    answer = client.send("GET", "phishguard/reports", params=query).json()
    assert [report["id"] for report in answer["result"]] == expected
    assert answer["result_info"]["total_count"] == len(expected)


def test_reports_look_like_reports(client: Any) -> None:
    client.account.put_phishguard_reports(*REPORTS)
    report = client.ok("GET", "phishguard/reports")[-1]
    assert "ts" not in {**report, **report["fields"]}
    assert report["fields"]["to"] == ["a@example.com"]
    client.account.options(deprecated_fields=True)
    report = client.ok("GET", "phishguard/reports")[-1]
    assert report["ts"] == report["created_at"] == report["fields"]["ts"]


def test_pages_of_reports(client: Any) -> None:
    client.account.put_phishguard_reports(*REPORTS)
    answer = client.send("GET", "phishguard/reports", params={"page": 2, "per_page": 2}).json()
    assert [report["id"] for report in answer["result"]] == [10]
    assert answer["result_info"] == {"count": 1, "page": 2, "per_page": 2, "total_count": 3}
    client.account.options(phishguard_total_count="zero")
    assert client.send("GET", "phishguard/reports").json()["result_info"]["total_count"] == 0
    client.account.options(phishguard_total_count="missing")
    info = client.send("GET", "phishguard/reports").json()["result_info"]
    assert info == {"count": 3, "page": 1, "per_page": 20}
    client.account.options(phishguard_pages=False)
    assert "result_info" not in client.send("GET", "phishguard/reports").json()
    assert client.refused("GET", "phishguard/reports", params={"page": 1})[0] == 400


@pytest.mark.parametrize("query", [{"start": "2026-01-01"}, {"from_date": "yesterday"}, {"x": 1}])
def test_reports_that_cannot_be_asked_for(client: Any, query: dict[str, Any]) -> None:
    assert client.refused("GET", "phishguard/reports", params=query) == (400, 10422, None)
