# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages by id, concurrently, and the filters that reading modules send."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    AccessError,
    InputError,
    NotOfferedError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import read as lookup

from modules.in_process import OLDEST, both_dates, perform, put_mail
from simulator.handle import Account
from unit.gauge import Gauge

LOOK_UP = lookup.message_info_module()
PARTS = list(lookup.PARTS)
MOVED = {"operation": "MOVE", "completed_at": "2026-06-01T00:00:00Z", "properties": {"folder": "JunkEmail"}}


def test_messages_are_in_the_order_of_the_ids_each_once(account: Account) -> None:
    ids = put_mail(account, 9)
    asked = [ids[4], "nobody", ids[0], ids[8], f" {ids[4]} ", ids[2], "no-one"]
    report = perform(account, LOOK_UP, investigate_ids=asked)
    assert [message["id"] for message in report.ok()["messages"]] == [ids[4], ids[0], ids[8], ids[2]]
    assert report.result["missing"] == ["nobody", "no-one"]
    assert sorted(report.reads) == sorted(f"investigate/{each}" for each in dict.fromkeys(map(str.strip, asked)))


def test_missing_messages_can_be_a_failure(account: Account) -> None:
    (known,) = put_mail(account)
    report = perform(account, LOOK_UP, investigate_ids=[known, "nobody"], fail_on_missing=True)
    assert "nobody" in report.msg
    assert known not in report.msg
    # What was found is not lost.
    assert [message["id"] for message in report.result["messages"]] == [known]
    assert report.result["missing"] == ["nobody"]


def test_many_missing_messages_make_no_endless_message(account: Account) -> None:
    ids = [f"nobody-{number:04}" for number in range(60)]
    report = perform(account, LOOK_UP, investigate_ids=ids, fail_on_missing=True)
    assert "60" in report.msg
    assert len(report.msg) < 500
    assert report.result["missing"] == ids


def test_no_ids_are_no_requests(account: Account) -> None:
    report = perform(account, LOOK_UP, investigate_ids=[])
    assert report.ok() == {"changed": False, "messages": [], "missing": []}
    assert report.requests == []


@pytest.mark.parametrize("ids", [[""], ["  "], ["a", ""]])
def test_an_empty_id_is_refused_before_anything_is_asked(account: Account, ids: list[str]) -> None:
    report = perform(account, LOOK_UP, investigate_ids=ids)
    assert isinstance(report.error, InputError)
    assert "not an id" in report.msg
    assert report.requests == []


@pytest.mark.parametrize("message_id", [".", ".."])
def test_an_id_never_walks_up_the_path(account: Account, message_id: str) -> None:
    """Libraries and servers take away dots between slashes, whatever they are meant to be."""
    report = perform(account, LOOK_UP, investigate_ids=[message_id], gather=["trace"])
    assert isinstance(report.error, InputError)
    assert repr(message_id) in report.msg
    assert report.requests == []


@pytest.mark.parametrize("message_id", ["../../settings/domains", "a/b", "a?b=c", "a#b", "a%2Fb", "ä €", "{{ 7 * 7 }}"])
def test_an_id_is_one_part_of_the_path_whatever_it_holds(account: Account, message_id: str) -> None:
    account.put_messages({"id": message_id})
    report = perform(account, LOOK_UP, investigate_ids=[message_id], gather=PARTS)
    (found,) = report.ok()["messages"]
    assert found["id"] == message_id
    sent = [one["path"].split("/") for one in report.requests]
    assert sorted(parts[2:] for parts in sent) == [[], *[[part] for part in sorted(PARTS)]]
    assert {unquote(parts[1]) for parts in sent} == {message_id}


