# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests stay within the budget that responses report."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.pacing import Pace
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import NotSentError

from simulator.handle import Account
from unit.engine import Engine, connect

LIST = "settings/block_senders"


def reported(left: object, seconds: object, policy: str = '"default";q=1200;w=300') -> dict[str, str]:
    return {"Ratelimit": f'"default";r={left};t={seconds}', "Ratelimit-Policy": policy}


def after(headers: Mapping[str, str], reserve: int = 20) -> Pace:
    """A pace at the second 100, when one answer with these headers has come."""
    pace = Pace(reserve)
    assert pace.start(100.0) == 0
    pace.end(100.0, headers)
    return pace


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, 0),
        (reported(1199, 300), 0),
        (reported(21, 30), 0),
        (reported(20, 30), 31),
        (reported(0, 30), 31),
        (reported(0, 99999), 301),
        (reported(0, "soon"), 0),
        (reported("none", 30), 0),
        (reported(-5, 30), 0),
        ({"Ratelimit": '"burst";r=0;t=9, "default";r=900;t=200'}, 10),
        ({"Ratelimit": '"burst";r=0;t=9, "default";r=0;t=200'}, 201),
        ({"Ratelimit": '"default";t=30;r=0'}, 31),
        ({"Ratelimit": '"default";r=0'}, 0),
        ({"Ratelimit": ";;,=;r=5;t=1,"}, 2),
        # Of a small window, no more than a twentieth is left to others.
        (reported(3, 30, '"default";q=40;w=60'), 0),
        (reported(2, 30, '"default";q=40;w=60'), 31),
        (reported(1, 30, '"default";q=10;w=60'), 0),
    ],
)
def test_how_long_to_wait(headers: Mapping[str, str], wait: float) -> None:
    assert after(headers).start(100.0) == wait


def test_what_goes_out_is_counted_before_its_answer_comes() -> None:
    pace = after(reported(23, 30))
    assert [pace.start(100.0) for _unused in range(4)] == [0, 0, 0, 31]
    pace.end(101.0, reported(22, 29))
    # Two are still under way.
    assert pace.start(101.0) == 30


def test_a_window_that_is_over_holds_nothing_back() -> None:
    pace = after(reported(0, 30))
    assert pace.start(130.9) == pytest.approx(0.1)
    assert pace.start(131.0) == 0


def test_a_block_holds_all_back() -> None:
    pace = after({})
    pace.block(400.0)
    assert pace.start(100.0) == 300
    assert pace.start(400.0) == 0


def test_nothing_is_found_out_by_running_into_the_limit(account: Account) -> None:
    account.options(rate_limit={"limit": 40, "window": 1, "block": 60})
    with Http(connect(account)) as http:
        http.map_concurrent(lambda number: http.get(LIST, {"page": number}), range(1, 91))
    assert [request["status"] for request in account.requests()] == [200] * 90


def test_a_wait_that_the_task_does_not_allow(account: Account) -> None:
    account.options(rate_limit={"limit": 2, "window": 100, "block": 100})
    engine = Engine(account, retry_timeout=50.0)
    engine.http.get(LIST)
    engine.http.get(LIST)
    with pytest.raises(NotSentError, match=r"GET settings/block_senders was not sent: The rate limit .* retry_timeout"):
        engine.http.get(LIST)
    assert len(account.requests()) == 2
    assert engine.time.naps == []
