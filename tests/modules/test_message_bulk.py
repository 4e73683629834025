# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk jobs as tasks: in check mode, for real, again, cancelled and removed, with what was sent and returned."""

from __future__ import annotations

from pathlib import Path

from modules import returns
from modules.playbook import Outcome, Run, Step, options, run_steps
from modules.scenarios.jobs import (
    ARGS,
    AT_ONCE,
    BROKEN,
    BULK,
    BULK_INFO,
    IN_PART,
    JOB,
    REPORT,
    REPORT_INFO,
    SENDS,
    UNDER_WAY,
)
from simulator.handle import Account

_REFUSED = {"api_token": "not-the-token"}
_NOTHING = {"failed_messages": [], "skipped_messages": [], "cancelled": [], "removed": []}


def test_message_bulk(account: Account, tmp_path: Path) -> None:
    cancelled, absent = {**ARGS, "state": "cancelled"}, {"job_id": JOB, "state": "absent"}
    # All mail goes to this domain, and none comes from it.
    search = {"domain": "example.com", "detections_only": False}
    run = run_steps(
        account,
        tmp_path,
        [
            Step("read only: check", BULK, ARGS, check=True, control=[*AT_ONCE, options(read_only=True)]),
            Step("read only: real", BULK, ARGS),
            Step("check", BULK, ARGS, check=True, control=AT_ONCE),
            Step("real", BULK, ARGS),
            Step("check again", BULK, ARGS, check=True),
            Step("again", BULK, ARGS),
            Step("forced", BULK, {**ARGS, "force": True, "max_messages": 4}),
            Step("too many", BULK, {**ARGS, "force": True, "max_messages": 3}),
            Step("left out", BULK, {**ARGS, "search_params": search}, check=True),
            Step("in part", BULK, ARGS, control=IN_PART),
            Step("broken", BULK, ARGS, control=BROKEN),
            Step("waited for", BULK, ARGS, control=UNDER_WAY),
            Step("cancelled: check", BULK, cancelled, check=True, control=UNDER_WAY),
            Step("cancelled: real", BULK, cancelled),
            Step("cancelled: again", BULK, cancelled),
            Step("absent: check", BULK, absent, check=True),
            Step("absent: real", BULK, absent),
            Step("absent: again", BULK, absent),
            Step("wrong", BULK, {**ARGS, "action": "RELEASE", "destination": "Inbox", "search_params": {"sender": ""}}),
        ],
    )
    for outcome in run:
        assert "Traceback" not in outcome.stdout
        assert not (outcome.step.check and outcome.writes), outcome.step.name
    _assert_done_once(run)
    _assert_failures(run)
    _assert_ended(run)
    assert run["read only: check"].returned == run["check"].returned
    assert run["read only: real"].failed, "the account takes writes, so this proves nothing"
    assert _untrue(run) == []
    # None of those that the task does not mean was touched.
    assert [job["status"] for job in account.bulk_jobs()] == ["PENDING"] * 3


def _untrue(run: Run) -> list[str]:
    """How results differ from what is documented, but for what no message of the simulator's goes through."""
    never = (
        "messages.retry_after ",
        "messages[].retry_after ",
        "skipped_messages.processed_at ",
        "skipped_messages[].processed_at ",
    )
    return [
        each for each in returns.differences(returns.documented(BULK), run) if not any(one in each for one in never)
    ]


def _assert_done_once(run: Run) -> None:
    check, real, forced, waited = run["check"], run["real"], run["forced"], run["waited for"]
    for outcome in (check, real, forced):
        assert not outcome.failed, outcome.msg
        assert outcome.changed
    assert check.returned == {
        **_NOTHING,
        "adopted": False,
        "job": None,
        "matching": {"total": 4, "strict": 4, "left_out": [], "truncated": False},
    }
    assert real.writes == forced.writes == [SENDS]
    assert real.reads == ["investigate/bulk"]
    assert real.returned == {**_NOTHING, "adopted": False, "job": real.returned["job"], "matching": None}
    assert real.returned["job"]["messages_successful"] == 4
    for outcome in (run["check again"], run["again"], waited):
        assert not outcome.failed, outcome.msg
        assert not outcome.changed
        assert not outcome.writes
        assert outcome.returned["adopted"]
    for outcome in (run["check again"], run["again"]):
        assert outcome.returned["job"] == real.returned["job"]
    assert waited.returned["job"]["job_id"] == JOB
    assert waited.returned["job"]["status"] == "COMPLETED"


