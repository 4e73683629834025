# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""1,200 requests in five minutes, and five minutes of 429 for whoever sends more: long runs stay below, or get through.

Client and simulator share a clock that only waiting moves, so that the API's own figures cost a test no minutes.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import NotSentError, ThrottledError
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import settings_module

from modules.in_process import Report, perform
from modules.samples import person, sender
from reliability.gates import Gate, Guard
from reliability.processes import COLLECTION, Playbook
from simulator.handle import Account
from unit import engine
from unit.engine import FakeTime

pytestmark = pytest.mark.thorough

SETTINGS = settings_module()
LIMIT, WINDOW = 1200, 300.0
ENTRIES = 10_000
PEOPLE = [person(f"Person {number:05}", f"p{number:05}@example.com") for number in range(ENTRIES)]
SENDERS = [sender(f"{number:05}.example") for number in range(ENTRIES)]
# The requests before which somebody else uses up what is left: in the middle of a window, and of a later one.
MEDDLED = (3000, 6000)
PATIENT = {"retry_timeout": 86400.0}
# What each list is called, what it is to hold, and what the account is like.
LISTS = {
    "a list that has no batch": ("impersonation_registry", PEOPLE, {}),
    "the batch endpoint is switched off": ("block_senders", SENDERS, {"batch": False}),
}


class SharedTime(FakeTime):
    """A clock that the simulator goes by as well.

    Threads that wait move it one after the other, past answers that are still under way. So waits are longer than real
    ones, and a run may spend more time on a request than it could in truth.
    """

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account
        self._lock = threading.Lock()
        account.options(clock=self.now)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            super().sleep(seconds)
            self.account.options(clock=self.now)


@pytest.fixture
def shared_time(account: Account, monkeypatch: pytest.MonkeyPatch) -> SharedTime:
    time = SharedTime(account)
    monkeypatch.setattr(engine, "FakeTime", lambda: time)
    account.options(rate_limit={"limit": LIMIT, "window": WINDOW, "block": WINDOW})
    return time


def spend_all(account: Account) -> None:
    """Somebody else with the same credentials sends requests until there is no more."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {account.token}"
        url = f"{account.base_url}/accounts/{account.id}/email-security/settings/domains"
        while session.get(url, timeout=30).status_code == 200:
            pass


def spending(account: Account, before: Sequence[int]) -> Guard:
    """The guard of a gate: right before the requests with these numbers, somebody else uses up what is left."""
    numbers = itertools.count(1)
    # One at a time, so that no other answer warns the client.
    lock = threading.Lock()

    @contextmanager
    def guard(method: str, path: str) -> Iterator[None]:
        with lock:
            if next(numbers) in before:
                spend_all(account)
            yield

    return guard


def assert_made_once(account: Account, report: Report, name: str, desired: list[dict[str, Any]]) -> None:
    """Every entry is there, and was sent with success, once; and the run says so."""
    key = "email" if name == "impersonation_registry" else "pattern"
    expected = sorted(each[key] for each in desired)
    assert sorted(each[key] for each in account.state()[name]) == expected
    made = [one["body"][key] for one in report.requests if one["method"] == "POST" and one["status"] == 201]
    assert sorted(made) == expected
    reported = report.ok()
    assert reported["summary"][name]["created"] == len(desired)
    shown = [change["key"][key] for change in reported["changes"]]
    assert shown == expected[: len(shown)]
    assert len(shown) + reported["changes_omitted"].get(name, {}).get("create", 0) == len(expected)


@pytest.mark.parametrize(("name", "desired", "options"), LISTS.values(), ids=LISTS.keys())
def test_alone_a_run_never_meets_the_block(
    account: Account, shared_time: SharedTime, name: str, desired: list[dict[str, Any]], options: dict[str, Any]
) -> None:
    account.options(**options)
    begun = shared_time.now
    report = perform(account, SETTINGS, connection=PATIENT, **{name: desired})
    assert_made_once(account, report, name, desired)
    assert 429 not in Counter(one["status"] for one in report.requests)
    # One to read the list, and one that finds no batch.
    assert len(report.requests) <= len(desired) + 2
    windows = -(-len(report.requests) // LIMIT)
    assert shared_time.now - begun >= (windows - 1) * WINDOW
    assert any("almost used up. Waiting 301 s" in said for said in report.engine.said)


@pytest.mark.parametrize(("name", "desired", "options"), LISTS.values(), ids=LISTS.keys())
def test_a_block_that_others_brought_about_is_waited_for(
    account: Account, shared_time: SharedTime, name: str, desired: list[dict[str, Any]], options: dict[str, Any]
) -> None:
    account.options(**options)
    guard = spending(account, MEDDLED)
    with Gate(account.base_url, guard) as gate:
        report = perform(account, SETTINGS, connection={**PATIENT, "base_url": gate.base_url}, **{name: desired})
    assert_made_once(account, report, name, desired)
    statuses = Counter(one["status"] for one in report.requests if one["path"] == f"settings/{name}")
    # Those that were under way when the block began; nobody retries while it lasts.
    assert len(MEDDLED) <= statuses[429] <= len(MEDDLED) * report.engine.http.connection.concurrency
    assert any("is used up" in said and "Waiting 300 s" in said for said in report.engine.said)


def test_who_may_not_wait_so_long_stops_and_the_next_run_finishes(account: Account, shared_time: SharedTime) -> None:
    desired = PEOPLE[:200]
    account.options(rate_limit={"limit": 100, "window": WINDOW, "block": WINDOW})
    guard = spending(account, [61])
    with Gate(account.base_url, guard) as gate:
        connection = {"base_url": gate.base_url, "retry_timeout": 60.0}
        report = perform(account, SETTINGS, connection=connection, impersonation_registry=desired)
    assert isinstance(report.error, (ThrottledError, NotSentError)), report.error
    assert "retry_timeout does not allow" in report.msg
    done = [change["key"]["email"] for change in report.result["changes"]]
    held = [each["email"] for each in account.state()["impersonation_registry"]]
    # What it says was done is what was done: no more, no less.
    assert sorted(done) == sorted(held)
    assert 0 < len(held) < len(desired)
    shared_time.now += 2 * WINDOW
    account.options(clock=shared_time.now)
    later = perform(account, SETTINGS, impersonation_registry=desired)
    assert later.ok()["summary"]["impersonation_registry"]["created"] == len(desired) - len(held)
    assert len(account.state()["impersonation_registry"]) == len(desired)
    assert perform(account, SETTINGS, impersonation_registry=desired).ok()["changed"] is False


def test_a_real_playbook_waits_for_a_block_and_says_so(account: Account, tmp_path: Path) -> None:
    """In seconds, on the real clock."""
    desired = PEOPLE[:60]
    account.options(rate_limit={"limit": 60, "window": 4, "block": 6})
    guard = spending(account, [31])
    tasks = [{"name": "People", f"{COLLECTION}.settings": {"impersonation_registry": desired}}]
    with Gate(account.base_url, guard) as gate, Playbook(account, tmp_path, tasks, base_url=gate.base_url) as playbook:
        output = " ".join(playbook.ok().split())
    held = account.state()["impersonation_registry"]
    assert sorted(each["email"] for each in held) == [one["email"] for one in desired]
    answers = Counter(one["status"] for one in account.requests() if one["method"] == "POST")
    assert answers[201] == len(desired)
    assert answers[429] >= 1
    assert "is used up" in output
    # Of the six seconds, some may have passed.
    assert re.search(r"Waiting [1-6] s before try 2\.", output)
