# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence on disk: a record of what was found before anything is done, and one of the outcome.

Folders are for their owner alone, and so are the files. No run overwrites what another wrote.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError


class Evidence:
    """The folder of a host, and the records of a run in it. Nothing is written before it is asked for.

    :param root: the folder that holds one for each host.
    """

    def __init__(self, root: str, host: str, searched_at: datetime) -> None:
        # A name with a slash, or one that begins with a dot, must not lead elsewhere.
        self.folder = Path(root).expanduser().resolve() / re.sub("^[.]|/", "_", host)
        stem = searched_at.strftime("%Y%m%dT%H%M%S.%fZ")
        self.matches = self.folder / f"{stem}-matches.json"
        self.outcomes = self.folder / f"{stem}-outcomes.json"

    def make_folder(self) -> None:
        """:raises EmailSecurityError: it cannot be made."""
        try:
            for folder in reversed([self.folder, *self.folder.parents]):
                if not folder.exists():
                    folder.mkdir(mode=0o700, exist_ok=True)
            if self.folder.stat().st_mode & 0o777 != 0o700:
                self.folder.chmod(0o700)
        except OSError as error:
            raise _not_written(self.folder, error) from None

    def check_folder(self) -> None:
        """:raises EmailSecurityError: it could not be made, as far as can be seen without making it."""
        try:
            there = next(folder for folder in [self.folder, *self.folder.parents] if folder.exists())
            if not there.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            if not os.access(there, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise _not_written(self.folder, error) from None

    def write(self, path: Path, record: Mapping[str, Any]) -> None:
        """:raises EmailSecurityError: it cannot be written; then nothing of it is left."""
        text = json.dumps(record, indent=2, separators=(",", ": ")) + "\n"
        try:
            path.touch(mode=0o600, exist_ok=False)
            try:
                path.write_text(text, encoding="ascii")
            except BaseException:
                path.unlink()
                raise
        except OSError as error:
            raise _not_written(path, error) from None


def _not_written(path: Path, error: OSError) -> EmailSecurityError:
    return EmailSecurityError(f"{path} cannot be written: {error.strerror or type(error).__name__}.")
