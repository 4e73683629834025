# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moving messages: what is due, in how many requests, and what is reported of each."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.messages import MessageOperations
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError, RefusedError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import act as message_actions

from modules.in_process import NEWEST, Report, both_dates, folders_of, log_of, perform, put_mail
from simulator.handle import Account

MOVE = message_actions.message_move_module()
PATH = "investigate/move"
A, B = "a@example.com", "b@example.com"
JUNK = {"destination": "JunkEmail"}


def move(account: Account, ids: list[str], **more: Any) -> Report:
    return perform(account, MOVE, investigate_ids=ids, **{**JUNK, **more})


def moved_to(folder: str, minute: int, **more: Any) -> dict[str, Any]:
    """An entry of an action log."""
    return {
        "operation": "MOVE",
        "completed_at": f"2026-06-01T00:{minute:02}:00Z",
        "properties": {"folder": folder},
        **more,
    }


def test_1200_messages_are_two_writes_and_a_look_each(account: Account) -> None:
    account.put_messages(generate={"count": 1200})
    ids = [message["id"] for message in account.messages()]
    report = move(account, ids)
    sent = [body["ids"] for _path, body in report.writes]
    assert [len(each) for each in sent] == [1000, 200]
    assert [each for body in sent for each in body] == ids
    assert len(report.reads) == 1200
    # Those in quarantine are in no mailbox, so there was nothing to move.
    due = {each for each, folders in folders_of(account).items() if folders == {"JunkEmail"}}
    assert set(report.result["moved"]) == due
    assert len(due) > 900
    assert isinstance(report.error, EmailSecurityError)


@pytest.mark.parametrize(
    ("log", "due"),
    [
        ([], True),
        ([moved_to("JunkEmail", 1)], False),
        ([moved_to("junkemail", 1)], False),
        ([moved_to("JunkEmail", 1), moved_to("Inbox", 2)], True),
        ([moved_to("Inbox", 1), moved_to("JunkEmail", 2)], False),
        # The latest is identified by its time, not by its place in the log.
        ([moved_to("JunkEmail", 2), moved_to("Inbox", 1)], False),
        ([moved_to("JunkEmail", 1, success=False, status="FAILED")], True),
        ([moved_to("JunkEmail", 1), moved_to("Inbox", 2, success=False, status="FAILED")], False),
        ([moved_to("JunkEmail", 1), moved_to("Inbox", 2, success=None, status="error: no mailbox")], False),
        ([moved_to("JunkEmail", 1, success=None, status=None)], False),
        ([moved_to("JunkEmail", 1, success=None, status="pending")], True),
        ([moved_to("JunkEmail", 1), {"operation": "PREVIEW", "completed_at": "2026-06-01T00:09:00Z"}], False),
        ([moved_to("JunkEmail", 1, properties=None)], True),
        ([moved_to("JunkEmail", 1, properties={"folder": None})], True),
    ],
)
@both_dates
def test_the_latest_move_that_worked_decides(account: Account, log: list[dict[str, Any]], due: bool) -> None:
    (known,) = put_mail(account, action_log=log, mailboxes={A: "Inbox"})
    report = move(account, [known])
    assert report.ok()["moved"] == ([known] if due else [])
    assert report.result["unchanged"] == ([] if due else [known])
    assert report.result["changed"] is due
    assert [path for path, _body in report.writes] == ([PATH] if due else [])


def begun(folder: str, minute: int, **more: Any) -> dict[str, Any]:
    """The same, of which only the beginning is known."""
    entry = moved_to(folder, minute, **more)
    return {**entry, "started_at": entry["completed_at"], "completed_at": None}


@pytest.mark.parametrize("order", ["oldest", "newest", "mixed"])
def test_a_long_log_is_read_whole_and_in_any_order(account: Account, order: str) -> None:
    """The latest of 31 moves led to the folder, and a page has 20 entries where nothing else is asked for."""
    log = [moved_to("Inbox", minute) for minute in range(30)]
    (known,) = put_mail(account, action_log=[*log, begun("JunkEmail", 30)], mailboxes={A: "JunkEmail"})
    account.options(action_log_order=order)
    report = move(account, [known])
    assert report.ok()["unchanged"] == [known]
    assert report.writes == []
    assert [one["query"] for one in report.requests] == [{"page": "1", "per_page": "1000"}]


