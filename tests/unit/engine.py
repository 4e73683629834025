# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine against one account of the simulator, on a clock that no test has to wait for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._api.client import Client
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.connection import Connection
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entries import read_entries
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.limits import Limits
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.planning import Target, read_plans
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.reconcile import Done, Reconciler

from simulator.handle import Account

NOW = datetime(2026, 7, 1, tzinfo=timezone.utc)


class FakeTime:
    """A clock that only sleeping moves."""

    # More naps than any test needs: whoever takes them retries without a pause.
    MOST_NAPS = 3000

    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds
        assert len(self.naps) < self.MOST_NAPS, "too many tries without a pause worth its name"


def connect(account: Account, **more: Any) -> Connection:
    values: dict[str, Any] = {
        "base_url": account.base_url,
        "account_id": account.id,
        "headers": {"Authorization": f"Bearer {account.token}"},
        "timeout": 10.0,
    }
    return Connection(**{**values, **more})


class Engine:
    """One run of the engine on an account. ``said`` holds its notices while waiting, ``reported`` its progress."""

    def __init__(self, account: Account, *, read_only: bool = False, **connection: Any) -> None:
        self.account = account
        self.time = FakeTime()
        self.said: list[str] = []
        self.reported: list[str] = []
        self.http = Http(
            connect(account, **connection),
            read_only=read_only,
            clock=self.time.clock,
            sleep=self.time.sleep,
            notify=self.said.append,
            report_progress=self.reported.append,
        )
        self.client = Client(self.http)
        self.reconciler: Reconciler | None = None

    def run(
        self,
        documents: dict[str, list[Entry]],
        *,
        purge: Sequence[str] = (),
        purge_limit: int = 5000,
        change_limit: int | None = None,
    ) -> list[Done]:
        """Make the account as the documents say; lists in ``purge`` lose what they do not name."""
        targets = [
            Target(
                RESOURCES[name],
                read_entries(RESOURCES[name], document, NOW),
                (lambda entry: True) if name in purge else None,
            )
            for name, document in documents.items()
        ]
        limits = Limits(purge_limit, change_limit)
        self.reconciler = Reconciler(self.client, targets, limits)
        return self.reconciler.carry_out(read_plans(self.client, targets, limits))

    @property
    def done(self) -> list[tuple[str, str]]:
        """What the run says it did: action and label."""
        assert self.reconciler is not None
        return steps(self.reconciler.done)


def steps(done: Sequence[Done]) -> list[tuple[str, str]]:
    return [(step.change.action, step.change.resource.label(step.change.entry)) for step in done]


def written(account: Account, name: str) -> list[dict[str, Any]]:
    """What the account holds, without what the server adds; sorted."""
    resource = RESOURCES[name]
    names = [*resource.key, "comments"] if "comments" in resource.by_name else [*resource.key, "folder"]
    return sorted(({field: entry.get(field) for field in names} for entry in account.state()[name]), key=repr)


def sent(account: Account) -> list[tuple[str, str]]:
    """The writes that reached the simulator: method and path."""
    return [(entry["method"], entry["path"]) for entry in account.requests() if entry["method"] != "GET"]


def blocked(number: int | str, **more: Any) -> dict[str, Any]:
    pattern = number if isinstance(number, str) else f"n{number:05}.example"
    return {"pattern": pattern, "pattern_type": "DOMAIN", "is_regex": False, "comments": None, **more}


def person(number: int, **more: Any) -> dict[str, Any]:
    entry = {"email": f"n{number}@example.com", "name": f"Person {number}", "is_email_regex": False, "comments": None}
    return {**entry, **more}
