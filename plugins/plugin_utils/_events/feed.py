# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What event sources have in common: poll, and emit what is new.

Messages and reports arrive late and in any order, so each time a stretch of time is asked for that overlaps with the
last one, and what was emitted before is known by its id. An id is noted once the rule engine has taken the event:
nothing is missed, and after a crash no more than the one event that was being emitted comes twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Protocol

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.client import Client
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.connection import (
    REQUESTS_IMPORT_ERROR,
    Connection,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.messages import Message
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    EmailSecurityError,
    InputError,
    NoAnswerError,
    ThrottledError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.decided import decisions
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.match import (
    MATCH_MODES,
    STRICT,
    count_reasons,
    matcher,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import SEARCH_FILTERS
from ansible_collections.cloudflare.email_security.plugins.module_utils._options import connection
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.schema import Filter
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import (
    ModuleSpec,
    filter_options,
    given_filters,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._times import parse_time, to_api_time

from .checkpoint import (
    Checkpoint,
    CheckpointFile,
)
from .templates import neutralize_templates

# Seconds. The API allows 1,200 requests in five minutes, to all that use a token together.
SHORTEST_INTERVAL = 5.0
LONGEST_PAUSE = 300.0
# How often to check whether the rule engine has taken an event.
CHECK_INTERVAL = 0.05

_OWN: dict[str, dict[str, Any]] = {
    "checkpoint": {"type": "path", "required": True},
    "interval": {"type": "float", "default": 60},
    "overlap": {"type": "str", "default": "1h"},
    "start": {"type": "str", "default": "1h"},
    "feedback": {"type": "bool", "default": False},
    "feedback_timeout": {"type": "float", "default": 900},
}


class Queue(Protocol):
    """What ansible-rulebook gives to a source."""

    async def put(self, event: dict[str, Any]) -> None:
        """Emit an event; waits while the queue is full."""


@dataclass(frozen=True)
class Feed:
    """A kind of thing that events are made of.

    :param source: name of the event source.
    :param holds: the key under which an event holds the item.
    :param time: the item's field with its time.
    :param filters: options that are passed on to the API.
    :param read: the items from a time on, and whether these are all.
    :param options: its other options, as Ansible specifies arguments.
    :param more: what an event holds beside the item.
    """

    source: str
    holds: str
    time: str
    filters: tuple[Filter, ...]
    read: Callable[[Client, Mapping[str, Any]], tuple[list[Message], bool]]
    options: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    more: Callable[[Message], Mapping[str, Any]] = lambda item: {}


def _searched(client: Client, filters: Mapping[str, Any]) -> tuple[list[Message], bool]:
    messages, more = client.messages.search(filters)
    return messages, not more


MESSAGES = Feed(
    "messages",
    "message",
    "scanned_at",
    tuple(each for each in SEARCH_FILTERS if each.name not in ("start", "end")),
    _searched,
    {"match": {"type": "str", "choices": list(MATCH_MODES), "default": STRICT}},
    decisions,
)
PHISHGUARD_REPORTS = Feed(
    "phishguard_reports", "report", "created_at", (), lambda client, filters: (client.messages.reports(filters), True)
)


@dataclass(frozen=True)
class Event:
    """A new item: its id, its time (RFC 3339, or empty), and what the rule engine gets."""

    id: str
    time: str
    body: dict[str, Any]


class Poller:
    """Asks for what is new, and keeps track of what was emitted. Methods block.

    :param filters: passed on to the API with each question.
    :param strict: whether to leave out what only a looser meaning of the filters finds.
    :param overlap: how late an item may arrive and still be noticed.
    :param now: the time, aware of its zone.
    """

    def __init__(
        self,
        feed: Feed,
        client: Client,
        file: CheckpointFile,
        checkpoint: Checkpoint,
        filters: Mapping[str, Any],
        overlap: timedelta,
        now: Callable[[], datetime],
        *,
        strict: bool = True,
    ) -> None:
        self.feed = feed
        self.client = client
        self.file = file
        self.checkpoint = checkpoint
        self.filters = filters
        self.overlap = overlap
        self.now = now
        self._newest: datetime | None = None
        self._timeless: set[str] = set()
        self._mismatch = matcher(filters if strict else {})
        # Of the last poll, by id. Each question reads the overlap again, and must not be emitted again.
        self._left_out: dict[str, str] = {}

    def _start(self) -> datetime:
        at = self.checkpoint
        return max(at.since, at.newest - self.overlap).replace(microsecond=0)

    def poll(self) -> list[Event]:
        """What is new, oldest first. What is not noted afterwards is new again the next time."""
        start = self._start()
        asked = {**self.filters, "start": start.isoformat().replace("+00:00", "Z")}
        items, complete = self.feed.read(self.client, asked)
        found = [(time_of(item.get(self.feed.time)), item) for item in items if item.get("id") is not None]
        # Their times count: they were read, and need not be read again.
        reasons = {str(item["id"]): self._mismatch(item) for time, item in found}
        times = [time for time, _item in found if time]
        # Only when all were read, or what was not read would never be asked for again. A time to come is no measure.
        self._newest = min(max(times), self.now()) if complete and times else None
        self._timeless = {str(item["id"]) for time, item in found if time is None}
        # The API may take a time for a whole day; ids from before the start are forgotten already.
        fresh = [
            (time, item)
            for time, item in found
            if str(item["id"]) not in self.checkpoint.seen
            and (time is None or time >= start)
            and not reasons[str(item["id"])]
        ]
        self._note_left_out({each: reason for each, reason in reasons.items() if reason})
        fresh.sort(key=lambda pair: (pair[0] or start, str(pair[1]["id"])))
        return [Event(str(item["id"]), time.isoformat() if time else "", self._body(item)) for time, item in fresh]

    def _note_left_out(self, reasons: dict[str, str]) -> None:
        new = count_reasons(reason for each, reason in reasons.items() if each not in self._left_out)
        self._left_out = reasons
        if new:
            counts = ", ".join(f"{one['count']} {one['reason']}" for one in new)
            self.client.warnings.append(f"Left out of what the API found: {counts}.")

    def _body(self, item: Message) -> dict[str, Any]:
        held = {**self.feed.more(item), self.feed.holds: item, "account_id": self.checkpoint.account_id}
        body: dict[str, Any] = neutralize_templates(held)
        return body

    def note(self, event: Event) -> None:
        """The event was emitted, and is not new any more, even after a crash."""
        self.checkpoint.seen[event.id] = event.time
        self.file.add(event.id, event.time)

    def finish(self) -> None:
        """All that the last poll found was emitted: advance in time, and forget ids that are not asked for again."""
        at = self.checkpoint
        newest = max(at.newest, self._newest or at.newest)
        before = (at.newest, len(at.seen))
        at.newest = newest
        start = self._start()
        at.seen = {
            name: time
            for name, time in at.seen.items()
            if (parse_time(time, end_of_day=False) >= start if time else name in self._timeless)
        }
        if (at.newest, len(at.seen)) != before:
            self.file.save(at)


def time_of(value: Any) -> datetime | None:
    """A time of the API, or None where it is none."""
    try:
        return parse_time(value, end_of_day=False) if isinstance(value, str) else None
    except ValueError:
        return None


def options(feed: Feed) -> dict[str, Any]:
    """The options of an event source, as Ansible specifies arguments: its own, the API's filters, the connection."""
    spec = ModuleSpec({**filter_options(feed.filters), **feed.options, **_OWN}, run=lambda job: {}, writes=False)
    return spec.argument_spec()


@dataclass(frozen=True)
class Settings:
    """The options of an event source, read and checked."""

    connection: Connection
    checkpoint: Path
    interval: float
    overlap: timedelta
    since: datetime
    filters: Mapping[str, Any]
    strict: bool
    feedback: asyncio.Queue[Any] | None
    feedback_timeout: float


def settings(feed: Feed, args: Mapping[str, Any], now: datetime) -> Settings:
    """Options as the rulebook gives them. Empty text counts as not given, so that a variable can be left empty.

    :raises InputError: something is missing or cannot be right. No value of a credential is ever quoted.
    """
    given = {name: value for name, value in args.items() if value is not None and value != ""}
    # What ansible-rulebook adds is no option.
    feedback = given.pop("eda_feedback_queue", None)
    checked = ArgumentSpecValidator(options(feed)).validate(given)
    if checked.error_messages:
        raise InputError(checked.error_messages)
    values = checked.validated_parameters
    problems = []
    if not values["interval"] >= SHORTEST_INTERVAL:
        problems.append(f"interval must be at least {SHORTEST_INTERVAL:g} seconds")
    since = _since("start", values["start"], now, problems)
    overlap = now - _since("overlap", values["overlap"], now, problems)
    if overlap < timedelta(0):
        problems.append("overlap must be a span such as 1h")
    try:
        to_the_api = connection(values, os.environ)
    except InputError as error:
        problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return Settings(
        to_the_api,
        Path(values["checkpoint"]),
        values["interval"],
        overlap,
        min(since, now),
        given_filters(feed.filters, values),
        values.get("match") == STRICT,
        feedback,
        values["feedback_timeout"],
    )


def _since(name: str, value: str, now: datetime, problems: list[str]) -> datetime:
    try:
        return parse_time(to_api_time(value, now, end_of_day=False), end_of_day=False)
    except ValueError as error:
        problems.append(f"{name} {error}")
        return now


class _StoppedError(EmailSecurityError):
    """The source was stopped while it waited."""


async def follow(
    queue: Queue,
    args: Mapping[str, Any],
    feed: Feed,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Emit what is new, until it is cancelled.

    :raises EmailSecurityError: an option is wrong, the checkpoint cannot be used, or the API refuses for good.
    """
    if REQUESTS_IMPORT_ERROR:
        raise EmailSecurityError("The Python that runs ansible-rulebook lacks the package requests.")
    # Not __name__: a source is run under a name that says nothing.
    log = logging.getLogger(f"cloudflare.email_security.{feed.source}")
    chosen = settings(feed, args, _now())
    stopped = threading.Event()

    def sleep(seconds: float) -> None:
        if stopped.wait(seconds):
            raise _StoppedError("stopped")

    file = CheckpointFile(chosen.checkpoint)
    with contextlib.ExitStack() as stack:
        stack.enter_context(file.held())
        http = stack.enter_context(Http(chosen.connection, read_only=True, sleep=sleep, notify=log.warning))
        # Before the connection is closed, so that a thread that waits ends at once.
        stack.callback(stopped.set)
        account_id = chosen.connection.account_id
        checkpoint = file.load(feed.source, account_id)
        if checkpoint is None:
            checkpoint = Checkpoint(feed.source, account_id, chosen.since, chosen.since)
        # At once, so that what comes while it is down for the first time is not missed either; a line that was cut off
        # goes.
        file.save(checkpoint)
        client = Client(http)
        poller = Poller(feed, client, file, checkpoint, chosen.filters, chosen.overlap, _now, strict=chosen.strict)
        log.info("Waiting for events from %s on.", checkpoint.newest.isoformat())
        failures = 0
        while True:
            try:
                events = await asyncio.to_thread(poller.poll)
            except (NoAnswerError, ThrottledError) as error:
                failures += 1
                wait = min(LONGEST_PAUSE, chosen.interval * 2.0 ** min(failures, 10))
                log.warning("%s Trying again in %.0f s; nothing is missed.", error, wait)
                await pause(wait)
                continue
            if failures:
                log.warning("The API answers again.")
                failures = 0
            for warning in _taken_from(client.warnings):
                log.warning("%s", warning)
            for event in events:
                await queue.put(event.body)
                await _until_taken(queue, chosen)
                await asyncio.to_thread(poller.note, event)
            await asyncio.to_thread(poller.finish)
            await pause(chosen.interval)


def _taken_from(warnings: list[str]) -> Iterable[str]:
    taken = list(warnings)
    warnings.clear()
    return taken


async def _until_taken(queue: Queue, chosen: Settings) -> None:
    """Wait until the rule engine has the event: until its feedback if it gives any, else until the queue is empty.

    :raises EmailSecurityError: the feedback does not arrive in time.
    """
    if chosen.feedback is not None:
        try:
            await asyncio.wait_for(chosen.feedback.get(), chosen.feedback_timeout)
        except asyncio.TimeoutError:
            raise EmailSecurityError(
                f"The rule engine did not take an event within {chosen.feedback_timeout:g} s. It is emitted again "
                "after a restart."
            ) from None
        return
    # ansible-rulebook wraps the queue that the engine reads.
    inner = getattr(queue, "queue", queue)
    empty = getattr(inner, "empty", None)
    while empty is not None and not empty():
        await asyncio.sleep(CHECK_INTERVAL)


def _now() -> datetime:
    return datetime.now(timezone.utc)
