# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is new, and nothing else: across restarts, late arrivals, same times, pages, and faults of the API."""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import NoAnswerError
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._events.feed import (
    MESSAGES,
    PHISHGUARD_REPORTS,
)
from hypothesis import given
from hypothesis import strategies as st

from eda.source import HOSTILE, ago, emit, ids, start_poller
from modules.in_process import both_dates
from simulator.handle import Account


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "checkpoint.json"


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of ids are noted here, and no machine fails in between."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def names(found: list[dict[str, Any]]) -> list[str]:
    return [str(message["id"]) for message in found]


def test_each_message_is_an_event_once_and_oldest_first(account: Account, path: Path) -> None:
    given = account.put_messages(*({"scanned_at": ago(minutes=minutes)} for minutes in (5, 20, 10)))
    poller = start_poller(path, account)
    events = poller.poll()
    by_age = [given[1], given[2], given[0]]
    assert ids(events) == names(by_age)
    assert [event.body["message"]["subject"] for event in events] == [message["subject"] for message in by_age]
    assert {event.body["account_id"] for event in events} == {account.id}
    # Not noted yet, so it is new again.
    assert ids(poller.poll()) == ids(events)
    assert emit(poller) == ids(events)
    assert emit(poller) == emit(start_poller(path, account)) == []
    assert {entry["method"] for entry in account.requests()} == {"GET"}


def test_an_event_says_which_policy_decided_its_message(account: Account, path: Path) -> None:
    allowed = {"allowlisted_pattern": "{{ x }}.example", "allowlisted_pattern_type": "allowed_sender"}
    blocked = {"blocklisted_message": True, "blocklisted_pattern": "b.example"}
    account.put_messages(
        {"scanned_at": ago(minutes=3), "properties": allowed},
        {"scanned_at": ago(minutes=2), "properties": blocked},
        {"scanned_at": ago(minutes=1)},
    )
    first, second, third = (event.body for event in start_poller(path, account).poll())
    assert first["let_through_by"] == {
        "list": "allow_policies",
        "pattern": "{ { x }}.example",
        "type": "allowed_sender",
    }
    assert second["blocked_by"] == {"list": "block_senders", "pattern": "b.example", "type": None}
    assert {"let_through_by", "blocked_by"}.isdisjoint({*third, *(set(first) & set(second))})


def test_a_restart_in_the_middle_goes_on_where_it_was(account: Account, path: Path) -> None:
    given = names(account.put_messages(*({"scanned_at": ago(minutes=10 - number)} for number in range(5))))
    poller = start_poller(path, account)
    events = poller.poll()
    for event in events[:2]:
        poller.note(event)
    # The third was emitted, and then it ended before that was noted: the one that comes twice.
    assert events[2].id == given[2]
    assert emit(start_poller(path, account)) == given[2:]
    assert emit(start_poller(path, account)) == []


def test_what_comes_while_it_is_down_is_not_missed(account: Account, path: Path) -> None:
    start_poller(path, account, since=timedelta(0))
    given = names(account.put_messages({"scanned_at": ago(seconds=0)}))
    assert emit(start_poller(path, account, since=timedelta(0))) == given


def test_late_arrivals_are_noticed_within_the_overlap(account: Account, path: Path) -> None:
    account.put_messages({"scanned_at": ago(minutes=1)})
    poller = start_poller(path, account)
    assert len(emit(poller)) == 1
    late = names(account.add_messages({"scanned_at": ago(minutes=50)}))
    assert emit(poller) == late
    # Later than promised. If this were noticed, the promise could be a better one.
    account.add_messages({"scanned_at": ago(minutes=70)})
    assert emit(poller) == emit(start_poller(path, account)) == []


def test_messages_of_one_second_are_distinguished(account: Account, path: Path) -> None:
    second = ago(minutes=5)
    first = names(account.put_messages({"scanned_at": second}, {"scanned_at": second}))
    poller = start_poller(path, account)
    assert sorted(emit(poller)) == sorted(first)
    more = names(account.add_messages({"scanned_at": second}))
    assert emit(poller) == more


def test_only_what_the_filters_say_becomes_an_event(account: Account, path: Path) -> None:
    """The API finds who links to a domain, too. That is reported once, and never becomes an event."""
    sent = {"from": "a@evil.example", "scanned_at": ago(minutes=5), "final_disposition": "MALICIOUS"}
    links = {**sent, "from": "soc@acme.example", "links": ["https://evil.example/login"]}
    given = names(account.put_messages(sent, links))
    poller = start_poller(path, account, filters={"domain": "evil.example"})
    assert emit(poller) == given[:1]
    assert poller.client.warnings == ["Left out of what the API found: 1 neither from the domain nor to it."]
    poller.client.warnings.clear()
    account.add_messages({**links, "scanned_at": ago(minutes=4)})
    assert emit(poller) == emit(poller) == []
    assert poller.client.warnings == ["Left out of what the API found: 1 neither from the domain nor to it."]


