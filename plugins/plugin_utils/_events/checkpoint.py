# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an event source stands, in a file, so that a restart goes on from there."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError
from ansible_collections.cloudflare.email_security.plugins.module_utils._times import parse_time

VERSION = 1


class CheckpointError(EmailSecurityError):
    """The file cannot be used. Going on without it would miss or repeat events, so that is left to a person."""


@dataclass
class Checkpoint:
    """Where an event source stands.

    :param since: what is older is no event; where the first start began.
    :param newest: the time of the newest item that was read.
    :param seen: ids of the items that were emitted, with their times (or "" for one without). Older ones than those
        that are still asked for are forgotten.
    """

    source: str
    account_id: str
    since: datetime
    newest: datetime
    seen: dict[str, str] = field(default_factory=dict)


class CheckpointFile:
    """A file that holds one checkpoint: a line of JSON with where it stands, then a line for each id that was seen."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def held(self) -> Iterator[CheckpointFile]:
        """Nobody else has the file as long as this lasts.

        :raises CheckpointError: somebody else has it, or it cannot be written.
        """
        lock = self.path.with_name(f"{self.path.name}.lock")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._error(f"cannot be written: {error.strerror}") from None
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise self._error("is in use by another event source; each needs a file of its own") from None
            yield self
        finally:
            os.close(descriptor)

    def load(self, source: str, account_id: str) -> Checkpoint | None:
        """The checkpoint, or None when there is no file.

        :raises CheckpointError: it cannot be read, or is that of another source or account.
        """
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._error(f"cannot be read: {error.strerror}") from None
        # Only the last line can be cut off, by a crash while it was added: an event that counts as not emitted.
        head, *lines = text.decode(errors="replace").split("\n")[:-1] or [""]
        try:
            found = json.loads(head)
            version = found["version"]
            checkpoint = Checkpoint(
                found["source"],
                found["account_id"],
                parse_time(found["since"], end_of_day=False),
                parse_time(found["newest"], end_of_day=False),
                dict(_line(line) for line in lines),
            )
        except (ValueError, LookupError, TypeError, AttributeError):
            raise self._error(
                "is damaged. Put a good copy of it in its place, or remove it to begin anew from the option start"
            ) from None
        if version != VERSION:
            raise self._error(f"is of version {version!r}, and this collection reads version {VERSION}")
        for name, expected, has in (
            ("source", source, checkpoint.source),
            ("account", account_id, checkpoint.account_id),
        ):
            if has != expected:
                raise self._error(f"belongs to the {name} {has}, and not to {expected}. Name another file")
        return checkpoint

    def save(self, checkpoint: Checkpoint) -> None:
        """Replace the file, whole or not at all, even when the machine fails.

        :raises CheckpointError: it cannot be written.
        """
        document: dict[str, Any] = {
            "version": VERSION,
            "source": checkpoint.source,
            "account_id": checkpoint.account_id,
            "since": checkpoint.since.isoformat(),
            "newest": checkpoint.newest.isoformat(),
        }
        lines = [json.dumps(each) for each in (document, *checkpoint.seen.items())]
        new = self.path.with_name(f"{self.path.name}.new")
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
                file.flush()
                os.fsync(descriptor)
            new.replace(self.path)
            _flush_folder(self.path.parent)
        except OSError as error:
            raise self._error(f"cannot be written: {error.strerror}") from None

    def add(self, name: str, time: str) -> None:
        """Note one more id. It costs the same however many there are.

        :raises CheckpointError: it cannot be written.
        """
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{json.dumps((name, time))}\n")
                file.flush()
                os.fsync(descriptor)
        except OSError as error:
            raise self._error(f"cannot be written: {error.strerror}") from None

    def _error(self, what: str) -> CheckpointError:
        return CheckpointError(f"The checkpoint {self.path} {what}.")


def _line(line: str) -> tuple[str, str]:
    name, time = json.loads(line)
    if not isinstance(name, str) or not isinstance(time, str):
        raise TypeError
    if time:
        parse_time(time, end_of_day=False)
    return name, time


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
