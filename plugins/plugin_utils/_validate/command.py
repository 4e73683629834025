# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command of the pre-commit hook: the playbook ``validate`` for files, or for the accounts of an inventory."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

PLAYBOOK = "cloudflare.email_security.validate"
# Findings are the only output that matters.
_QUIET = {"ANSIBLE_DISPLAY_OK_HOSTS": "false", "ANSIBLE_LOCALHOST_WARNING": "false"}


def command_line(arguments: Sequence[str]) -> list[str]:
    """The arguments of ``ansible-playbook``."""
    parser = argparse.ArgumentParser(
        prog="email-security-validate", description="Check policies of Cloudflare Email Security without any account."
    )
    parser.add_argument("-i", "--inventory", help="check the whole policies of its accounts, whatever files are named")
    parser.add_argument("-e", "--extra-vars", action="append", default=[], help="variables, as of ansible-playbook")
    parser.add_argument("files", nargs="*", help="policy files")
    given = parser.parse_args(arguments)
    variables = [word for one in given.extra_vars for word in ("--extra-vars", one)]
    if given.inventory:
        return [PLAYBOOK, "--inventory", given.inventory, *variables]
    if not given.files:
        parser.error("name policy files, or an inventory")
    files = json.dumps({"email_security_policy_files": given.files})
    return [PLAYBOOK, "--inventory", "localhost,", *variables, "--extra-vars", files]


def main() -> None:
    """Become ``ansible-playbook``, preferably the one next to this Python."""
    playbook = Path(sys.executable).with_name("ansible-playbook")
    program = str(playbook) if playbook.exists() else "ansible-playbook"
    os.environ.update({name: value for name, value in _QUIET.items() if name not in os.environ})
    os.execvp(program, [program, *command_line(sys.argv[1:])])  # noqa: S606 - no shell is needed