@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_pages_of_a_log_are_followed(account: Account, order: str) -> None:
    log = [{"operation": "PREVIEW", "completed_at": None}] * 1500
    (known,) = put_mail(account, action_log=[*log, moved_to("JunkEmail", 1)], mailboxes={A: "JunkEmail"})
    account.options(action_log_order=order)
    assert move(account, [known]).ok()["unchanged"] == [known]


@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_of_moves_in_the_same_second_the_order_of_the_log_decides(account: Account, order: str) -> None:
    log = [moved_to("JunkEmail", 1), moved_to("JunkEmail", 2), moved_to("Inbox", 2)]
    (known,) = put_mail(account, action_log=log, mailboxes={A: "Inbox"})
    account.options(action_log_order=order)
    assert move(account, [known]).ok()["moved"] == [known]


@pytest.mark.parametrize("account", [NEWEST], indirect=True)
def test_a_move_never_says_what_it_expects(account: Account) -> None:
    (known,) = put_mail(account)
    assert move(account, [known]).writes == [(PATH, {"ids": [known], **JUNK})]


@both_dates
def test_moved_there_and_away_again_is_due_again(account: Account) -> None:
    (known,) = put_mail(account)
    for folder in ("JunkEmail", "Inbox", "JunkEmail"):
        assert move(account, [known], destination=folder).ok()["moved"] == [known]
    assert not move(account, [known]).ok()["changed"]
    assert log_of(account)[known] == [("MOVE", True)] * 3


@pytest.mark.parametrize("naming", ["id", "message_id", None])
def test_what_is_reported_of_each_message_and_recipient(account: Account, naming: str | None) -> None:
    ids = put_mail(account, 2, client_recipients=[A, B])
    account.options(move_message_id=naming)
    outcomes = move(account, ids).ok()["outcomes"]
    assert [(each["recipient"], each["success"], each["status"]) for each in outcomes] == [
        (A, True, "OK"),
        (B, True, "OK"),
    ] * 2
    named = [ids[0], ids[0], ids[1], ids[1]] if naming == "id" else [None] * 4
    assert [each["investigate_id"] for each in outcomes] == named
    assert not any({"completed_timestamp", "item_count"} & set(each) for each in outcomes)
    assert all(each["completed_at"] for each in outcomes)


@pytest.mark.parametrize("naming", ["id", "message_id", None])
def test_a_single_message_is_always_named(account: Account, naming: str | None) -> None:
    ids = put_mail(account, 1, client_recipients=[A, B])
    account.options(move_message_id=naming)
    assert [each["investigate_id"] for each in move(account, ids).ok()["outcomes"]] == ids * 2


@pytest.mark.parametrize("naming", ["id", "message_id", None])
def test_failing_mailboxes_fail_the_task_after_all_are_done(account: Account, naming: str | None) -> None:
    first, second, third = (
        message["id"]
        for message in account.put_messages(
            {"client_recipients": [A]}, {"client_recipients": [A, B]}, {"client_recipients": [A]}
        )
    )
    account.options(failing_mailboxes=[B], move_message_id=naming)
    report = move(account, [first, second, third])
    assert isinstance(report.error, EmailSecurityError)
    assert "mailbox not available" in report.msg
    assert B in report.msg
    assert "None" not in report.msg
    result = report.result
    assert (result["changed"], sorted(result["moved"])) == (True, sorted([first, third]))
    assert [(each["recipient"], each["success"]) for each in result["outcomes"]] == [
        (A, True),
        (A, True),
        (B, False),
        (A, True),
    ]
    # As soon as it can be moved, only that one is.
    account.options(failing_mailboxes=[])
    again = move(account, [first, second, third])
    assert again.ok()["moved"] == [second]
    assert again.writes == [(PATH, {"ids": [second], **JUNK})]


def test_a_failure_of_one_request_does_not_keep_the_next_from_being_sent(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_actions, "MOVE_SIZE", 2)
    ids = put_mail(account, 3, client_recipients=[A])
    account.options(failing_mailboxes=[A])
    report = move(account, ids)
    assert [body["ids"] for _path, body in report.writes] == [ids[:2], ids[2:]]
    assert "3 outcomes" in report.msg
    assert report.result["moved"] == []
    assert report.result["changed"] is False


