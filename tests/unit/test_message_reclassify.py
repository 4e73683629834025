# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reclassifying messages: what is asked for already, what is asked for again, and what is sent along."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.envelope import Answer
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.messages import MessageOperations
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    AccessError,
    EmailSecurityError,
    InputError,
    RefusedError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import act as message_actions
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import reclassify as reclassifying

from modules.in_process import OLDEST, Report, both_dates, log_of, perform, put_mail
from simulator.handle import Account

RECLASSIFY = message_actions.message_reclassify_module()
CLEAN = {"final_disposition": "NONE"}
BAD = {"expected_disposition": "MALICIOUS"}


def reclassify(account: Account, ids: list[str], **more: Any) -> Report:
    return perform(account, RECLASSIFY, investigate_ids=ids, **{**BAD, **more})


def is_old(account: Account) -> bool:
    return bool(account.options()["api"] == OLDEST)


def details(account: Account, message_id: str) -> dict[str, Any]:
    return next(message for message in account.messages() if message["id"] == message_id)


def missed(account: Account, message_id: str, **more: Any) -> dict[str, Any]:
    """What a submission says of a message that was no detection."""
    message = details(account, message_id)
    return {
        **BAD,
        "message_id": message["message_id"],
        "postfix_id": message["postfix_id"],
        "recipient_emails": message["client_recipients"],
        **more,
    }


def requests_for(account: Account, ids: list[str], **more: Any) -> list[tuple[str, Any]]:
    """The writes that reclassify clean messages: one for all, or after a refusal of that, one for each."""
    submission = (
        "submissions",
        {"type": "missed_detection", "messages": [missed(account, each, **more) for each in ids]},
    )
    if not is_old(account):
        return [submission]
    return [submission, *((f"investigate/{each}/reclassify", {**BAD, **more}) for each in ids)]


def put(account: Account, **submission: Any) -> str:
    """A clean message, and a submission about it; returns the message's id."""
    (message,) = account.put_messages(CLEAN)
    about = {"original_postfix_id": message["postfix_id"], "requested_disposition": "MALICIOUS", "submission_id": "s1"}
    account.put_submissions({**about, **submission})
    message_id: str = message["id"]
    return message_id


@both_dates
def test_one_request_for_all_or_one_for_each(account: Account) -> None:
    ids = put_mail(account, 3, **CLEAN)
    report = reclassify(account, ids)
    assert report.ok()["reclassified"] == ids
    assert report.writes == requests_for(account, ids)
    assert report.result["outcomes"] == [
        {"investigate_id": each, "success": True, "status": "requested"} for each in ids
    ]
    # The submissions are read once for all.
    assert report.reads.count("submissions") == 1
    assert len(report.reads) == 4


@pytest.mark.parametrize("status", [404, 405])
def test_that_submissions_are_not_offered_is_learnt_once(
    account: Account, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reclassifying, "SUBMIT_SIZE", 1)
    account.options(submissions_create=status if status == 405 else False, reclassify=True)
    ids = put_mail(account, 3, **CLEAN)
    report = reclassify(account, ids)
    assert report.ok()["reclassified"] == ids
    assert [path for path, _body in report.writes] == [
        "submissions",
        *(f"investigate/{each}/reclassify" for each in ids),
    ]


def test_250_messages_are_three_requests(account: Account) -> None:
    ids = put_mail(account, 250, **CLEAN)
    report = reclassify(account, ids)
    assert report.ok()["reclassified"] == ids
    assert [len(body["messages"]) for _path, body in report.writes] == [100, 100, 50]
    assert not reclassify(account, ids).ok()["changed"]


def test_detections_are_reported_by_their_alert_and_others_by_what_the_mail_says(account: Account) -> None:
    detected, clean, second = (
        message["id"] for message in account.put_messages({"final_disposition": "SPAM"}, CLEAN, {"alert_id": "a2"})
    )
    report = reclassify(account, [detected, clean, second], expected_disposition="BULK")
    bulk = {"expected_disposition": "BULK"}
    assert report.writes == [
        (
            "submissions",
            {
                "type": "reclassification",
                "messages": [{**bulk, "alert_id": details(account, detected)["alert_id"]}, {**bulk, "alert_id": "a2"}],
            },
        ),
        ("submissions", {"type": "missed_detection", "messages": [missed(account, clean, **bulk)]}),
    ]
    assert report.ok()["reclassified"] == [detected, clean, second]
    assert reclassify(account, [detected, clean, second], expected_disposition="BULK").ok()["reclassified"] == []


