# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody else, who changes an account's settings while a client is at work."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from answers import Answer
from settings.resources import RESOURCES
from settings.store import Collection

if TYPE_CHECKING:
    from accounts import Account
    from routing import Request

Arguments = Mapping[str, Any]

_NAMES = frozenset(resource.name for resource in RESOURCES)
_numbers = itertools.count(1)


def collection_name(request: Request) -> str | None:
    """The settings collection that a request is about, or None."""
    segments = request.segments
    return segments[1] if len(segments) > 1 and segments[0] == "settings" and segments[1] in _NAMES else None


def addresses_entry(request: Request, arguments: Arguments) -> bool:
    return collection_name(request) is not None and (arguments["id"] is not None or _addressed(request) is not None)


def brings_entry(request: Request, arguments: Arguments) -> bool:
    if collection_name(request) is None:
        return False
    return arguments["entry"] is not None or _brought(request, arguments["index"]) is not None


def names_entry(request: Request, arguments: Arguments) -> bool:
    """Whether a request would create or change an entry in which a text stands."""
    return collection_name(request) is not None and bool(_naming(request.peek(), arguments["text"]))


def spoilt(request: Request, text: str) -> bytes:
    """The body of a request with that text replaced, in all entries, by what no field takes."""
    body = request.peek()
    for item in _naming(body, text):
        item.update({name: {} for name, value in item.items() if value == text})
    return orjson.dumps(body)


def remove_first(account: Account, request: Request, answer: Answer) -> None:
    """Remove the first entry of the page that an answer shows."""
    shown = orjson.loads(answer.body).get("result")
    collection = _collection(account, request)
    entry = collection.get(shown[0]["id"]) if shown else None
    if entry is not None:
        collection.remove(entry)


def insert_at_front(account: Account, request: Request, fields: Mapping[str, Any] | None) -> None:
    """Insert an entry that a list in the order of creation shows first."""
    collection = _collection(account, request)
    entry = collection.create(_whole(collection, fields or {}))
    if request.query.get("direction", ["asc"])[-1] == "asc":
        collection.remove(entry)
        collection.insert({**entry, "created_at": "1970-01-01T00:00:00.000000Z"}, front=True)


def delete_addressed(account: Account, request: Request, entry_id: Any) -> None:
    collection = _collection(account, request)
    entry = collection.get(_addressed(request) if entry_id is None else entry_id)
    if entry is not None:
        collection.remove(entry)


def create_equal(account: Account, request: Request, fields: Mapping[str, Any] | None, index: int) -> None:
    collection = _collection(account, request)
    collection.create(_whole(collection, fields or _brought(request, index)))


def _addressed(request: Request) -> Any:
    """The id in the path, or the first one in a batch."""
    if len(request.segments) == 3 and request.segments[2] != "batch":
        return request.segments[2]
    body = request.peek()
    if isinstance(body, dict):
        for name in ("deletes", "patches", "puts"):
            for item in body.get(name) or ():
                return item.get("id") if isinstance(item, dict) else None
    return None


def _naming(body: Any, text: str) -> list[dict[str, Any]]:
    """The entries of a body, which may be a batch, in which a text stands."""
    if not isinstance(body, dict):
        return []
    items = [item for part in ("patches", "puts", "posts") for item in body.get(part) or ()] or [body]
    return [item for item in items if isinstance(item, dict) and text in item.values()]


def _brought(request: Request, index: int) -> Any:
    """The entry that a request would create: its body, or one of a batch's posts."""
    body = request.peek()
    if request.method != "POST" or not isinstance(body, dict):
        return None
    if request.segments[-1] == "batch":
        posts = body.get("posts") or []
        body = posts[index] if index < len(posts) else None
    return body if isinstance(body, dict) else None


def _whole(collection: Collection, fields: Mapping[str, Any]) -> dict[str, Any]:
    resource = collection.resource
    number = next(_numbers)
    sample = {
        name: value.format(number) if isinstance(value, str) else value for name, value in resource.sample.items()
    }
    defaults = {name: rule.default for name, rule in resource.fields.items()}
    return {**defaults, **sample, **fields}


def _collection(account: Account, request: Request) -> Collection:
    return account.collections[request.segments[1]]
