# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to AWX and the data of its playbook, and jobs run from them as AWX runs them: with ansible-runner."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner
import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDE = (CHECKOUT / "docs" / "awx.md").read_text()
BINARIES = Path(sys.executable).parent
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


class _Loader(yaml.SafeLoader):
    """YAML of Ansible, where a text that is marked as unsafe stays as it is."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


class _Unsafe(str):
    """An answer to a survey: a user wrote it, so AWX marks it and no template in it is evaluated."""


class _Dumper(yaml.SafeDumper):
    """YAML of Ansible, with such marks."""


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def blocks(language: str) -> list[str]:
    return [body for name, body in _FENCE.findall(GUIDE) if name == language]


def named_blocks() -> dict[str, str]:
    """The YAML blocks of the guide, by the name in the comment that they begin with."""
    named = {}
    for body in blocks("yaml"):
        name = re.match(r"# (\S+)\n", body)
        assert name, f"a YAML block must begin with a name: {body}"
        named[name[1]] = body
    return named


def awx_data() -> dict[str, Any]:
    """What the playbook awx.yml makes, with the survey that lies in a file of its own."""
    data: dict[str, Any] = yaml.load((CHECKOUT / "playbooks" / "vars" / "awx.yml").read_text(), _Loader)
    survey = (CHECKOUT / "playbooks" / "sample" / "respond_survey.json").read_text()
    for template in data["email_security_awx_job_templates"]:
        if isinstance(template["survey_spec"], str):
            template["survey_spec"] = json.loads(survey)
    return data


def template_of(playbook: str) -> dict[str, Any]:
    (found,) = (each for each in awx_data()["email_security_awx_job_templates"] if each["playbook"] == playbook)
    return dict(found)


def injected(**fields: str) -> dict[str, str]:
    """The environment that the credential type makes of a credential, rendered as AWX does."""
    env = awx_data()["email_security_awx_credential_type"]["injectors"]["env"]
    sandbox = ImmutableSandboxedEnvironment()
    return {name: sandbox.from_string(text).render(fields) for name, text in env.items()}


@dataclass(frozen=True)
class Result:
    """A finished job: how it ended, its events in their order, what it printed, and its folder."""

    status: str
    events: list[dict[str, Any]]
    stdout: str
    folder: Path

    @property
    def artifacts(self) -> dict[str, Any]:
        """What AWX shows as artifacts."""
        (stats,) = self.named("playbook_on_stats")
        artifacts: dict[str, Any] = stats["event_data"]["artifact_data"]
        return artifacts

    def named(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == name]


def write_project(folder: Path) -> Path:
    """The project of the guide."""
    folder.mkdir(parents=True)
    for name, body in named_blocks().items():
        if name.endswith(".yml"):
            (folder / name).write_text(body)
    return folder


def clean_environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CLOUDFLARE_"))}
    return {**inherited, "PATH": f"{BINARIES}{os.pathsep}{os.environ['PATH']}"}


def as_awx_has_it(inventory: Path) -> str:
    """The inventory as AWX imports it, and as it is given to a job: a script that prints it."""
    printed = subprocess.run(
        [str(BINARIES / "ansible-inventory"), "-i", str(inventory), "--list", "--export"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return f"#!{sys.executable}\nprint({printed!r})\n"


def launch(
    folder: Path,
    playbook: str,
    environment: Mapping[str, str],
    answers: Mapping[str, Any] | None = None,
    job_type: str | None = None,
) -> Result:
    """Run a template's job as AWX does: a private data directory, and in it the project, what the credential injects,
    and the answers to the survey.

    :param answers: to questions of the template's survey, over its defaults.
    :param job_type: chosen at the launch, where the template asks for it.
    """
    template = template_of(playbook)
    questions = {question["variable"]: question for question in template["survey_spec"]["spec"]}
    given = dict(answers or {})
    assert set(given) <= set(questions), "the survey does not ask that"
    assert job_type in (None, template["job_type"]) or template["ask_job_type_on_launch"]
    answered = {name: question["default"] for name, question in questions.items()} | given
    project = write_project(folder / "project")
    (folder / "inventory").mkdir()
    script = folder / "inventory" / "hosts"
    script.write_text(as_awx_has_it(project / "inventory.yml"))
    script.chmod(0o700)
    env = folder / "env"
    env.mkdir()
    marked = {name: _Unsafe(value) if isinstance(value, str) else value for name, value in answered.items()}
    extra = {**marked, "awx_user_name": "analyst", "awx_job_id": 7}
    (env / "extravars").write_text(yaml.dump(extra, Dumper=_Dumper))
    # Given to the job and kept from the runner's own process, where other tests would see it.
    (env / "envvars").write_text(json.dumps({**clean_environment(), **environment}))
    options = ["--check"] if (job_type or template["job_type"]) == "check" else []
    options += ["--diff"] if template.get("diff_mode") else []
    (env / "cmdline").write_text(" ".join(options))
    run = ansible_runner.run(private_data_dir=str(folder), playbook=playbook, quiet=True)
    assert run.stdout is not None
    return Result(run.status, list(run.events), run.stdout.read(), folder)


def everything_left(folder: Path) -> dict[Path, str]:
    """The texts of all files that a job left, but for those in which AWX and ansible-runner write down the environment
    that they give to it; AWX removes these with the folder."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "env"]
    return {path: path.read_text(errors="replace") for path in files if path.name != "command"}


def tool(name: str) -> str:
    found = shutil.which(name, path=str(BINARIES))
    assert found, f"{name} is missing; it is in tests/awx/requirements.txt"
    return found
