# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pictures of messages: asked for, made on request where mail was no detection, and really pictures."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.messages import PNG_SIGNATURE
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import NoAnswerError, RefusedError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import save as message_files

from modules.in_process import OLDEST, Report, both_dates, perform, put_mail
from simulator.handle import Account

PREVIEW = message_files.message_preview_module()
RAW = message_files.message_raw_module()
PATH = "investigate/preview"
CLEAN = {"final_disposition": "NONE"}


def save(account: Account, folder: Path, ids: list[str], **more: Any) -> Report:
    return perform(account, PREVIEW, investigate_ids=ids, dest=str(folder), **more)


def postfix_ids(account: Account) -> dict[str, str]:
    return {message["id"]: message["postfix_id"] for message in account.messages()}


def test_the_picture_of_a_detection_is_only_read(account: Account, tmp_path: Path) -> None:
    (known,) = put_mail(account)
    report = save(account, tmp_path / "a.png", [known])
    assert report.ok()["changed"]
    assert [(one["method"], one["status"]) for one in report.requests] == [("GET", 200)]
    assert (tmp_path / "a.png").read_bytes().startswith(PNG_SIGNATURE)
    assert not save(account, tmp_path / "a.png", [known]).ok()["changed"]


@both_dates
def test_that_of_clean_mail_is_made_on_request(account: Account, tmp_path: Path) -> None:
    (known,) = put_mail(account, **CLEAN)
    report = save(account, tmp_path / "a.png", [known])
    assert report.reads == [f"investigate/{known}/preview", f"investigate/{known}"]
    newer, older = (PATH, {"id": known}), (PATH, {"postfix_id": postfix_ids(account)[known]})
    assert report.writes == ([newer, older] if account.options()["api"] == OLDEST else [newer])
    assert (tmp_path / "a.png").read_bytes().startswith(PNG_SIGNATURE)


@pytest.mark.parametrize("status", [400, 404, 405, 409, 415, 422])
def test_the_older_form_is_sent_once_and_remembered(account: Account, tmp_path: Path, status: int) -> None:
    first, second = put_mail(account, 2, **CLEAN)
    account.options(preview_body="postfix_id", wrong_shape_status=status)
    report = save(account, tmp_path, [first, second])
    report.ok()
    assert report.writes == [
        (PATH, {"id": first}),
        (PATH, {"postfix_id": postfix_ids(account)[first]}),
        (PATH, {"postfix_id": postfix_ids(account)[second]}),
    ]
    assert len(list(tmp_path.iterdir())) == 2


@both_dates
def test_the_reason_is_reported_whichever_form_it_is_about(account: Account, tmp_path: Path) -> None:
    """A detection without a picture: the API says so of one form, and of the other only that it is another."""
    (known,) = put_mail(account)
    account.faults(
        {"kind": "status_before", "method": "GET", "path": "preview", "arguments": {"status": 404, "code": 1}}
    )
    report = save(account, tmp_path / "a.png", [known])
    assert isinstance(report.error, RefusedError)
    assert "is a detection" in report.msg
    assert list(tmp_path.iterdir()) == []


def test_check_mode_asks_for_no_picture_to_be_made(account: Account, tmp_path: Path) -> None:
    detected, clean = (message["id"] for message in account.put_messages({}, CLEAN))
    report = save(account, tmp_path, [detected, clean], check=True)
    assert report.ok()["changed"]
    assert report.writes == []
    assert [(each["changed"], each["sha256"] is None) for each in report.result["files"]] == [
        (True, False),
        (True, True),
    ]
    assert list(tmp_path.iterdir()) == []
    save(account, tmp_path, [detected, clean]).ok()
    assert not save(account, tmp_path, [detected, clean], check=True).ok()["changed"]
    assert not save(account, tmp_path, [detected, clean]).ok()["changed"]


@pytest.mark.parametrize("disposition", ["MALICIOUS", "NONE"])
def test_check_mode_sees_that_permissions_differ(account: Account, tmp_path: Path, disposition: str) -> None:
    (known,) = put_mail(account, final_disposition=disposition)
    save(account, tmp_path / "a.png", [known]).ok()
    check = save(account, tmp_path / "a.png", [known], check=True, mode="0640")
    assert check.ok()["changed"]
    assert save(account, tmp_path / "a.png", [known], mode="0640").ok()["changed"]


@pytest.mark.parametrize(
    "picture",
    [
        base64.b64encode(b"<html>not a picture</html>").decode(),
        base64.b64encode(b"GIF89a").decode(),
        base64.b64encode(PNG_SIGNATURE[:7]).decode(),
        "not base64!",
        "ä",
        "",
        "iVBORw0KGgo",
    ],
)
@pytest.mark.parametrize("fields", [{}, CLEAN], ids=["detection", "clean"])
def test_what_is_no_picture_is_not_written(
    account: Account, tmp_path: Path, picture: str, fields: dict[str, Any]
) -> None:
    (known,) = put_mail(account, preview=picture, **fields)
    (tmp_path / "a.png").write_text("kept")
    report = save(account, tmp_path / "a.png", [known])
    assert isinstance(report.error, NoAnswerError)
    assert "not a PNG" in report.msg
    assert [file.read_text() for file in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("fail_on_missing", [False, True])
@pytest.mark.parametrize("spec", [PREVIEW, RAW], ids=["preview", "raw"])
def test_missing_messages(account: Account, tmp_path: Path, spec: Any, fail_on_missing: bool) -> None:
    (known,) = put_mail(account)
    ids = ["nobody", known]
    report = perform(account, spec, investigate_ids=ids, dest=str(tmp_path), fail_on_missing=fail_on_missing)
    assert (report.error is not None) is fail_on_missing
    assert ("nobody" in report.msg) is fail_on_missing
    assert report.result["missing"] == ["nobody"]
    assert [each["investigate_id"] for each in report.result["files"]] == [known]
    assert len(list(tmp_path.iterdir())) == 1
    assert report.writes == []


@pytest.mark.parametrize("kind", ["cut_after", "html_200"])
def test_a_picture_whose_answer_was_lost_is_reported_and_had_by_running_again(
    account: Account, tmp_path: Path, kind: str
) -> None:
    first, second = put_mail(account, 2, **CLEAN)
    account.faults({"kind": kind, "method": "POST", "after": 1})
    report = save(account, tmp_path, [first, second])
    assert isinstance(report.error, NoAnswerError)
    assert [each["investigate_id"] for each in report.result["files"]] == [first]
    assert len(list(tmp_path.iterdir())) == 1
    again = save(account, tmp_path, [first, second])
    assert [each["changed"] for each in again.ok()["files"]] == [False, True]
