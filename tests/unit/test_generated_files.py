# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``tools/generate --check`` names what is stale, and the command that mends it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = ("docs/schemas", "extensions/eda", "meta", "plugins", "roles", "tools")

pytestmark = pytest.mark.skipif(not (CHECKOUT / "tools").exists(), reason="ansible-test copies no tools")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in SOURCES:
        shutil.copytree(CHECKOUT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def _generate(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(checkout / "tools/generate"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_is_stale_is_named_and_mended(checkout: Path) -> None:
    module, runtime = checkout / "plugins/modules/block_sender.py", checkout / "meta/runtime.yml"
    before = {file: file.read_text(encoding="utf-8") for file in (module, runtime)}
    module.write_text(before[module].replace("Manage a blocked", "Handle a blocked"), encoding="utf-8")
    runtime.write_text(before[runtime].replace("    - block_sender\n", ""), encoding="utf-8")
    left_over = checkout / "plugins/modules/gone.py"
    left_over.write_text(before[module], encoding="utf-8")
    check = _generate(checkout, "--check")
    assert check.returncode == 1
    assert len(check.stderr.splitlines()) == 3
    for file in (module, runtime, left_over):
        assert f"{file.relative_to(checkout)} is stale: run .venv/bin/python tools/generate" in check.stderr
    assert _generate(checkout).returncode == 0
    assert {file: file.read_text(encoding="utf-8") for file in before} == before
    assert not left_over.exists()


def test_a_field_without_words_is_refused(checkout: Path) -> None:
    words = checkout / "plugins/module_utils/_resources/trusted_domains.yml"
    text = words.read_text(encoding="utf-8")
    assert "  is_recent:\n" in text
    words.write_text(text.replace("  is_recent:\n", "  is_recently:\n"), encoding="utf-8")
    refused = _generate(checkout)
    assert refused.returncode == 1
    for problem in ("trusted_domains.yml, fields", "is_recent is not described", "is_recently is described"):
        assert problem in refused.stderr
