# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is new and what is gone since earlier reports, and what may fail on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.history import History, since_previous
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.junit import junit
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.page import page
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.read import read_reports, report_files
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.report import build
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.verdict import account_failures, failures

from browser import samples
from browser.samples import finding, record, report_of, sender

MONDAY, TUESDAY, WEDNESDAY = (f"2026-11-0{day}T06:00:00Z" for day in (2, 3, 4))
RISK = finding("trusted_sender_unverified", "allow_policies", sender("a.example"))
OTHER = finding("trusted_sender_unverified", "allow_policies", sender("b.example"))
ACCEPTED = {**RISK, "accepted": "Meant."}


def only(report: dict[str, Any]) -> dict[str, Any]:
    (account,) = report["accounts"]
    found: dict[str, Any] = account
    return found


def after(found: dict[str, Any], *earlier: tuple[str, dict[str, Any]], when: str = WEDNESDAY) -> dict[str, Any]:
    """The only account of a report, compared with earlier ones."""
    history = History(build({"acme": one}, time) for time, one in earlier)
    return only(build({"acme": found}, when, history=history))


def test_what_is_new_what_is_gone_and_since_when() -> None:
    report = report_of("later")
    assert report["previous"] == "2026-11-01T06:00:00Z"
    assert since_previous(report) == {
        "previous": "2026-11-01T06:00:00Z",
        "drift": 1,
        "risks": {"high": 1, "medium": 0, "low": 0},
        "gone": 2,
        "incomplete": [],
        "gone_rows": [],
    }
    emea = next(one for one in report["accounts"] if one["account"] == "acme-emea")
    fresh = [one for kind in ("changes", "findings") for one in emea[kind] if one["new"]]
    assert {one["key"]["pattern"] for one in fresh} == {"fresh.example"}
    assert {one["first_seen"] for one in fresh} == {samples.TIME}
    assert {one["first_seen"] for one in emea["findings"] if not one["new"]} == {"2026-10-31T06:00:00Z"}
    assert {(one["label"], one["action"], one["rule"]) for one in emea["gone"]} == {
        ("rogue.example DOMAIN", "delete", None),
        ("gmail.com DOMAIN", None, "public_mail_provider"),
    }
    assert [(run["generated_at"][:10], run["high"]) for run in report["trend"]] == [
        ("2026-10-30", 0),
        ("2026-10-31", 8),
        ("2026-11-01", 8),
        ("2026-11-02", 8),
    ]


def test_what_was_accepted_and_is_no_more_is_new() -> None:
    found = after(record(findings=[RISK]), (MONDAY, record(findings=[ACCEPTED])))
    (risk,) = found["findings"]
    assert (risk["new"], risk["first_seen"]) == (True, MONDAY)
    # What is accepted now is neither new nor gone.
    found = after(record(findings=[ACCEPTED]), (MONDAY, record(findings=[RISK])))
    assert (found["findings"][0]["new"], found["gone"]) == (False, [])


def test_an_account_that_could_not_be_read_is_compared_with_the_report_before() -> None:
    found = after(record(findings=[RISK]), (MONDAY, record(findings=[RISK])), (TUESDAY, samples.unreadable()))
    assert found["since_previous"]["previous"] == MONDAY
    assert found["findings"][0]["new"] is False
    # And of one that cannot be read now, nothing is gone.
    assert after(samples.unreadable(), (MONDAY, record(findings=[RISK])))["gone"] == []


def test_without_a_report_that_judged_the_account_everything_is_new() -> None:
    found = after(record(findings=[RISK]))
    assert (found["since_previous"]["previous"], found["since_previous"]["new"]["high"]) == (None, 1)
    assert found["findings"][0]["first_seen"] == WEDNESDAY
    # Where nothing was to be compared, nothing is said of it.
    assert only(build({"acme": record(findings=[RISK])}))["since_previous"] is None


def test_what_an_earlier_report_did_not_list_counts_as_new_and_the_page_says_so() -> None:
    risks = [finding("uncommented_exception", "allow_policies", sender(f"{at:04}.example")) for at in range(50)]
    cut = build({"acme": record(findings=risks)}, MONDAY, max_bytes=2000)
    report = build({"acme": record(findings=risks)}, TUESDAY, history=History([cut]))
    since = only(report)["since_previous"]
    assert since["incomplete"] is True
    assert since["new"]["low"] == only(cut)["not_listed"]["findings"] > 0
    assert "The earlier report does not list everything of acme" in page(report)


@pytest.mark.parametrize(
    ("fail_on", "expected"),
    [
        (
            ["new"],
            [
                "1 account drifted, 1 new entry in all: acme-emea.",
                "There are new risks, 1 high: acme-emea.",
            ],
        ),
        (["new", "risk:high"], ["There are new risks, 1 high: acme-emea."]),
        (["drift", "new"], ["1 account drifted, 1 new entry in all: acme-emea."]),
        (["new", "risk:medium", "unreadable"], ["There are new risks, 1 high: acme-emea."]),
    ],
)
def test_a_job_may_fail_on_what_is_new_alone(fail_on: list[str], expected: list[str]) -> None:
    report = report_of("later")
    assert failures(report, fail_on) == expected
    assert set(account_failures(report, fail_on)) == {"acme-emea"}


def test_junit_may_fail_on_what_is_new_alone() -> None:
    root = ElementTree.fromstring(junit(report_of("later"), only_new=True))
    failed = {
        f"{case.get('classname')}.{case.get('name')}": case.find("failure")
        for case in root.iter("testcase")
        if case.find("failure") is not None
    }
    assert set(failed) == {"acme-emea.drift.allow_policies", "acme-emea.risk.trusted_sender_unverified"}
    risk = failed["acme-emea.risk.trusted_sender_unverified"]
    assert (risk.get("type"), risk.get("message")) == ("risk:high", "1 new of 3 high")
    assert "fresh.example" in risk.text
    assert "billing@" not in risk.text
    reported = [
        case.findtext("system-out") for case in root.iter("testcase") if case.get("classname") == "acme-us.drift"
    ]
    assert "30 entries drifted: 30 missing. None of it is new." in reported


def test_reads_files_and_folders_of_reports(tmp_path: Path) -> None:
    for name in ("audit-1.json", "2026-11-02/audit.json", "other.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(build({}, MONDAY)), encoding="utf-8")
    files = report_files("x", [str(tmp_path), str(tmp_path / "audit-1.json")])
    assert [str(file.relative_to(tmp_path)) for file in files] == ["2026-11-02/audit.json", "audit-1.json"]
    assert [report["generated_at"] for report in read_reports("x", files)] == [MONDAY, MONDAY]
    with pytest.raises(InputError, match=r"^previous: there is no .*gone; name a report"):
        report_files("previous", [str(tmp_path / "gone")])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "is no report of an audit"),
        ('{"version": 1}', "is no report of an audit"),
        ('{"version": 2, "generated_at": "", "summary": {}, "rules": [], "accounts": []}', "has version 2"),
    ],
)
def test_what_is_no_report_is_refused_by_its_name(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "audit.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"^previous: .*audit\.json {said}"):
        list(read_reports("previous", [tmp_path / "audit.json"]))