@pytest.mark.parametrize("naming", ["submission", "message"])
@pytest.mark.parametrize("fields", [CLEAN, {"final_disposition": "SPAM"}], ids=["clean", "detected"])
def test_what_is_refused_inside_an_answer_fails_alone(account: Account, naming: str, fields: dict[str, Any]) -> None:
    ids = put_mail(account, 3, **fields)
    second = details(account, ids[1])
    account.options(submission_result_id=naming, refused_submissions=[second["alert_id"] or second["message_id"]])
    report = reclassify(account, ids)
    assert report.error is not None
    assert f"2 messages reclassified; 1 outcomes are failures; the first is {ids[1]}: not accepted" in report.msg
    assert (report.result["reclassified"], report.result["changed"]) == ([ids[0], ids[2]], True)
    assert {each["investigate_id"]: each["success"] for each in report.result["outcomes"]} == {
        ids[0]: True,
        ids[1]: False,
        ids[2]: True,
    }
    assert len(report.writes) == 1
    again = reclassify(account, ids)
    assert again.result["unchanged"] == [ids[0], ids[2]]
    assert [len(body["messages"]) for _path, body in again.writes] == [1]


def test_results_in_another_order_are_distinguished_by_their_ids(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = put_mail(account, 3, **CLEAN)
    account.options(submission_result_id="message", refused_submissions=[details(account, ids[2])["message_id"]])
    submit = MessageOperations.submit
    monkeypatch.setattr(MessageOperations, "submit", lambda *arguments: submit(*arguments)[::-1])
    report = reclassify(account, ids)
    assert report.result["reclassified"] == ids[:2]
    assert [each["investigate_id"] for each in report.result["outcomes"] if not each["success"]] == ids[2:]


@pytest.mark.parametrize(
    "results", [None, {}, [], [{"id": "x", "accepted": True}], [{"accepted": True}, None, 7]], ids=repr
)
def test_an_answer_that_does_not_say_is_looked_behind(
    account: Account, results: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three messages two are submitted, and the answer holds no word of it, or fewer than it should."""
    ids = put_mail(account, 3, **CLEAN)
    send = Http.send

    def garbled(self: Http, method: str, path: str, body: Any = None) -> Answer:
        answer = send(self, method, path, {**body, "messages": body["messages"][:2]})
        return replace(answer, result=None if results is None else {"results": results})

    monkeypatch.setattr(Http, "send", garbled)
    report = reclassify(account, ids)
    reported = [each["investigate_id"] for each in report.result["outcomes"] if not each["success"]]
    # A success that names no message is believed of all; without one, a look tells.
    assert report.result["reclassified"] == (ids if results and report.error is None else ids[:2])
    assert reported == [each for each in ids if each not in report.result["reclassified"]]


def test_a_message_that_lacks_what_a_submission_needs(account: Account) -> None:
    """The older call needs nothing but its id. Where that is gone, this message fails, and the others are done."""
    lacking, other = (message["id"] for message in account.put_messages({**CLEAN, "message_id": None}, CLEAN))
    report = reclassify(account, [lacking, other])
    assert "it has no message_id, which a submission needs" in report.msg
    assert report.result["reclassified"] == [other]
    account.options(reclassify=True)
    assert reclassify(account, [lacking, other]).ok()["reclassified"] == [lacking]


@both_dates
def test_what_has_the_disposition_already_is_unchanged(account: Account) -> None:
    (known,) = put_mail(account, final_disposition="MALICIOUS")
    report = reclassify(account, [known])
    assert report.ok()["unchanged"] == [known]
    assert report.writes == []


@both_dates
def test_an_open_request_is_not_made_again(account: Account) -> None:
    ids = put_mail(account, 2, **CLEAN)
    assert reclassify(account, ids[:1]).ok()["changed"]
    report = reclassify(account, ids)
    assert (report.ok()["unchanged"], report.result["reclassified"]) == (ids[:1], ids[1:])
    assert list(log_of(account).values()) == [[("SUBMISSION", True)]] * 2


def test_an_open_request_for_something_else_is_another_request(account: Account) -> None:
    known = put(account, requested_disposition="SPAM")
    assert reclassify(account, [known]).ok()["reclassified"] == [known]


@both_dates
def test_a_declined_request_is_made_again(account: Account) -> None:
    (known,) = put_mail(account, **CLEAN)
    reclassify(account, [known]).ok()
    account.review(outcome="NONE")
    assert reclassify(account, [known]).ok()["reclassified"] == [known]
    assert not reclassify(account, [known]).ok()["changed"]
    account.review()
    # Accepted: the message has the disposition now.
    assert not reclassify(account, [known]).ok()["changed"]
    assert len(account.submissions()) == 2


@pytest.mark.parametrize(
    ("submission", "open_"),
    [
        ({}, True),
        ({"status": "in review"}, True),
        ({"status": "unreviewed"}, True),
        ({"status": "pending"}, True),
        ({"status": "reviewed"}, False),
        ({"outcome": "rejected", "status": "reviewed"}, False),
        ({"outcome_disposition": "NONE"}, False),
        ({"requested_at": "2020-01-01T00:00:00Z"}, False),
        ({"original_postfix_id": "another"}, False),
        ({"original_postfix_id": None}, False),
    ],
)
def test_which_submissions_are_open_requests(account: Account, submission: dict[str, Any], open_: bool) -> None:
    known = put(account, **submission)
    assert reclassify(account, [known]).ok()["changed"] is not open_


@pytest.mark.parametrize("account", [OLDEST], indirect=True)
def test_submissions_that_name_no_message_are_about_none(account: Account) -> None:
    (known,) = put_mail(account, postfix_id=None, **CLEAN)
    account.put_submissions({"original_postfix_id": None, "requested_disposition": "MALICIOUS"})
    assert reclassify(account, [known]).ok()["reclassified"] == [known]


def test_an_open_request_on_a_later_page_is_found(account: Account) -> None:
    (message,) = account.put_messages(CLEAN)
    mine = {"original_postfix_id": message["postfix_id"], "requested_at": "2026-01-01T00:00:00Z"}
    account.put_submissions(*[{"submission_id": f"s{number}"} for number in range(1200)])
    newest = account.submissions()[0]["requested_at"]
    account.put_submissions(
        *[{"submission_id": f"s{number}", "requested_at": newest} for number in range(1200)],
        {**mine, "requested_at": newest[:11] + "00:00:00Z"},
    )
    assert reclassify(account, [message["id"]]).ok()["unchanged"] == [message["id"]]


@both_dates
@pytest.mark.parametrize("asked", ["MALICIOUS", "SPAM"])
def test_escalating_a_users_report_is_not_that_report(account: Account, asked: str) -> None:
    """The report is open, and may ask for the same; escalating it is what is asked, once."""
    known = put(account, type="User", submission_id="u1", requested_disposition=asked)
    report = reclassify(account, [known], escalated_submission_id="u1")
    assert report.ok()["reclassified"] == [known]
    assert report.writes == requests_for(account, [known], escalated_submission_id="u1")
    by_id = {each["submission_id"]: each for each in account.submissions()}
    # The user's submission carries the id of the team's.
    assert by_id["u1"]["customer_status"] == "escalated"
    assert by_id["u1"]["escalated_submission_id"] in by_id
    for _run in range(2):
        assert reclassify(account, [known], escalated_submission_id="u1").writes == []
    assert len(account.submissions()) == 2


def test_an_escalation_for_something_else_or_that_was_declined_is_made_again(account: Account) -> None:
    known = put(account, type="User", submission_id="u1")
    escalate = {"escalated_submission_id": "u1"}
    assert reclassify(account, [known], **escalate).ok()["changed"]
    assert reclassify(account, [known], expected_disposition="SPAM", **escalate).ok()["changed"]
    assert not reclassify(account, [known], expected_disposition="SPAM", **escalate).ok()["changed"]
    account.review(outcome="NONE")
    assert reclassify(account, [known], expected_disposition="SPAM", **escalate).ok()["changed"]


def test_a_users_report_that_is_not_listed_is_reported(account: Account) -> None:
    (known,) = put_mail(account, **CLEAN)
    report = reclassify(account, [known], escalated_submission_id="long ago")
    assert report.ok()["changed"]
    assert [text for text in report.engine.client.warnings if "long ago is not among those" in text]


def test_an_escalation_belongs_to_one_message(account: Account) -> None:
    report = reclassify(account, put_mail(account, 2, **CLEAN), escalated_submission_id="u1")
    assert isinstance(report.error, InputError)
    assert "escalated_submission_id belongs to one message" in report.msg
    assert report.requests == []


@both_dates
@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_an_eml_file_is_sent_in_base64(account: Account, tmp_path: Path, check: bool) -> None:
    content = b"From: a@example.com\r\n\r\n\x00\xff\xfe {{ 7 * 7 }} \xed\xa0\x80\r\n"
    eml = tmp_path / "mail.eml"
    eml.write_bytes(content)
    (known,) = put_mail(account, **CLEAN)
    report = perform(account, RECLASSIFY, check=check, investigate_ids=[known], eml=str(eml), **BAD)
    assert report.ok()["reclassified"] == [known]
    if check:
        assert report.writes == []
        return
    _path, body = report.writes[-1]
    item = body if is_old(account) else body["messages"][0]
    assert base64.b64decode(item["eml_content"], validate=True) == content
    # The content is in no result.
    assert "eml_content" not in repr(report.result)


def test_that_an_eml_file_is_of_no_use_is_reported(account: Account, tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_text("x")
    (known,) = put_mail(account, final_disposition="SPAM")
    report = reclassify(account, [known], eml=str(tmp_path / "mail.eml"))
    assert report.ok()["reclassified"] == [known]
    assert "eml_content" not in repr(report.writes)
    assert [text for text in report.engine.client.warnings if "eml was not sent" in text]


@pytest.mark.parametrize("case", ["several ids", "no such file", "a folder"])
def test_an_eml_file_that_cannot_be_meant(account: Account, tmp_path: Path, case: str) -> None:
    ids = put_mail(account, 2, **CLEAN)
    eml = tmp_path / "mail.eml"
    if case == "several ids":
        eml.write_text("x")
    elif case == "a folder":
        eml.mkdir()
    report = reclassify(account, ids if case == "several ids" else ids[:1], eml=str(eml))
    assert isinstance(report.error, InputError)
    assert "eml" in report.msg
    assert report.requests == []


def test_the_same_id_twice_may_have_an_eml_file(account: Account, tmp_path: Path) -> None:
    (known,) = put_mail(account, **CLEAN)
    (tmp_path / "mail.eml").write_text("x")
    report = reclassify(account, [known, known], eml=str(tmp_path / "mail.eml"))
    assert report.ok()["reclassified"] == [known]


@pytest.mark.parametrize("account", [OLDEST], indirect=True)
def test_a_refusal_of_one_leaves_the_others_their_turn(account: Account) -> None:
    ids = put_mail(account, 3, **CLEAN)
    account.faults(
        {
            "kind": "status_before",
            "path": "reclassify$",
            "after": 1,
            "arguments": {"status": 400, "message": "too old"},
        }
    )
    report = reclassify(account, ids)
    assert report.error is not None
    assert "2 messages reclassified; 1 outcomes are failures" in report.msg
    assert "too old" in report.msg
    assert ids[1] in report.msg
    assert (report.result["reclassified"], report.result["changed"]) == ([ids[0], ids[2]], True)
    again = reclassify(account, ids)
    assert (again.ok()["unchanged"], again.result["reclassified"]) == ([ids[0], ids[2]], [ids[1]])


def test_a_refusal_of_the_only_one_is_reported_as_it_came(account: Account) -> None:
    ids = put_mail(account, 1, **CLEAN)
    account.faults({"kind": "status_before", "method": "POST", "arguments": {"status": 400, "message": "too old"}})
    report = reclassify(account, ids)
    assert isinstance(report.error, RefusedError)
    assert "too old" in report.msg
    assert ids[0] in report.msg


def test_what_holds_for_all_ends_the_run(account: Account) -> None:
    ids = put_mail(account, 3, **CLEAN)
    account.faults({"kind": "status_before", "method": "POST", "times": None, "arguments": {"status": 403}})
    report = reclassify(account, ids)
    assert isinstance(report.error, AccessError)
    assert len(report.writes) == 1


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_missing_messages(account: Account, check: bool) -> None:
    (known,) = put_mail(account, **CLEAN)
    report = perform(account, RECLASSIFY, check=check, investigate_ids=["nobody", known], **BAD)
    assert isinstance(report.error, EmailSecurityError)
    assert "nobody" in report.msg
    assert (report.result["reclassified"], report.result["missing"]) == ([known], ["nobody"])


@pytest.mark.parametrize("account", [OLDEST], indirect=True)
def test_deleted_by_somebody_else_right_before(account: Account) -> None:
    first, second = put_mail(account, 2, **CLEAN)
    account.faults({"kind": "delete_before", "path": "reclassify$"})
    report = reclassify(account, [first, second])
    assert report.error is not None
    assert first in report.msg
    assert (report.result["missing"], report.result["reclassified"]) == ([first], [second])
    again = reclassify(account, [first, second])
    assert again.result["missing"] == [first]
    assert log_of(account) == {second: [("SUBMISSION", True)]}
