# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the official client can do, by looking at it: its operations, their parameters, and the values those take."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cloudflare import Cloudflare, DefaultHttpxClient, Omit

# What every operation takes, whatever it does.
_COMMON = frozenset({"self", "return", "account_id", "extra_headers", "extra_query", "extra_body", "timeout"})


@dataclass(frozen=True)
class Parameter:
    """``hint`` is its type; a list of objects has ``fields``, those of an object in it."""

    name: str
    required: bool
    hint: Any
    fields: Mapping[str, Parameter]


@dataclass(frozen=True)
class Operation:
    """``name`` is what the client calls it below ``email_security``, such as ``settings.domains.list``."""

    name: str
    parameters: Mapping[str, Parameter]

    def method(self, client: Cloudflare) -> Callable[..., Any]:
        found: Any = client.email_security
        for part in self.name.split("."):
            found = getattr(found, part)
        method: Callable[..., Any] = found
        return method


def connect(base_url: str, token: str) -> Cloudflare:
    """The client, which fails on any answer that is not as it declares, and sends each request once."""
    return Cloudflare(
        api_token=token,
        base_url=base_url,
        max_retries=0,
        http_client=DefaultHttpxClient(trust_env=False),
        _strict_response_validation=True,
    )


def operations() -> dict[str, Operation]:
    """Every operation of the client for this API, by its name."""
    with connect("http://127.0.0.1", "unused") as client:
        found = _below(client.email_security, "")
        return {operation.name: operation for operation in found}


def choices(parameter: Parameter) -> tuple[list[Any], bool]:
    """The values that its type names, null among them, and whether it takes others too."""
    named: list[Any] = []
    open_ended = False
    for kind in _alternatives(parameter.hint):
        items = get_args(kind)
        if kind is NoneType:
            named.append(None)
        elif kind is bool:
            named += [True, False]
        elif get_origin(kind) is Literal:
            named += items
        elif items and get_origin(items[0]) is Literal:
            named.append(list(get_args(items[0])))
        else:
            open_ended = True
    return named, open_ended


def takes_moments(parameter: Parameter) -> type[date] | None:
    """``datetime`` or ``date`` where it takes such an object beside a text."""
    kinds = _alternatives(parameter.hint)
    return next((kind for kind in (datetime, date) if kind in kinds), None)


def _below(resource: Any, prefix: str) -> Iterator[Operation]:
    for name in dir(type(resource)):
        if name.startswith(("_", "with_")):
            continue
        static = inspect.getattr_static(type(resource), name)
        if inspect.isfunction(static):
            yield Operation(f"{prefix}{name}", _parameters(static))
        else:
            yield from _below(getattr(resource, name), f"{prefix}{name}.")


def _parameters(method: Callable[..., Any]) -> dict[str, Parameter]:
    hints = get_type_hints(method)
    signature = inspect.signature(method).parameters
    return {
        name: Parameter(name, signature[name].default is inspect.Parameter.empty, hint, _item_fields(hint))
        for name, hint in hints.items()
        if name not in _COMMON
    }


def _item_fields(hint: Any) -> dict[str, Parameter]:
    """The fields of a nested object, or of the objects in a list."""
    candidates: Iterable[Any] = [hint, *get_args(hint)]
    for kind in candidates:
        if hasattr(kind, "__required_keys__"):
            return {
                name: Parameter(name, name in kind.__required_keys__, field, {})
                for name, field in get_type_hints(kind).items()
            }
    return {}


def _alternatives(hint: Any) -> list[Any]:
    if get_origin(hint) in (Union, types.UnionType):
        return [kind for each in get_args(hint) for kind in _alternatives(each)]
    return [] if hint is Omit else [hint]
