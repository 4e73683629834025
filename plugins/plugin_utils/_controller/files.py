# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that roles write on the controller. None is ever seen half written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError


def folder_of(name: str) -> Path:
    """A folder as a role's variable names it: relative to the working directory."""
    return Path(name).expanduser().resolve()


def make_folder(folder: Path, mode: int) -> bool:
    """Make a folder and what is missing above it. Returns whether anything had to be done.

    :raises EmailSecurityError: it cannot be made.
    """
    try:
        missing = [path for path in reversed([folder, *folder.parents]) if not path.exists()]
        for path in missing:
            path.mkdir(exist_ok=True)
            path.chmod(mode)
        if folder.stat().st_mode & 0o777 == mode:
            return bool(missing)
        folder.chmod(mode)
    except OSError as error:
        raise not_written(folder, error) from None
    return True


def read_text(file: Path) -> str | None:
    """What a file holds; None where there is none.

    :raises EmailSecurityError: it cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else None
    except OSError as error:
        raise EmailSecurityError(f"{file} cannot be read: {error.strerror}.") from None


def write_text(file: Path, text: str, mode: int) -> None:
    """Write a file, in the place of what was there.

    :raises EmailSecurityError: it cannot be written; then what was there still is.
    """
    target = file.resolve()  # A link stays one.
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
            Path(name).chmod(mode)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise not_written(file, error) from None


def not_written(path: Path, error: OSError) -> EmailSecurityError:
    """What to say about a path that cannot be written."""
    return EmailSecurityError(f"{path} cannot be written: {error.strerror}. Correct its permissions, or name another.")
