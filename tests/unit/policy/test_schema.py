# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON schema of policy files takes what is right, and refuses mistakes in fields and types as the reader does."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import jsonschema
import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.read import read_file
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._policy.dump import SCHEMA as ADDRESS
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._validate.findings import RiskOptions, validate

from unit.policy.schema import SCHEMA, complaints

SAMPLES = sorted((Path(__file__).resolve().parents[3] / "playbooks/sample/policies").glob("*.yml"))
NOW = datetime(2026, 7, 1, tzinfo=timezone.utc)

RIGHT = """
block_senders:
  - &base {pattern: phish.example, pattern_type: DOMAIN, comments: 0012, is_regex: false, expires: 2035-06-30}
  - {<<: *base, pattern: other.example, expires: "2035-06-30T18:00:00Z", state: absent}
  - {id: abc, comments: null}
  - {pattern: z.example, pattern_type: DOMAIN, comments: !unsafe "{{ a }}"}
impersonation_registry:
  - {name: "No", email: a@x.example, directory_id: 7, accepted_risks: {shadowed: because}}
domains:
  - {domain: x.example, regions: [DE], lookback_hops: 3, require_tls_inbound: true}
trusted_domains: []
"""
WRONG = {
    "list misspelt": "block_sender: []",
    "field misspelt": "block_senders: [{pattern: x.example, pattern_type: DOMAIN, coment: y}]",
    "field of another list": "trusted_domains: [{pattern: x.example, verify_sender: true}]",
    "retired field": "allow_policies: [{pattern: x.example, pattern_type: DOMAIN, is_spoof: true}]",
    "key missing": "block_senders: [{pattern: x.example}]",
    "key null": "block_senders: [{pattern: null, pattern_type: DOMAIN}]",
    "another type of pattern": "block_senders: [{pattern: x.example, pattern_type: HOST}]",
    "a mapping for a list": "block_senders: {pattern: x.example, pattern_type: DOMAIN}",
    "text for an entry": "block_senders: [x.example]",
    "a list for text": "block_senders: [{pattern: [x.example], pattern_type: DOMAIN}]",
    "text for a switch": "block_senders: [{pattern: x.example, pattern_type: DOMAIN, is_regex: maybe}]",
    "text for a number": "domains: [{domain: x.example, lookback_hops: two}]",
    "number too large": "domains: [{domain: x.example, lookback_hops: 21}]",
    "unknown region": "domains: [{domain: x.example, regions: [FR]}]",
    "empty pattern": "block_senders: [{pattern: '', pattern_type: DOMAIN}]",
    "state": "block_senders: [{pattern: x.example, pattern_type: DOMAIN, state: gone}]",
    "date": "block_senders: [{pattern: x.example, pattern_type: DOMAIN, expires: 30.06.2035}]",
    "risk without a reason": "trusted_domains: [{pattern: x.example, accepted_risks: {shadowed: ''}}]",
    "nothing": "block_senders:",
}


def _read(text: str) -> list[str]:
    """What the collection itself says."""
    policy = read_file("policy.yml", text.encode(), lambda secret: secret)
    findings = validate(policy, {}, ["policy.yml"], NOW, RiskOptions())[0]
    return [finding.message for finding in findings if finding.severity == "error"]


def test_the_schema_is_one_and_has_its_address() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == ADDRESS
    assert SCHEMA["$comment"].startswith("Version 1.")


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_the_sample_is_right_and_names_the_schema(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert f"\n# yaml-language-server: $schema={ADDRESS}\n---\n" in text
    assert complaints(text) == []


def test_what_is_right_is_taken() -> None:
    assert _read(RIGHT) == []
    assert complaints(RIGHT) == []


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_refused_as_the_reader_does(mistake: str) -> None:
    assert _read(WRONG[mistake])
    assert complaints(WRONG[mistake])
