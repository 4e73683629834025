# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reclassifying messages: what is asked for already, what is asked for again, and what is sent along."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    AccessError,
    EmailSecurityError,
    InputError,
    RefusedError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import act as message_actions

from modules.in_process import Report, log_of, perform, put_mail
from simulator.handle import Account

RECLASSIFY = message_actions.message_reclassify_module()
CLEAN = {"final_disposition": "NONE"}
BAD = {"expected_disposition": "MALICIOUS"}


def reclassify(account: Account, ids: list[str], **more: Any) -> Report:
    return perform(account, RECLASSIFY, investigate_ids=ids, **{**BAD, **more})


def path(message_id: str) -> str:
    return f"investigate/{message_id}/reclassify"


def put(account: Account, **submission: Any) -> str:
    """A clean message, and a submission about it; returns the message's id."""
    (message,) = account.put_messages(CLEAN)
    about = {"original_postfix_id": message["postfix_id"], "requested_disposition": "MALICIOUS", "submission_id": "s1"}
    account.put_submissions({**about, **submission})
    message_id: str = message["id"]
    return message_id


def test_each_message_is_a_request_of_its_own(account: Account) -> None:
    ids = put_mail(account, 3, **CLEAN)
    report = reclassify(account, ids)
    assert report.ok()["reclassified"] == ids
    assert report.writes == [(path(each), BAD) for each in ids]
    assert report.result["outcomes"] == [
        {"investigate_id": each, "success": True, "status": "requested"} for each in ids
    ]
    # The submissions are read once for all.
    assert report.reads.count("submissions") == 1
    assert len(report.reads) == 4


def test_what_has_the_disposition_already_is_unchanged(account: Account) -> None:
    (known,) = put_mail(account, final_disposition="MALICIOUS")
    report = reclassify(account, [known])
    assert report.ok()["unchanged"] == [known]
    assert report.writes == []


def test_an_open_request_is_not_made_again(account: Account) -> None:
    ids = put_mail(account, 2, **CLEAN)
    assert reclassify(account, ids[:1]).ok()["changed"]
    report = reclassify(account, ids)
    assert (report.ok()["unchanged"], report.result["reclassified"]) == (ids[:1], ids[1:])
    assert list(log_of(account).values()) == [[("SUBMISSION", True)]] * 2


def test_an_open_request_for_something_else_is_another_request(account: Account) -> None:
    known = put(account, requested_disposition="SPAM")
    assert reclassify(account, [known]).ok()["reclassified"] == [known]


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


def test_escalating_a_users_report_is_not_that_report(account: Account) -> None:
    """The report is open and asks for the same; escalating it is what is wanted, once."""
    known = put(account, type="User", submission_id="u1")
    report = reclassify(account, [known], escalated_submission_id="u1")
    assert report.ok()["reclassified"] == [known]
    assert report.writes == [(path(known), {**BAD, "escalated_submission_id": "u1"})]
    assert {each["submission_id"]: each["customer_status"] for each in account.submissions()}["u1"] == "escalated"
    assert not reclassify(account, [known], escalated_submission_id="u1").ok()["changed"]
    assert len(account.submissions()) == 2


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
    ((_path, body),) = report.writes
    assert base64.b64decode(body["eml_content"], validate=True) == content
    assert set(body) == {"expected_disposition", "eml_content"}
    # The content is in no result.
    assert "eml_content" not in repr(report.result)


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


def test_a_refusal_of_one_leaves_the_others_their_turn(account: Account) -> None:
    ids = put_mail(account, 3, **CLEAN)
    account.faults(
        {"kind": "status_before", "method": "POST", "after": 1, "arguments": {"status": 400, "message": "too old"}}
    )
    report = reclassify(account, ids)
    assert report.error is not None
    assert "2 messages reclassified; 1 outcomes are failures" in report.msg
    assert "too old" in report.msg
    assert ids[1] in report.msg
    assert (report.result["reclassified"], report.result["changed"]) == ([ids[0], ids[2]], True)
    again = reclassify(account, ids)
    assert (again.ok()["unchanged"], again.result["reclassified"]) == ([ids[0], ids[2]], [ids[1]])


def test_a_refusal_of_the_only_one_is_told_as_it_came(account: Account) -> None:
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


def test_deleted_by_somebody_else_right_before(account: Account) -> None:
    first, second = put_mail(account, 2, **CLEAN)
    account.faults({"kind": "delete_before", "method": "POST"})
    report = reclassify(account, [first, second])
    assert report.error is not None
    assert first in report.msg
    assert (report.result["missing"], report.result["reclassified"]) == ([first], [second])
    again = reclassify(account, [first, second])
    assert again.result["missing"] == [first]
    assert log_of(account) == {second: [("SUBMISSION", True)]}
