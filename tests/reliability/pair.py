# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs of modules on one account at the same time, in this process, with their requests in a chosen order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import ModuleSpec

from modules.in_process import Report, perform
from reliability.gates import Gate, Turns, every_order
from simulator.handle import Account

CLIENTS = ("first", "second")


@dataclass(frozen=True)
class Task:
    """One run: a module and its options."""

    spec: ModuleSpec
    params: Mapping[str, Any]


class Pair:
    """Two runs, each through a gate of its own, from ``with`` to its end.

    :param prepare: makes the account as the runs find it; called before each time.
    :param check: is given the reports of both, each time.
    """

    def __init__(
        self,
        account: Account,
        tasks: Sequence[Task],
        prepare: Callable[[], object],
        check: Callable[[Sequence[Report]], object],
        **connection: Any,
    ) -> None:
        self.account = account
        self.tasks = tasks
        self.prepare = prepare
        self.check = check
        self.connection = connection
        self._turns = Turns(CLIENTS)
        self._gates = {client: Gate(account.base_url, self._turns.guard(client)) for client in CLIENTS}
        self._stack = ExitStack()

    def in_order(self, order: Sequence[int]) -> Sequence[int]:
        """Run both, each time when both could send the one that ``order`` names. Returns whose turn it then was."""
        self.prepare()
        self._turns = turns = Turns(CLIENTS, order)
        for client, gate in self._gates.items():
            gate.guard = turns.guard(client)
        with ThreadPoolExecutor(len(CLIENTS)) as pool:
            reports = list(pool.map(self._run, CLIENTS, self.tasks))
        try:
            self.check(reports)
        except AssertionError as error:
            raise AssertionError(f"in the order {turns.taken}: {error}") from error
        return turns.taken

    def in_every_order(self, most: int) -> int:
        """Run both in every order of their requests. Returns how many there are; fails when more than ``most``.

        Each sends one request at a time, so that an order always means the same.
        """
        self.connection["concurrency"] = 1
        return every_order(self.in_order, most)

    def _run(self, client: str, task: Task) -> Report:
        try:
            connection = {**self.connection, "base_url": self._gates[client].base_url}
            return perform(self.account, task.spec, connection=connection, **task.params)
        finally:
            self._turns.leave(client)

    def __enter__(self) -> Pair:
        for gate in self._gates.values():
            self._stack.enter_context(gate)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
