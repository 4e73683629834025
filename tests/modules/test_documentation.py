# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-doc shows is what is declared, and every module is tested. tools/generate checks what it writes."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.playbook import COLLECTION
from modules.scenarios.jobs import BULK
from modules.scenarios.mail import ACTIONS, FILES, SEARCHES
from modules.scenarios.table import DOCUMENT_READERS, EVIDENCE, MAIL_MODULES, READS, WRITES

_TOP = Path(__file__).resolve().parents[2]
MODULES = sorted(file.stem for file in (_TOP / "plugins/modules").glob("*.py") if file.stem != "__init__")
_CONNECTION = {
    "account_id": "CLOUDFLARE_ACCOUNT_ID",
    "api_token": "CLOUDFLARE_API_TOKEN",
    "api_key": "CLOUDFLARE_API_KEY",
    "api_email": "CLOUDFLARE_EMAIL",
    "base_url": "CLOUDFLARE_BASE_URL",
    "validate_certs": None,
    "ca_path": None,
    "timeout": None,
    "retry_timeout": None,
    "allow_http": None,
    "concurrency": None,
}
Documentation = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def documentation(tmp_path_factory: pytest.TempPathFactory) -> Documentation:
    """What ansible-doc says about each module, fragments merged."""
    environment = {**os.environ, "ANSIBLE_HOME": str(tmp_path_factory.mktemp("ansible"))}
    command = [sys.executable, "-m", "ansible", "doc", "-j", *(f"{COLLECTION}.{module}" for module in MODULES)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return {name.removeprefix(f"{COLLECTION}."): found["doc"] for name, found in json.loads(finished.stdout).items()}


def _declared(module: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The argument spec that a module hands to AnsibleModule."""
    imported = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{module}")
    specs: list[Any] = []
    monkeypatch.setattr(imported, "run_module", specs.append)
    imported.main()
    spec: dict[str, Any] = specs[0].argument_spec()
    return spec


def test_every_module_has_a_scenario() -> None:
    assert sorted([*WRITES, *READS, *DOCUMENT_READERS, EVIDENCE, *MAIL_MODULES]) == MODULES


@pytest.mark.parametrize("module", [*READS, *SEARCHES])
def test_every_filter_is_looked_with(module: str, documentation: Documentation) -> None:
    filters = set(documentation[module]["options"]) - {*_CONNECTION, "id"}
    steps = READS[module].steps if module in READS else [*SEARCHES[module].steps, *SEARCHES[module].newer]
    assert filters == {name for step in steps for name in step.args}


@pytest.mark.parametrize("module", MODULES)
def test_documented_options_are_the_declared_ones(
    module: str, documentation: Documentation, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = _declared(module, monkeypatch)
    documented = documentation[module]["options"]
    assert {name: _shape(option) for name, option in documented.items()} == {
        name: _shape(option) for name, option in spec.items()
    }


def _shape(option: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": option.get("type", "str"),
        "elements": option.get("elements"),
        "choices": option.get("choices"),
        "default": option.get("default"),
        "required": option.get("required", False),
        "aliases": sorted(option.get("aliases", [])),
    }


@pytest.mark.parametrize("module", MODULES)
def test_connection_options_come_from_the_fragment(
    module: str, documentation: Documentation, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = yaml.safe_load(
        importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{module}").DOCUMENTATION
    )
    assert f"{COLLECTION}.connection" in source["extends_documentation_fragment"]
    assert not set(_CONNECTION) & set(source.get("options", ()))
    spec = _declared(module, monkeypatch)
    for name, variable in _CONNECTION.items():
        text = " ".join(documentation[module]["options"][name]["description"])
        fallback = spec[name].get("fallback")
        assert (fallback[1] if fallback else []) == ([variable] if variable else []), name
        assert variable is None or f"E({variable})" in text, name
    assert {name for name, option in spec.items() if option.get("no_log")} == {"api_token", "api_key", "api_email"}


@pytest.mark.parametrize("module", MODULES)
def test_attributes_are_documented(module: str, documentation: Documentation) -> None:
    attributes = documentation[module]["attributes"]
    # A picture that the API would have to make is not asked for in check mode.
    assert attributes["check_mode"]["support"] == ("partial" if module == "message_preview" else "full")
    diff = "full" if module in WRITES else "none" if module in (*ACTIONS, *FILES, BULK) else "N/A"
    assert attributes["diff_mode"]["support"] == diff
    assert attributes["action_group"]["membership"] == [f"{COLLECTION}.all"]
