# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What proves a domain: which tasks report it, and what happens where it cannot be read. And the monthly report."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import NotOfferedError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import read as lookup
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.domains import DOMAINS
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings import read
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entry import entry_module

from modules.in_process import Report, perform
from modules.samples import domain
from simulator.handle import Account
from unit.armed import fault

NEW = domain("shop.example")
VERIFICATION = {"method": "GET", "path": "/verification$", "times": None}


def run(account: Account, *, check: bool = False, **more: Any) -> Report:
    return perform(account, entry_module(DOMAINS), check=check, **{**NEW, "state": "present", **more})


def names(report: Report) -> list[str]:
    return [path.rpartition("/")[2] for path in report.reads]


def test_a_new_domain_says_how_it_is_proved_until_it_is(account: Account) -> None:
    assert "verification" not in run(account, check=True).ok()["entry"]
    made = run(account)
    proof = made.ok()["entry"]["verification"]
    assert proof["txt_record_name"] == "_cf-email-sec-challenge.shop.example"
    assert proof["txt_record_value"]
    # Run again, in check mode or not, it is reported again; whoever publishes it needs it each time.
    for check in (True, False):
        again = run(account, check=check)
        assert not again.ok()["changed"]
        assert again.result["entry"]["verification"] == proof
    account.activate("shop.example")
    active = run(account)
    assert "verification" not in active.ok()["entry"]
    assert names(active) == ["domains"]


def test_an_integration_leaves_nothing_to_publish(account: Account) -> None:
    """The answer is a 204 without a body, which is not asked for again."""
    report = run(account, integration_id="c0ffee00-0000-4000-8000-000000000001")
    assert report.ok()["entry"]["verification"] is None
    assert names(report).count("verification") == 1


@pytest.mark.parametrize(
    "armed",
    [
        fault("status_before", status=403),
        fault("status_before", status=500),
        fault("html_200"),
        fault("cut_before"),
        fault("redirect", location="https://elsewhere.example/"),
    ],
    ids=lambda armed: str(armed["arguments"]),
)
def test_what_was_done_does_not_fail_for_that(account: Account, armed: dict[str, Any]) -> None:
    account.faults({**armed, **VERIFICATION})
    report = run(account)
    assert report.ok()["changed"]
    assert "verification" not in report.result["entry"]
    assert any("verification could not be read" in warning for warning in report.engine.client.warnings)


def test_it_is_read_for_those_that_are_asked_for(account: Account) -> None:
    account.put({"domains": [domain("a.example", status="pending"), domain("b.example", status="active")]})
    info = read.info_module(DOMAINS)
    assert names(perform(account, info)) == ["domains"]
    report = perform(account, info, verification=True)
    found = {entry["domain"]: entry["verification"] for entry in report.ok()["domains"]}
    assert found["b.example"] is None
    assert found["a.example"]["status"].upper() == "PENDING"
    (by_id,) = perform(account, info, verification=True, id=report.result["domains"][0]["id"]).ok()["domains"]
    assert by_id["verification"] == found[by_id["domain"]]


def test_an_older_api_does_not_have_it(account: Account) -> None:
    account.options(domain_verification=False)
    account.put({"domains": [domain("a.example", status="pending"), domain("b.example", status="active")]})
    report = perform(account, read.info_module(DOMAINS), verification=True)
    assert [entry["verification"] for entry in report.ok()["domains"]] == [None, None]
    assert len(set(report.engine.client.warnings)) == 1
    made = run(account)
    assert made.ok()["entry"]["verification"] is None
    assert made.engine.client.warnings


def test_a_204_is_no_list(account: Account) -> None:
    account.faults({**fault("status_before", status=204, body="empty"), "path": "domains$", "times": None})
    assert "without a list" in perform(account, read.info_module(DOMAINS)).msg


@pytest.mark.parametrize(
    ("report", "shown"),
    [
        ({}, {}),
        ({"by_month": {}}, {}),
        ({"by_month": {"2026-10": [{"disposition": "SPAM", "total": 3}], "2026-09": None}}, ["2026-09", "2026-10"]),
    ],
)
def test_months(account: Account, report: dict[str, Any], shown: Any) -> None:
    account.put_monthly_report(report)
    found = perform(account, lookup.monthly_report_info_module()).ok()["by_month"]
    assert list(found) == list(shown)
    assert found.get("2026-10", []) == report.get("by_month", {}).get("2026-10", [])


def test_an_older_api_counts_no_months(account: Account) -> None:
    account.options(monthly_report=False)
    assert isinstance(perform(account, lookup.monthly_report_info_module()).error, NotOfferedError)
