# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making the calls, each on an account of its own, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudflare import APIResponseValidationError, APIStatusError, BaseModel, Cloudflare
from pydantic import ValidationError

from official_client import account as held
from official_client.samples import CURSOR, Call
from simulator.handle import Account, Simulator

SUCCESS = "success"
NOT_AS_DECLARED = "not as declared"


@dataclass(frozen=True)
class Outcome:
    """The outcome of a call.

    :param result: ``success``, ``not as declared``, or the status that it was refused with.
    :param message: what was said of it, or the rules that the answer breaks.
    :param number: how many entries it gave, where it gives a list.
    :param unknown: fields of the answer that the client does not know.
    """

    result: str
    message: str = ""
    number: int | None = None
    unknown: frozenset[str] = field(default_factory=frozenset)


def filled(simulator: Simulator) -> Account:
    """A new account that holds what ``account.py`` says."""
    account = simulator.account()
    held.fill(account)
    return account


def perform(simulator: Simulator, client: Cloudflare, call: Call, **options: Any) -> Outcome:
    """Make a call on an account of its own, with options of the simulator."""
    account = filled(simulator)
    if options:
        account.options(**options)
    outcome = _outcome(client, account, call)
    account.forget()
    return outcome


def send(client: Cloudflare, account: Account, call: Call) -> Any:
    """Make a call; returns what the client makes of the answer, and raises what it raises."""
    method = call.operation.method(client)
    arguments = dict(call.arguments)
    if arguments.get(CURSOR) == CURSOR:
        arguments[CURSOR] = method(account_id=account.id, per_page=1).result_info.next
    return method(account_id=account.id, **arguments)


def _outcome(client: Cloudflare, account: Account, call: Call) -> Outcome:
    try:
        answer = send(client, account, call)
        entries = getattr(answer, "result", None)
        if call.label == "all pages":
            # The client turns the pages.
            entries = list(answer)
    except APIStatusError as error:
        return Outcome(str(error.status_code), error.message)
    except APIResponseValidationError as error:
        return Outcome(NOT_AS_DECLARED, "; ".join(_broken_rules(error)))
    return Outcome(
        SUCCESS,
        number=len(entries) if isinstance(entries, list) else None,
        unknown=frozenset(_unknown_fields(answer, "")),
    )


def _broken_rules(error: APIResponseValidationError) -> Iterator[str]:
    """Such as ``result.0.id is missing``."""
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        yield str(error)
        return
    for detail in cause.errors():
        place = ".".join(map(str, detail["loc"]))
        yield f"{place} is missing" if detail["type"] == "missing" else f"{place}: {detail['msg']}"


def _unknown_fields(value: Any, place: str) -> Iterator[str]:
    """Fields that the client takes without knowing them, such as ``result.name``."""
    if isinstance(value, BaseModel):
        yield from (f"{place}{name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from _unknown_fields(getattr(value, name), f"{place}{name}.")
    elif isinstance(value, list):
        for each in value:
            yield from _unknown_fields(each, place)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _unknown_fields(each, f"{place}{name}.")