def test_all_pages_are_read(account: Account, path: Path) -> None:
    account.put_messages(generate={"count": 2500, "start": ago(minutes=50), "end": ago(minutes=1), "detections": 1})
    poller = start_poller(path, account)
    events = poller.poll()
    assert len(set(ids(events))) == len(events) == 2500
    assert [event.time for event in events] == sorted(event.time for event in events)
    assert [entry["query"].get("cursor") is not None for entry in account.requests()] == [False, True, True]


@pytest.mark.parametrize("kind", ["appear_between_pages", "vanish_between_pages"])
def test_a_list_that_moves_while_it_is_read(account: Account, path: Path, kind: str) -> None:
    account.put_messages(generate={"count": 1500, "start": ago(minutes=50), "end": ago(minutes=1), "detections": 1})
    before = set(names(account.messages()))
    account.faults({"kind": kind, "path": "^investigate$"})
    poller = start_poller(path, account)
    found = [*emit(poller), *emit(poller)]
    assert account.fault_report()[0]["fired"] == 1
    assert len(found) == len(set(found))
    assert set(found) >= before & set(names(account.messages()))


def test_what_could_not_be_read_is_asked_for_again(account: Account, path: Path) -> None:
    """The second page repeats its cursor, so the oldest messages are not reached. The next time they are."""
    account.put_messages(generate={"count": 3500, "start": ago(hours=5), "end": ago(minutes=1), "detections": 1})
    account.faults({"kind": "repeat_cursor"})
    poller = start_poller(path, account)
    began = poller.checkpoint.newest
    first = emit(poller)
    assert 0 < len(first) < 3500
    assert poller.checkpoint.newest == began
    assert poller.client.warnings
    second = emit(poller)
    assert sorted([*first, *second]) == sorted(names(account.messages()))


def test_an_answer_that_never_comes_changes_nothing(account: Account, path: Path) -> None:
    given = names(account.put_messages({"scanned_at": ago(minutes=1)}))
    poller = start_poller(path, account)
    text = path.read_text()
    account.faults({"kind": "cut_before", "times": 8})
    with pytest.raises(NoAnswerError):
        poller.poll()
    assert path.read_text() == text
    assert emit(poller) == given


def test_ids_are_forgotten_when_their_time_is_over(account: Account, path: Path) -> None:
    account.put_messages({"scanned_at": ago(hours=3)}, {"scanned_at": ago(minutes=90)})
    poller = start_poller(path, account)
    assert len(emit(poller)) == 2
    assert len(poller.checkpoint.seen) == 1
    assert emit(poller) == []
    account.add_messages({"scanned_at": ago(minutes=1)})
    assert len(emit(poller)) == 1
    assert [json.loads(line)[0] for line in path.read_text().splitlines()[1:]] == list(poller.checkpoint.seen)
    assert len(poller.checkpoint.seen) == 1
    assert emit(start_poller(path, account)) == []


def test_what_is_older_than_the_start_is_no_event(account: Account, path: Path) -> None:
    account.put_messages({"scanned_at": ago(hours=7)})
    assert emit(start_poller(path, account)) == []


def test_filters_are_passed_on(account: Account, path: Path) -> None:
    caught, clean = account.put_messages({"scanned_at": ago(minutes=2)}, {"final_disposition": "NONE"})
    only_detections = start_poller(path, account, filters={"detections_only": True})
    assert emit(only_detections) == names([caught])
    everything = start_poller(path, account, filters={"detections_only": False})
    assert emit(everything) == names([clean])


def test_reports(account: Account, path: Path) -> None:
    def reports(*minutes: float) -> list[dict[str, Any]]:
        return [{"created_at": ago(minutes=each), "title": f"{each} minutes ago"} for each in minutes]

    account.options(phishguard_pages=True)
    given = account.put_phishguard_reports(*reports(*range(1, 41)), *reports(600))
    poller = start_poller(path, account, PHISHGUARD_REPORTS)
    events = poller.poll()
    assert [event.body["report"]["title"] for event in events] == [
        f"{minutes} minutes ago" for minutes in range(40, 0, -1)
    ]
    assert len(emit(poller)) == 40
    account.put_phishguard_reports(*given, *reports(30.5))
    assert len(emit(poller)) == 1
    assert emit(start_poller(path, account, PHISHGUARD_REPORTS)) == []


