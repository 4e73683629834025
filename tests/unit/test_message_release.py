# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releasing messages: only those in quarantine, in the shape that the API takes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.messages import MessageOperations
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError, RefusedError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import act as message_actions

from modules.in_process import OLDEST, Report, both_dates, log_of, perform, put_mail
from simulator.handle import Account

RELEASE = message_actions.message_release_module()
PATH = "investigate/release"
A, B = "a@example.com", "b@example.com"


def release(account: Account, ids: list[str]) -> Report:
    return perform(account, RELEASE, investigate_ids=ids)


def quarantined(account: Account, count: int = 1, **fields: Any) -> list[str]:
    return put_mail(account, count, is_quarantined=True, **fields)


def in_form(account: Account, ids: list[str]) -> list[tuple[str, Any]]:
    """The writes that release these messages: the newer form, and where the API refuses that, the older one."""
    newer: tuple[str, Any] = (PATH, {"ids": ids})
    return [newer, (PATH, ids)] if account.options()["api"] == OLDEST else [newer]


@both_dates
def test_only_quarantined_messages_are_released(account: Account) -> None:
    held, free = (message["id"] for message in account.put_messages({"is_quarantined": True}, {}))
    report = release(account, [free, held])
    assert report.ok()["released"] == [held]
    assert report.result["unchanged"] == [free]
    assert report.writes == in_form(account, [held])
    assert release(account, [free, held]).ok()["unchanged"] == [free, held]
    assert log_of(account) == {held: [("QUARANTINE_RELEASE", True)], free: []}


@pytest.mark.parametrize("value", [None, "true", 1])
def test_what_is_not_said_to_be_quarantined_is_left_alone(account: Account, value: Any) -> None:
    (known,) = put_mail(account, is_quarantined=value)
    report = release(account, [known])
    assert report.ok()["unchanged"] == [known]
    assert report.writes == []


@pytest.mark.parametrize("status", [400, 404, 405, 409, 415, 422])
def test_the_older_form_is_sent_once_and_remembered(
    account: Account, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_actions, "MOVE_SIZE", 2)
    ids = quarantined(account, 6)
    account.options(release_body="array", wrong_shape_status=status)
    report = release(account, ids)
    assert report.ok()["released"] == ids
    assert report.writes == [
        (PATH, {"ids": ids[:2]}),
        (PATH, ids[:2]),
        (PATH, ids[2:4]),
        (PATH, ids[4:]),
    ]
    assert [one["status"] for one in report.requests if one["method"] == "POST"] == [status, 200, 200, 200]
    assert set(map(len, log_of(account).values())) == {1}


@pytest.mark.parametrize("status", [401, 403, 429])
def test_other_refusals_are_not_about_the_form(account: Account, status: int) -> None:
    ids = quarantined(account)
    account.faults(
        {"kind": "status_before", "method": "POST", "times": None, "arguments": {"status": status, "code": 1}}
    )
    report = perform(account, RELEASE, connection={"retry_timeout": 0.0}, investigate_ids=ids)
    assert isinstance(report.error, EmailSecurityError)
    assert report.writes == [(PATH, {"ids": ids})]


@both_dates
def test_the_reason_is_reported_whichever_form_it_is_about(account: Account) -> None:
    """One of the two is refused for its form alone, and nothing says which: so both are reported."""
    ids = quarantined(account)
    account.faults(
        {
            "kind": "status_before",
            "method": "POST",
            "after": 1 if account.options()["api"] == OLDEST else 0,
            "arguments": {"status": 400, "message": "held by legal hold"},
        }
    )
    report = release(account, ids)
    assert isinstance(report.error, RefusedError)
    assert "held by legal hold" in report.msg
    assert "older form" in report.msg
    assert len(report.writes) == 2
    assert report.result["released"] == []


@both_dates
def test_recipients_who_got_it_and_who_did_not(account: Account) -> None:
    both, other = quarantined(account, 2, client_recipients=[A, B])
    account.options(failing_mailboxes=[B])
    report = release(account, [both, other])
    assert isinstance(report.error, EmailSecurityError)
    assert f"not delivered to {B}" in report.msg
    assert report.result["released"] == []
    assert report.result["outcomes"] == [
        {
            "investigate_id": each,
            "delivered": [A],
            "failed": [B],
            "undelivered": [],
            "success": False,
            "status": f"not delivered to {B}",
        }
        for each in (both, other)
    ]
    account.options(failing_mailboxes=[])
    assert release(account, [both, other]).ok()["outcomes"][0]["delivered"] == [B]


def test_released_by_somebody_else_right_before(account: Account) -> None:
    (known,) = quarantined(account, client_recipients=[A])
    account.faults({"kind": "done_before", "method": "POST"})
    report = release(account, [known])
    assert [each["undelivered"] for each in report.result["outcomes"]] == [[A]]
    # Nothing says that this run did it; running again is quiet.
    assert report.error is not None
    assert release(account, [known]).ok()["unchanged"] == [known]
    assert log_of(account)[known] == [("QUARANTINE_RELEASE", True)]


def test_deleted_by_somebody_else_right_before(account: Account) -> None:
    gone, other = quarantined(account, 2)
    account.faults({"kind": "delete_before", "method": "POST", "arguments": {"id": gone}})
    report = release(account, [gone, other])
    assert report.error is not None
    assert gone in report.msg
    again = release(account, [gone, other])
    assert again.result["missing"] == [gone]
    assert log_of(account) == {other: [("QUARANTINE_RELEASE", True)]}


def test_missing_messages_are_not_sent(account: Account) -> None:
    (known,) = quarantined(account)
    report = release(account, ["nobody", known])
    assert "nobody" in report.msg
    assert report.writes == [(PATH, {"ids": [known]})]
    assert (report.result["released"], report.result["missing"]) == ([known], ["nobody"])


def test_a_message_that_the_answer_leaves_out_is_not_taken_for_released(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = quarantined(account, 2)
    send = MessageOperations.release
    monkeypatch.setattr(MessageOperations, "release", lambda self, ids: send(self, ids[:1]))
    report = release(account, [first, second])
    assert report.result["released"] == [first]
    assert second in report.msg


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_the_looks_are_the_same_in_check_mode(account: Account, check: bool) -> None:
    ids = quarantined(account, 3)
    report = perform(account, RELEASE, check=check, investigate_ids=ids)
    assert report.ok()["released"] == ids
    assert sorted(report.reads) == sorted(f"investigate/{each}" for each in ids)
    assert [message["is_quarantined"] for message in account.messages()] == [check] * 3
