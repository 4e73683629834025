# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings of a policy: their places, risks among them, and lines that no CI system obeys."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.read import read_file
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._validate.command import command_line
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._validate.findings import (
    Finding,
    RiskOptions,
    validate,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._validate.junit import junit
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._validate.lines import (
    FORMATS,
    closing,
    lines,
    merge,
)
from hypothesis import example, given
from hypothesis import strategies as st

NOW = datetime(2026, 7, 1, tzinfo=timezone.utc)
RISKY = """allow_policies:
- pattern: boss@partner.example
  pattern_type: EMAIL
  is_trusted_sender: true
  verify_sender: false
"""


def check(text: str, variables: dict[str, Any] | None = None, **risks: Any) -> list[Finding]:
    policy = read_file("a.yml", text.encode(), lambda secret: secret)
    return validate(policy, variables or {}, ["a.yml"], NOW, RiskOptions(**risks))[0]


def test_places_in_files_and_in_variables() -> None:
    entries = ("x.example", "*.y.example")
    text = "\n".join(["block_senders:", *(f"- {{pattern: '{each}', pattern_type: DOMAIN}}" for each in entries)])
    again = [{"pattern": "X.example", "pattern_type": "DOMAIN"}]
    (finding,) = check(text, {"block_senders": again})
    assert finding == Finding(
        "error",
        "email_security_block_senders[0] (X.example DOMAIN): the same entry as a.yml:2:3; keep one of them",
    )
    (warning,) = check(text)
    assert (warning.severity, warning.file, warning.line, warning.column) == ("warning", "a.yml", 3, 4)
    assert "email_security_policy_files names no file" in check("")[0].message or check("")[0].severity == "warning"


def test_risks_are_looked_for_on_request() -> None:
    assert check(RISKY) == []
    warned = check(RISKY, treat="warn")
    assert {finding.severity for finding in warned} == {"warning"}
    assert any(
        (finding.file, finding.line) == ("a.yml", 2) and "high risk trusted_sender_unverified" in finding.message
        for finding in warned
    )
    refused = {finding.message.split()[4]: finding.severity for finding in check(RISKY, treat="high")}
    assert refused["trusted_sender_unverified:"] == "error"
    assert set(refused.values()) == {"error", "warning"}
    assert {finding.severity for finding in check(RISKY, treat="low")} == {"error"}
    accepted = [{"rule": "trusted_sender_unverified", "reason": "training"}]
    assert "trusted_sender_unverified" not in str(check(RISKY, treat="high", accepted=accepted))


def test_findings_of_accounts_are_reported_once() -> None:
    shared = Finding("error", "wrong", "a.yml", 10, 2)
    first, own = Finding("warning", "odd", "a.yml", 9, 1), Finding("error", "email_security_domains: wrong")
    merged = merge({"emea": [shared, first], "us": [shared, own]})
    assert [line for dummy, line in lines(merged, "text")] == [
        "a.yml:9:1: warning: odd",
        "a.yml:10:2: error: wrong",
        "error: us: email_security_domains: wrong",
    ]
    assert closing(merged, 1, 2) == "2 errors, 1 warning (1 file, 2 accounts checked)"
    (root,) = ElementTree.fromstring(junit(merged, ["a.yml", "b.yml"], strict=False))
    assert {case.get("name"): [part.tag for part in case] for case in root} == {
        "a.yml": ["failure", "system-out"],
        "b.yml": [],
        "variables": ["failure"],
    }


@pytest.mark.parametrize("form", FORMATS)
@given(text=st.text(), file=st.text(min_size=1))
@example(text="%0A::add-mask::x\n::error::y\r##[warning]z", file=" ::set-output name=a,b:c::.yml")
@example(text="x", file="##[add-path].yml")
def test_a_line_is_one_line_and_no_command_but_its_own(form: str, text: str, file: str) -> None:
    for finding in (Finding("error", text, file, 1, 2), Finding("warning", text)):
        (line,) = (line for dummy, line in lines([finding], form))
        assert len(line.splitlines()) == 1
        assert "##[" not in line
        if form == "github":
            found = re.fullmatch(r"::(error|warning)(?: file=[^:,]*,line=1,col=2)?::(.*)", line)
            assert found
            assert not re.search("%(?!25)", found[2])
        else:
            assert not line.lstrip().startswith("::")


def test_the_command_of_the_hook() -> None:
    playbook = "cloudflare.email_security.validate"
    files = '{"email_security_policy_files": ["a.yml", "b,c.yml"]}'
    assert command_line(["a.yml", "b,c.yml"]) == [playbook, "--inventory", "localhost,", "--extra-vars", files]
    given = ["--inventory", "inventory.yml", "-e", "email_security_validate_risks=high", "a.yml"]
    assert command_line(given) == [
        playbook,
        *("--inventory", "inventory.yml", "--extra-vars", "email_security_validate_risks=high"),
    ]
    with pytest.raises(SystemExit):
        command_line([])
