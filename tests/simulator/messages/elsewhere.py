# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody else, who changes an account's mail while a client is at work, and the requests that this can happen to.

What is here by the same name as in ``interference.py`` does the same to messages as that does to settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from answers import Answer

if TYPE_CHECKING:
    from accounts import Account
    from routing import Request

Arguments = Mapping[str, Any]

_SEVERAL = ("move", "release", "preview")
# The field that lists the messages, by the path of an operation on several.
_LISTS = {("investigate", "move"): "ids", ("investigate", "release"): "ids", ("submissions",): "messages"}


def search(request: Request, arguments: Arguments) -> bool:
    return request.method == "GET" and request.segments == ("investigate",)


def list_of_jobs(request: Request, arguments: Arguments) -> bool:
    return request.method == "GET" and bulk(request) and len(request.segments) == 2


def later_search(request: Request, arguments: Arguments) -> bool:
    """A search that names a page by its cursor."""
    return search(request, arguments) and "cursor" in request.query


def numbered_pages(request: Request) -> bool:
    segments = request.segments
    log = segments[:1] == ("investigate",) and segments[2:] == ("action_log",)
    jobs = bulk(request) and len(segments) in (2, 4)
    return request.method == "GET" and (log or jobs or segments in (("submissions",), ("phishguard", "reports")))


def bulk(request: Request) -> bool:
    """A request about bulk jobs."""
    return request.segments[:2] == ("investigate", "bulk")


def names_several(request: Request, arguments: Arguments) -> bool:
    """A move, a release or submissions of more messages than are done."""
    count: int = arguments["count"]
    return len(_named(request)) > count


def only_first(request: Request, count: int) -> bytes:
    """The body of a move, a release or submissions with no more than the first messages."""
    body, named = request.peek(), _named(request)[:count]
    return orjson.dumps({**body, _list_name(request): named} if isinstance(body, dict) else named)


def addresses_entry(request: Request, arguments: Arguments) -> bool:
    addressed = arguments["id"] is not None or _addressed(request) is not None
    return request.segments[:1] == ("investigate",) and addressed


def delete_addressed(account: Account, request: Request, entry_id: Any) -> None:
    addressed = _addressed(request) if entry_id is None else entry_id
    if bulk(request):
        account.jobs.remove(addressed)
        return
    message = account.mail.get(addressed)
    if message is not None:
        account.mail.remove(message)


def remove_first(account: Account, request: Request, answer: Answer) -> None:
    """Remove the first message, or bulk job, of the page that an answer shows."""
    shown = orjson.loads(answer.body).get("result")
    if bulk(request):
        account.jobs.remove(shown[0]["job_id"] if shown else None)
        return
    message = account.mail.get(shown[0]["id"]) if shown else None
    if message is not None:
        account.mail.remove(message)


def insert_at_front(account: Account, request: Request, fields: Mapping[str, Any] | None) -> None:
    """A message comes in, which a search shows first; or somebody else makes a bulk job."""
    if bulk(request):
        body = {"action": "RELEASE", "search_params": {}, **(fields or {})}
        account.jobs.add(body, body["search_params"], account.options, "somebody else")
        return
    account.mail.add([dict(fields or {})])


def _ids(request: Request) -> list[Any]:
    """The ids in the body of a move or a release."""
    return _named(request) if _list_name(request) == "ids" else []


def _list_name(request: Request) -> str | None:
    """The field that lists the messages of a move, a release or submissions."""
    if request.method != "POST":
        return None
    return _LISTS.get(request.segments)


def _named(request: Request) -> list[Any]:
    """The messages of a move or a release, by id, or of submissions."""
    name, body = _list_name(request), request.peek()
    if name is None:
        return []
    named = body.get(name) if isinstance(body, dict) else body
    return named if isinstance(named, list) else []


def _addressed(request: Request) -> Any:
    """The id in the path, or the first one in the body."""
    if bulk(request):
        return request.segments[2] if len(request.segments) > 2 else None
    if len(request.segments) > 1 and request.segments[1] not in _SEVERAL:
        return request.segments[1]
    return next(iter(_ids(request)), None)