def _assert_failures(run: Run) -> None:
    too_many, part, broken = run["too many"], run["in part"], run["broken"]
    assert "max_messages allows 3" in too_many.msg
    assert not too_many.writes
    assert not too_many.changed
    assert "1 of its messages failed; the first is m1: the action failed" in part.msg
    assert "the job failed under way" in broken.msg
    for outcome in (part, broken):
        assert outcome.failed
        assert outcome.changed
        assert outcome.writes == [SENDS]
    assert _ids(part, "failed_messages") == ["m1"]
    assert _ids(part, "skipped_messages") == ["m2"]
    assert run["left out"].returned["matching"]["left_out"] == [{"reason": "to the domain, not from it", "count": 5}]
    assert not run["wrong"].requests
    assert run["wrong"].returned["error"]["problem_count"] == 2


def _ids(outcome: Outcome, name: str) -> list[str]:
    return [each["investigate_id"] for each in outcome.returned[name]]


def _assert_ended(run: Run) -> None:
    for state, path, name in (
        ("cancelled", ("POST", f"investigate/bulk/{JOB}/cancel"), "cancelled"),
        ("absent", ("DELETE", f"investigate/bulk/{JOB}"), "removed"),
    ):
        check, real, again = (run[f"{state}: {which}"] for which in ("check", "real", "again"))
        for outcome in (check, real):
            assert not outcome.failed, outcome.msg
            assert outcome.changed
            assert outcome.returned[name] == [JOB]
        assert [write[:2] for write in real.writes] == [path]
        assert not again.failed, again.msg
        assert not again.changed
        assert not again.writes
        assert again.returned[name] == []
    assert run["cancelled: real"].returned["job"]["status"] == "CANCELLED"


def test_what_is_read_of_jobs_and_months(account: Account, tmp_path: Path) -> None:
    of_job = {"job_id": JOB, "messages": True}
    run = run_steps(
        account,
        tmp_path,
        [
            Step("jobs", BULK_INFO, control=[*UNDER_WAY, *REPORT]),
            Step("in check mode", BULK_INFO, check=True),
            Step("some jobs", BULK_INFO, {"action_type": "MOVE", "status": "PROCESSING"}),
            Step("messages", BULK_INFO, of_job),
            Step("some messages", BULK_INFO, {**of_job, "message_status": "COMPLETED"}),
            Step("unknown", BULK_INFO, {"job_id": "00000000-0000-4000-8000-000000000000"}),
            Step("of no job", BULK_INFO, {"messages": True}),
            Step("refused", BULK_INFO, _REFUSED),
            Step("months", REPORT_INFO),
            Step("months in check mode", REPORT_INFO, check=True),
            Step("no months", REPORT_INFO, control=[options(monthly_report=False)]),
        ],
    )
    for outcome in run:
        assert not outcome.changed
        assert not outcome.writes
        assert outcome.failed is (outcome.step.name in ("of no job", "refused", "no months")), outcome.msg
    assert len(run["jobs"].returned["jobs"]) == 4
    assert run["in check mode"].returned == run["jobs"].returned
    assert [job["job_id"] for job in run["some jobs"].returned["jobs"]] == [JOB]
    assert run["some jobs"].requests[0]["query"] == {
        "action_type": "MOVE",
        "status": "PROCESSING",
        "page": "1",
        "per_page": "1000",
    }
    assert {each["message"]["id"] for each in run["messages"].returned["messages"]} == {"m0", "m1", "m2", "m3"}
    assert run["unknown"].returned == {"jobs": []}
    assert not run["of no job"].requests
    assert list(run["months"].returned["by_month"]) == ["2026-09", "2026-10"]
    assert run["months in check mode"].returned == run["months"].returned
    assert "has no monthly report" in run["no months"].msg
    months = [outcome for outcome in run if outcome.step.module == REPORT_INFO]
    assert returns.differences(returns.documented(REPORT_INFO), months) == []
