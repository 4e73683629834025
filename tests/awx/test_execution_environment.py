# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment, as ansible-builder reads it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from awx.jobs import CHECKOUT, clean_environment, tool

BUILDER = "ansible-builder"


def test_a_build_context_can_be_made(tmp_path: Path) -> None:
    context = tmp_path / "context"
    definition = CHECKOUT / "execution-environment.yml"
    command = [tool(BUILDER), "create", "--file", str(definition), "--context", str(context)]
    subprocess.run([*command, "--output-filename", "Containerfile"], env=clean_environment(), cwd=tmp_path, check=True)
    image = yaml.safe_load(definition.read_text())["images"]["base_image"]["name"]
    assert image in (context / "Containerfile").read_text()
    expected = yaml.safe_load((context / "_build" / "requirements.yml").read_text())
    assert expected == {"collections": [{"name": "cloudflare.email_security"}]}


def test_the_collection_brings_its_own_needs(tmp_path: Path) -> None:
    """What ansible-builder finds in an installed collection: all that requirements.txt names, without a pin."""
    folder = tmp_path / "ansible_collections" / "cloudflare" / "email_security"
    folder.mkdir(parents=True)
    for name in ("galaxy.yml", "meta", "requirements.txt", "bindep.txt"):
        (folder / name).symlink_to(CHECKOUT / name)
    pip, system = tmp_path / "pip.txt", tmp_path / "system.txt"
    command = [tool(BUILDER), "introspect", str(tmp_path), "--write-pip", str(pip), "--write-bindep", str(system)]
    subprocess.run(command, env=clean_environment(), cwd=tmp_path, check=True)
    lines = (CHECKOUT / "requirements.txt").read_text().splitlines()
    needs = {line for line in lines if line and not line.startswith("#")}
    assert {line.split("#")[0].strip() for line in pip.read_text().splitlines()} == needs
    assert "requests" in needs
    assert all(need.replace("-", "").replace("_", "").isalnum() for need in needs)
    assert not system.exists() or not system.read_text().strip()
