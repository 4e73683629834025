# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of faults: what each makes of an exchange.

A behaviour takes the exchange and the fault's arguments. It may have the work done, ``exchange.work()``, or not, and
returns what the client gets: an Answer, or None for a connection that is closed without one.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

import orjson

import interference
from answers import HTML, SIMULATED, THROTTLED, THROTTLED_200, Answer, failure, html_page
from messages import elsewhere, polling

if TYPE_CHECKING:
    from accounts import Account
    from outages import Outages
    from routing import Request

Arguments = Mapping[str, Any]

# Stands for the default of an argument that has none.
REQUIRED: Any = object()


class Exchange(Protocol):
    """What a behaviour can reach. ``break_off`` is how many bytes of the answer's body are sent before the end."""

    account: Account
    request: Request
    outages: Outages
    break_off: int | None

    def work(self, request: Request | None = None) -> Answer:
        """Do what was asked, or the given request in its place."""

    async def left(self) -> None:
        """Wait until the client has left."""


Behaviour = Callable[[Exchange, Arguments], Awaitable[Answer | None]]


@dataclass(frozen=True, slots=True)
class Kind:
    behaviour: Behaviour
    arguments: Mapping[str, Any]
    # Whether this kind can happen to a request at all; if not, the request doesn't count.
    fits: Callable[[Request, Arguments], bool]


KINDS: dict[str, Kind] = {}


def kind(
    fits: Callable[[Request, Arguments], bool] = lambda request, arguments: True, **arguments: Any
) -> Callable[[Behaviour], Behaviour]:
    """Register a behaviour under its name, with its arguments and their defaults."""

    def register(behaviour: Behaviour) -> Behaviour:
        KINDS[behaviour.__name__] = Kind(behaviour, arguments, fits)
        return behaviour

    return register


# The connection


@kind(seconds=None)
async def connection_refused(exchange: Exchange, arguments: Arguments) -> None:
    assert exchange.request.account_id is not None
    exchange.outages.begin(exchange.request.account_id, arguments["seconds"])


@kind()
async def cut_before(exchange: Exchange, arguments: Arguments) -> None:
    return None


@kind()
async def cut_after(exchange: Exchange, arguments: Arguments) -> None:
    exchange.work()


@kind(requests=1)
async def cut_before_late_work(exchange: Exchange, arguments: Arguments) -> None:
    exchange.account.put_off(arguments["requests"], exchange.work)


@kind(seconds=REQUIRED, when="before")
async def slow(exchange: Exchange, arguments: Arguments) -> Answer:
    async def wait() -> None:
        seconds = arguments["seconds"]
        await (exchange.left() if seconds is None else asyncio.sleep(seconds))

    if arguments["when"] == "after":
        answer = exchange.work()
        await wait()
        return answer
    await wait()
    return exchange.work()


# The status


def _with_status(arguments: Arguments, code: int = SIMULATED) -> Answer:
    status, retry_after = arguments["status"], arguments["retry_after"]
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    message = arguments["message"] or f"simulated fault {status}"
    match arguments["body"]:
        case "html":
            return Answer(status, html_page(status, message), headers, HTML)
        case "empty":
            return Answer(status, b"", headers, None)
    return Answer(status, failure([{"code": arguments["code"] or code, "message": message}]), headers)


@kind(status=REQUIRED, body="json", retry_after=None, code=None, message=None)
async def status_before(exchange: Exchange, arguments: Arguments) -> Answer:
    return _with_status(arguments)


@kind(status=REQUIRED, body="json", retry_after=None, code=None, message=None)
async def status_after(exchange: Exchange, arguments: Arguments) -> Answer:
    exchange.work()
    return _with_status(arguments)


@kind(retry_after=1, body="json", code=None, message="Please wait and consider throttling your request speed")
async def rate_limited(exchange: Exchange, arguments: Arguments) -> Answer:
    return _with_status({**arguments, "status": 429}, THROTTLED)


@kind(location=REQUIRED, status=302)
async def redirect(exchange: Exchange, arguments: Arguments) -> Answer:
    return Answer(arguments["status"], b"", {"Location": arguments["location"]}, None)


# Failures that call themselves 200


@kind(code=10001, message="internal error")
async def refused_200(exchange: Exchange, arguments: Arguments) -> Answer:
    return Answer(200, failure([{"code": arguments["code"], "message": arguments["message"]}]))


@kind(code=THROTTLED_200, message="Please wait and consider throttling your request speed")
async def throttled_200(exchange: Exchange, arguments: Arguments) -> Answer:
    return Answer(200, failure([{"code": arguments["code"], "message": arguments["message"]}]))


@kind(work=False)
async def html_200(exchange: Exchange, arguments: Arguments) -> Answer:
    if arguments["work"]:
        exchange.work()
    return Answer(200, html_page(200, "Just a moment..."), {}, HTML)


@kind(work=True)
async def not_json(exchange: Exchange, arguments: Arguments) -> Answer:
    if arguments["work"]:
        exchange.work()
    return Answer(200, b"upstream: all is well")


