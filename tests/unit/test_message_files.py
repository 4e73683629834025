# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Saving messages: where each file goes, what is in it, and who may read it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError, InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import save as message_files
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.save import safe_name

from modules.in_process import Report, perform, put_mail
from simulator.handle import Account

RAW = message_files.message_raw_module()
_TAG = hashlib.sha256(b"a:b").hexdigest()[:12]

HOSTILE = (
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "...",
    ".bashrc",
    "-rf",
    "--help",
    "a/b",
    "a\\b",
    "a:b",
    f"a_b-{_TAG}",
    "a b",
    "a\nb",
    "a\x00b",
    "\x1b[31m",
    "$(reboot)",
    "{{ 7 * 7 }}",
    "*",
    "~root",
    "x" * 5000,
    "x" * 5001,
    "ä",
    "a\u202egpj",
    "\ud800",
    "😀" * 100,
)


def save(account: Account, dest: Path | str, ids: list[str], **more: Any) -> Report:
    return perform(account, RAW, investigate_ids=ids, dest=str(dest), **more)


def files_below(folder: Path) -> dict[str, bytes]:
    """All files, hidden and left over ones too."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if not file.is_dir()}


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o7777


# Names


@pytest.mark.parametrize("message_id", HOSTILE, ids=lambda text: ascii(text)[:24])
def test_a_name_is_safe_whatever_the_id(message_id: str) -> None:
    name = safe_name(message_id)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    # Neither hidden, nor an option to a command, nor too long for a file system with a suffix.
    assert name[0] not in ".-"
    assert 0 < len(name) <= 200
    assert name == safe_name(message_id)


def test_no_two_ids_have_the_same_name() -> None:
    names = {each: safe_name(each) for each in HOSTILE}
    assert len(set(names.values())) == len(names)


def test_a_plain_id_is_its_own_name() -> None:
    assert safe_name("4Njp3P0STMz2c02Q") == "4Njp3P0STMz2c02Q"


def test_hostile_ids_stay_in_their_folder(account: Account, tmp_path: Path) -> None:
    # What cannot be asked for: dots alone would lead up, and surrogates have no place in a URL.
    ids = [each for each in HOSTILE if each.strip(".") and len(each) < 5000 and each != "\ud800"]
    account.put_messages(*[{"id": each, "eml": each} for each in ids])
    folder = tmp_path / "deep" / "evidence"
    report = save(account, folder, ids)
    assert {each["investigate_id"] for each in report.ok()["files"]} == set(ids)
    assert len(files_below(tmp_path)) == len(ids)
    for file in report.result["files"]:
        path = Path(file["path"])
        assert path.parent == folder
        assert path.read_bytes().decode() == file["investigate_id"]
    assert not save(account, folder, ids).ok()["changed"]


# Places


def test_one_message_goes_to_the_file_that_is_named(account: Account, tmp_path: Path) -> None:
    ids = put_mail(account)
    dest = tmp_path / "new folder" / "mail.eml"
    assert [each["path"] for each in save(account, dest, ids).ok()["files"]] == [str(dest)]
    assert list(files_below(tmp_path)) == ["new folder/mail.eml"]


@pytest.mark.parametrize("case", ["a folder", "ends in a slash", "several"])
def test_a_folder_gets_a_file_for_each(account: Account, tmp_path: Path, case: str) -> None:
    ids = put_mail(account, 3 if case == "several" else 1)
    folder = tmp_path / "evidence"
    if case == "a folder":
        folder.mkdir()
    report = save(account, f"{folder}/" if case == "ends in a slash" else folder, ids)
    assert [each["path"] for each in report.ok()["files"]] == [str(folder / f"{safe_name(each)}.eml") for each in ids]
    assert sorted(files_below(folder)) == sorted(f"{safe_name(each)}.eml" for each in ids)


def test_several_messages_do_not_go_to_a_file(account: Account, tmp_path: Path) -> None:
    dest = tmp_path / "mail.eml"
    dest.write_text("kept")
    for ids, named in ((["a", "b"], dest), (["a"], f"{dest}/")):
        report = save(account, named, ids)
        assert isinstance(report.error, InputError)
        assert str(dest) in report.msg
        assert report.requests == []
    assert files_below(tmp_path) == {"mail.eml": b"kept"}


def test_a_link_is_replaced_and_not_followed(account: Account, tmp_path: Path) -> None:
    ids = put_mail(account)
    victim = tmp_path / "victim"
    victim.write_text("kept")
    dest = tmp_path / "mail.eml"
    dest.symlink_to(victim)
    assert save(account, dest, ids).ok()["changed"]
    assert (dest.is_symlink(), victim.read_text()) == (False, "kept")
    # Nor a link to nowhere.
    dest.unlink()
    dest.symlink_to(tmp_path / "nowhere")
    assert save(account, dest, ids).ok()["changed"]
    assert sorted(files_below(tmp_path)) == ["mail.eml", "victim"]


@pytest.mark.parametrize("case", ["a file is in the way", "too long", "a folder is there"])
def test_what_cannot_be_written_is_reported_in_a_sentence(account: Account, tmp_path: Path, case: str) -> None:
    ids = put_mail(account)
    (tmp_path / "file").write_text("kept")
    dest: Path | str = {
        "a file is in the way": tmp_path / "file" / "below" / "mail.eml",
        "too long": tmp_path / ("x" * 300),
        "a folder is there": tmp_path / "folder",
    }[case]
    if case == "a folder is there":
        (tmp_path / "folder" / f"{safe_name(ids[0])}.eml").mkdir(parents=True)
    report = save(account, dest, ids)
    assert isinstance(report.error, EmailSecurityError)
    assert str(tmp_path) in report.msg
    assert files_below(tmp_path) == {"file": b"kept"}


def test_what_was_written_before_a_failure_is_reported(account: Account, tmp_path: Path) -> None:
    first, second = put_mail(account, 2)
    (tmp_path / f"{safe_name(second)}.eml").mkdir()
    report = save(account, tmp_path, [first, second])
    assert second[:16] in report.msg
    assert [(each["investigate_id"], each["changed"]) for each in report.result["files"]] == [(first, True)]
    assert report.result["changed"] is True
    assert list(files_below(tmp_path)) == [f"{safe_name(first)}.eml"]


# Content and permissions

ODD = {
    "NUL": "a\x00b\x00",
    "Jinja": "{{ 7 * 7 }} {% raw %} {# gone #} {{ lookup('pipe', 'id') }}",
    "line ends": "a\r\nb\nc\rd\r\n",
    "ANSI": "\x1b[31mred\x1b[0m\x07",
    "beyond": "ä € 😀 \u202e \ufeff \ufffe",
    "empty": "",
    "large": "x" * 3_000_000,
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD.keys())
def test_it_is_written_byte_for_byte(account: Account, tmp_path: Path, content: str) -> None:
    ids = put_mail(account, eml=content)
    (file,) = save(account, tmp_path / "mail.eml", ids).ok()["files"]
    written = (tmp_path / "mail.eml").read_bytes()
    assert written == content.encode()
    assert (file["size"], file["sha256"]) == (len(written), hashlib.sha256(written).hexdigest())
    assert not save(account, tmp_path / "mail.eml", ids).ok()["changed"]


def test_lone_surrogates_are_written_as_they_are(account: Account, tmp_path: Path) -> None:
    ids = put_mail(account, eml="[PLACE]")
    account.faults({"kind": "rewritten", "times": None, "arguments": {"old": "PLACE", "new": "\\ud800 \\udc80"}})
    save(account, tmp_path / "mail.eml", ids).ok()
    assert (tmp_path / "mail.eml").read_bytes() == b"[\xed\xa0\x80 \xed\xb2\x80]"


@pytest.mark.parametrize("check", [True, False], ids=["check", "real"])
def test_only_what_differs_is_written(account: Account, tmp_path: Path, check: bool) -> None:
    same, other, new = (message["id"] for message in account.put_messages({"eml": "1"}, {"eml": "2"}, {"eml": "3"}))
    (tmp_path / f"{safe_name(other)}.eml").write_text("older")
    save(account, tmp_path, [same]).ok()
    before = files_below(tmp_path)
    number = (tmp_path / f"{safe_name(same)}.eml").stat().st_ino
    report = save(account, tmp_path, [same, other, new], check=check)
    assert [each["changed"] for each in report.ok()["files"]] == [False, True, True]
    assert report.result["changed"] is True
    assert [each["sha256"] for each in report.result["files"]] == [
        hashlib.sha256(text).hexdigest() for text in (b"1", b"2", b"3")
    ]
    assert sorted(files_below(tmp_path).values()) == (sorted(before.values()) if check else [b"1", b"2", b"3"])
    assert (tmp_path / f"{safe_name(same)}.eml").stat().st_ino == number


def test_check_mode_makes_no_folder(account: Account, tmp_path: Path) -> None:
    assert save(account, tmp_path / "a" / "b.eml", put_mail(account), check=True).ok()["changed"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("mode", "expected"), [(None, 0o600), ("0600", 0o600), ("640", 0o640), ("0o444", 0o444), (0o644, 0o644), ("0", 0)]
)
def test_who_may_read_it(account: Account, tmp_path: Path, mode: Any, expected: int) -> None:
    ids = put_mail(account)
    dest = tmp_path / "mail.eml"
    more = {} if mode is None else {"mode": mode}
    mask = os.umask(0o077)
    try:
        save(account, dest, ids, **more).ok()
    finally:
        os.umask(mask)
    assert mode_of(dest) == expected
    dest.chmod(0o666)
    assert save(account, dest, ids, check=True, **more).ok()["changed"]
    assert mode_of(dest) == 0o666
    assert save(account, dest, ids, **more).ok()["changed"]
    assert mode_of(dest) == expected
    assert not save(account, dest, ids, **more).ok()["changed"]


@pytest.mark.parametrize("mode", ["u=rw", "0999", "rw-------", "", "-1", "1777", 600, True, None, 6.0])
def test_permissions_that_cannot_be_meant(account: Account, tmp_path: Path, mode: Any) -> None:
    report = save(account, tmp_path, ["a"], mode=mode)
    assert isinstance(report.error, InputError)
    assert "mode must be" in report.msg
    assert report.requests == []


def test_a_file_is_never_seen_half_written(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = put_mail(account, eml="new")
    dest = tmp_path / "mail.eml"
    dest.write_text("old")
    seen: list[tuple[str, int]] = []
    replace = os.replace

    def watched(source: str, target: Path) -> None:
        seen.append((dest.read_text(), mode_of(Path(source))))
        replace(source, target)

    monkeypatch.setattr(message_files.os, "replace", watched)
    save(account, dest, ids, mode="0640").ok()
    assert seen == [("old", 0o640)]
    assert dest.read_text() == "new"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_is_left_of_a_file_that_was_not_finished(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    ids = put_mail(account)
    (tmp_path / "mail.eml").write_text("old")

    def fail(*arguments: Any) -> None:
        raise error

    monkeypatch.setattr(message_files.os, "replace", fail)
    if isinstance(error, OSError):
        assert "No space left on device" in save(account, tmp_path / "mail.eml", ids).msg
    else:
        with pytest.raises(KeyboardInterrupt):
            save(account, tmp_path / "mail.eml", ids)
    assert files_below(tmp_path) == {"mail.eml": b"old"}
