# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module's work in this process: the same code as in a task, on a clock that no test has to wait for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import Context, ModuleSpec

from simulator.handle import Account
from unit.engine import Engine

# Descriptions of the API by date, the newest and the oldest.
NEWEST, OLDEST = "2026-11", "2026-05"
# For tests whose account follows each of the two.
both_dates = pytest.mark.parametrize("account", [NEWEST, OLDEST], indirect=True)


@dataclass(frozen=True)
class Report:
    """What a run returned, or with what it failed, and what it sent."""

    result: dict[str, Any]
    error: EmailSecurityError | None
    engine: Engine
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def msg(self) -> str:
        return str(self.error or "")

    @property
    def writes(self) -> list[tuple[str, Any]]:
        """Path, with ids as they are, and body of each request that was no GET."""
        return [(unquote(one["path"]), one["body"]) for one in self.requests if one["method"] != "GET"]

    @property
    def reads(self) -> list[str]:
        return [unquote(one["path"]) for one in self.requests if one["method"] == "GET"]

    def ok(self) -> dict[str, Any]:
        """The result of a run that must not have failed."""
        assert self.error is None, self.msg
        return self.result


def perform(
    account: Account, spec: ModuleSpec, *, check: bool = False, connection: dict[str, Any] | None = None, **params: Any
) -> Report:
    """One run. Options that are left out have their defaults; the account's log is cleared before."""
    account.clear_requests()
    engine = Engine(account, read_only=check or not spec.writes, **(connection or {}))
    given = {**{name: option.get("default") for name, option in spec.options.items()}, **params}
    error: EmailSecurityError | None = None
    with engine.http:
        try:
            result = spec.run(Context(engine.client, given, check, False, datetime.now(timezone.utc)))
        except EmailSecurityError as failed:
            error, result = failed, failed.partial
    return Report(result, error, engine, account.requests())


def put_mail(account: Account, count: int = 1, **fields: Any) -> list[str]:
    """Replace the account's mail by messages with these fields; returns their ids."""
    return [message["id"] for message in account.put_messages(*[dict(fields) for _unused in range(count)])]


def log_of(account: Account) -> dict[str, list[tuple[str, bool]]]:
    """What the account says was done to each message, oldest first: operation, and whether it worked."""
    return {
        message["id"]: [(entry["operation"], entry["success"]) for entry in message["action_log"]]
        for message in account.messages()
    }


def folders_of(account: Account) -> dict[str, set[str | None]]:
    """Where each message lies, by its id."""
    return {message["id"]: set(message["mailboxes"].values()) for message in account.messages()}
