# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API side of the simulator: an ASGI application that takes each request through log, faults and operation."""

from __future__ import annotations

import asyncio
from typing import Any

from access import check_access, credential_kind
from accounts import Account, Accounts
from answers import NO_ROUTE, Answer, Refusal
from faults import Fault
from outages import Outages
from requestlog import Recorder
from routing import Request, Router
from wire import Wire, read_request


class Exchange:
    """One request and what becomes of it."""

    def __init__(self, account: Account, request: Request, router: Router, outages: Outages, wire: Wire) -> None:
        self.account = account
        self.request = request
        self.outages = outages
        self.left = wire.left
        self.break_off: int | None = None
        # The statuses that the work ended with, each time that it was done.
        self.worked: list[int] = []
        self._router = router

    def work(self, request: Request | None = None) -> Answer:
        """Do what the request (or another in its place) asks for, if its sender may; refusals become answers."""
        account = self.account
        headers: dict[str, str] = {}
        try:
            headers = account.limiter.count(account.options)
            check_access(account.options, self.request)
            answer = self._router.call(account, request or self.request)
        except Refusal as refusal:
            answer = refusal.answer(pointers=account.options.pointers)
        answer.headers = {**headers, **answer.headers}
        self.worked.append(answer.status)
        return answer

    async def answer(self, fault: Fault | None) -> Answer | None:
        """What the client gets; None is a connection that closes without an answer."""
        if latency := self.account.options.latency_ms:
            await asyncio.sleep(latency / 1000)
        if fault is None:
            return self.work()
        return await fault.behaviour.behaviour(self, fault.arguments)


class Api:
    """The ASGI application below /client/v4."""

    def __init__(self, accounts: Accounts, router: Router, recorder: Recorder | None, outages: Outages) -> None:
        self._accounts = accounts
        self._router = router
        self._recorder = recorder
        self._outages = outages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = await read_request(scope, receive)
        if request is None:
            return
        wire = Wire(scope, receive, send)
        try:
            if request.account_id is None:
                raise Refusal(404, NO_ROUTE, f"Could not route to {request.url_path}")
            account = self._accounts.reached(request.account_id)
        except Refusal as refusal:
            answer: Answer | None = refusal.answer()
            fault_kind, break_off, date = None, None, None
        else:
            entry = account.log.add(request, credential_kind(request))
            fault = account.faults.take(request)
            fault_kind = entry["fault"] = fault.kind if fault else None
            exchange = Exchange(account, request, self._router, self._outages, wire)
            entry["work"] = exchange.worked
            answer = await exchange.answer(fault)
            break_off, date = exchange.break_off, account.options.api
            entry["status"] = answer.status if answer else None
            account.catch_up()
        lines = answer.lines() if answer else {}
        if self._recorder:
            self._recorder.add(request, answer, lines, fault_kind, date)
        if answer is None:
            await wire.cut()
        else:
            await wire.send(answer, lines, break_off)
