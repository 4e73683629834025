# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the client sends and what a module sends, held side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from official_client.pairs import Pair

Request = Mapping[str, Any]
_ABSENT = "absent"


@dataclass(frozen=True)
class Finding:
    """One difference.

    :param pair: ``operation name`` of the pair.
    :param place: ``request`` where the module sends no such request, else ``path`` where it is spelled otherwise,
        ``query NAME``, ``body NAME`` or ``body``.
    :param client: what the client sends there, or ``absent``.
    :param collection: what the module sends there, or ``absent``.
    """

    pair: str
    place: str
    client: str
    collection: str


def compare(pair: Pair, client: Request, collection: Sequence[Request]) -> Iterator[Finding]:
    """The differences between the client's one request and the one of a module's requests that is about the same.

    That is the one with the same method and path, and of several the first that was not refused.
    """
    same = [one for one in collection if unquote(_line(one)) == unquote(_line(client))]
    if not same:
        yield Finding(str(pair), "request", _line(client), ", ".join(map(_line, collection)))
        return
    other = next((one for one in same if one["status"] < 400), same[0])
    if other["path"] != client["path"]:
        yield Finding(str(pair), "path", client["path"], other["path"])
    yield from _differences(str(pair), "query", client["query"], other["query"])
    yield from _differences(str(pair), "body", client["body"], other["body"])


def _line(request: Request) -> str:
    return f"{request['method']} {request['path']}"


def _differences(pair: str, part: str, client: Any, collection: Any) -> Iterator[Finding]:
    if not isinstance(client, dict) or not isinstance(collection, dict):
        if client != collection:
            yield Finding(pair, part, repr(client), repr(collection))
        return
    for name in sorted({*client, *collection}):
        values = [_shown(side[name]) if name in side else _ABSENT for side in (client, collection)]
        if values[0] != values[1]:
            yield Finding(pair, f"{part} {name}", *values)


def _shown(value: Any) -> str:
    """A value as a text. In which order a mapping was written makes no difference."""
    return repr(dict(sorted(value.items())) if isinstance(value, Mapping) else value)
