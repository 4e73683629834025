# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each typical mistake is refused once: in few lines, with its place, before anything is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from modules.mistakes import BUNDLE, CLOSED, EXPIRED, MISTAKES, Mistake
from modules.test_apply_role import APPLY, CHECKOUT, playbook
from simulator.handle import Account, Simulator
from unit.servers import Server, closed_port, make_certificate

_GUIDE = CHECKOUT / "docs" / "policy_as_code.md"
_ENTRIES = [{"pattern": f"old-{number}.example", "pattern_type": "DOMAIN", "is_regex": False} for number in range(2)]


def _block(mistake: Mistake, account: Account, folder: Path, places: dict[str, str]) -> dict[str, Any]:
    """Tasks that make the mistake, and go on after it."""
    (folder / account.id).mkdir()
    for name, content in mistake.files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / account.id / name).write_bytes(data)
    variables = {
        "email_security_account_id": account.id,
        "email_security_api_token": account.token,
        "email_security_base_url": account.base_url,
        "email_security_policy_files": [f"{account.id}/{name}" for name in mistake.files],
        **mistake.variables,
    }
    known = {name: places.get(str(value), value) for name, value in variables.items() if value is not None}
    role = {"name": APPLY, "rolespec_validate": False}
    return {
        "name": mistake.name,
        "vars": known,
        "block": [{"name": mistake.name, "ansible.builtin.include_role": role}],
        "rescue": [{"name": "Go on", "ansible.builtin.meta": "noop"}],
    }


def _failure(section: str) -> list[str]:
    """The lines that report a failure, from the first of them on."""
    lines = [line for line in section.splitlines() if line]
    first = next(number for number, line in enumerate(lines) if line.startswith(("[ERROR]", "fatal:")))
    last = next(number for number, line in enumerate(lines) if number > first and line.startswith(("TASK", "PLAY")))
    return lines[first:last]


def test_each_is_refused_once_in_few_lines_and_before_any_write(simulator: Simulator, tmp_path: Path) -> None:
    accounts = {mistake.name: simulator.account() for mistake in MISTAKES}
    accounts["more to purge than meant"].put({"block_senders": _ENTRIES})
    certificate = make_certificate(tmp_path / "expired.pem", "127.0.0.1", valid_days=-1)
    with Server(certificate) as expired:
        places = {EXPIRED: expired.url, BUNDLE: str(certificate), CLOSED: f"http://127.0.0.1:{closed_port()}"}
        tasks = [_block(mistake, accounts[mistake.name], tmp_path, places) for mistake in MISTAKES]
        play = {"name": "Mistakes", "hosts": "acme", "connection": "local", "gather_facts": False, "tasks": tasks}
        (tmp_path / "mistakes.yml").write_text(yaml.safe_dump([play], sort_keys=False))
        environ = dict.fromkeys(("CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_BASE_URL"), "")
        run = playbook(
            "mistakes.yml", "-i", "acme,", account=simulator.account(), cwd=tmp_path, COLUMNS="1000", **environ
        ).ok()
    names = "|".join(re.escape(mistake.name) for mistake in MISTAKES)
    sections = re.split(rf"^TASK \[({names})\] \*+$", run.output, flags=re.M)
    failures = dict(zip(sections[1::2], map(_failure, sections[2::2]), strict=True))
    assert list(failures) == [mistake.name for mistake in MISTAKES]
    wrong = [problem for mistake in MISTAKES for problem in _wrong(mistake, failures, accounts)]
    assert not wrong, "\n\n".join(wrong)


def _sure(reported: str) -> str:
    return reported.removesuffix("…").rstrip()


def _wrong(mistake: Mistake, failures: dict[str, list[str]], accounts: dict[str, Account]) -> list[str]:
    account, lines = accounts[mistake.name], failures[mistake.name]
    said = "\n".join(lines).replace(f"{account.id}/", "")
    sent = [one["method"] for one in account.requests()]
    # Twice: where people read, and as data. Lines of Ansible's tasks say nothing to anybody.
    wrong = [f"{said.count(text)} times: {text}" for text in map(_sure, mistake.reported) if said.count(text) != 2]
    if len(lines) != len(mistake.reported) + 1:
        wrong.append(f"{len(lines)} lines")
    if sent != ["GET"] * mistake.requests:
        wrong.append(f"sent: {sent}")
    return [f"{mistake.name}: {problem}\n{said}" for problem in wrong]


def test_the_guide_shows_them_all() -> None:
    rows = [f"{mistake.row()}\n" for mistake in MISTAKES]
    head = "| mistake | message |\n|---|---|\n"
    assert head + "".join(rows) in _GUIDE.read_text(encoding="utf-8"), "put this into the guide:\n" + "".join(rows)
