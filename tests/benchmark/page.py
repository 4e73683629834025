# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing what was measured into a page of the documentation, between its markers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def write(page: Path, name: str, lines: Iterable[str]) -> None:
    """Put lines between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``, each of which stands there once."""
    text = page.read_text(encoding="utf-8")
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"{page} must hold {begin} and, after it, {end}, once each")
    before, _between, after = text[: text.index(begin) + len(begin)], "", text[text.index(end) :]
    body = "\n".join(lines).strip("\n")
    page.write_text(f"{before}\n\n{body}\n\n{after}", encoding="utf-8")
