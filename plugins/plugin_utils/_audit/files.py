# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three files of a report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._controller.files import write_text
from .junit import junit
from .page import page


def write_report(folder: Path, report: Mapping[str, Any], *, only_new: bool = False) -> None:
    """Write the report for programs, for CI and for people. Files of an earlier audit are replaced.

    :param only_new: whether in CI nothing fails but what an earlier report does not have.

    :raises EmailSecurityError: one cannot be written.
    """
    texts = {
        "audit.json": json.dumps(report, indent=1, ensure_ascii=False),
        "audit.junit.xml": junit(report, only_new=only_new),
        "audit.html": page(report),
    }
    for name, text in texts.items():
        write_text(folder / name, text, 0o640)
