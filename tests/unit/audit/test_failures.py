# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What fails a job, over all accounts and for each: both say the same, whatever was found."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.conditions import (
    CONDITIONS,
    read_conditions,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.report import build
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.verdict import (
    account_failures,
    failures,
    lines,
)
from hypothesis import given
from hypothesis import strategies as st

ERRORS = st.sampled_from([None, "AccessError", "PolicyError", "InputError", "NotReached", "NewKind"])
CHANGE = {"list": "block_senders", "action": "create", "key": {"pattern": "x.example"}, "before": None, "after": {}}
SUMMARY = {"block_senders": {"created": 1, "updated": 0, "deleted": 0, "unchanged": 0, "expired": 0}}
FINDINGS = st.builds(
    lambda severity, accepted: {
        "rule": "regex_unanchored",
        "severity": severity,
        "list": "allow_policies",
        "key": {},
        "accepted": accepted,
    },
    st.sampled_from(["high", "medium", "low"]),
    st.sampled_from([None, "meant"]),
)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """What may be found in an account; nothing at all, where nobody got to it."""
    if draw(st.booleans()):
        return {}
    record: dict[str, Any] = {"findings": draw(st.lists(FINDINGS, max_size=3))}
    error = draw(ERRORS)
    if error:
        record["error"] = {"message": "Because.", "type": error}
    elif draw(st.booleans()):
        record["drift"] = {"summary": SUMMARY, "changes": [CHANGE] * draw(st.integers(0, 2))}
    return record


@given(
    found=st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), records()),
    fail_on=st.lists(st.sampled_from(CONDITIONS), max_size=3),
)
def test_the_job_fails_for_the_accounts_that_it_names(found: dict[str, Any], fail_on: list[str]) -> None:
    report = build(found, "2026-07-01T00:00:00Z")
    sentences, reasons = failures(report, fail_on), account_failures(report, fail_on)
    named = {name for sentence in sentences for name in sentence.rstrip(".").rpartition(": ")[2].split(", ")}
    assert named == set(reasons)
    unreadable = {one["account"] for one in report["accounts"] if one["status"] == "unreadable"}
    assert unreadable <= set(reasons) or not fail_on
    assert len(lines(report)) == len(found)


def test_what_befell_an_account_is_named_for_what_it_is() -> None:
    found = {kind: {"error": {"message": "Because.", "type": kind}} for kind in ("AccessError", "PolicyError")}
    report = build({**found, "Later": {}}, "2026-07-01T00:00:00Z")
    assert failures(report, ["unreadable"]) == [
        "1 account could not be read: AccessError.",
        "1 account could not be compared: PolicyError.",
        "1 account was not reached: Later.",
    ]
    assert lines(report)[1].startswith("Later: was not reached: The audit did not get to this account")


def test_a_sentence_does_not_name_hundreds() -> None:
    report = build({f"{number:03}": {} for number in range(300)}, "2026-07-01T00:00:00Z")
    (sentence,) = failures(report, ["drift"])
    assert sentence.startswith("300 accounts were not reached: ")
    assert sentence.endswith(": 000, 001, 002, 003, 004, 005, 006, 007, 008, 009 and 290 more.")


@given(st.lists(st.sampled_from(CONDITIONS)), st.sampled_from([",", ", ", " ,,"]))
def test_conditions_are_a_list_or_text(conditions: list[str], between: str) -> None:
    assert read_conditions(conditions) == read_conditions(between.join(conditions)) == conditions


@pytest.mark.parametrize("value", [None, "", " ", [], [""]])
def test_nothing_is_no_condition(value: Any) -> None:
    assert read_conditions(value) == []


@given(st.one_of(st.text(), st.lists(st.text()), st.integers(), st.dictionaries(st.text(), st.text())))
def test_any_other_value_is_refused(value: Any) -> None:
    parts = value if isinstance(value, list) else [value]
    if {name.strip() for part in parts for name in str(part).split(",")} <= {"", *CONDITIONS}:
        return
    with pytest.raises(InputError, match=r"^email_security_audit_fail_on: there is no "):
        read_conditions(value)
