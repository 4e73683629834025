# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two real ansible-playbook processes on the same account at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from modules.in_process import folders_of
from modules.samples import person, sender
from reliability.gates import LONGEST_WAIT, Gate, Guard
from reliability.processes import COLLECTION, Playbook
from simulator.handle import Account

pytestmark = pytest.mark.thorough

SENDERS = [sender(f"{name}.example", comments="new") for name in "abcdefgh"]
PEOPLE = [person(name, f"{name}@example.com", comments="new") for name in "abcdefgh"]
DOCUMENT = {"block_senders": SENDERS, "impersonation_registry": PEOPLE}
IDS = [f"message-{number}" for number in range(6)]
Work = Sequence[Mapping[str, Any]] | str


def task(module: str, **params: Any) -> list[dict[str, Any]]:
    return [{"name": module, f"{COLLECTION}.{module}": params}]


def loop(module: str, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    params = {name: f"{{{{ item.{name} }}}}" for name in entries[0]}
    return [{"name": module, f"{COLLECTION}.{module}": params, "loop": list(entries)}]


def team(name: str) -> list[dict[str, Any]]:
    desired = [sender(f"{name}{number}.example", comments=f"team {name}") for number in range(4)]
    return task("settings", block_senders=desired, purge=["block_senders"], purge_scope=f"^team {name}$")


def put_settings(account: Account) -> None:
    people = [{**each, "comments": "old"} for each in PEOPLE[:3]]
    senders = [{**each, "comments": "old"} for each in SENDERS[:3]]
    account.put({"impersonation_registry": people, "block_senders": senders})


def put_teams(account: Account) -> None:
    account.put(
        {
            "block_senders": [
                sender(f"{name}{number}.example", comments=f"team {name}") for name in "xy" for number in (3, 9)
            ]
        }
    )


def has_document(account: Account) -> None:
    state = account.state()
    for name, key in (("block_senders", "pattern"), ("impersonation_registry", "email")):
        held = sorted((each[key], each["comments"]) for each in state[name])
        assert held == sorted((each[key], "new") for each in DOCUMENT[name])


def has_teams(account: Account) -> None:
    held = sorted(each["pattern"] for each in account.state()["block_senders"])
    assert held == [f"{name}{number}.example" for name in "xy" for number in range(4)]


def put_mail(account: Account) -> None:
    account.put_messages(*({"id": each} for each in IDS))


def has_moved(account: Account) -> None:
    assert folders_of(account) == {each: {"JunkEmail"} for each in IDS}


@dataclass(frozen=True)
class Case:
    """What each of the two does, what they find, and what there must be in the end."""

    works: Sequence[Work]
    prepare: Callable[[Account], object]
    check: Callable[[Account], None]
    options: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


MOVE = task("message_move", investigate_ids=IDS, destination="JunkEmail")
CASES = {
    "the same document": Case([task("settings", **DOCUMENT)] * 2, put_settings, has_document),
    "the same document, no batch": Case(
        [task("settings", **DOCUMENT)] * 2, put_settings, has_document, {"batch": False}
    ),
    "a document and its entries one by one": Case(
        [
            task("settings", **DOCUMENT),
            loop("impersonation_registry_entry", PEOPLE) + loop("block_sender", SENDERS[:4]),
        ],
        put_settings,
        has_document,
    ),
    "two teams": Case([team("x"), team("y")], put_teams, has_teams),
    "two teams, no batch": Case([team("x"), team("y")], put_teams, has_teams, {"batch": 405}),
    "the role apply": Case(
        [f"{COLLECTION}.apply"] * 2,
        put_settings,
        has_document,
        variables={f"email_security_{name}": entries for name, entries in DOCUMENT.items()},
    ),
    "the same wave": Case([MOVE, MOVE], put_mail, has_moved),
}  # fmt: skip


class Meeting:
    """Two clients that begin together: the first request of each waits for the other's. ``passed`` is who sent what."""

    def __init__(self) -> None:
        self.passed: list[tuple[int, str]] = []
        self._begin = threading.Barrier(2)

    def guard(self, client: int) -> Guard:
        begun = threading.Event()

        @contextmanager
        def pass_on(method: str, path: str) -> Iterator[None]:
            if not begun.is_set():
                begun.set()
                self._begin.wait(LONGEST_WAIT)
            self.passed.append((client, method))
            yield

        return pass_on

    def assert_together(self) -> None:
        """Neither had finished when the other began, and both had something to write in mind by then."""
        clients = [client for client, _method in self.passed]
        ends = [len(clients) - 1 - clients[::-1].index(client) for client in (0, 1)]
        assert max(clients.index(0), clients.index(1)) < min(ends), self.passed
        first_write = next(place for place, (_client, method) in enumerate(self.passed) if method != "GET")
        assert {client for client, _method in self.passed[:first_write]} == {0, 1}, self.passed


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_two_at_once(account: Account, tmp_path: Path, case: Case) -> None:
    account.options(latency_ms=60, **case.options)
    case.prepare(account)
    meeting = Meeting()
    with ExitStack() as stack:
        playbooks = []
        for client, work in enumerate(case.works):
            gate = stack.enter_context(Gate(account.base_url, meeting.guard(client)))
            folder = tmp_path / str(client)
            playbook = Playbook(account, folder, work, base_url=gate.base_url, variables=case.variables)
            playbooks.append(stack.enter_context(playbook))
        for playbook in playbooks:
            playbook.ok()
    meeting.assert_together()
    case.check(account)
    account.options(latency_ms=0)
    account.clear_requests()
    with Playbook(account, tmp_path / "later", case.works[0], variables=case.variables) as playbook:
        assert "changed=0" in playbook.ok()
    assert not [one for one in account.requests() if one["method"] != "GET"]
    case.check(account)
