# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The snippets of the documentation: fenced blocks of Markdown files, EXAMPLES of plugins."""

from __future__ import annotations

import importlib
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.M | re.S)
_PLUGINS = "ansible_collections.cloudflare.email_security.plugins"
# Where documents are looked for, so that no generated folder is searched.
_FOLDERS = ("docs", "playbooks", "roles", "tests", "extensions", ".github")


@dataclass(frozen=True)
class Snippet:
    """A fenced block.

    :param document: path of the Markdown file, from the top of the checkout.
    :param language: what stands behind the fence; empty, if nothing does.
    """

    document: str
    line: int
    language: str
    text: str

    @property
    def title(self) -> str:
        """The first line, by which tables name the snippet."""
        return self.text.partition("\n")[0]

    @property
    def file(self) -> str | None:
        """The path in the comment that begins a YAML block, where it is the content of a file."""
        named = re.match(r"# (\S+\.ya?ml)\n", self.text)
        return named[1] if named and self.language == "yaml" else None

    @property
    def commands(self) -> str | None:
        """What a reader types, as a shell script; None for what is no command."""
        if self.language == "shell":
            return self.text
        if self.language == "console":
            return "".join(f"{line[2:]}\n" for line in self.text.splitlines() if line.startswith(("$ ", "> ")))
        return None

    def __str__(self) -> str:
        return f"{self.document}:{self.line} ({self.title})"


def documents() -> list[str]:
    """Paths of all Markdown files, from the top of the checkout."""
    found = [*CHECKOUT.glob("*.md"), *(file for folder in _FOLDERS for file in (CHECKOUT / folder).rglob("*.md"))]
    generated = ("tests/output/", "docs/build/")
    paths = sorted(file.relative_to(CHECKOUT).as_posix() for file in found if not file.is_symlink())
    return [path for path in paths if not path.startswith(generated)]


def snippets(document: str) -> Iterator[Snippet]:
    """The fenced blocks of a document, in their order."""
    text = (CHECKOUT / document).read_text(encoding="utf-8")
    for fence in _FENCE.finditer(text):
        yield Snippet(document, text.count("\n", 0, fence.start()) + 1, fence[2], textwrap.dedent(fence[3]))


def file_of(document: str, path: str) -> str:
    """The content of the file that a document shows under this name."""
    return next(one.text for one in snippets(document) if one.file == path)


def plugins(kind: str) -> list[str]:
    """Names of the plugins in a folder of ``plugins/``."""
    return sorted(file.stem for file in (CHECKOUT / "plugins" / kind).glob("*.py") if file.stem != "__init__")


def examples(kind: str, name: str) -> list[dict[str, Any]]:
    """The tasks in the EXAMPLES of a plugin."""
    tasks: list[dict[str, Any]] = yaml.safe_load(importlib.import_module(f"{_PLUGINS}.{kind}.{name}").EXAMPLES)
    return tasks
