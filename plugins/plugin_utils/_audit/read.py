# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading reports that were written earlier."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError

from .report import VERSION

# In a folder, below which each report may have a folder of its own.
NAMES = "audit*.json"


def report_files(variable: str, names: Iterable[str]) -> list[Path]:
    """The files that paths mean. A folder means the reports in it and below it, by name.

    :raises InputError: one is not there.
    """
    files: dict[Path, None] = {}
    problems = []
    for name in names:
        path = Path(name).expanduser()
        if path.is_dir():
            files.update(dict.fromkeys(sorted(path.rglob(NAMES))))
        elif path.is_file():
            files[path] = None
        else:
            problems.append(f"{variable}: there is no {name}; name a report (audit.json), or a folder of them")
    if problems:
        raise InputError(problems)
    return list(files)


def read_reports(variable: str, files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The reports in files, one at a time.

    :raises InputError: a file cannot be read, or is no report of this version.
    """
    for file in files:
        try:
            report = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError([f"{variable}: {file} cannot be read: {error.strerror}"]) from None
        except ValueError as error:
            raise InputError([f"{variable}: {file} is no JSON: {error}"]) from None
        parts = ("generated_at", "summary", "rules", "accounts")
        if not isinstance(report, dict) or any(part not in report for part in parts):
            raise InputError([f"{variable}: {file} is no report of an audit"])
        if report.get("version") != VERSION:
            raise InputError([f"{variable}: {file} has version {report.get('version')}; version {VERSION} can be read"])
        yield report
