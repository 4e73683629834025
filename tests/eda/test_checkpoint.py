# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checkpoint: written whole or not at all, never taken for what it is not."""

from __future__ import annotations

import json
import os
import stat
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._events.checkpoint import (
    Checkpoint,
    CheckpointError,
    CheckpointFile,
)

WHEN = datetime(2026, 11, 22, 18, 30, 5, 123456, timezone.utc)
SEEN = {"one": WHEN.isoformat(), "two": ""}


def checkpoint() -> Checkpoint:
    return Checkpoint("messages", "a1", WHEN, WHEN, dict(SEEN))


@pytest.fixture
def file(tmp_path: Path) -> CheckpointFile:
    made = CheckpointFile(tmp_path / "state" / "checkpoint.json")
    with made.held():
        made.save(checkpoint())
    return made


def test_what_was_saved_is_loaded(file: CheckpointFile) -> None:
    assert file.load("messages", "a1") == checkpoint()
    file.add("three", WHEN.isoformat())
    loaded = file.load("messages", "a1")
    assert loaded is not None
    assert loaded.seen == {**SEEN, "three": WHEN.isoformat()}
    assert file.path.read_text().count("\n") == 4


def test_nobody_else_can_read_it(file: CheckpointFile) -> None:
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


def test_without_a_file_there_is_none(tmp_path: Path) -> None:
    assert CheckpointFile(tmp_path / "none.json").load("messages", "a1") is None


def header(**changes: Any) -> str:
    document = {"version": 1, "source": "messages", "account_id": "a1", "since": WHEN.isoformat()}
    return json.dumps({**document, "newest": WHEN.isoformat(), **changes}) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "{",
        header()[:-1],
        header()[: len(header()) // 2],
        "[]\n",
        "null\n",
        "\x00" * 100,
        "\ufeff" + header(),
        header(newest="yesterday"),
        header(since=None),
        '{"version": 1}\n',
        header() + "x\n",
        header() + "\n",
        header() + '["one", "two", "three"]\n',
        header() + '["one", 5]\n',
        header() + '["one", "yesterday"]\n["two", ""]\n',
        header() + '["one", ""\n["two", ""]\n',
    ],
)
def test_a_damaged_file_is_an_error_and_left_alone(file: CheckpointFile, text: str) -> None:
    file.path.write_text(text)
    with pytest.raises(CheckpointError, match=r"checkpoint\.json is damaged\. Put a good copy"):
        file.load("messages", "a1")
    assert file.path.read_text() == text


def test_bytes_that_are_no_text(file: CheckpointFile) -> None:
    file.path.write_bytes(b"\xff\xfe\n")
    with pytest.raises(CheckpointError, match="is damaged"):
        file.load("messages", "a1")


def test_a_last_line_that_was_cut_off_counts_as_not_written(file: CheckpointFile) -> None:
    """As a crash leaves it: wherever the line ends, what stands before it holds."""
    whole = file.path.read_text()
    line = json.dumps(("three", WHEN.isoformat()))
    for length in range(1, len(line) + 1):
        file.path.write_text(whole + line[:length])
        assert file.load("messages", "a1") == checkpoint()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (header(version=2), "is of version 2, and this collection reads version 1"),
        (header(source="phishguard_reports"), "belongs to the source phishguard_reports, and not to messages"),
        (header(account_id="a2"), "belongs to the account a2, and not to a1"),
    ],
)
def test_the_file_of_another_is_refused(file: CheckpointFile, text: str, said: str) -> None:
    file.path.write_text(text)
    with pytest.raises(CheckpointError, match=said):
        file.load("messages", "a1")


def test_one_source_at_a_time(file: CheckpointFile) -> None:
    with file.held():
        with pytest.raises(CheckpointError, match="is in use by another event source"), file.held():
            pytest.fail("two had it")
        assert file.load("messages", "a1") == checkpoint()
    with file.held():
        pass


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_save_that_fails_leaves_the_old_file(
    file: CheckpointFile, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = file.path.read_bytes()
    changed = checkpoint()
    changed.seen.clear()

    def fail(*arguments: object) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), fail)
        with pytest.raises(CheckpointError, match="cannot be written: No space left on device"):
            file.save(changed)
    assert file.path.read_bytes() == before
    file.save(changed)
    assert file.load("messages", "a1") == changed


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = CheckpointFile(tmp_path / "file" / "checkpoint.json")
    with pytest.raises(CheckpointError, match="cannot be written: "), file.held():
        pytest.fail("it was held")
    with pytest.raises(CheckpointError, match="cannot be read: Not a directory"):
        file.load("messages", "a1")
    with pytest.raises(CheckpointError, match="cannot be written"):
        file.save(checkpoint())
    with pytest.raises(CheckpointError, match="cannot be written"):
        file.add("one", "")
