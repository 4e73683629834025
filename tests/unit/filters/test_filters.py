# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters as Ansible sees them: documentation, options, errors, warnings."""

from __future__ import annotations

import importlib
import inspect
import re
from datetime import datetime, timezone
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk import known_domains
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk.find import find_risks
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk.rules import RULES, SEVERITIES

FILTERS = ("risks", "policy_yaml", "from_dashboard_csv", "to_dashboard_csv")
_PLUGINS = "ansible_collections.cloudflare.email_security.plugins.filter"


def plugin(name: str) -> Any:
    return importlib.import_module(f"{_PLUGINS}.{name}").FilterModule().filters()[name]


def documentation(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(importlib.import_module(f"{_PLUGINS}.{name}").DOCUMENTATION)
    return parsed


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is shown as a warning."""
    shown: list[str] = []
    monkeypatch.setattr(Display, "warning", lambda self, message, *rest, **more: shown.append(message))
    return shown


@pytest.mark.parametrize("name", FILTERS)
def test_options_are_documented_with_their_defaults(name: str) -> None:
    module = importlib.import_module(f"{_PLUGINS}.{name}")
    documented = documentation(name)
    assert documented["name"] == name
    assert yaml.safe_load(module.RETURN)["_value"]["type"]
    assert yaml.safe_load(module.EXAMPLES)
    options = {option: value for option, value in documented["options"].items() if option != "_input"}
    parameters = dict(list(inspect.signature(plugin(name)).parameters.items())[1:])
    assert list(options) == list(parameters)
    for option, parameter in parameters.items():
        required = parameter.default is inspect.Parameter.empty
        assert bool(options[option].get("required")) == required
        # Lists are left out as None, since a default must not be shared.
        if not required and options[option]["type"] != "list":
            assert options[option].get("default") == parameter.default


def test_the_rules_are_documented_as_they_are() -> None:
    lines = " ".join(documentation("risks")["description"])
    documented = re.findall(r"C\((\w+)\) \((high|medium|low)\)", lines)
    assert documented == [(rule.name, rule.severity) for rule in RULES.values()]


def test_the_table_of_rules_is_whole() -> None:
    for name, rule in RULES.items():
        assert name == rule.name
        assert rule.severity in SEVERITIES
        assert rule.lists
        for text in (rule.why, rule.what_to_do):
            assert text.endswith(".")
        assert not rule.title.endswith(".")


def test_findings_are_documented() -> None:
    findings = find_risks({"impersonation_registry": []}, datetime.now(timezone.utc))[0]
    documented = yaml.safe_load(importlib.import_module(f"{_PLUGINS}.risks").RETURN)["_value"]["contains"]
    assert [set(finding) for finding in findings] == [set(documented)]


def test_risks_takes_the_present_unless_given_another(warnings: list[str]) -> None:
    document = {"block_senders": [{"pattern": "a.example", "pattern_type": "DOMAIN", "expires": "2020-06-01"}]}
    assert [one["rule"] for one in plugin("risks")(document)] == ["expired"]
    assert plugin("risks")(document, now="2020-01-01") == []
    assert warnings == []


def test_risks_says_which_rule_is_left_out(warnings: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_domains, "_import", lambda name: None)
    assert plugin("risks")({}) == []
    reported = dict(zip((rule for rule in RULES.values() if rule.package), warnings, strict=True))
    for rule, warning in reported.items():
        assert rule.name in warning
        assert rule.package in warning
    plugin("risks")({}, mail_providers=["gmail.com"])
    assert any("mail_providers" in warning for warning in warnings[len(reported) :])


@pytest.mark.parametrize(
    ("name", "arguments", "reported"),
    [
        ("risks", [{"rules": []}], "unknown list 'rules'"),
        ("risks", [{}, "tomorrow"], "risks: "),
        ("policy_yaml", [[]], "policy_yaml: "),
        ("policy_yaml", [{"rules": []}], "unknown list 'rules'"),
        ("from_dashboard_csv", [None, "block_senders"], "must be text"),
        ("from_dashboard_csv", ["x", "domains"], "no CSV files for 'domains'"),
        ("to_dashboard_csv", [["x"], "block_senders"], "block_senders[0]"),
    ],
)
def test_errors_are_those_of_filters(name: str, arguments: list[Any], reported: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        plugin(name)(*arguments)
    assert reported in str(refused.value)


def test_every_faulty_row_is_in_the_message() -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        plugin("from_dashboard_csv")("Domain,Proximity\n" + "x.example,maybe\n" * 50, "trusted_domains")
    for number in range(2, 52):
        assert f"row {number}" in str(refused.value)


def test_a_list_alone_can_be_written() -> None:
    entries = [{"pattern": "a.example"}]
    assert plugin("policy_yaml")(entries, list="block_senders") == plugin("policy_yaml")({"block_senders": entries})


def test_large_files_are_reported_or_split(warnings: list[str]) -> None:
    entries = [{"pattern": f"{number:06}.example"} for number in range(5000)]
    write = plugin("to_dashboard_csv")
    assert len(write(entries, "trusted_domains").encode()) > 150_000
    (warning,) = warnings
    assert "split=true" in warning
    parts = write(entries, "trusted_domains", split=True, bom=True)
    assert len(parts) == 2
    assert all(len(part.encode()) <= 150_000 and part.startswith("\ufeffDomain,") for part in parts)
    read = plugin("from_dashboard_csv")
    patterns = [entry["pattern"] for part in parts for entry in read(part, "trusted_domains")]
    assert patterns == [entry["pattern"] for entry in entries]
    assert len(warnings) == 1
