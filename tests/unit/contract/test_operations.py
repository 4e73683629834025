# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/operations.md has each operation of the API once, with modules that are there or the reason why none is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from contract.overlay import NEWER

CHECKOUT = Path(__file__).resolve().parents[3]
_DOCUMENT = CHECKOUT / "docs/operations.md"
_METHODS = ("get", "post", "put", "patch", "delete")

pytestmark = pytest.mark.skipif(not _DOCUMENT.exists(), reason="ansible-test copies no documents")


def _rows() -> list[tuple[str, str]]:
    return re.findall(r"^\| `([A-Z]+ \S+)` \| (.+) \|$", _DOCUMENT.read_text(encoding="utf-8"), re.M)


def _operations() -> set[str]:
    """Those of the published description, and those that came later."""
    published = yaml.safe_load((NEWER.parent / "published.yml").read_text(encoding="utf-8"))
    found = {f"{method} {path}" for path, methods in published.items() for method in methods}
    newer = yaml.safe_load(NEWER.read_text(encoding="utf-8"))["paths"]
    return found | {f"{each.upper()} {path}" for path, item in newer.items() for each in item if each in _METHODS}


def test_every_operation_has_its_row() -> None:
    named = [operation for operation, _reached_by in _rows()]
    assert sorted(named) == sorted(_operations())


def test_what_reaches_it_is_there_or_a_reason() -> None:
    modules = {file.stem for file in (CHECKOUT / "plugins/modules").glob("*.py")}
    reached: set[str] = set()
    for operation, reached_by in _rows():
        if re.match(r"not (used|reached yet): \w", reached_by):
            continue
        named = set(re.findall(r"`(\w+)`", reached_by)) & modules
        assert reached_by.startswith("`"), operation
        assert re.match(r"`(\w+)`", reached_by)[1] in modules, operation  # type: ignore[index]
        reached |= named
    assert reached == modules, "a module reaches nothing that the table knows"
