# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the search: each makes a test of a parameter's value. All that are given must hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from queries import choice

from .message import Message, texts
from .vocabulary import ACTIONS, DELIVERY_STATUSES, PLAIN_DISPOSITIONS

Test = Callable[[Message], bool]

# The fields that the words of ``query`` are looked for in.
_SEARCHED = ("subject", "from", "from_name", "envelope_from", "to", "to_name", "client_recipients", "message_id")


def _shared(make: Callable[[str], Test]) -> Callable[[str], Test]:
    """For filters by what generated messages share: asked once for all of a kind."""

    def made(value: str) -> Test:
        test = make(value)
        known: dict[int, bool] = {}

        def quick(message: Message) -> bool:
            if message.own is not None:
                return test(message)
            kind = id(message.base)
            if kind not in known:
                known[kind] = test(message)
            return known[kind]

        return quick

    return made


def _words(value: str) -> Test:
    words = value.lower().split()

    def test(message: Message) -> bool:
        text = "\n".join([part for name in _SEARCHED for part in texts(message.value(name))]).lower()
        return all(word in text for word in words)

    return test


def _same(*names: str) -> Callable[[str], Test]:
    """One of the fields is the value, or has it among its members, without regard to case."""

    def make(value: str) -> Test:
        wanted = value.lower()
        return lambda message: any(wanted == part.lower() for name in names for part in texts(message.value(name)))

    return make


def _subject(value: str) -> Test:
    wanted = value.lower()
    return lambda message: any(wanted in text.lower() for text in texts(message.value("subject")))


def _domain(value: str) -> Test:
    wanted = value.lower()
    return lambda message: any(
        address.lower().rpartition("@")[2] == wanted
        for name in ("from", "envelope_from")
        for address in texts(message.value(name))
    )


def _message_id(value: str) -> Test:
    wanted = value.strip("<>")
    return lambda message: any(text.strip("<>") == wanted for text in texts(message.value("message_id")))


def _disposition(value: str) -> Test:
    wanted = {choice("final_disposition", value, PLAIN_DISPOSITIONS)}
    wanted |= {"MALICIOUS-BEC"} & {f"{value}-BEC"}
    return lambda message: message.value("final_disposition") in wanted


def _action(value: str) -> Test:
    wanted = ACTIONS[choice("message_action", value, ACTIONS)]
    return lambda message: wanted in texts(message.value("post_delivery_operations"))


def _status(value: str) -> Test:
    wanted = choice("delivery_status", value, DELIVERY_STATUSES)
    return lambda message: wanted in texts(message.value("delivery_status"))


FILTERS: Mapping[str, Callable[[str], Test]] = {
    "query": _words,
    "final_disposition": _shared(_disposition),
    "metric": lambda value: lambda message: value in message.metrics,
    "message_action": _shared(_action),
    "recipient": _shared(_same("client_recipients", "envelope_to", "to")),
    "sender": _shared(_same("from", "envelope_from")),
    "alert_id": _shared(_same("alert_id")),
    "domain": _shared(_domain),
    "message_id": _message_id,
    "subject": _shared(_subject),
    "delivery_status": _shared(_status),
}
