# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which entries decide messages: the same numbers as the plain way, for few requests; what is uncertain is reported."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api import paging
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.messages import MessageOperations
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._evidence.usage import policy_usage_info_module

from modules.in_process import Report, perform
from modules.samples import policy, sender
from simulator.handle import Account
from unit.armed import fault
from unit.evidence.mail import OTHER, PARTNER, ago, allowed, blocked, clean
from unit.evidence.reference import decided


def look(account: Account, **params: Any) -> Report:
    report = perform(account, policy_usage_info_module(), **params)
    assert not report.writes
    return report


def statuses(report: Report) -> dict[str, str]:
    return {item["pattern"]: item["status"] for item in report.ok()["usage"]}


def address(pattern: str, **fields: Any) -> dict[str, Any]:
    return policy(pattern, pattern_type="EMAIL", is_acceptable_sender=True, **fields)


def test_numbers_are_those_of_the_plain_way(account: Account) -> None:
    account.put(
        {
            "allow_policies": [
                address(PARTNER),
                policy("PARTNER.example"),
                policy(r"^.*@regex\.example$", is_regex=True),
                policy("203.0.113.0/24", pattern_type="IP"),
                policy("unused.example"),
            ],
            "block_senders": [sender("other.example")],
        }
    )
    account.put_messages(
        allowed(PARTNER, scanned_at=ago(days=2)),
        allowed(PARTNER, scanned_at=ago(days=3), final_disposition="BULK"),
        allowed(PARTNER, scanned_at=ago(days=40)),
        allowed("partner.example", **{"from": "a@sub.partner.example"}),
        allowed(r"^.*@regex\.example$"),
        allowed("203.0.113.0/24"),
        # Others than policies let these through.
        allowed("unused.example", "domain_recency"),
        allowed("unused.example", "quarantine_release"),
        blocked("other.example"),
        clean(),
    )
    report = look(account)
    every = decided(message for message in account.messages() if message["scanned_at"] >= ago(days=30))
    for item in report.ok()["usage"]:
        pattern = item["pattern"].replace("PARTNER", "partner")
        expected = every[item["list"], pattern]
        assert {name: item[name] for name in expected} == expected, pattern
        assert item["status"] == ("used" if expected["messages"] else "unused")
        assert item["reason"] is None
    assert statuses(report)["unused.example"] == "unused"
    assert report.result["requests"] == 1
    assert report.reads == ["settings/allow_policies", "settings/block_senders", "investigate"]


def test_few_addresses_are_searched_for_where_that_is_cheaper(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 10)
    account.put({"allow_policies": [address(PARTNER), address(OTHER)]})
    mail = [allowed(PARTNER, scanned_at=ago(days=number + 1)) for number in range(12)]
    account.put_messages(*mail, generate={"count": 200, "seed": 2, "fields": {"final_disposition": "NONE"}})
    report = look(account, gather=["allow_policies"])
    assert statuses(report) == {PARTNER: "used", OTHER: "unused"}
    assert report.result["usage"][0]["messages"] == 12
    # A page to see how much mail there is, two of the one sender, one of the other.
    assert report.result["requests"] == 4
    searched = [request["query"].get("sender") for request in report.requests if request["path"] == "investigate"]
    assert Counter(searched) == Counter({None: 1, PARTNER: 2, OTHER: 1})
    assert all(
        request["query"]["detections_only"] == "false"
        for request in report.requests
        if request["path"] == "investigate"
    )


def test_a_single_address_takes_a_single_request(account: Account) -> None:
    account.put({"allow_policies": [policy("vip@example.com", pattern_type="EMAIL", is_exempt_recipient=True)]})
    account.put_messages(
        allowed("vip@example.com", "allowed_recipient", client_recipients=["vip@example.com"]), clean()
    )
    report = look(account)
    assert [(item["status"], item["messages"]) for item in report.ok()["usage"]] == [("used", 1)]
    assert [request["query"].get("recipient") for request in report.requests][-1] == "vip@example.com"
    assert report.result["requests"] == 1


def test_what_was_not_looked_at_is_unknown(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 10)
    account.put({"allow_policies": [policy(r"^a@x\.example$", is_regex=True), policy("d.example"), address(PARTNER)]})
    account.put_messages(allowed(PARTNER), generate={"count": 400, "seed": 3})
    report = look(account, max_requests=4)
    found = {item["pattern"]: item for item in report.ok()["usage"]}
    assert {pattern: item["status"] for pattern, item in found.items()} == {
        r"^a@x\.example$": "unknown",
        "d.example": "unknown",
        PARTNER: "used",
    }
    assert "subdomains" in found["d.example"]["reason"]
    assert "the limit of 4 requests was reached" in found[r"^a@x\.example$"]["reason"]
    assert report.result["requests"] == 4


def test_what_cannot_be_distinguished_is_unknown(account: Account) -> None:
    account.put(
        {
            "allow_policies": [policy("same.example"), policy("same.example", is_regex=True), policy("quiet.example")],
            "block_senders": [sender("loud.example"), sender("silent.example")],
        }
    )
    account.put_messages(allowed("same.example"), blocked("loud.example"), blocked(""))
    found = look(account).ok()["usage"]
    assert [item["status"] for item in found] == ["unknown", "unknown", "unused", "unknown", "unknown"]
    assert "the same text" in found[0]["reason"]
    assert "do not name the pattern" in found[3]["reason"]


def test_messages_that_come_again_count_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that overlap, as where a service counts places while mail comes in."""
    account.put({"allow_policies": [policy("partner.example")]})
    mail = [allowed("partner.example", id=f"m{number}", scanned_at=ago(hours=number)) for number in range(1, 8)]
    pages = {"": (mail[:3], "a", 0), "a": (mail[2:5], "b", 0), "b": (mail[3:], "", 0)}
    monkeypatch.setattr(MessageOperations, "search_page", lambda self, query, cursor="", size=None: pages[cursor])
    (item,) = look(account).ok()["usage"]
    assert (item["status"], item["messages"]) == ("used", 7)


@pytest.mark.parametrize(
    ("armed", "said"),
    [
        (fault("repeat_cursor"), "returned the same cursor twice"),
        (fault("status_before", status=403, code=10000, message="Authentication error"), "HTTP 403"),
    ],
)
def test_a_search_that_fails_leaves_what_it_was_for_unknown(
    account: Account, armed: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 2)
    account.put({"allow_policies": [policy("partner.example")]})
    account.put_messages(*[allowed("partner.example", scanned_at=ago(hours=number + 1)) for number in range(9)])
    account.faults({"method": "GET", "path": "investigate$", "times": None, **armed})
    (item,) = look(account).ok()["usage"]
    assert item["status"] == "unknown"
    assert said in item["reason"]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"since": "last week"}, "since must be a time"),
        ({"since": "2999-01-01"}, "since must lie in the past"),
        ({"max_requests": 0}, "max_requests must be at least 1"),
    ],
)
def test_mistakes_are_reported_before_any_request(account: Account, params: dict[str, Any], said: str) -> None:
    report = look(account, **params)
    assert isinstance(report.error, InputError)
    assert said in report.msg
    assert not report.requests
