# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What planned changes would have done to mail: in numbers, in a sentence, and never in the way of a change."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api import paging
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import settings_module

from modules.in_process import Report, perform
from modules.samples import policy, sender
from simulator.handle import Account
from unit.armed import fault
from unit.evidence.mail import PARTNER, ago, allowed, blocked, clean

PASSES, FAILS = ({"dkim": result, "spf": "none", "dmarc": result} for result in ("pass", "fail"))


def run(account: Account, *, check: bool = True, **params: Any) -> Report:
    return perform(account, settings_module(), check=check, **{"impact": "30d", **params})


def impact_of(report: Report, position: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = report.ok()["changes"][position]["impact"]
    return found


def from_shop(host: str = "shop.example", **fields: Any) -> dict[str, Any]:
    return clean(**{"from": f"offers@{host}", **fields})


def test_a_block_says_whom_it_would_have_stopped(account: Account) -> None:
    account.put_messages(
        *[from_shop(client_recipients=[f"u{number}@example.com"], subject="Secret") for number in range(7)],
        from_shop(final_disposition="SPAM", **{"from": "other@SHOP.example"}),
        from_shop("news.shop.example"),
        from_shop("bishop.example"),
        from_shop(scanned_at=ago(days=40)),
        # It only mentions the domain.
        clean(links=["https://shop.example/"], client_recipients=["offers@shop.example"]),
    )
    report = run(account, block_senders=[sender("shop.example")])
    impact = impact_of(report)
    assert {name: impact[name] for name in ("messages", "below", "senders", "recipients", "decided", "reason")} == {
        "messages": 8,
        "below": 1,
        "senders": 2,
        "recipients": 8,
        "decided": None,
        "reason": None,
    }
    assert impact["dispositions"] == impact["affected"] == {"NONE": 7, "SPAM": 1}
    assert impact["sentence"] == (
        f"It would have stopped 8 messages from 2 senders since {ago(days=30)[:10]}, 7 of them clean. "
        "1 message came from its subdomains; whether the pattern covers them is not documented."
    )
    assert len(impact["examples"]) == 5
    assert set(impact["examples"][0]) == {"id", "from", "scanned_at"}
    assert "Secret" not in str(report.result)
    assert not report.writes
    shown = impact_of(run(account, block_senders=[sender("shop.example")], impact_subjects=True))
    assert "Secret" in {example["subject"] for example in shown["examples"]}


@pytest.mark.parametrize(
    ("switches", "affected"),
    [
        ({"is_trusted_sender": True}, {"MALICIOUS": 1, "SPAM": 1}),
        ({"is_trusted_sender": True, "verify_sender": False}, {"MALICIOUS": 2, "SPAM": 1}),
        ({"is_acceptable_sender": True, "verify_sender": False}, {"SPAM": 1}),
        ({}, {}),
    ],
)
def test_an_allow_policy_says_what_it_would_have_let_through(
    account: Account, switches: dict[str, bool], affected: dict[str, int]
) -> None:
    account.put_messages(
        clean(**{"from": PARTNER, "final_disposition": "MALICIOUS", "validation": FAILS}),
        clean(**{"from": PARTNER, "final_disposition": "MALICIOUS", "validation": PASSES}),
        clean(**{"from": PARTNER, "final_disposition": "SPAM", "validation": PASSES}),
        clean(**{"from": PARTNER}),
    )
    impact = impact_of(run(account, allow_policies=[{"pattern": PARTNER, "pattern_type": "EMAIL", **switches}]))
    assert (impact["messages"], impact["below"], impact["affected"]) == (4, None, affected)


def test_an_exempt_recipient_is_about_recipients(account: Account) -> None:
    account.put_messages(
        clean(client_recipients=["vip@example.com"], final_disposition="MALICIOUS"),
        clean(**{"from": "vip@example.com"}),
    )
    entry = {"pattern": "vip@example.com", "pattern_type": "EMAIL", "is_exempt_recipient": True, "verify_sender": False}
    report = run(account, allow_policies=[entry])
    assert "let 1 malicious message through, of 1 message from 1 sender" in impact_of(report)["sentence"]


def test_an_update_says_what_it_adds(account: Account) -> None:
    """Another comment adds nothing; a wider switch adds what was not let through before."""
    same = policy(PARTNER, pattern_type="EMAIL", is_acceptable_sender=True, verify_sender=False)
    account.put({"allow_policies": [{**same, "comments": "old"}]})
    account.put_messages(
        allowed(PARTNER, "acceptable_sender"),
        clean(**{"from": PARTNER, "final_disposition": "SPAM"}),
        clean(**{"from": PARTNER, "final_disposition": "MALICIOUS-BEC"}),
    )
    comment = impact_of(run(account, allow_policies=[{**same, "comments": "new"}]))
    assert comment["sentence"].startswith("It makes no difference to mail. Its pattern matches 3 messages")
    assert comment["affected"] == {}
    assert comment["decided"] == 1
    wider = impact_of(run(account, allow_policies=[{**same, "is_trusted_sender": True}]))
    assert wider["affected"] == {"MALICIOUS-BEC": 1}


def test_a_deletion_says_what_the_entry_decided(account: Account) -> None:
    account.put({"allow_policies": [policy("partner.example")], "block_senders": [sender("gone.example")]})
    account.put_messages(*[allowed("partner.example") for _unused in range(1200)], blocked("gone.example"))
    absent = {"pattern_type": "DOMAIN", "state": "absent"}
    report = run(
        account,
        allow_policies=[{"pattern": "partner.example", **absent}],
        block_senders=[{"pattern": "gone.example", **absent}],
    )
    said = {change["key"]["pattern"]: change["impact"] for change in report.ok()["changes"]}
    assert said["partner.example"]["sentence"] == f"It decided 1,200 messages since {ago(days=30)[:10]}."
    assert said["gone.example"]["decided"] == 1
    assert report.reads.count("investigate") == 2


REGEXES = {
    r"^invoice-[0-9]+@a\.example$": (1, None),
    r"(?i)^Invoice-\d{3,9}@(a|b)\.example$": (2, None),
    # By one reading the whole text has to match.
    r"invoice": (0, "whether a regular expression must match the whole text"),
    # Upper case may be kept or not.
    r"^Invoice-.*$": (0, "in which case"),
    r"^invoice-.*$": (1, "in which case"),
    r"^(?=invoice).*$": (None, "Java and Python may read differently"),
    r"^[a-z&&[^b]]+@.*$": (None, "Java and Python may read differently"),
    r"^(.*a){3,9}.*$": (None, "Java and Python may read differently"),
}


@pytest.mark.parametrize("expression", REGEXES)
def test_regular_expressions_are_judged_where_that_is_certain(account: Account, expression: str) -> None:
    account.put_messages(
        clean(**{"from": "invoice-4711@a.example"}),
        clean(**{"from": "Invoice-4712@b.example"}),
        clean(**{"from": "someone@a.example"}),
    )
    messages, reason = REGEXES[expression]
    impact = impact_of(run(account, block_senders=[{"pattern": expression, "pattern_type": "EMAIL", "is_regex": True}]))
    assert impact["messages"] == messages
    assert (reason or "None") in str(impact["reason"])
    assert (impact["reason"] is None) is (reason is None)


def test_servers_are_compared_where_messages_name_them(account: Account) -> None:
    account.put_messages(clean(smtp_helo_server_ip="203.0.113.9"), clean(smtp_previous_hop_ip="203.0.113.77"), clean())
    block = {"pattern_type": "IP", "pattern": "203.0.113.0/26"}
    assert impact_of(run(account, block_senders=[block]))["messages"] == 1
    account.put_messages(clean(smtp_helo_server_ip=None, smtp_previous_hop_ip=None))
    assert "do not say which server" in impact_of(run(account, block_senders=[block]))["reason"]


@pytest.mark.parametrize(
    "armed",
    [fault("status_before", status=403, code=10000, message="no permission"), fault("status_before", status=503)],
)
def test_no_evidence_keeps_no_change_from_being_made(account: Account, armed: dict[str, Any]) -> None:
    account.faults({"method": "GET", "path": "investigate$", "times": None, **armed})
    options = {
        "block_senders": [sender("a.example"), sender("b.example")],
        "trusted_domains": [{"pattern": "t.example"}],
    }
    check, real = run(account, **options), run(account, check=False, **options)
    assert {entry["pattern"] for entry in account.state()["block_senders"]} == {"a.example", "b.example"}
    for report in (check, real):
        for change in report.ok()["changes"]:
            impact = change["impact"]
            if change["list"] == "trusted_domains":
                assert impact is None
                continue
            assert impact["messages"] is None
            assert impact["sentence"] == f"Its effect is unknown: {impact['reason']}."
            assert "HTTP" in impact["reason"]


def test_evidence_is_gathered_before_the_first_write(account: Account) -> None:
    report = run(account, check=False, block_senders=[sender("a.example")])
    methods = [(request["method"], request["path"]) for request in report.requests]
    assert methods == [("GET", "settings/block_senders"), ("GET", "investigate"), ("POST", "settings/block_senders")]
    again = run(account, check=False, block_senders=[sender("a.example")])
    assert again.reads == ["settings/block_senders"]


def test_what_the_requests_do_not_reach_is_said(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A domain is searched for then, and what lies below it stays unknown; a regular expression is not known at all."""
    monkeypatch.setattr(paging, "PAGE_SIZE", 10)
    account.put_messages(
        *[from_shop(scanned_at=ago(days=3)) for _unused in range(4)], generate={"count": 900, "seed": 4}
    )
    regex = {"pattern": r"^.*@shop\.example$", "pattern_type": "EMAIL", "is_regex": True}
    report = run(account, block_senders=[sender("shop.example"), regex], impact_max_requests=3)
    found = {change["key"]["is_regex"]: change["impact"] for change in report.ok()["changes"]}
    domain, expression = found[False], found[True]
    assert (domain["messages"], domain["below"]) == (4, None)
    assert domain["reason"] is None
    assert "Mail from its subdomains was not read." in domain["sentence"]
    assert "the limit of 3 requests was reached" in expression["reason"]
    assert report.reads.count("investigate") == 3


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"impact": "soon"}, "impact must be a time"),
        ({"impact_max_requests": 0}, "impact_max_requests must be at least 1"),
    ],
)
def test_mistakes_are_reported_before_any_request(account: Account, params: dict[str, Any], said: str) -> None:
    report = run(account, block_senders=[sender("a.example")], **params)
    assert isinstance(report.error, InputError)
    assert said in report.msg
    assert not report.requests


def test_nobody_who_does_not_ask_is_reported(account: Account) -> None:
    report = run(account, block_senders=[sender("a.example")], impact=None)
    assert "impact" not in report.ok()["changes"][0]
    assert report.reads == ["settings/block_senders"]
