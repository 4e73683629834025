# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs plays of a test's own, with the account and the hostile texts at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from simulator.handle import Account

COLLECTION = "cloudflare.email_security"


class _Unsafe(yaml.SafeDumper):
    """Marks what looks like a template as none, as a playbook that means it so does."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("!unsafe" if "{" in text else "tag:yaml.org,2002:str", text, style='"')


_Unsafe.add_representer(str, _text)


def load(file: Path, **variables: Any) -> dict[str, Any]:
    """Write variables to a file, none of them a template; returns the task that loads them."""
    file.write_text(yaml.dump(variables, Dumper=_Unsafe), encoding="utf-8")
    return {"name": "Load variables", "ansible.builtin.include_vars": {"file": str(file)}}


@dataclass(frozen=True)
class Printed:
    stdout: str
    stderr: str
    returncode: int

    @property
    def everything(self) -> str:
        return f"{self.stdout}\n{self.stderr}"


def ansible_playbook(
    folder: Path,
    *arguments: str,
    variables: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    host: str = "acme",
) -> Printed:
    """Run a playbook from a folder, on one host that has these variables."""
    common = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    inventory = {"all": {"hosts": {host: {**common, **variables}}}}
    (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "CLOUDFLARE_")) and not name.lower().endswith("_proxy")
    }
    own = {
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "home" / "tmp"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
    }
    finished = subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.json", *arguments],
        cwd=folder,
        env={**kept, **own, **(environment or {})},
        capture_output=True,
        # Hostile bytes must not fail the reading.
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
        timeout=600,
    )
    return Printed(finished.stdout, finished.stderr, finished.returncode)


def run_tasks(
    account: Account,
    folder: Path,
    tasks: Sequence[Mapping[str, Any]],
    *arguments: str,
    variables: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    **connection: Any,
) -> Printed:
    """Run tasks as a play against the account."""
    account_options = {"account_id": account.id, "api_token": account.token, "base_url": account.base_url, **connection}
    play = {
        "name": "Tasks",
        "hosts": "all",
        "gather_facts": False,
        "module_defaults": {f"group/{COLLECTION}.all": account_options},
        "tasks": list(tasks),
    }
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    return ansible_playbook(folder, *arguments, "play.yml", variables=variables or {}, environment=environment)
