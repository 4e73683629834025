# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the policies, the mail and the requests that are allowed: what is said to be known is right."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api import paging
from ansible_collections.cloudflare.email_security.plugins.module_utils._evidence.usage import policy_usage_info_module
from hypothesis import given
from hypothesis import strategies as st

from modules.in_process import perform
from modules.samples import policy, sender
from simulator.handle import Simulator
from unit.evidence.reference import decided

_HOSTS = ("a.example", "b.example", "sub.a.example")
_ADDRESSES = tuple(f"{local}@{host}" for local in ("x", "y") for host in _HOSTS)
_REGEXES = (r"^x@.*\.example$", r".*")
_IP = "192.0.2.0/24"
_PATTERNS = [
    *((text, "EMAIL", False) for text in _ADDRESSES),
    *((text, "DOMAIN", False) for text in _HOSTS),
    *((text, "EMAIL", True) for text in _REGEXES),
    (_IP, "IP", False),
]


@contextlib.contextmanager
def small_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "PAGE_SIZE", 3)
        yield


@st.composite
def _mail(draw: st.DrawFn, listed: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Messages, each of which names one of the entries that may be about it, or none."""
    messages = []
    for number in range(draw(st.integers(0, 14))):
        author = draw(st.sampled_from(_ADDRESSES))
        about = [
            (name, entry["pattern"])
            for name, entries in listed.items()
            for entry in entries
            if entry["is_regex"] or author.endswith(entry["pattern"]) or entry["pattern_type"] == "IP"
        ]
        name, pattern = draw(st.sampled_from([("", None), *about]))
        kinds = st.sampled_from(["allowed_sender", "acceptable_sender", "quarantine_release"])
        said: dict[str, Any] = {"blocklisted_pattern": pattern} if name == "block_senders" else {}
        if name == "allow_policies":
            said = {"allowlisted_pattern": pattern, "allowlisted_pattern_type": draw(kinds)}
        at = datetime.now(timezone.utc) - timedelta(hours=draw(st.integers(1, 900)), seconds=number)
        messages.append(
            {
                "id": f"m{number}",
                "from": author,
                "properties": said,
                "final_disposition": draw(st.sampled_from(["NONE", "SPAM", "MALICIOUS"])),
                "scanned_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        )
    return messages


@st.composite
def _accounts(draw: st.DrawFn) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    listed: dict[str, list[dict[str, Any]]] = {}
    for name, make in (("allow_policies", policy), ("block_senders", sender)):
        chosen = draw(st.lists(st.sampled_from(_PATTERNS), unique=True, max_size=6))
        listed[name] = [make(text, pattern_type=kind, is_regex=is_regex) for text, kind, is_regex in chosen]
    return listed, draw(_mail(listed))


@given(_accounts(), st.integers(1, 12))
def test_what_is_known_is_as_the_plain_way_has_it(
    simulator: Simulator, made: tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]], most: int
) -> None:
    listed, mail = made
    account = simulator.account()
    try:
        account.put(listed)
        account.put_messages(*mail)
        with small_pages():
            report = perform(account, policy_usage_info_module(), max_requests=most)
        within = [message for message in account.messages() if message["scanned_at"] >= report.ok()["since"]]
        every = decided(within)
        for item in report.result["usage"]:
            expected = every[item["list"], item["pattern"]]
            if item["status"] == "unknown":
                assert item["reason"]
                assert item["messages"] <= expected["messages"]
            else:
                assert {name: item[name] for name in expected} == expected
                assert item["status"] == ("used" if expected["messages"] else "unused")
        assert not report.writes
        assert report.reads.count("investigate") == report.result["requests"] <= most
    finally:
        account.forget()
