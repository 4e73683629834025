# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is tried again, and how long is waited for it."""

from __future__ import annotations

import email.utils
import time
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import NO_ANSWER_TRIES
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.pacing import backoff, retry_after
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    EmailSecurityError,
    NoAnswerError,
    ThrottledError,
)

from simulator.handle import Account
from unit.armed import RATE_LIMITS, UNCONFIRMED, fault
from unit.engine import Engine, blocked

LIST = "settings/block_senders"


def tried(account: Account) -> int:
    return len(account.requests())


@pytest.mark.parametrize("armed", [*RATE_LIMITS.values(), *UNCONFIRMED.values()], ids=[*RATE_LIMITS, *UNCONFIRMED])
def test_reads_are_tried_again(account: Account, armed: dict[str, Any]) -> None:
    there = account.put({"block_senders": [blocked(1)]})["block_senders"]
    account.faults({**armed, "times": 3})
    engine = Engine(account)
    assert [entry["id"] for entry in engine.http.get(LIST).result] == [there[0]["id"]]
    assert (tried(account), len(engine.time.naps)) == (4, 3)


@pytest.mark.parametrize("armed", RATE_LIMITS.values(), ids=RATE_LIMITS)
def test_writes_are_tried_again_after_a_rate_limit(account: Account, armed: dict[str, Any]) -> None:
    account.faults({**armed, "times": 3})
    Engine(account).http.send("POST", LIST, blocked(1))
    assert (tried(account), len(account.state()["block_senders"])) == (4, 1)


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("armed", UNCONFIRMED.values(), ids=UNCONFIRMED)
def test_writes_are_never_retried_when_unconfirmed(account: Account, armed: dict[str, Any], method: str) -> None:
    (there,) = account.put({"block_senders": [blocked(1)]})["block_senders"]
    account.faults({**armed, "times": None})
    engine = Engine(account)
    path, body = (LIST, blocked(2)) if method == "POST" else (f"{LIST}/{there['id']}", {"comments": "a"})
    with pytest.raises(NoAnswerError, match=f"^{method} settings/block_senders"):
        engine.http.send(method, path, body if method != "DELETE" else None)
    assert (tried(account), engine.time.naps) == (1, [])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("2.5", 2.5),
        ("300", 300),
        ("3000", 300),
        ("inf", 300),
        ("-5", 0),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 300),
        ("Fri, 99 Jan 2100 00:00:00 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_retry_after_as_a_date() -> None:
    seconds = retry_after(email.utils.formatdate(time.time() + 100, usegmt=True))
    assert seconds is not None
    assert 98 <= seconds <= 100


@pytest.mark.parametrize(("given", "slept"), [(7, 7), (300, 300), (3000, 300)])
def test_retry_after_is_waited_for_and_reported(account: Account, given: int, slept: float) -> None:
    account.faults(fault("rate_limited", retry_after=given))
    engine = Engine(account)
    engine.http.get(LIST)
    assert engine.time.naps == [slept]
    (said,) = engine.said
    assert f"GET {LIST}" in said
    assert f"Waiting {slept} s before try 2" in said
    assert "rate limit" in said


def test_short_waits_are_not_reported(account: Account) -> None:
    account.faults({**fault("cut_before"), "times": 3})
    engine = Engine(account)
    engine.http.get(LIST)
    assert engine.said == []


@pytest.mark.parametrize("value", [0, -1, "Thu, 01 Jan 1970 00:00:00 GMT"], ids=["zero", "negative", "clock ahead"])
def test_a_retry_after_of_nothing_does_not_mean_without_pause(account: Account, value: Any) -> None:
    account.faults({**fault("rate_limited", retry_after=value), "times": None})
    engine = Engine(account)
    with pytest.raises(ThrottledError):
        engine.http.get(LIST)
    assert tried(account) < 100


def test_pauses_grow_to_half_a_minute() -> None:
    for tries in range(1, 200):
        assert 0.8 * min(30, 2.0 ** (tries - 2)) <= backoff(tries) <= 1.2 * min(30, 2.0 ** (tries - 2))


@pytest.mark.parametrize("limit", [0.0, 10.0, 299.0, 301.0, 700.0])
@pytest.mark.parametrize("armed", [fault("cut_before"), fault("rate_limited", retry_after=300)], ids=["cut", "429"])
def test_retry_timeout_bounds_the_waiting(account: Account, armed: dict[str, Any], limit: float) -> None:
    account.faults({**armed, "times": None})
    engine = Engine(account, retry_timeout=limit)
    with pytest.raises(EmailSecurityError, match="Gave up after"):
        engine.http.get(LIST)
    assert sum(engine.time.naps) <= limit
    assert tried(account) == 1 + len(engine.time.naps)
    most = limit // 300 if armed["kind"] == "rate_limited" else NO_ANSWER_TRIES - 1
    assert len(engine.time.naps) <= most


def test_a_rate_limit_is_waited_for_as_long_as_it_takes(account: Account) -> None:
    account.faults({**fault("rate_limited", retry_after=60), "times": 14})
    engine = Engine(account, retry_timeout=900.0)
    engine.http.get(LIST)
    assert sum(engine.time.naps) == 14 * 60


@pytest.mark.parametrize("throttled", [NO_ANSWER_TRIES - 1, NO_ANSWER_TRIES + 2])
def test_rate_limits_do_not_count_as_missing_answers(account: Account, throttled: int) -> None:
    account.faults({**fault("rate_limited"), "times": throttled}, {**fault("cut_before"), "times": 2})
    engine = Engine(account)
    engine.http.get(LIST)
    assert tried(account) == throttled + 2 + 1


def test_missing_answers_after_rate_limits_end_too(account: Account) -> None:
    account.faults({**fault("rate_limited"), "times": NO_ANSWER_TRIES + 2}, {**fault("cut_before"), "times": None})
    with pytest.raises(NoAnswerError, match="Gave up after"):
        Engine(account).http.get(LIST)
    assert tried(account) <= NO_ANSWER_TRIES * 2 + 2
