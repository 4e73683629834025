# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A generated month of mail, and what an account's entries decide about it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from simulator.handle import Account
from simulator.messages.deciding import Decider

END = "2026-11-20T12:00:00Z"
PASSED = {"dmarc": "pass", "spf": "none", "dkim": "none"}
FORGED = {"dmarc": "fail", "spf": "softfail", "dkim": "none"}


def policy(pattern: str, kind: str = "DOMAIN", **flags: Any) -> dict[str, Any]:
    none = dict.fromkeys(("is_trusted_sender", "is_exempt_recipient", "is_acceptable_sender", "verify_sender"), False)
    return {"pattern": pattern, "pattern_type": kind, "is_regex": False, **none, **flags}


def blocked(pattern: str, kind: str = "DOMAIN", **flags: Any) -> dict[str, Any]:
    return {"pattern": pattern, "pattern_type": kind, "is_regex": False, **flags}


SETTINGS: dict[str, list[dict[str, Any]]] = {
    "domains": [{"domain": "acme.example", "drop_dispositions": ["MALICIOUS"]}, {"domain": "us.acme.example"}],
    "allow_policies": [
        policy("billing@globex.example", "EMAIL", is_acceptable_sender=True, verify_sender=True),
        policy("initech.example", is_trusted_sender=True),
        policy("203.0.113.7", "IP", is_acceptable_sender=True),
        policy("nobody.example", is_trusted_sender=True),
    ],
    "block_senders": [blocked("phish.example"), blocked(r"(^|\.)acme-[a-z]+-login\.example$", is_regex=True)],
    "trusted_domains": [{"pattern": "acme-group.example", "is_similarity": True, "is_recent": False}],
}


def of(sender: str, disposition: str, **fields: Any) -> dict[str, Any]:
    usual = {"envelope_from": sender, "replyto": sender, "client_recipients": ["ada@acme.example"]}
    addresses = {"smtp_helo_server_ip": "198.51.100.7", "smtp_previous_hop_ip": "198.51.100.7"}
    return {"from": sender, **usual, **addresses, "final_disposition": disposition, "validation": PASSED, **fields}


@pytest.mark.parametrize(
    ("message", "disposition", "named"),
    [
        (of("x@other.example", "SPAM"), "SPAM", None),
        (of("x@phish.example", "NONE"), "MALICIOUS", ("blocked", "phish.example")),
        (of("x@other.example", "NONE", envelope_from="x@PHISH.example"), "MALICIOUS", ("blocked", "phish.example")),
        (of("x@sub.phish.example", "NONE"), "NONE", None),
        (of("x@acme-sso-login.example", "NONE"), "MALICIOUS", ("blocked", SETTINGS["block_senders"][1]["pattern"])),
        (of("x@initech.example", "MALICIOUS"), "NONE", ("allowed_sender", "initech.example")),
        (of("billing@globex.example", "SPOOF"), "NONE", ("acceptable_sender", "billing@globex.example")),
        (of("billing@globex.example", "SPOOF", validation=FORGED), "SPOOF", None),
        (of("billing@globex.example", "SUSPICIOUS"), "SUSPICIOUS", None),
        (of("sales@globex.example", "SPAM"), "SPAM", None),
        (
            of("x@other.example", "BULK", smtp_helo_server_ip="203.0.113.7"),
            "NONE",
            ("acceptable_sender", "203.0.113.7"),
        ),
        (of("x@acme-group.example", "SPOOF"), "NONE", ("domain_similarity", "acme-group.example")),
        (of("x@acme-group.example", "BULK"), "BULK", ("domain_similarity", "acme-group.example")),
        (of("x@acme-group.example", "MALICIOUS"), "MALICIOUS", None),
    ],
)
def test_what_decides(message: dict[str, Any], disposition: str, named: tuple[str, str] | None) -> None:
    decided = Decider(SETTINGS).decide(message)
    said = decided["properties"]
    assert decided["final_disposition"] == disposition
    block = said["blocklisted_pattern"] if said["blocklisted_message"] else None
    allow = said["allowlisted_pattern"]
    assert (("blocked", block) if block else (said["allowlisted_pattern_type"], allow) if allow else None) == named


