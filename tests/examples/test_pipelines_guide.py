# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to pipelines: its commands, and those of its jobs in the order in which GitHub and GitLab run them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from examples.documents import LEFT_OUT
from examples.reader import Ran, Reader, of_account
from examples.snippets import file_of
from simulator.handle import Account, Simulator

_DOCUMENT = "docs/pipelines.md"
_TOKENS = {"CLOUDFLARE_READ_TOKEN": "read-token", "CLOUDFLARE_WRITE_TOKEN": "write-token"}
_GITHUB = {"github.token": "a", "github.repository": "acme/policy", "github.event.pull_request.number": "7"}
# What stands in for the programs that talk to the code host: it keeps what it is called with, and the report.
_STAND_IN = '#!/bin/sh\necho "$@" > called.txt\ncp plan.md commented.md\n'
_STALE = {"pattern": "stale.example", "pattern_type": "DOMAIN", "is_regex": False}


@pytest.fixture
def acme(simulator: Simulator) -> Iterator[Account]:
    """The account that the guide's inventory names."""
    account = simulator.account("0123456789abcdef0123456789abcdef")
    account.forget()
    account.options(credentials={"tokens": {"read-token": "read", "write-token": "write"}})
    account.put({"block_senders": [_STALE]})
    yield account
    account.forget()


@pytest.fixture
def reader(acme: Account, tmp_path: Path) -> Iterator[Reader]:
    """Whoever follows the guide: no account and no credential is in their environment but by the jobs."""
    environment = {**of_account(acme), "CLOUDFLARE_ACCOUNT_ID": "", "CLOUDFLARE_API_TOKEN": ""}
    with Reader(tmp_path, environment) as reader:
        for program in ("gh", "curl"):
            reader.write(f"bin/{program}", _STAND_IN)
            (reader.folder / "bin" / program).chmod(0o755)
        reader.type('export PATH="$PWD/bin:$PATH" GITHUB_STEP_SUMMARY="$PWD/summary.md"').ok()
        yield reader


def _writes(account: Account) -> list[str]:
    return [entry["path"] for entry in account.requests() if entry["method"] != "GET"]


def _github(reader: Reader, name: str) -> list[Ran]:
    """The steps of a job; those that fail keep the others back, but for the ones that run always."""
    job = yaml.safe_load(file_of(_DOCUMENT, ".github/workflows/email-security.yml"))["jobs"][name]
    ran: list[Ran] = []
    for step in job["steps"]:
        # tests/artifact installs the collection from a file.
        if "run" not in step or step["name"] == "Install":
            continue
        if any(each.returncode for each in ran) and "always()" not in step.get("if", ""):
            continue
        ran.append(reader.type(f"( {_exports(step.get('env', {}))}\n{step['run'].rstrip()} )"))
    return ran


def _exports(environment: Mapping[str, str]) -> str:
    values = {f"secrets.{name}": token for name, token in _TOKENS.items()} | _GITHUB
    reported = {
        name: re.sub(r"\$\{\{ (\S+) \}\}", lambda found: values[found[1]], text) for name, text in environment.items()
    }
    return "; ".join(["true", *(f"export {name}='{value}'" for name, value in reported.items())])


def _gitlab(reader: Reader, name: str) -> list[Ran]:
    """The commands of a job: its script in one shell, and then what runs after it in any case."""
    job: dict[str, Any] = yaml.safe_load(file_of(_DOCUMENT, ".gitlab-ci.yml"))[name]
    given = {"CI_API_V4_URL": "https://gitlab.example/api/v4", "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "7"}
    secrets = _exports({**given, **_TOKENS, "COMMENT_TOKEN": "comment-token"})
    parts = (job["script"], job.get("after_script", []))
    return [reader.type("\n".join([f"( {secrets}", *part, ")"])) for part in parts if part]


def _follow(reader: Reader, acme: Account) -> None:
    steps = reader.follow(_DOCUMENT, LEFT_OUT[_DOCUMENT])
    for checked in (next(steps), next(steps)):
        assert checked.ok().output.count("No mistakes (1 file, 1 account checked)") in (1, 2)
    assert ElementTree.parse(reader.folder / "out/policy.xml").getroot().get("failures") == "0"
    assert acme.requests() == []
    refused = next(steps)
    assert refused.returncode == 2
    assert "credentials are missing" in (reader.folder / "plan.md").read_text()
    assert next(steps, None) is None, "the guide has a command that this test does not expect"


def test_the_guide_and_its_github_jobs(reader: Reader, acme: Account) -> None:
    _follow(reader, acme)
    file = reader.folder / "policies/block_senders.yml"
    right = file.read_text()

    file.write_text(right.replace("comments", "coment"))
    (validated,) = _github(reader, "validate")
    assert validated.returncode == 2
    assert "\n::error file=policies/block_senders.yml,line=" in validated.output
    assert "unknown field 'coment'; did you mean comments?\n" in validated.output
    planned, commented = _github(reader, "plan")
    assert planned.returncode == 2
    assert commented.ok()
    assert "unknown field &#x27;coment&#x27;" in (reader.folder / "commented.md").read_text()
    assert acme.requests() == []

    file.write_text(right)
    for ran in [*_github(reader, "validate"), *_github(reader, "plan")]:
        ran.ok()
    plan = (reader.folder / "commented.md").read_text()
    assert "## Email security: 1 to create, 0 to update, 1 to delete (1 account)" in plan
    assert (
        reader.folder / "called.txt"
    ).read_text() == "pr comment 7 --body-file plan.md --edit-last --create-if-none\n"
    assert _writes(acme) == []

    drifted = _github(reader, "audit")
    assert [ran.returncode for ran in drifted] == [2]
    assert "1 account drifted" in drifted[0].output
    assert _writes(acme) == []

    for ran in _github(reader, "apply"):
        ran.ok()
    assert "1 created, 0 updated, 1 deleted" in (reader.folder / "summary.md").read_text()
    assert [entry["pattern"] for entry in acme.state()["block_senders"]] == ["phish.example"]
    for ran in _github(reader, "audit"):
        ran.ok()


def test_the_gitlab_jobs(reader: Reader, acme: Account) -> None:
    for file in ("inventory.yml", "group_vars/accounts.yml", "policies/block_senders.yml"):
        reader.write(file, file_of(_DOCUMENT, file))
    for ran in [*_gitlab(reader, "validate"), *_gitlab(reader, "plan")]:
        ran.ok()
    assert ElementTree.parse(reader.folder / "policy.xml").getroot().get("failures") == "0"
    assert "1 to create, 0 to update, 1 to delete" in (reader.folder / "commented.md").read_text()
    called = (reader.folder / "called.txt").read_text()
    assert called.endswith("body@plan.md https://gitlab.example/api/v4/projects/3/merge_requests/7/notes\n")
    assert _writes(acme) == []
    assert [ran.returncode for ran in _gitlab(reader, "audit")] == [2]
    for ran in _gitlab(reader, "apply"):
        ran.ok()
    assert [entry["pattern"] for entry in acme.state()["block_senders"]] == ["phish.example"]
    for ran in _gitlab(reader, "audit"):
        ran.ok()
