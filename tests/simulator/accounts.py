# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The accounts of a simulator. Each is a world of its own, so that tests can share a simulator and not meet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from access import Limiter
from answers import NO_ROUTE, Refusal
from faults import Faults
from messages.jobs import Jobs
from messages.mail import Mail
from options import Options
from requestlog import RequestLog
from settings.resources import DOMAINS, RESOURCES
from settings.store import Clock, Collection

# What a seed holds beside entries and options.
_OTHERS = ("messages", "submissions", "phishguard_reports", "bulk_jobs")
_ACCOUNT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Account:
    """Everything that belongs to one account id."""

    def __init__(self, options: Options) -> None:
        clock = Clock()
        self.collections = {resource.name: Collection(resource, clock) for resource in RESOURCES}
        self.mail = Mail(clock, self.collections)
        self.jobs = Jobs(self.mail)
        self.options = options
        self.faults = Faults()
        self.log = RequestLog()
        self.limiter = Limiter()
        # Work that is put off: how many requests are to be answered before it is done, and the work.
        self._put_off: list[tuple[int, Callable[[], object]]] = []

    def put_off(self, requests: int, work: Callable[[], object]) -> None:
        """Have work done when the request that asks for it, and so many after it, have been dealt with."""
        self._put_off.append((requests + 1, work))

    def catch_up(self) -> None:
        """A request has been dealt with: do the work that was put off until then."""
        waiting = [(requests - 1, work) for requests, work in self._put_off]
        self._put_off = [(requests, work) for requests, work in waiting if requests]
        for requests, work in waiting:
            if not requests:
                work()

    def load(self, document: Mapping[str, Any]) -> None:
        """Replace all entries by a document's. Raises ValueError where it isn't a mapping of lists of mappings."""
        unknown = sorted(set(document) - set(self.collections))
        if unknown:
            raise ValueError(f"unknown collections: {', '.join(unknown)}; there are {', '.join(self.collections)}")
        for name, entries in document.items():
            if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
                raise ValueError(f"{name} must be a list of objects")
            ids = [str(entry["id"]) for entry in entries if "id" in entry]
            if len(ids) != len(set(ids)):
                raise ValueError(f"{name} has two entries with the same id")
        for name, collection in self.collections.items():
            collection.load(document.get(name, []))

    def document(self) -> dict[str, list[dict[str, Any]]]:
        return {name: collection.export() for name, collection in self.collections.items()}

    def activate(self, domain: Any) -> dict[str, Any]:
        """A domain is found to be the account's own. Raises ValueError where there is none of this name."""
        domains = self.collections[DOMAINS.name]
        for entry in domains:
            if entry.get("domain") == domain:
                now = domains.now()
                authorization = {"authorized": True, "status_message": None, "timestamp": now}
                return domains.change(entry, {"status": "active", "authorization": authorization})
        raise ValueError(f"there is no domain {domain!r}")

    def set_options(self, changes: Mapping[str, Any]) -> None:
        """Raises ValueError where an option isn't known or can't have the value."""
        self.options = self.options.changed(changes)
        if "rate_limit" in changes:
            self.limiter = Limiter()


class Accounts:
    """Accounts by id, made on first use. ``defaults`` are the options that a new one starts with."""

    def __init__(self, defaults: Options | None = None, *, known_only: bool = False) -> None:
        self.known_only = known_only
        self._defaults = defaults or Options()
        self._accounts: dict[str, Account] = {}

    def get(self, account_id: str) -> Account:
        """The account, made if need be. Raises ValueError where the id can't be one."""
        if account_id not in self._accounts:
            if not _ACCOUNT_ID.fullmatch(account_id):
                raise ValueError("an account id has 1 to 64 letters, digits, underscores or hyphens")
            self._accounts[account_id] = Account(self._defaults.changed({}))
        return self._accounts[account_id]

    def reached(self, account_id: str) -> Account:
        """The account that a request to the API is about. Raises Refusal where there is none."""
        if self.known_only and account_id not in self._accounts:
            raise Refusal(404, NO_ROUTE, f"Could not route to /accounts/{account_id}")
        try:
            return self.get(account_id)
        except ValueError:
            raise Refusal(404, NO_ROUTE, f"Could not route to /accounts/{account_id}") from None

    def forget(self, account_id: str) -> None:
        self._accounts.pop(account_id, None)

    def seed(self, documents: Mapping[str, Any]) -> None:
        """{account id: document, with options beside the collections}, as --seed takes it. Raises ValueError."""
        if not isinstance(documents, dict):
            raise ValueError("a seed is a mapping of account ids to documents")
        for account_id, document in documents.items():
            account = self.get(str(account_id))
            entries = dict(document or {})
            account.set_options(entries.pop("options", {}))
            others = {name: entries.pop(name, []) for name in _OTHERS}
            account.mail.monthly_report = entries.pop("monthly_report", None)
            account.load(entries)
            # After the entries, which decide about generated mail.
            account.mail.put(others["messages"])
            account.mail.put_submissions(others["submissions"])
            account.mail.put_reports(others["phishguard_reports"])
            account.jobs.put(others["bulk_jobs"], account.options)