def test_side_by_side_with_a_bounded_number_of_connections(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = put_mail(account, 24)
    gauge = Gauge(monkeypatch, 4)
    report = perform(account, LOOK_UP, investigate_ids=ids)
    assert [message["id"] for message in report.ok()["messages"]] == ids
    assert gauge.most == 4


def test_a_failure_of_one_ends_the_reading_soon(account: Account) -> None:
    ids = put_mail(account, 200)
    account.faults({"kind": "status_before", "after": 10, "times": None, "arguments": {"status": 403}})
    report = perform(account, LOOK_UP, investigate_ids=ids)
    assert isinstance(report.error, AccessError)
    assert len(report.requests) < 30


def test_an_account_that_is_not_there_is_no_missing_message(account: Account) -> None:
    account.faults({"kind": "status_before", "times": None, "arguments": {"status": 404, "code": 7003}})
    report = perform(account, LOOK_UP, investigate_ids=["a"])
    assert isinstance(report.error, NotOfferedError)
    assert "Check account_id" in report.msg


def test_only_what_is_asked_for_is_read(account: Account) -> None:
    (known,) = put_mail(account)
    for parts in ([], ["trace"], ["detections", "action_log"]):
        report = perform(account, LOOK_UP, investigate_ids=[known], gather=parts)
        assert sorted(report.reads) == sorted(
            [f"investigate/{known}", *(f"investigate/{known}/{part}" for part in parts)]
        )
        assert set(PARTS) & set(report.ok()["messages"][0]) == set(parts)


def test_everything_about_a_message(account: Account) -> None:
    (known,) = put_mail(account, action_log=[MOVED])
    (found,) = perform(account, LOOK_UP, investigate_ids=[known], gather=PARTS).ok()["messages"]
    assert found["detections"]["links"]
    assert found["trace"]["inbound"]["lines"][0]["message"] == "received"
    assert [entry["properties"]["folder"] for entry in found["action_log"]] == ["JunkEmail"]


@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_a_long_action_log_is_whole(account: Account, order: str) -> None:
    log = [{**MOVED, "completed_at": f"2026-06-01T00:00:{number:02}Z"} for number in range(31)]
    (known,) = put_mail(account, action_log=log)
    account.options(action_log_order=order)
    report = perform(account, LOOK_UP, investigate_ids=[known], gather=["action_log"])
    (found,) = report.ok()["messages"]
    assert len({entry["completed_at"] for entry in found["action_log"]}) == len(found["action_log"]) == 31
    assert len(report.requests) == 2


@both_dates
def test_retired_names_are_nowhere(account: Account) -> None:
    (known,) = put_mail(account, action_log=[MOVED])
    (found,) = perform(account, LOOK_UP, investigate_ids=[known], gather=PARTS).ok()["messages"]
    assert {"ts", "findings"} & set(found) == set()
    assert "completed_timestamp" not in found["action_log"][0]
    for way in ("inbound", "outbound"):
        for line in found["trace"][way]["lines"]:
            assert "ts" not in line
            assert line["logged_at"]


def test_clean_mail_has_no_detections(account: Account) -> None:
    (known,) = put_mail(account, final_disposition="NONE")
    (found,) = perform(account, LOOK_UP, investigate_ids=[known], gather=["detections"]).ok()["messages"]
    assert found["detections"] is None


@pytest.mark.parametrize("submission", [False, True])
@pytest.mark.parametrize("datastore", ["regular", "submissions", "both"])
def test_where_a_message_is_looked_for(account: Account, submission: bool, datastore: str) -> None:
    (known,) = put_mail(account, datastore=datastore)
    report = perform(account, LOOK_UP, investigate_ids=[known], submission=submission)
    there = datastore in ("both", "submissions" if submission else "regular")
    assert [message["id"] for message in report.ok()["messages"]] == ([known] if there else [])
    assert [one["query"] for one in report.requests] == [{"submission": "true"} if submission else {}]


@pytest.mark.parametrize("account", [OLDEST], indirect=True)
def test_an_api_without_action_logs_has_them_in_the_messages(account: Account) -> None:
    ids = put_mail(account, 6, action_log=[MOVED])
    report = perform(account, LOOK_UP, investigate_ids=ids, gather=["action_log"])
    for message in report.ok()["messages"]:
        assert message["action_log"] == [
            {
                "completed_at": MOVED["completed_at"],
                "operation": "MOVE",
                "properties": {"folder": "JunkEmail"},
                "status": "OK",
            }
        ]
    # The details are there already.
    assert sorted(path for path in report.reads if "action_log" not in path) == sorted(
        f"investigate/{each}" for each in ids
    )


def test_that_there_are_no_action_logs_is_learnt_once(account: Account) -> None:
    ids = put_mail(account, 40)
    account.options(action_log=False)
    report = perform(account, LOOK_UP, investigate_ids=ids, gather=["action_log"])
    report.ok()
    assert len([path for path in report.reads if "action_log" in path]) <= 2 * 4


@both_dates
def test_the_action_log_of_a_submitted_message_is_not_lost(account: Account) -> None:
    (known,) = put_mail(account, datastore="submissions", action_log=[MOVED])
    report = perform(account, LOOK_UP, investigate_ids=[known], submission=True, gather=["action_log"])
    (found,) = report.ok()["messages"]
    if account.options()["api"] == OLDEST:
        assert [entry["operation"] for entry in found["action_log"]] == ["MOVE"]
    else:
        # The API has no log of it any more, which is not to say that nothing was done.
        assert found["action_log"] is None


# Filters


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        (lookup.investigate_info_module(), "investigate"),
        (lookup.submission_info_module(), "submissions"),
        (lookup.phishguard_report_info_module(), "phishguard/reports"),
    ],
    ids=["search", "submissions", "reports"],
)
def test_times_are_checked_before_anything_is_asked(account: Account, spec: Any, path: str) -> None:
    report = perform(account, spec, start="last week", end="2026-02-30")
    assert isinstance(report.error, InputError)
    assert len(report.error.problems) == 2
    assert "start must be" in report.msg
    assert "end must be" in report.msg
    backwards = perform(account, spec, start="1d", end="2d")
    assert isinstance(backwards.error, InputError)
    assert "must not be after end" in backwards.msg
    assert report.requests == backwards.requests == []
    right = perform(account, spec, start="2d", end="2d")
    right.ok()
    assert right.reads == [path]


@pytest.mark.parametrize("most", [0, -1])
def test_max_results_is_at_least_one(account: Account, most: int) -> None:
    report = perform(account, lookup.investigate_info_module(), max_results=most)
    assert isinstance(report.error, InputError)
    assert "max_results" in report.msg
    assert report.requests == []
