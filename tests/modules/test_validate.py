# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role and the playbook ``validate``, without any account."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from modules.test_apply_role import SAMPLE, playbook
from simulator.handle import Account

VALIDATE = "cloudflare.email_security.validate"


def _run(account: Account, cwd: Path, *arguments: str) -> tuple[str, int]:
    """Nobody says which account; the environment has no credential."""
    nothing = {"CLOUDFLARE_ACCOUNT_ID": "", "CLOUDFLARE_API_TOKEN": ""}
    run = playbook(VALIDATE, *arguments, account=account, cwd=cwd, **nothing)
    assert account.requests() == []
    return run.output, run.returncode


def test_the_sample_is_without_mistakes(account: Account, tmp_path: Path) -> None:
    sample = tmp_path / "sample"
    shutil.copytree(SAMPLE, sample)
    output, returncode = _run(account, sample, "-i", "inventory.yml", "-e", "email_security_validate_risks=high")
    assert returncode == 0, output
    assert "(7 files, 2 accounts checked)" in output


def test_mistakes_of_all_accounts_are_reported_once(account: Account, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "block_senders:\n- {pattern: x.example, coment: y}\n- {pattern: z.example, pattern_type: DOMAIN}\n"
    )
    own = {"email_security_block_senders": [{"pattern": "1.2.3.4/33", "pattern_type": "IP"}]}
    hosts = {"emea": {}, "us": own, "none": {"email_security_policy_files": []}}
    (tmp_path / "inventory.yml").write_text(
        json.dumps({"all": {"hosts": hosts, "vars": {"email_security_policy_files": ["a.yml"]}}})
    )
    output, returncode = _run(
        account, tmp_path, "-i", "inventory.yml", "-e", "email_security_validate_junit=out/junit.xml"
    )
    assert returncode == 2
    reported = [line for line in output.splitlines() if ": error: " in f": {line}"]
    assert [line.partition(";")[0] for line in reported] == [
        "a.yml:2:3: error: x.example: pattern_type is missing",
        "a.yml:2:24: error: x.example: unknown field 'coment'",
        "error: us: email_security_block_senders[0] (1.2.3.4/33 IP): pattern must be an IP address "
        "or a block of them in CIDR notation, and '1.2.3.4/33' is not",
        "error: none: there is no policy: email_security_policy_files names no file, "
        "and no list is given as a variable",
    ]
    assert "4 errors (1 file, 3 accounts checked)" in output
    assert 'failures="2"' in (tmp_path / "out/junit.xml").read_text()


def test_files_without_an_inventory(account: Account, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("block_senders:\n- {pattern: '*.x.example', pattern_type: DOMAIN}\n")
    files = ("-e", "email_security_policy_files=a.yml")
    output, returncode = _run(account, tmp_path, *files)
    assert returncode == 0, output
    assert "\na.yml:2:4: warning: *.x.example DOMAIN: pattern " in output
    assert "\n1 warning (1 file, 1 account checked)\n" in output
    assert _run(account, tmp_path, *files, "-e", "email_security_validate_strict=true")[1] == 2
