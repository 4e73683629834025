# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that save messages: in check mode, for real, and again, with exactly what is in the files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from modules import returns
from modules.playbook import Outcome, Step, faults, run_steps
from modules.scenarios.mail import FILES, FIRST, SECOND, FileScenario, put_mail
from simulator.handle import Account

# Some ids for which a careless name would lie elsewhere, or be another's.
_HOSTILE = ["../../up", "/root", ".hidden", "a:b", "a;b", "{{ 7 * 7 }}", "ä", "x" * 3000]


@pytest.mark.parametrize("module", FILES)
def test_module(module: str, account: Account, tmp_path: Path) -> None:
    scenario = FILES[module]
    (tmp_path / "run").mkdir()
    out = tmp_path / "out"
    run = run_steps(account, tmp_path / "run", _steps(module, scenario, out))
    (_unused, first), (_unused, second) = scenario.versions
    for outcome in run:
        assert "Traceback" not in outcome.stdout
        assert not outcome.writes
        name = outcome.step.name
        assert outcome.failed is name.startswith(("not ", "missing, failing")), f"{name}: {outcome.msg}"
    changes = {name: run[name].changed for name in _CHANGES}
    assert changes == _CHANGES
    for name, content in (("check", first), ("real", first), ("again", first), ("other", second), ("mode", second)):
        (file,) = run[name].returned["files"]
        assert file["path"] == str(out / "one")
        assert (file["size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest()), name
    assert run["check"].returned == run["real"].returned
    assert (out / "one").read_bytes() == second
    assert (out / "one").stat().st_mode & 0o7777 == 0o640
    _assert_folder(run["folder"], out / "many", second, scenario.suffix)
    for name in ("missing", "missing, failing"):
        assert run[name].returned["missing"] == ["nobody"]
        assert [file["investigate_id"] for file in run[name].returned["files"]] == [FIRST]
    assert "nobody" in run["missing, failing"].msg
    # Nothing is left over, nothing lies elsewhere.
    files = {file for file in out.rglob("*") if not file.is_dir()}
    assert files == {Path(file["path"]) for outcome in run for file in outcome.returned.get("files", [])}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "run"]
    assert returns.differences(returns.documented(module), run) == []


_CHANGES = {
    "check": True,
    "real": True,
    "check again": False,
    "again": False,
    "other: check": True,
    "other": True,
    "mode: check": True,
    "mode": True,
    "mode again": False,
    "folder": True,
    "folder again": False,
    "missing": True,
}


def _steps(module: str, scenario: FileScenario, out: Path) -> list[Step]:
    (one, _unused), (two, _unused) = scenario.versions
    known = {"id": FIRST, scenario.content: one}
    changed = [{"id": each, scenario.content: two} for each in (FIRST, SECOND, *_HOSTILE)]
    args: dict[str, Any] = {"investigate_ids": [FIRST], "dest": str(out / "one")}
    open_ = {**args, "mode": "0640"}
    many = {**args, "investigate_ids": [SECOND, *_HOSTILE], "dest": str(out / "many")}
    some = {**args, "investigate_ids": ["nobody", FIRST], "dest": str(out / "some")}
    refused = {"kind": "status_before", "times": None, "arguments": {"status": 403}}
    return [
        Step("check", module, args, check=True, control=[put_mail(known)]),
        Step("real", module, args),
        Step("check again", module, args, check=True),
        Step("again", module, args),
        Step("other: check", module, args, check=True, control=[put_mail(*changed)]),
        Step("other", module, args),
        Step("mode: check", module, open_, check=True),
        Step("mode", module, open_),
        Step("mode again", module, open_),
        # Each id as it is: that it looks like a template is no reason to take it for one.
        Step("folder", module, {**many, "investigate_ids": f"{{{{ {_as_list(many['investigate_ids'])} }}}}"}),
        Step("folder again", module, {**many, "investigate_ids": f"{{{{ {_as_list(many['investigate_ids'])} }}}}"}),
        Step("missing", module, some),
        Step("missing, failing", module, {**some, "fail_on_missing": True}),
        Step("not a folder", module, {**many, "investigate_ids": [FIRST, SECOND], "dest": str(out / "one")}),
        Step("not permissions", module, {**args, "mode": "rw"}),
        Step("not below a file", module, {**args, "dest": str(out / "one" / "below")}),
        Step("not allowed", module, args, control=[faults(refused)]),
    ]


def _as_list(ids: list[str]) -> str:
    """A template that gives these ids, none of which is read as one."""
    return "[" + ", ".join(repr(each).replace("{{ 7", "{' ~ '{ 7").replace("7 }}", "7 }' ~ '}") for each in ids) + "]"


def _assert_folder(outcome: Outcome, folder: Path, content: bytes, suffix: str) -> None:
    ids = [SECOND, *_HOSTILE]
    assert [file["investigate_id"] for file in outcome.returned["files"]] == ids
    paths = [Path(file["path"]) for file in outcome.returned["files"]]
    assert len(set(paths)) == len(ids)
    for path in paths:
        assert (path.parent, path.suffix) == (folder, suffix)
        assert path.read_bytes() == content
        assert path.stat().st_mode & 0o7777 == 0o600
    assert set(folder.iterdir()) == set(paths)
