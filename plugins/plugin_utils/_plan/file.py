# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on a run of `apply`, written anew whenever an account has ended.

Accounts are processed in parallel, in any order, and some may never end. So each leaves its outcome
in Ansible's folder for the run, and the report is made from these: it is correct at any time, and says which
accounts were not reached.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .._audit.text import to_json
from .markdown import SIZE, SMALLEST_SIZE, markdown
from .report import plan_report

SUFFIXES = (".md", ".json")


class ReportFile:
    """One report.

    :param file: the file to write; its suffix selects the format.
    :param scratch: a folder that all processes of the run share, and no other run.
    :raises ValueError: the name has another suffix, or the size is too small.
    """

    def __init__(self, file: Path, scratch: Path, size: int | None = None) -> None:
        if file.suffix.lower() not in SUFFIXES:
            raise ValueError(f"the name of the report must end in {' or '.join(SUFFIXES)}, not {file.name!r}")
        if size is not None and size < SMALLEST_SIZE:
            raise ValueError(f"the size of the report must be at least {SMALLEST_SIZE}, not {size}")
        self._file = file
        self._size = size or SIZE
        self._folder = scratch / f"email-security-{_digest(str(file.resolve()))}"

    def add(
        self,
        task: str,
        name: str,
        account: Mapping[str, Any],
        names: Sequence[str],
        generated_at: str,
        *,
        check_mode: bool,
    ) -> None:
        """Add the outcome of an account to the report.

        :param task: distinguishes what one run does to an account twice.
        :param account: as :func:`account_report` returns it.
        :param names: all accounts that the run is about.
        :raises OSError: it cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with _locked(self._folder / "lock"):
            self._keep(f"account-{_digest(repr([name, task]))}", [name, account])
            self._keep(f"names-{_digest(repr(sorted(names)))}", list(names))
            accounts = [(str(name), found) for name, found in self._stored("account-")]
            every = [one for several in self._stored("names-") for one in several]
            report = plan_report(accounts, every, generated_at, check_mode=check_mode)
            self._write(report)

    def _write(self, report: Mapping[str, Any]) -> None:
        as_json = self._file.suffix.lower() == ".json"
        text = json.dumps(report, indent=1, ensure_ascii=False) + "\n" if as_json else markdown(report, self._size)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # Whoever reads it meanwhile gets the one or the other.
        part = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        part.replace(self._file)

    def _keep(self, name: str, value: Any) -> None:
        (self._folder / f"{name}.json").write_text(json.dumps(to_json(value)), encoding="utf-8")

    def _stored(self, prefix: str) -> Iterator[Any]:
        for file in sorted(self._folder.glob(f"{prefix}*.json")):
            yield json.loads(file.read_text(encoding="utf-8"))


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
