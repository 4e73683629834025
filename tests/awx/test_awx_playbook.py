# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook ``awx.yml``: what it asks the modules of awx.awx to make, and that AWX takes it.

The collection awx.awx is not on the package index, so modules that write down their options stand in for its own. The
names and types of the options below, and the rules for credential types, surveys and schedules, are those of AWX 24.6.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.cloudflare.email_security.plugins.module_utils._options import ENVIRONMENT
from dateutil import rrule
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from awx.jobs import CHECKOUT, GUIDE, awx_data, blocks, clean_environment, named_blocks, template_of, tool

PLAYBOOK = "cloudflare.email_security.awx"
URL = "https://git.acme.example/email-security.git"
# The options of the modules of awx.awx that are used here, and what they take.
OPTIONS: dict[str, dict[str, type]] = {
    "credential_type": {"name": str, "description": str, "kind": str, "inputs": dict, "injectors": dict},
    "credential": {
        "name": str,
        "organization": str,
        "credential_type": str,
        "inputs": dict,
        "update_secrets": bool,
    },
    "project": {
        "name": str,
        "organization": str,
        "scm_type": str,
        "scm_url": str,
        "scm_branch": str,
        "credential": str,
        "scm_update_on_launch": bool,
    },
    "inventory": {"name": str, "organization": str},
    "inventory_source": {
        "name": str,
        "organization": str,
        "inventory": str,
        "source": str,
        "source_project": str,
        "source_path": str,
        "overwrite": bool,
        "overwrite_vars": bool,
        "update_on_launch": bool,
    },
    "job_template": {
        "name": str,
        "description": str,
        "organization": str,
        "project": str,
        "inventory": str,
        "credentials": list,
        "execution_environment": str,
        "playbook": str,
        "job_type": str,
        "diff_mode": bool,
        "ask_job_type_on_launch": bool,
        "ask_limit_on_launch": bool,
        "survey_enabled": bool,
        "survey_spec": dict,
    },
    "schedule": {
        "name": str,
        "organization": str,
        "unified_job_template": str,
        "rrule": str,
        "extra_data": dict,
    },
}


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of collections with an awx.awx whose modules write down their options."""
    root = tmp_path_factory.mktemp("collections")
    plugins = root / "ansible_collections" / "awx" / "awx" / "plugins"
    for kind in ("action", "modules"):
        (plugins / kind).mkdir(parents=True)
    recorder = (CHECKOUT / "tests" / "awx" / "recorder.py").read_text()
    for name in OPTIONS:
        (plugins / "action" / f"{name}.py").write_text(recorder)
        (plugins / "modules" / f"{name}.py").write_text("# The action plugin of the same name does it all.\n")
    return root


def environment(collections: Path, record: Path) -> dict[str, str]:
    found = clean_environment()
    return {
        **found,
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_NOCOLOR": "1",
        "AWX_RECORDER": str(record),
    }


def asked_for(command: list[str], collections: Path, cwd: Path) -> list[tuple[str, dict[str, Any]]]:
    """Run a command; what the modules were asked for, in the order of the tasks."""
    record = cwd / "record.jsonl"
    finished = subprocess.run(
        command, cwd=cwd, env=environment(collections, record), capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "Could not match" not in finished.stdout + finished.stderr
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    return [(line["module"], line["options"]) for line in lines]


def test_the_syntax(collections: Path, tmp_path: Path) -> None:
    command = [tool("ansible-playbook"), PLAYBOOK, "--syntax-check"]
    subprocess.run(command, cwd=tmp_path, env=environment(collections, tmp_path / "none"), check=True)


def test_it_makes_what_its_data_says(collections: Path, tmp_path: Path) -> None:
    (command,) = [shlex.split(body) for body in blocks("shell") if PLAYBOOK in body]
    asked = asked_for([tool(command[0]), *command[1:]], collections, tmp_path)
    assert [module for module, _options in asked] == [
        "credential_type",
        "credential",
        "project",
        "inventory",
        "inventory_source",
        *["job_template"] * 4,
        "schedule",
    ]
    for module, options in asked:
        assert set(options) <= set(OPTIONS[module]), module
        for name, value in options.items():
            assert isinstance(value, OPTIONS[module][name]), (module, name, value)
    data = awx_data()
    kind, credential, project, inventory, source, *templates, schedule = [options for _module, options in asked]
    # Templates in it are AWX's to evaluate, so they arrive as they are written.
    assert kind == data["email_security_awx_credential_type"]
    assert "{{ api_token }}" in kind["injectors"]["env"].values()
    assert credential["credential_type"] == kind["name"]
    assert "inputs" not in credential
    assert project["scm_url"] == URL
    assert source["inventory"] == inventory["name"]
    assert source["source_project"] == project["name"]
    for template, expected in zip(templates, data["email_security_awx_job_templates"], strict=True):
        assert template.items() >= expected.items()
        assert template["credentials"] == [credential["name"]]
        assert template["project"] == project["name"]
        assert template["inventory"] == inventory["name"]
    assert schedule.items() >= data["email_security_awx_schedules"][0].items()
    assert {each["organization"] for each in (credential, project, inventory, *templates, schedule)} == {"Default"}


def test_its_variables(collections: Path, tmp_path: Path) -> None:
    """Those that the guide lists, and no others."""
    table = GUIDE.split("| variable | default | meaning |")[1].split("\n\n")[0]
    common = "email_security_awx"
    listed = {
        name if name.startswith(common) else f"{common}{name}"
        for row in table.splitlines()[2:]
        for name in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    playbook = (CHECKOUT / "playbooks" / "awx.yml").read_text()
    assert listed == set(re.findall(rf"{common}_\w+", playbook)) - set(awx_data())

    values: dict[str, Any] = {name: f"our {name}" for name in listed}
    values[f"{common}_update_secrets"] = True
    values[f"{common}_credential_inputs"] = {"api_token": "secret"}
    (tmp_path / "ours.yml").write_text(yaml.safe_dump(values))
    asked = asked_for([tool("ansible-playbook"), PLAYBOOK, "-e", "@ours.yml"], collections, tmp_path)
    said = json.dumps(asked)
    assert {name for name, value in values.items() if json.dumps(value) not in said} == set()


def test_without_a_repository_it_stops(collections: Path, tmp_path: Path) -> None:
    finished = subprocess.run(
        [tool("ansible-playbook"), PLAYBOOK],
        cwd=tmp_path,
        env=environment(collections, tmp_path / "record.jsonl"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 2
    assert "email_security_awx_scm_url must say" in finished.stdout
    assert not (tmp_path / "record.jsonl").exists()


def test_awx_takes_the_credential_type() -> None:
    kind = awx_data()["email_security_awx_credential_type"]
    assert kind["kind"] in ("cloud", "net")
    fields = kind["inputs"]["fields"]
    for field in fields:
        assert set(field) <= {"id", "label", "type", "format", "secret", "help_text"}
        assert field["type"] == "string"
        assert field.get("format", "url") == "url"
    names = [field["id"] for field in fields]
    assert len(set(names)) == len(names)
    assert {field["id"] for field in fields if field.get("secret")} == {"api_token", "api_key"}
    assert set(kind["injectors"]) == {"env"}
    sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    rendered = {
        name: sandbox.from_string(text).render(dict.fromkeys(names, "x"))
        for name, text in kind["injectors"]["env"].items()
    }
    assert set(rendered.values()) == {"x"}
    assert set(rendered) == set(ENVIRONMENT.values())


def test_the_guide_shows_the_credential_type() -> None:
    kind = awx_data()["email_security_awx_credential_type"]
    shown = named_blocks()
    assert yaml.safe_load(shown["inputs"]) == kind["inputs"]
    assert yaml.safe_load(shown["injectors"]) == kind["injectors"]


@pytest.mark.parametrize("playbook", ["apply.yml", "audit.yml", "export.yml", "respond.yml"])
def test_awx_takes_the_survey(playbook: str) -> None:
    template = template_of(playbook)
    survey = template["survey_spec"]
    assert isinstance(survey["name"], str)
    assert isinstance(survey["description"], str)
    types = {"text": str, "multiplechoice": str, "integer": int}
    variables = [question["variable"] for question in survey["spec"]]
    assert len(set(variables)) == len(variables) > 0
    role = yaml.safe_load((CHECKOUT / "roles" / playbook[:-4] / "meta" / "argument_specs.yml").read_text())
    options = role["argument_specs"]["main"]["options"]
    for question in survey["spec"]:
        assert isinstance(question["question_name"], str)
        assert isinstance(question["required"], bool)
        assert isinstance(question["default"], types[question["type"]])
        if question["type"] == "multiplechoice":
            assert question["default"] in question["choices"]
            expected = options[question["variable"]].get("choices")
            assert expected is None or set(question["choices"]) <= set(expected)
        else:
            length = question["default"] if question["type"] == "integer" else len(question["default"])
            assert question["min"] <= length <= question["max"]
    assert set(variables) <= set(options)


def test_the_guide_shows_the_templates() -> None:
    rows = re.findall(r"^\| (Email Security: \w+) \| `(\S+)` \| (\w+) \| (.*) \|$", GUIDE, re.M)
    templates = awx_data()["email_security_awx_job_templates"]
    assert [row[:3] for row in rows] == [(each["name"], each["playbook"], each["job_type"]) for each in templates]
    for row, template in zip(rows, templates, strict=True):
        variables = [question["variable"] for question in template["survey_spec"]["spec"]]
        assert re.findall(r"`(email_security_\w+)`", row[3]) == (
            variables if template["playbook"] != "respond.yml" else []
        )


def test_awx_finds_the_playbooks_of_the_guide() -> None:
    """It offers the files that have such a line."""
    line = re.compile(r"^\s*-?\s*(hosts|(ansible\.builtin\.)?import_playbook):", re.M)
    files = named_blocks()
    for template in awx_data()["email_security_awx_job_templates"]:
        assert line.search(files[template["playbook"]])


def test_awx_takes_the_schedules() -> None:
    data = awx_data()
    names = {template["name"]: template for template in data["email_security_awx_job_templates"]}
    (schedule,) = data["email_security_awx_schedules"]
    template = names[schedule["unified_job_template"]]
    # AWX lets a schedule answer the questions of the survey, and nothing else.
    assert set(schedule["extra_data"]) <= {question["variable"] for question in template["survey_spec"]["spec"]}
    start, rule = schedule["rrule"].split(" ")
    assert re.fullmatch(r"DTSTART:\d{8}T\d{6}Z", start)
    assert re.fullmatch(r"RRULE:FREQ=DAILY;INTERVAL=1", rule)
    runs = rrule.rrulestr(f"{start}\n{rule}")
    after = datetime(2026, 11, 23, tzinfo=timezone.utc)
    assert runs.after(after) == datetime(2026, 11, 23, 5, tzinfo=timezone.utc)
    assert "at 05:00 UTC" in GUIDE
