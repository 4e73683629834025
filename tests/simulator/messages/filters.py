# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the search: each makes a test of a parameter's value. All that are given must hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from queries import choice

from .message import Message, texts
from .vocabulary import ACTIONS, PLAIN_DISPOSITIONS

Test = Callable[[Message], bool]

# The fields that the words of ``query`` are looked for in.
_SEARCHED = ("subject", "from", "from_name", "envelope_from", "to", "to_name", "client_recipients", "message_id")
_ATTACHMENT = ("filename", "name", "md5", "sha1", "sha256")
_SENDERS = ("from", "envelope_from")
_RECIPIENTS = ("client_recipients", "envelope_to", "to")


@dataclass(frozen=True, slots=True)
class Shared:
    """A test of what generated messages of a kind have in common: one of them answers for all."""

    test: Test

    def __call__(self, message: Message) -> bool:
        return self.test(message)


def _shared(make: Callable[[str], Test]) -> Callable[[str], Test]:
    return lambda value: Shared(make(value))


def passing(messages: Iterable[Message], tests: Iterable[Test]) -> Iterator[Message]:
    """Those of the messages that pass all tests."""
    tests = tuple(tests)
    shared = [test for test in tests if isinstance(test, Shared)]
    others = [test for test in tests if not isinstance(test, Shared)]
    known: dict[int, bool] = {}
    for message in messages:
        if message.own is None:
            kind = id(message.base)
            passes = known.get(kind)
            if passes is None:
                passes = known[kind] = all(test(message) for test in shared)
        else:
            passes = all(test(message) for test in shared)
        if passes and (not others or all(test(message) for test in others)):
            yield message


def _words(value: str) -> Test:
    words = value.lower().split()

    def test(message: Message) -> bool:
        parts = [part for name in _SEARCHED for part in texts(message.value(name))]
        text = "\n".join([*parts, *_attachments(message)]).lower()
        return all(word in text for word in words)

    return test


def _attachments(message: Message) -> list[str]:
    """Names and hashes of the attachments that a test gave a message."""
    said = message.record.detections if message.touched else None
    attachments = said.get("attachments") if isinstance(said, dict) else None
    known = [each for each in attachments or () if isinstance(each, dict)] if isinstance(attachments, list) else []
    return [part for each in known for name in _ATTACHMENT for part in texts(each.get(name))]


def _same(name: str) -> Callable[[str], Test]:
    """A field is the value, without regard to case."""

    def make(value: str) -> Test:
        requested = value.lower()
        return lambda message: any(requested == part.lower() for part in texts(message.value(name)))

    return make


def _address(*names: str) -> Callable[[str], Test]:
    """One of the fields has this address; or, where the value has no @, an address of this domain."""

    def make(value: str) -> Test:
        requested = value.lower()
        whole = "@" in requested

        def test(message: Message) -> bool:
            addresses = (part.lower() for name in names for part in texts(message.value(name)))
            return any(requested == (address if whole else _domain_of(address)) for address in addresses)

        return test

    return make


def _subject(value: str) -> Test:
    """All the keywords are words of the subject, in whatever order."""
    requested = value.lower().split()

    def test(message: Message) -> bool:
        subject = " ".join(texts(message.value("subject"))).lower()
        words = {*subject.split(), *re.findall(r"\w+", subject)}
        return bool(requested) and all(word in words for word in requested)

    return test


def _domains(*names: str) -> Callable[[str], Test]:
    """One of the fields has an address of this domain."""

    def make(value: str) -> Test:
        requested = value.lower()
        return lambda message: any(
            requested == _domain_of(part.lower()) for name in names for part in texts(message.value(name))
        )

    return _shared(make)


# The older meaning of ``domain``.
sender_domain = _domains(*_SENDERS)


@_shared
def any_domain(value: str) -> Test:
    """The newer meaning of ``domain``: that of the sender, of a recipient or of a link."""
    requested = value.lower()
    addressed = _domains(*_SENDERS, *_RECIPIENTS)(value)
    return lambda message: addressed(message) or any(_host(link) == requested for link in message.links)


detected = Shared(lambda message: message.is_detection)


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def _host(link: str) -> str | None:
    try:
        return urlsplit(link).hostname
    except ValueError:
        return None


def _message_id(value: str) -> Test:
    requested = value.strip("<>")
    return lambda message: any(text.strip("<>") == requested for text in texts(message.value("message_id")))


def _disposition(value: str) -> Test:
    return any_disposition(choice("final_disposition", value, PLAIN_DISPOSITIONS))


def any_disposition(value: str) -> Test:
    """One of all ten; the plain word finds business e-mail compromise too."""
    requested = {value} | ({"MALICIOUS-BEC"} & {f"{value}-BEC"})
    return lambda message: message.value("final_disposition") in requested


def exact_subject(value: str) -> Test:
    return lambda message: message.value("subject") == value


def _action(value: str) -> Test:
    requested = ACTIONS[choice("message_action", value, ACTIONS)]
    return lambda message: requested in texts(message.value("post_delivery_operations"))


def delivery_status(known: Collection[str]) -> Callable[[str], Test]:
    def make(value: str) -> Test:
        requested = choice("delivery_status", value, known)
        return lambda message: requested in texts(message.value("delivery_status"))

    return _shared(make)


# Those that are the same by every description. ``domain``, ``delivery_status`` and ``smtp_helo_ip`` differ by date.
FILTERS: Mapping[str, Callable[[str], Test]] = {
    "query": _words,
    "final_disposition": _shared(_disposition),
    "metric": lambda value: lambda message: value in message.metrics,
    "message_action": _shared(_action),
    "recipient": _shared(_address(*_RECIPIENTS)),
    "sender": _shared(_address(*_SENDERS)),
    "alert_id": _same("alert_id"),
    "message_id": _message_id,
    "subject": _shared(_subject),
}
smtp_helo_ip = _shared(_same("smtp_helo_server_ip"))