@kind(content_length="full")
async def truncated_json(exchange: Exchange, arguments: Arguments) -> Answer:
    answer = exchange.work()
    half = len(answer.body) // 2
    if arguments["content_length"] == "full":
        exchange.break_off = half
    else:
        answer.body = answer.body[:half]
    return answer


# Pages that don't add up


def _settings(request: Request, arguments: Arguments) -> bool:
    return request.method == "GET" and interference.collection_name(request) is not None and len(request.segments) == 2


def _a_list(request: Request, arguments: Arguments) -> bool:
    return _settings(request, arguments) or elsewhere.numbered_pages(request)


def _a_later_page(request: Request, arguments: Arguments) -> bool:
    return _a_list(request, arguments) and _page(request) > 1


def _changes_under_way(request: Request, arguments: Arguments) -> bool:
    fits = (_settings, elsewhere.search, elsewhere.list_of_jobs)
    return any(each(request, arguments) for each in fits)


def _others(request: Request) -> Any:
    """Who changes what a request is about: somebody else at the settings, or at the mail."""
    return elsewhere if request.segments[0] == "investigate" else interference


def _page(request: Request) -> int:
    value = request.query.get("page", ["1"])[-1]
    return int(value) if value.isdigit() else 1


@kind(_a_list, value=REQUIRED)
async def wrong_total_count(exchange: Exchange, arguments: Arguments) -> Answer:
    return _edit_info(exchange.work(), total_count=arguments["value"])


@kind(_a_later_page)
async def repeat_page(exchange: Exchange, arguments: Arguments) -> Answer:
    request = exchange.request
    page = _page(request)
    query = {**request.query, "page": [str(page - 1)]}
    answer = exchange.work(dataclasses.replace(request, query_string=urlencode(query, doseq=True)))
    # Lists of bulk jobs never say which page it is.
    return answer if elsewhere.bulk(request) else _edit_info(answer, page=page)


@kind(_changes_under_way)
async def vanish_between_pages(exchange: Exchange, arguments: Arguments) -> Answer:
    answer = exchange.work()
    _others(exchange.request).remove_first(exchange.account, exchange.request, answer)
    return answer


@kind(_changes_under_way, entry=None)
async def appear_between_pages(exchange: Exchange, arguments: Arguments) -> Answer:
    answer = exchange.work()
    _others(exchange.request).insert_at_front(exchange.account, exchange.request, arguments["entry"])
    return answer


def _edit_info(answer: Answer, **changes: Any) -> Answer:
    document = orjson.loads(answer.body)
    if isinstance(document.get("result_info"), dict):
        document["result_info"].update(changes)
        answer.body = orjson.dumps(document)
    return answer


# Somebody else at work


def _addresses_entry(request: Request, arguments: Arguments) -> bool:
    return interference.addresses_entry(request, arguments) or elsewhere.addresses_entry(request, arguments)


@kind(_addresses_entry, id=None)
async def delete_before(exchange: Exchange, arguments: Arguments) -> Answer:
    _others(exchange.request).delete_addressed(exchange.account, exchange.request, arguments["id"])
    return exchange.work()


@kind(interference.brings_entry, entry=None, index=0)
async def create_before(exchange: Exchange, arguments: Arguments) -> Answer:
    interference.create_equal(exchange.account, exchange.request, arguments["entry"], arguments["index"])
    return exchange.work()


@kind(interference.names_entry, text=REQUIRED)
async def refuse_item(exchange: Exchange, arguments: Arguments) -> Answer:
    body = interference.spoilt(exchange.request, arguments["text"])
    return exchange.work(dataclasses.replace(exchange.request, body=body))


@kind(lambda request, arguments: request.method != "GET")
async def done_before(exchange: Exchange, arguments: Arguments) -> Answer:
    exchange.work()
    return exchange.work()


@kind(old=REQUIRED, new=REQUIRED)
async def rewritten(exchange: Exchange, arguments: Arguments) -> Answer:
    answer = exchange.work()
    answer.body = answer.body.replace(arguments["old"].encode(), arguments["new"].encode())
    return answer


# Searches and actions that go astray


@kind(elsewhere.later_search)
async def repeat_cursor(exchange: Exchange, arguments: Arguments) -> Answer:
    cursor = exchange.request.query["cursor"][-1]
    return _edit_info(exchange.work(), next=cursor)


@kind(elsewhere.search)
async def endless_202(exchange: Exchange, arguments: Arguments) -> Answer:
    return polling.begin(exchange.account, exchange.request, None)


@kind(elsewhere.search, location="https://elsewhere.example/results")
async def foreign_202(exchange: Exchange, arguments: Arguments) -> Answer:
    return polling.accepted(exchange.request, arguments["location"])


@kind(elsewhere.names_several, count=1)
async def partial_move(exchange: Exchange, arguments: Arguments) -> None:
    body = elsewhere.only_first(exchange.request, arguments["count"])
    exchange.work(dataclasses.replace(exchange.request, body=body))
