# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit report as data, and what fits into it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import escape_hidden
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.danger import account_order
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.facts import owner_of
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.report import (
    MAX_BYTES,
    build,
    dashboard_url,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.rows import change_row
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.text import to_json
from jsonschema import Draft202012Validator, FormatChecker

from browser import samples
from browser.samples import report_of

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs/schemas/audit-report.schema.json").read_text(encoding="utf-8"))


def account(report: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (one for one in report["accounts"] if one["account"] == name)
    return found


@pytest.mark.parametrize("sample", ["calm", "mixed", "hostile", "five", "later"])
def test_every_report_fits_the_published_schema(sample: str) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert_fits(report_of(sample))


def test_a_report_that_does_not_list_all_fits_it_too() -> None:
    report = build(samples.many(3, 200), samples.TIME, max_bytes=100_000)
    assert report["accounts"][0]["not_listed"]["changes"]
    assert_fits(report)


def assert_fits(report: dict[str, Any]) -> None:
    errors = Draft202012Validator(SCHEMA, format_checker=FormatChecker()).iter_errors(json.loads(json.dumps(report)))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_the_schema_lets_nothing_else_pass() -> None:
    validator = Draft202012Validator(SCHEMA)
    for change in ({"extra": 1}, {"version": 2}, {"accounts": [{}]}, {"summary": {}}):
        assert not validator.is_valid({**build(samples.mixed(), samples.TIME), **change})


def test_the_same_findings_give_the_same_report_in_whatever_order() -> None:
    shuffled = dict(random.Random(7).sample(list(samples.mixed().items()), k=7))
    for record in shuffled.values():
        record.get("findings", []).reverse()
        record.get("drift", {}).get("changes", []).reverse()
    assert build(shuffled, samples.TIME) == build(samples.mixed(), samples.TIME)


def test_counts_accounts_drift_and_risks() -> None:
    report = build(samples.mixed(), samples.TIME)
    assert report["summary"] == {
        "accounts": 7,
        "in_sync": 3,
        "drifted": 2,
        "no_policy": 1,
        "unreadable": 1,
        "entries": 6 * sum(samples.SIZES.values()),
        "drift": {"create": 1, "update": 4, "delete": 1},
        "risks": {"high": 1, "medium": 3, "low": 4, "accepted": 1},
        "not_judged": {"lists": 0, "entries": 0, "rules": 0, "monthly_report": 0},
    }
    assert [one["account"] for one in report["accounts"]] == sorted(samples.mixed())
    lists = account(report, "acme-eu")["lists"]
    assert lists["block_senders"] == {
        "entries": 2140,
        "in_policy": True,
        "created": 1,
        "updated": 1,
        "deleted": 0,
        "unchanged": 2140,
        "expired": 0,
        "risks": {"high": 0, "medium": 0, "low": 0, "accepted": 0},
    }
    assert lists["domains"]["risks"]["medium"] == 1
    assert account(report, "globex")["lists"]["domains"]["in_policy"] is False


def test_an_account_that_nobody_got_to_is_reported() -> None:
    (found,) = build({"acme": {}}, samples.TIME)["accounts"]
    assert (found["status"], found["lists"]["domains"]["entries"]) == ("unreadable", None)
    assert "did not get to this account" in found["error"]["message"]


def test_risks_of_an_account_that_could_not_be_compared_are_kept() -> None:
    record = {**samples.mixed()["acme-eu"], "drift": None, "error": {"message": "policy.yml is not there"}}
    (found,) = build({"acme": record}, samples.TIME)["accounts"]
    assert (found["status"], found["risks"]["high"], found["drift"]["update"]) == ("unreadable", 1, 0)


def test_a_change_shows_only_what_differs_in_more_than_spelling() -> None:
    key = {"domain": "example.com"}
    before = {"drop_dispositions": ["SPAM", "BULK"], "ip_restrictions": ["192.0.2.0/24"], "folder": "Inbox"}
    after = {"drop_dispositions": ["bulk", "spam"], "ip_restrictions": [], "folder": "inbox"}
    record = samples.record([samples.change("domains", "update", key, before, after)])
    (change,) = build({"acme": record}, samples.TIME)["accounts"][0]["changes"]
    assert change["fields"] == [{"field": "ip_restrictions", "before": ["192.0.2.0/24"], "after": []}]
    assert change["label"] == "example.com"


def test_only_the_first_warnings_are_kept() -> None:
    record = samples.record(warnings=[f"left out {number}" for number in range(1000)])
    (found,) = build({"acme": record}, samples.TIME)["accounts"]
    assert len(found["warnings"]) == 21
    assert found["warnings"][-1] == "and 980 more warnings"


def test_too_many_entries_are_counted_and_not_listed() -> None:
    report = build(samples.many(20, 1000), samples.TIME)
    text = json.dumps(report, indent=1, ensure_ascii=False)
    # It says of each entry what the page says of a rule once.
    assert MAX_BYTES < len(text.encode()) < 5 * MAX_BYTES
    assert report["summary"]["drift"]["update"] == 20_000
    listed = {len(one["changes"]) for one in report["accounts"]} | {len(one["findings"]) for one in report["accounts"]}
    # No account and no kind crowds out another.
    assert len(listed) == 1
    assert {one["not_listed"]["changes"] for one in report["accounts"]} == {1000 - listed.pop()}


def test_a_small_group_is_kept_whole_beside_a_large_one() -> None:
    pattern = {"pattern": "a.example", "pattern_type": "DOMAIN", "is_regex": False}
    few = [samples.change("domains", "update", {"domain": f"{at}.example"}, {}, {}) for at in range(3)]
    changes = [samples.change("block_senders", "create", pattern, {}, {"comments": "x"}) for dummy in range(1000)]
    (whole,) = build({"acme": samples.record([*few, *changes])}, samples.TIME, max_bytes=10**9)["accounts"]
    (found,) = build({"acme": samples.record([*few, *changes])}, samples.TIME, max_bytes=5000)["accounts"]
    kept = found["changes"]
    assert [one for one in kept if one["list"] == "domains"] == [
        one for one in whole["changes"] if one["list"] == "domains"
    ]
    assert 0 < found["not_listed"]["changes"] == 1003 - len(kept)
    assert 4000 < sum(len(json.dumps(change_row(row), separators=(",", ":"))) + 1 for row in kept) <= 5000


def test_what_fits_is_left_alone() -> None:
    for one in report_of("mixed")["accounts"]:
        assert one["not_listed"] == {"changes": 0, "findings": 0}
        assert sum(one["drift"].values()) == len(one["changes"])


def test_what_lets_more_through_comes_before_what_is_missing() -> None:
    found = account(report_of("five"), "acme-emea")["changes"]
    ranks = [(one["list"], one["action"]) for one in found]
    assert list(dict.fromkeys(ranks)) == [
        ("allow_policies", "delete"),
        ("impersonation_registry", "create"),
        ("block_senders", "delete"),
    ]


def test_an_account_with_high_risks_comes_before_one_that_nobody_could_read() -> None:
    found = {**samples.five(), "locked": samples.unreadable()}
    order = sorted(build(found, samples.TIME)["accounts"], key=account_order)
    assert [one["account"] for one in order] == [
        "acme-emea",
        "acme-labs",
        "acme-us",
        "locked",
        "acme-uk",
        "acme-apac",
    ]


@pytest.mark.parametrize(
    ("comment", "owner"),
    [
        ("Invoices; owner accounts-payable; SEC-1234", "accounts-payable"),
        ("Owner: Jane Doe (finance)", "Jane Doe"),
        ("contact = soc@example.com, until 2027", "soc@example.com"),
        ("Owned by IT", "IT"),
        ("Landowners' association", None),
        ("owner:", None),
        ("", None),
        (None, None),
    ],
)
def test_a_comment_may_name_the_owner(comment: str | None, owner: str | None) -> None:
    assert owner_of(comment) == owner


def test_says_what_was_not_judged() -> None:
    report = report_of("five")
    assert report["summary"]["not_judged"] == {"lists": 1, "entries": 1, "rules": 2, "monthly_report": 1}
    assert account(report, "acme-uk")["not_judged"] == samples.NOT_JUDGED


@pytest.mark.parametrize(
    ("account_id", "part"),
    [("0123456789abcdef", "?to=/0123456789abcdef/"), (None, "?to=/:account/"), ("../evil?x=", "?to=/:account/")],
)
def test_links_lead_to_the_dashboard_and_nowhere_else(account_id: str | None, part: str) -> None:
    assert dashboard_url(account_id) == f"https://one.dash.cloudflare.com/{part}email-security/settings"


def test_data_becomes_plain_json() -> None:
    class Text(str):
        """As Ansible marks texts."""

    made = to_json({"a": Text("x"), 1: (True, None, 2.5, float("nan"), "half \ud83d pair")})
    assert made == {"a": "x", "1": [True, None, 2.5, None, "half \ufffd pair"]}
    assert not isinstance(made["a"], Text)
    assert json.dumps(made).encode()


def test_hidden_characters_are_spelled_out() -> None:
    assert escape_hidden("a\u202eb\u0000\nc\u200bü") == "a<U+202E>b<U+0000> c<U+200B>ü"
