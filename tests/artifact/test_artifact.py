# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The artifact: small, free of leftovers, and enough by itself to run every playbook in a clean environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import uv
import yaml
from ansible.release import __version__ as ansible_core

from modules.samples import sender
from simulator.handle import Account

CHECKOUT = Path(__file__).resolve().parents[2]
COLLECTION = "cloudflare.email_security"
LARGEST = 500_000
# What tools and tests leave behind, as parts of paths; and what is for a clone only.
_LEFTOVERS = {
    "__pycache__",
    ".ansible",
    ".git",
    ".hypothesis",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    "build",
    "output",
}
# What of tests/ Galaxy's import reads.
_FOR_GALAXY = ("tests/sanity", "tests/config.yml")
_POLICY = {"block_senders": [{"pattern": "phish.example", "pattern_type": "DOMAIN"}]}


@dataclass(frozen=True)
class Installation:
    """An environment with ansible-core, what requirements.txt names, and the artifact."""

    root: Path

    def run(self, program: str, *arguments: str, **environ: str) -> str:
        """Run a program of the environment in its work folder, and return what it printed."""
        finished = subprocess.run(
            [str(self.root / "env/bin" / program), *arguments],
            cwd=self.work,
            env={
                "PATH": f"{self.root / 'env/bin'}{os.pathsep}{os.defpath}",
                "HOME": str(self.root),
                "LANG": "C.UTF-8",
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_COLLECTIONS_PATH": str(self.root / "collections"),
                **environ,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout
        return finished.stdout

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def collection(self) -> Path:
        return self.root / "collections/ansible_collections/cloudflare/email_security"


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that would be published."""
    folder = tmp_path_factory.mktemp("artifact")
    galaxy = str(Path(sys.executable).with_name("ansible-galaxy"))
    command = [galaxy, "collection", "build", "--output-path", str(folder)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    (built,) = folder.glob("*.tar.gz")
    return built


@pytest.fixture(scope="module")
def names(artifact: Path) -> list[str]:
    with tarfile.open(artifact) as archive:
        return archive.getnames()


@pytest.fixture(scope="module")
def installation(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Shares nothing with the checkout: not even the folder, nor this Python's packages."""
    root = tmp_path_factory.mktemp("clean")
    (root / "work").mkdir()
    installed = Installation(root)
    program = uv.find_uv_bin()
    python = str(root / "env/bin/python")
    for arguments in (
        ["venv", "--quiet", "--python", sys.executable, str(root / "env")],
        ["pip", "install", "--quiet", "--python", python, f"ansible-core=={ansible_core}"],
    ):
        subprocess.run([program, *arguments], check=True)
    installed.run("ansible-galaxy", "collection", "install", str(artifact), "-p", str(root / "collections"))
    # As ansible-builder does for an execution environment: what the collection itself says it needs.
    needs = yaml.safe_load((installed.collection / "meta/execution-environment.yml").read_text())["dependencies"][
        "python"
    ]
    requirements = str(installed.collection / needs)
    subprocess.run([program, "pip", "install", "--quiet", "--python", python, "-r", requirements], check=True)
    return installed


def test_it_is_small(artifact: Path) -> None:
    assert artifact.stat().st_size < LARGEST


def test_it_holds_what_is_needed_and_nothing_else(names: list[str]) -> None:
    assert {"README.md", "LICENSE", "CHANGELOG.md", "meta/runtime.yml", "requirements.txt"} <= set(names)
    assert [name for name in names if _LEFTOVERS & set(Path(name).parts) or "~" in name or name.endswith(".pyc")] == []
    in_tests = [name for name in names if name.startswith("tests/") and not name.startswith(_FOR_GALAXY)]
    assert in_tests == [], "tests are for a clone"


def test_its_readme_is_whole(names: list[str]) -> None:
    """Galaxy shows the README; a reader of the artifact finds what it links to below docs/, plugins/ and roles/."""
    assert {"docs/policy_as_code.md", "docs/audit.md", "docs/incident_response.md", "roles/apply/README.md"} <= set(
        names
    )


def test_every_plugin_is_documented(installation: Installation) -> None:
    for kind, folder in (("module", "modules"), ("filter", "filter"), ("role", "roles")):
        top = CHECKOUT / folder if kind == "role" else CHECKOUT / "plugins" / folder
        expected = {file.stem for file in top.glob("[!_]*") if file.suffix == ".py" or kind == "role"}
        listed: Mapping[str, object] = json.loads(installation.run("ansible-doc", "-t", kind, "-l", "-j", COLLECTION))
        assert set(listed) == {f"{COLLECTION}.{name}" for name in expected}
        shown = installation.run("ansible-doc", "-t", kind, "-j", *listed)
        documents = json.loads(shown)
        assert set(documents) == set(listed)
        for name, document in documents.items():
            assert document.get("doc") or document.get("entry_points"), name


def test_every_playbook_runs(installation: Installation, account: Account) -> None:
    work = installation.work
    (work / "policy.yml").write_text(json.dumps(_POLICY), encoding="utf-8")
    account.put({"block_senders": [sender("old.example")]})
    account.put_messages({"from": "billing@phish.example", "client_recipients": ["user@acme.example"]})
    environ = {
        "CLOUDFLARE_BASE_URL": account.base_url,
        "CLOUDFLARE_ACCOUNT_ID": account.id,
        "CLOUDFLARE_API_TOKEN": account.token,
    }

    def run(playbook: str, *variables: str, **more: str) -> str:
        extra = [word for each in variables for word in ("-e", each)]
        printed = installation.run(
            "ansible-playbook", f"{COLLECTION}.{playbook}", "-i", "acme,", *extra, **environ, **more
        )
        assert "WARNING" not in printed.replace("No inventory", ""), printed
        return printed

    policy = "email_security_policy_files=policy.yml"
    assert "No mistakes (1 file, 1 account checked)" in run("validate", policy)
    assert "block_senders: 1 created" in run("apply", policy)
    assert "block_senders: 1 unchanged" in run("apply", policy)

    run("export", "email_security_export_dest=exported")
    exported = yaml.safe_load((work / "exported/acme/block_senders.yml").read_text())
    assert {entry["pattern"] for entry in exported["block_senders"]} == {"old.example", "phish.example"}

    assert "acme: drifted (1 extra)" in run("audit", policy)
    assert json.loads((work / "audit/audit.json").read_text())["summary"]
    assert (work / "audit/audit.html").stat().st_size > 10_000

    move = ["email_security_respond_domain=phish.example", "email_security_respond_action=move"]
    assert "1 moved" in run("respond", *move, "email_security_respond_destination=JunkEmail")
    assert account.messages()[0]["mailboxes"] == {"user@acme.example": "JunkEmail"}

    listed = installation.run("ansible-galaxy", "collection", "list", COLLECTION)
    places = [line.removeprefix("# ") for line in listed.splitlines() if line.startswith("# ")]
    assert [Path(place).is_relative_to(installation.root) for place in places] == [True], listed
