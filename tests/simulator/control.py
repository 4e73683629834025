# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control side, below /_simulator: what tests use to set an account up, break it, and see what was asked of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from accounts import Account, Accounts
from checks import count
from messages.acting import review
from messages.jobs import Job
from messages.mail import exported
from outages import Outages

Endpoint = Callable[[Request], Awaitable[Response]]


def control_routes(accounts: Accounts, outages: Outages) -> list[Route]:
    async def health(request: Request) -> Response:
        return _json({"status": "ok"})

    async def switches(request: Request) -> Response:
        if request.method == "PATCH":
            document = await _document(request, dict)
            if set(document) - {"known_accounts_only"} or not isinstance(document.get("known_accounts_only"), bool):
                raise ValueError("the one switch is known_accounts_only, true or false")
            accounts.known_only = document["known_accounts_only"]
        return _json({"known_accounts_only": accounts.known_only})

    async def state(request: Request) -> Response:
        if request.method == "DELETE":
            accounts.forget(request.path_params["account"])
            await outages.end(request.path_params["account"])
            return _json(None)
        account = _account(request)
        if request.method == "PUT":
            account.load(await _document(request, dict))
        return _json(account.document())

    async def options(request: Request) -> Response:
        account = _account(request)
        if request.method == "PATCH":
            account.set_options(await _document(request, dict))
        return _json(account.options.document())

    async def requests(request: Request) -> Response:
        log = _account(request).log
        if request.method == "DELETE":
            log.clear()
        return _json(log.entries)

    async def mark(request: Request) -> Response:
        log = _account(request).log
        log.mark = (await _document(request, dict)).get("name")
        return _json({"name": log.mark})

    async def faults(request: Request) -> Response:
        armed = _account(request).faults
        if request.method == "POST":
            armed.arm(await _document(request, list))
        elif request.method == "DELETE":
            armed.disarm()
            await outages.end(request.path_params["account"])
        return _json(armed.report())

    async def messages(request: Request) -> Response:
        mail = _account(request).mail
        if request.method == "GET":
            return _json(mail.export(touched=request.query_params.get("touched") == "true"))
        take = mail.put if request.method == "PUT" else mail.add
        filled = take(await _document(request, dict, list))
        return _json({"count": len(mail), "messages": [exported(message) for message in filled]})

    async def submissions(request: Request) -> Response:
        mail = _account(request).mail
        if request.method == "PUT":
            mail.put_submissions(await _document(request, list))
        return _json(mail.submissions)

    async def review_submissions(request: Request) -> Response:
        document = await _document(request, dict)
        if set(document) - {"submission_id", "outcome_disposition"}:
            raise ValueError("a review has submission_id, outcome_disposition, both or neither")
        mail = _account(request).mail
        return _json(review(mail, document.get("submission_id"), document.get("outcome_disposition")))

    async def activate(request: Request) -> Response:
        return _json(_account(request).activate((await _document(request, dict)).get("domain")))

    async def monthly_report(request: Request) -> Response:
        mail = _account(request).mail
        if request.method == "PUT":
            mail.monthly_report = await _document(request, dict)
        elif request.method == "DELETE":
            mail.monthly_report = None
        return _json(mail.monthly_report)

    async def bulk_jobs(request: Request) -> Response:
        account = _account(request)
        if request.method == "PUT":
            account.jobs.put(await _document(request, list), account.options)
        if request.method != "POST":
            return _json([_job(job) for job in account.jobs])
        document = await _document(request, dict)
        if set(document) - {"job_id", "steps"} or not count(document.get("steps", 1)):
            raise ValueError("there must be steps, a number from 1 on, job_id, both or neither")
        requested = document.get("job_id")
        jobs = [job for job in account.jobs if job.under_way and requested in (None, job.id)]
        for job in jobs:
            for _unused in range(document.get("steps", 1)):
                account.jobs.step(job, account.options)
        return _json([_job(job) for job in jobs])

    async def reports(request: Request) -> Response:
        mail = _account(request).mail
        if request.method == "PUT":
            mail.put_reports(await _document(request, list))
        return _json(mail.reports)

    def _account(request: Request) -> Account:
        return accounts.get(request.path_params["account"])

    account = "/_simulator/accounts/{account}"
    table: list[tuple[str, Endpoint, list[str]]] = [
        ("/_simulator/health", health, ["GET"]),
        ("/_simulator/options", switches, ["GET", "PATCH"]),
        (account, state, ["GET", "PUT", "DELETE"]),
        (f"{account}/messages", messages, ["GET", "PUT", "POST"]),
        (f"{account}/submissions", submissions, ["GET", "PUT"]),
        (f"{account}/review", review_submissions, ["POST"]),
        (f"{account}/activate", activate, ["POST"]),
        (f"{account}/monthly_report", monthly_report, ["GET", "PUT", "DELETE"]),
        (f"{account}/bulk_jobs", bulk_jobs, ["GET", "PUT", "POST"]),
        (f"{account}/phishguard_reports", reports, ["GET", "PUT"]),
        (f"{account}/options", options, ["GET", "PATCH"]),
        (f"{account}/requests", requests, ["GET", "DELETE"]),
        (f"{account}/mark", mark, ["POST"]),
        (f"{account}/faults", faults, ["GET", "POST", "DELETE"]),
    ]
    return [Route(path, _with_errors(endpoint), methods=methods) for path, endpoint, methods in table]


def _job(job: Job) -> dict[str, Any]:
    return {**job.fields, **job.counters()}


def _with_errors(endpoint: Endpoint) -> Endpoint:
    """A test that asks for something wrong gets an error that says what, with 400."""

    async def wrapped(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ValueError as error:
            return _json({"error": str(error)}, 400)

    return wrapped


async def _document(request: Request, *kinds: type) -> Any:
    try:
        document = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON: {error}") from None
    if not isinstance(document, kinds):
        names = " or ".join("object" if kind is dict else "array" for kind in kinds)
        raise ValueError(f"the body must be a JSON {names}")
    return document


def _json(document: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json")
