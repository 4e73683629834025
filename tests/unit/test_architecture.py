# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The architecture that CONTRIBUTING.md shows: imports point down, files and functions stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
# From the bottom to the top. Packages of one row know nothing of each other.
LAYERS = (
    ("module_utils._text", "module_utils._errors", "module_utils._times", "module_utils._signals"),
    ("module_utils._resources",),
    ("module_utils._api", "module_utils._policy"),
    ("module_utils._options",),
    ("module_utils._spec", "module_utils._censor"),
    ("module_utils._messages",),
    ("module_utils._evidence",),
    ("module_utils._settings",),
    ("module_utils._module",),
    ("plugin_utils._controller", "plugin_utils._risk", "plugin_utils._policy", "plugin_utils._events"),
    ("plugin_utils._audit", "plugin_utils._export", "plugin_utils._respond"),
    ("plugin_utils._plan", "plugin_utils._validate"),
)
HEIGHT = {package: height for height, row in enumerate(LAYERS) for package in row}
LONGEST_FILE, LONGEST_FUNCTION = 400, 60


def _files() -> list[Path]:
    # Modules are generated, and most of each is documentation.
    return [file for file in sorted(PLUGINS.rglob("*.py")) if file.parent.name != "modules"]


def _package(parts: tuple[str, ...]) -> str:
    return ".".join(parts[:2])


def _imports(file: Path) -> Iterator[str]:
    """The packages of the collection that a file imports from."""
    inside = file.relative_to(PLUGINS).with_suffix("").parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        module = tuple((node.module or "").split(".")) if node.module else ()
        if node.level:
            module = (*inside[: len(inside) - node.level], *module)
        elif module[:4] == ("ansible_collections", "cloudflare", "email_security", "plugins"):
            module = module[4:]
        else:
            continue
        for name in [alias.name for alias in node.names] if len(module) == 1 else [""]:
            yield _package((*module, name) if name else module)


@pytest.mark.parametrize(
    "file",
    [file for file in _files() if file.parts[len(PLUGINS.parts)] in ("module_utils", "plugin_utils")],
    ids=lambda file: str(file.relative_to(PLUGINS)),
)
def test_imports_point_down(file: Path) -> None:
    own = _package(file.relative_to(PLUGINS).with_suffix("").parts)
    upward = {package for package in _imports(file) if package != own and HEIGHT[package] >= HEIGHT[own]}
    assert not upward


def test_files_and_functions_are_small() -> None:
    long = []
    for file in _files():
        text = file.read_text(encoding="utf-8")
        if text.count("\n") > LONGEST_FILE:
            long.append(str(file))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{file}: {node.name}")
    assert not long
