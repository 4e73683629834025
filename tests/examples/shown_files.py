# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the files that a document shows into a folder, for programs that check them."""

from __future__ import annotations

import sys
from pathlib import Path

from examples.snippets import snippets


def write_files(document: str, folder: Path) -> None:
    """
    :param document: path of the Markdown file, from the top of the checkout.
    """
    for snippet in snippets(document):
        if snippet.file:
            file = folder / snippet.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(snippet.text, encoding="utf-8")


if __name__ == "__main__":
    write_files(sys.argv[1], Path(sys.argv[2]))
