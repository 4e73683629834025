# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write what Ansible wants repeated from the one place where it is said, or check that nothing is stale.

Sources are the Python data in `plugins/module_utils` and the YAML files beside it; README.md names them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from collection import ROOT, SourceError
from event_sources import event_source_options
from modules import all_modules
from schemas import all_schemas
from sections import all_sections

COMMAND = ".venv/bin/python tools/generate"
MARK = "# Written by tools/generate"
_EVENT_SOURCES = {
    "options of the source messages": lambda: event_source_options("MESSAGES", "messages", "investigate_info"),
    "options of the source phishguard_reports": lambda: event_source_options(
        "PHISHGUARD_REPORTS", "reports", "phishguard_report_info"
    ),
}


def stale_files() -> dict[str, str | None]:
    """What is to be written, by path; None for a file that has no source any more."""
    texts = dict(all_modules())
    by_hand = (
        file.name for file in (ROOT / "plugins/modules").glob("*.py") if MARK not in file.read_text(encoding="utf-8")
    )
    modules = {Path(path).stem for path in [*texts, *by_hand]}
    texts.update(all_sections(sorted(modules), _EVENT_SOURCES))
    texts.update(all_schemas())
    found: dict[str, str | None] = {}
    for path, text in texts.items():
        file = ROOT / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            found[path] = text
    for file in sorted((ROOT / "plugins/modules").glob("*.py")):
        path = str(file.relative_to(ROOT))
        if path not in texts and MARK in file.read_text(encoding="utf-8"):
            found[path] = None
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, and fail when a file is stale")
    check: bool = parser.parse_args().check
    try:
        stale = stale_files()
    except SourceError as error:
        print(error, file=sys.stderr)
        return 1
    for path, text in stale.items():
        if check:
            print(f"{path} is stale: run {COMMAND}", file=sys.stderr)
        elif text is None:
            (ROOT / path).unlink()
            print(f"removed {path}")
        else:
            (ROOT / path).write_text(text, encoding="utf-8")
            print(f"wrote {path}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