def test_what_decides_in_what_order() -> None:
    recipient = policy("ada@acme.example", "EMAIL", is_exempt_recipient=True)
    several = {"allow_policies": [policy("a.example"), policy("a.example", is_acceptable_sender=True), recipient]}
    spam, phishing = of("x@a.example", "SPAM"), of("x@a.example", "MALICIOUS")
    assert Decider(several).decide(spam)["properties"]["allowlisted_pattern"] == "a.example"
    assert Decider(several).decide(phishing)["properties"]["allowlisted_pattern_type"] == "allowed_recipient"
    both = {**several, "block_senders": [blocked("a.example")]}
    assert Decider(both).decide(spam)["properties"]["allowlisted_pattern"] is None
    below = of("x@very.deep.a.example", "SPAM")
    assert Decider(several, below=True).decide(below)["final_disposition"] == "NONE"
    unreadable = {"block_senders": [blocked("(", is_regex=True), blocked("no address", "IP")]}
    assert Decider(unreadable).decide(spam)["final_disposition"] == "SPAM"


def test_a_month(account: Account) -> None:
    """What messages say is consistent with the entries, and the sorts of mail that reviewers look for are there."""
    account.put(SETTINGS)
    assert account.put_messages(month={"count": 4000, "seed": 7, "end": END}) == []
    messages = account.messages()
    assert len(messages) == 4000
    assert all("2026-10-21T12:00:00Z" <= one["scanned_at"] < END for one in messages)
    domains = {recipient.partition("@")[2] for one in messages for recipient in one["client_recipients"]}
    assert domains == {"acme.example", "us.acme.example"}

    allowed = Counter(one["properties"]["allowlisted_pattern"] for one in messages)
    assert set(allowed) == {None, "billing@globex.example", "initech.example", "203.0.113.7", "acme-group.example"}
    decider = Decider(SETTINGS)
    for one in messages:
        said, sender = one["properties"], one["from"]
        assert decider.decide(one) == {"final_disposition": one["final_disposition"], "properties": said}
        if said["blocklisted_message"]:
            assert one["final_disposition"] == "MALICIOUS"
        if said["allowlisted_pattern"] == "billing@globex.example":
            assert (sender, one["final_disposition"]) == ("billing@globex.example", "NONE")
            assert "pass" in one["validation"].values()
        assert one["is_quarantined"] == (one["delivery_status"] == ["quarantined"])

    senders = Counter(one["from"].partition("@")[2] for one in messages)
    counts = [count for _domain, count in senders.most_common()]
    assert counts[0] > 5 * counts[20] > 0, "a few senders write most of it"
    assert {"NONE", "BULK", "SPAM", "MALICIOUS", "SUSPICIOUS"} <= {one["final_disposition"] for one in messages}
    wave = [one["scanned_at"] for one in messages if one["from"].endswith("@acme-vpn-login.example")]
    first, last = (datetime.fromisoformat(at.replace("Z", "+00:00")) for at in (min(wave), max(wave)))
    assert last - first < timedelta(days=2), "a wave comes at once"


def test_the_same_month_again(account: Account, simulator: Any) -> None:
    other = simulator.account()
    for each, seed in ((account, 1), (other, 1)):
        each.put(SETTINGS)
        each.put_messages({"id": "one", "scanned_at": END}, month={"count": 300, "seed": seed, "end": END})
    assert _without_made_up(account.messages()) == _without_made_up(other.messages())
    account.add_messages(month={"count": 300, "seed": 2, "end": END})
    assert len(account.messages()) == 601


def _without_made_up(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in messages if one["id"] != "one"]


@pytest.mark.parametrize(
    "month", [{"nonsense": 1}, {"count": -1}, {"count": "9"}, {"days": 0}, {"end": "today"}, {"below": 1}, 7]
)
def test_a_month_that_cannot_be(account: Account, month: Any) -> None:
    with pytest.raises(ValueError, match="refused"):
        account.put_messages(month=month)
    assert account.messages() == []