def test_what_senders_write_stays_data(account: Account, path: Path) -> None:
    account.put_messages(*({"subject": text, "from_name": text, "to_name": [text]} for text in HOSTILE[:-3]))
    for event in start_poller(path, account).poll():
        text = json.dumps(event.body)
        assert not any(opening in text for opening in ("{{", "{%", "{#", '"#jinja2:'))


@dataclass
class Shelf:
    """In the place of the API: items that show up at a time of their own. It reads as the API does."""

    items: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    clock: datetime = datetime(2026, 11, 22, tzinfo=timezone.utc)

    def now(self) -> datetime:
        return self.clock

    @property
    def messages(self) -> Shelf:
        return self

    def reports(self, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
        start = filters["start"].replace("Z", "+00:00")
        return [item for appears, item in self.items if appears <= self.clock and item["created_at"] >= start]


@both_dates
@pytest.mark.parametrize("total", ["given", "zero", "missing"])
def test_every_report_is_an_event_once(account: Account, path: Path, total: str) -> None:
    """More than a page has where nothing else is asked for, whatever the API says of their number."""
    account.options(phishguard_total_count=total)
    account.put_phishguard_reports(*({"id": number, "created_at": ago(minutes=number + 1)} for number in range(53)))
    poller = start_poller(path, account, PHISHGUARD_REPORTS)
    assert emit(poller) == [str(number) for number in reversed(range(53))]
    assert emit(poller) == []


def test_odd_times_hide_nothing(account: Account, path: Path) -> None:
    """A time to come must not move the start beyond what comes next; one that is none must not be asked for again."""
    shelf = Shelf()
    began = shelf.clock

    def add(name: str, created_at: datetime | str) -> str:
        time = created_at.isoformat() if isinstance(created_at, datetime) else created_at
        shelf.items.append((began, {"id": name, "created_at": time}))
        return name

    poller = start_poller(path, account, PHISHGUARD_REPORTS, client=shelf, clock=shelf.now)
    future = add("future", began + timedelta(days=2))
    timeless = add("timeless", "9999-99-99")
    assert sorted(emit(poller)) == sorted([future, timeless])
    shelf.clock += timedelta(hours=3)
    now_made = add("made now", shelf.clock - timedelta(minutes=30))
    assert emit(poller) == [now_made]
    again = start_poller(path, account, PHISHGUARD_REPORTS, client=shelf, clock=shelf.now)
    assert emit(again) == []


@given(
    items=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 59)), max_size=30),
    chance=st.integers(0, 2**32),
)
def test_nothing_is_missed_and_only_a_crash_repeats(items: list[tuple[int, int]], chance: int) -> None:
    """Items are made in any minute and show up up to an hour later; the source is killed at any point."""
    seed = random.Random(chance)
    shelf = Shelf()
    began = shelf.clock
    for number, (minute, delay) in enumerate(items):
        made = began + timedelta(minutes=minute)
        shelf.items.append((made + timedelta(minutes=delay), {"id": number, "created_at": made.isoformat()}))
    seed.shuffle(shelf.items)
    emitted: list[str] = []
    repeats = 0
    with tempfile.TemporaryDirectory() as folder:
        account: Any = type("Nobody", (), {"id": "a1"})
        path = Path(folder) / "checkpoint.json"

        def start() -> Any:
            return start_poller(path, account, PHISHGUARD_REPORTS, since=timedelta(0), client=shelf, clock=shelf.now)

        poller = start()
        while shelf.clock < began + timedelta(minutes=420):
            shelf.clock += timedelta(minutes=seed.randint(1, 40))
            events = poller.poll()
            killed = seed.random() < 0.3
            last = seed.randint(0, len(events)) if killed else len(events)
            for event in events[:last]:
                emitted.append(event.id)
                poller.note(event)
            if killed and last < len(events) and seed.random() < 0.5:
                # Handed over, and killed before that was noted.
                emitted.append(events[last].id)
                repeats += 1
            if killed:
                poller = start()
            else:
                poller.finish()
        emit(poller)
        emitted.extend(ids(poller.poll()))
    assert set(emitted) == {str(number) for number in range(len(items))}
    assert len(emitted) - len(set(emitted)) == repeats


def test_the_names_are_those_of_the_sources() -> None:
    assert (MESSAGES.source, PHISHGUARD_REPORTS.source) == ("messages", "phishguard_reports")
