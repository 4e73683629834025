# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many exceptions over much mail: how many requests, how much memory, and the right numbers all the same."""

from __future__ import annotations

import tracemalloc

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._evidence.usage import policy_usage_info_module

from modules.in_process import perform
from modules.samples import domain, policy
from simulator.handle import Account
from unit.evidence.reference import decided


def exceptions(count: int) -> list[dict[str, object]]:
    """Exceptions of all kinds, as an account has them after some years."""
    made = [policy(rf"^.*@team{n}\.partner\.example$", pattern_type="EMAIL", is_regex=True) for n in range(count // 10)]
    made += [policy(f"198.51.100.{n}", pattern_type="IP") for n in range(count // 10)]
    made += [policy(f"firm{n}.example") for n in range(count // 2)]
    made += [policy(f"billing@shop{n}.example", pattern_type="EMAIL") for n in range(count - len(made))]
    return [{**entry, "is_acceptable_sender": True, "verify_sender": False} for entry in made]


@pytest.mark.thorough
def test_five_hundred_exceptions_over_a_hundred_thousand_messages(account: Account) -> None:
    account.put({"allow_policies": exceptions(500), "domains": [domain("example.com")]})
    account.put_messages(month={"count": 100_000})
    report = perform(account, policy_usage_info_module(), gather=["allow_policies"])
    assert len(report.requests) <= 101
    assert not report.writes
    expected = decided(message for message in account.messages() if message["scanned_at"] >= report.ok()["since"])
    known = [item for item in report.result["usage"] if item["status"] != "unknown"]
    assert len(known) == 500
    for item in known:
        numbers = expected["allow_policies", item["pattern"]]
        assert {name: item[name] for name in numbers} == numbers
    assert {"used", "unused"} == {item["status"] for item in known}


def test_memory_does_not_grow_with_the_mail(account: Account) -> None:
    """Three times the mail takes no more of it, beyond what a page takes."""
    account.put({"allow_policies": exceptions(50), "domains": [domain("example.com")]})
    peaks = []
    for count in (2_000, 6_000):
        account.put_messages(month={"count": count})
        tracemalloc.start()
        try:
            perform(account, policy_usage_info_module()).ok()
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    few, many = peaks
    assert many < few * 1.5