def test_quarantined_mail_cannot_be_moved(account: Account) -> None:
    (known,) = put_mail(account, is_quarantined=True)
    report = move(account, [known])
    assert "not in this mailbox" in report.msg
    assert (report.result["moved"], report.result["changed"]) == ([], False)


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_missing_messages_fail_the_task_and_the_others_are_moved(account: Account, check: bool) -> None:
    first, second = put_mail(account, 2)
    report = perform(account, MOVE, check=check, investigate_ids=["nobody", first, "no-one", second], **JUNK)
    assert isinstance(report.error, EmailSecurityError)
    assert "2 messages were not found: nobody, no-one" in report.msg
    assert report.result["moved"] == [first, second]
    assert report.result["missing"] == ["nobody", "no-one"]
    assert report.writes == ([] if check else [(PATH, {"ids": [first, second], **JUNK})])


def test_force_moves_without_looking(account: Account) -> None:
    (known,) = put_mail(account, action_log=[moved_to("JunkEmail", 1)], mailboxes={A: "Inbox"})
    assert move(account, [known]).ok()["unchanged"] == [known]
    check = perform(account, MOVE, check=True, investigate_ids=[known], force=True, **JUNK)
    assert (check.ok()["moved"], check.requests) == ([known], [])
    report = move(account, [known], force=True)
    assert report.ok()["moved"] == [known]
    assert report.reads == []
    assert folders_of(account)[known] == {"JunkEmail"}


def test_force_tells_of_missing_messages(account: Account) -> None:
    (known,) = put_mail(account)
    report = move(account, [known, "nobody"], force=True)
    assert "message not found" in report.msg
    assert report.result["moved"] == [known]


def test_a_forced_move_that_was_not_done_is_not_reported_as_done(account: Account) -> None:
    """The log says that it was moved there once. Since then somebody put it back, which no log says."""
    (known,) = put_mail(account, action_log=[moved_to("JunkEmail", 1)], mailboxes={A: "Inbox"})
    account.faults({"kind": "cut_before", "method": "POST"})
    report = move(account, [known], force=True)
    reported = report.result.get("moved", [])
    assert folders_of(account)[known] == ({"JunkEmail"} if reported else {"Inbox"})
    assert bool(reported) is (report.error is None)


def test_a_message_that_went_away_meanwhile_is_not_reported_as_moved(account: Account) -> None:
    gone, other = put_mail(account, 2)
    account.faults(
        {"kind": "cut_before", "method": "POST"},
        # At the second look.
        {"kind": "delete_before", "method": "GET", "after": 2, "arguments": {"id": gone}},
    )
    report = move(account, [gone, other])
    assert report.result["moved"] == [other]
    assert report.result["missing"] == [gone]
    assert not [each for each in report.result["outcomes"] if each["investigate_id"] == gone and each["success"]]
    assert gone in report.msg


def test_a_message_that_the_answer_leaves_out_is_not_taken_for_moved(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = put_mail(account, 3)
    send = MessageOperations.move
    # Of three messages, the server moves two and answers for one.
    monkeypatch.setattr(MessageOperations, "move", lambda self, ids, folder: send(self, ids[:2], folder)[:1])
    report = move(account, [first, second, third])
    assert report.result["moved"] == [first, second]
    assert third in report.msg
    assert [each["investigate_id"] for each in report.result["outcomes"] if not each["success"]] == [third]


def test_without_an_integration_the_apis_reason_is_reported(account: Account) -> None:
    ids = put_mail(account, 2)
    account.options(integration=False)
    report = move(account, ids)
    assert isinstance(report.error, RefusedError)
    assert "active integration" in report.msg
    assert ids[0] in report.msg
    assert report.result["moved"] == []
    assert report.result["changed"] is False
    assert len(report.writes) == 1


def test_nothing_to_do_is_no_request(account: Account) -> None:
    report = move(account, [])
    assert report.ok() == {"changed": False, "moved": [], "unchanged": [], "missing": [], "outcomes": []}
    assert report.requests == []


def test_the_same_id_twice_is_moved_once(account: Account) -> None:
    (known,) = put_mail(account)
    report = move(account, [known, f" {known}", known])
    assert report.writes == [(PATH, {"ids": [known], **JUNK})]
    assert report.result["moved"] == [known]
