# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``policy_files`` of ``settings``, read by a real ansible-playbook and carried out by both entry points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from modules.playbook import Step, run_steps
from simulator.handle import Account


def vaulted(text: str) -> str:
    encrypted: bytes = VaultLib([("default", VaultSecret(b"password"))]).encrypt(text)
    return encrypted.decode()


def write(folder: Path, **files: str | bytes) -> Path:
    """Files by their names, where ``__`` stands for a dot."""
    policies = folder / "policies"
    policies.mkdir(exist_ok=True)
    for name, text in files.items():
        (policies / name.replace("__", ".")).write_bytes(text if isinstance(text, bytes) else text.encode())
    return policies


def sent(account: Account) -> dict[str, Any]:
    return {entry["pattern"]: entry["comments"] for entry in account.state()["block_senders"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run = tmp_path / "run"
    run.mkdir()
    return run


def test_all_that_a_file_may_be(account: Account, folder: Path, tmp_path: Path) -> None:
    """Vaulted as a whole and by value, rendered, unsafe, JSON and CSV; templates in data are never evaluated."""
    value = vaulted("known to few").replace("\n", "\n    ")
    policies = write(
        tmp_path,
        a__yml=f"block_senders:\n- pattern: value.example\n  pattern_type: DOMAIN\n  comments: !vault |\n    {value}\n",
        b__yml=vaulted("block_senders:\n- {pattern: whole.example, pattern_type: DOMAIN, comments: 0012}\n"),
        c__yml__j2=(
            "block_senders:\n{% for name in ['x', 'y'] %}\n- pattern: {{ name }}.example\n  pattern_type: DOMAIN\n"
            "  comments: {{ ticket }}\n{% endfor %}\n"
        ),
        d__json=json.dumps({"block_senders": [{"pattern": "json.example", "pattern_type": "DOMAIN", "comments": "ü"}]}),
        e__csv="Blocked Sender;Blocked Sender Type;Notes\r\ncsv.example;DOMAIN;{{ 7 * 7 }}\r\n",
        f__yml=("block_senders:\n- {pattern: unsafe.example, pattern_type: DOMAIN, comments: !unsafe '{{ 7 * 7 }}'}\n"),
        README__md="{{ not a policy }}",
    )
    (tmp_path / "password").write_text("password", encoding="utf-8")
    keywords = {"vars": {"ticket": "22:30"}}
    args = {
        "policy_files": [str(policies)],
        "block_senders": [{"pattern": "variable.example", "pattern_type": "DOMAIN"}],
    }
    run = run_steps(
        account,
        folder,
        [
            Step("made", "settings", args, keywords=keywords),
            Step("again", "settings", {**args, "policy_files": [f"{policies}/*.*[!d]"]}, keywords=keywords),
        ],
        arguments=["--vault-password-file", str(tmp_path / "password")],
    )
    assert not run["made"].failed, run["made"].msg
    assert sent(account) == {
        "value.example": "known to few",
        "whole.example": "0012",
        "x.example": "22:30",
        "y.example": "22:30",
        "json.example": "ü",
        "csv.example": "{{ 7 * 7 }}",
        "unsafe.example": "{{ 7 * 7 }}",
        "variable.example": None,
    }
    assert not run["again"].failed, run["again"].msg
    assert not run["again"].changed


def test_every_mistake_in_all_files_is_reported_before_any_request(
    account: Account, folder: Path, tmp_path: Path
) -> None:
    policies = write(
        tmp_path,
        a__yml="block_senders:\n- {pattern: x.example, pattern_type: DOMAIN}\n- {pattern: y.example, coment: z}\n",
        b__yml="block_senders:\n- {pattern: X.example, pattern_type: DOMAIN, is_regex: maybe}\n",
        c__csv="Blocked Sender,Blocked Sender Type\nX.example,domain\n",
        d__yml="trusted_domains:\n- {pattern: \"{{ lookup('pipe', 'touch ran') }}\"}\n",
        e__yml__j2="block_senders: {{ nobody.knows }}\n",
        f__yml=vaulted("block_senders: []"),
        g__yml="trusted_domains: [\n",
    )
    args = {
        "policy_files": [f"{policies}", f"{policies}/a.yml", "missing.yml", f"{policies}/*.txt"],
        "block_senders": [{"pattern": "x.example", "pattern_type": "DOMAIN"}, {"pattern": "z.example"}],
        "domains": "none",
    }
    run = run_steps(account, folder, [Step("refused", "settings", args, check=True)])
    refused = run["refused"]
    assert refused.failed
    assert refused.requests == []
    reported = refused.msg.splitlines()
    assert refused.returned["error"]["problem_count"] == len(reported)
    heads = [
        "d.yml:2:13: pattern looks like a template",
        "e.yml.j2: it cannot be rendered: ",
        "f.yml: it cannot be decrypted: ",
        "g.yml:2:1: this is not YAML: ",
        f"a.yml: {policies}/a.yml names this file, and so does {policies}; name it once",
        "missing.yml: there is no such file; correct the path; it was looked for in ",
        "*.txt: no file matches this; correct the path",
        "a.yml:3:24: y.example: unknown field 'coment'; did you mean comments?",
        "a.yml:3:3: y.example: pattern_type is missing",
        "b.yml:2:46: X.example DOMAIN maybe: is_regex must be true or false, not 'maybe'",
        "c.csv:2:1: X.example DOMAIN: the same entry as ",
        "block_senders[0] (x.example DOMAIN): the same entry as ",
        "block_senders[1] (z.example): pattern_type is missing",
    ]
    missed = [head for head in heads if not any(head in problem for problem in reported)]
    assert missed == [], refused.msg
    assert not (folder / "ran").exists()


def test_where_files_are_looked_for(account: Account, folder: Path, tmp_path: Path) -> None:
    """Beside the playbook before the working directory, and in its folder ``files`` before all."""
    text = "block_senders:\n- {{pattern: {}.example, pattern_type: DOMAIN}}\n"
    for place in (folder, folder / "fast"):
        (place / "files").mkdir(parents=True)
        (place / "files" / "both.yml").write_text(text.format("files"))
        (place / "both.yml").write_text(text.format("beside"))
        (place / "beside.yml").write_text(text.format("playbook"))
    args = {"policy_files": "both.yml, beside.yml"}
    run = run_steps(account, folder, [Step("made", "settings", args)])
    assert not run["made"].failed, run["made"].msg
    assert set(sent(account)) == {"files.example", "playbook.example"}


def test_an_empty_file_is_a_warning_and_an_empty_folder_an_error(
    account: Account, folder: Path, tmp_path: Path
) -> None:
    policies = write(tmp_path, empty__yml="---\n")
    (tmp_path / "nothing").mkdir()
    steps = [
        Step("empty file", "settings", {"policy_files": [str(policies / "empty.yml")]}),
        Step("empty folder", "settings", {"policy_files": [str(tmp_path / "nothing")]}),
    ]
    run = run_steps(account, folder, steps)
    assert "empty.yml: this file names no list" in str(run["empty file"].result["warnings"])
    assert "nothing: this folder holds no policy file" in run["empty folder"].msg
