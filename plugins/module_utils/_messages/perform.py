# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acts on messages: check first, act only where something changes, and check again if no response comes.

So a task that was killed halfway does the rest when it runs again, and repeats nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from .._api.http import PROGRESS_INTERVAL
from .._api.pacing import MAX_ATTEMPTS, backoff
from .._errors import (
    ApiError,
    ConflictError,
    EmailSecurityError,
    NoAnswerError,
    NotFoundError,
    RefusedError,
)
from .._spec import Context
from .read import unique_ids

_LISTED = 20


class Status(Enum):
    """The status of a message in a task. A check returns one of the first four."""

    DUE = "due"
    UNCHANGED = "unchanged"
    MISSING = "missing"
    UNKNOWN = "unknown"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """The result that the API reports for a message, or for its copy in one mailbox.

    :param investigate_id: None if the API does not name the message.
    :param status: as text; None if the API reports none.
    :param details: the other fields that the API returns, under its own names.
    """

    investigate_id: str | None
    success: bool
    status: str | None
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_result(self) -> dict[str, Any]:
        return {
            **self.details,
            "investigate_id": self.investigate_id,
            "success": self.success,
            "status": self.status,
        }

    def in_words(self) -> str:
        recipient = self.details.get("recipient")
        whom = f" for {recipient}" if recipient else ""
        return (
            f"{self.investigate_id or 'a message that the API does not name'}{whom}: {self.status or 'no reason given'}"
        )


class ChooseAgainError(Exception):
    """Nothing was sent, or the API lacks the operation: choose the messages of the next request again."""


class Action(ABC):
    """One way to act on messages.

    :ivar done: the past participle, which is also the name of the result that lists the messages acted on.
    :ivar size: the maximum number of messages in one request.
    :ivar check_first: False to act on all messages without a check.
    """

    done: str
    size: int
    check_first = True

    @abstractmethod
    def check(self, ids: Sequence[str]) -> Mapping[str, Status]:
        """For each message, whether it is due, unchanged, missing or unknown. Sends nothing but GET."""

    @abstractmethod
    def act(self, ids: Sequence[str]) -> list[Outcome]:
        """Act on some messages with one request. Returns one outcome per message, or per message and mailbox.

        :raises ChooseAgainError: see there.
        """

    def next_ids(self, due: Sequence[str]) -> Sequence[str]:
        """The due messages that the next request contains."""
        return due[: self.size]


def perform(context: Context, action: Action) -> dict[str, Any]:
    """The result of a module that acts on the messages ``investigate_ids``.

    :raises EmailSecurityError: ``partial`` is the result so far.
    """
    run = _Run(context, action, unique_ids(context.params["investigate_ids"]))
    run.check()
    if context.check:
        run.mark(run.ids(Status.DUE), Status.DONE)
    else:
        try:
            run.act()
        except EmailSecurityError as error:
            error.partial = run.result()
            raise
    run.raise_failures()
    return run.result()


class _Run:
    """One task: each message's status, in the task's order, and the outcomes that the API reported.

    ``unconfirmed`` holds the messages of requests without a response.
    """

    def __init__(self, context: Context, action: Action, ids: Sequence[str]) -> None:
        self.context = context
        self.action = action
        self.status = dict.fromkeys(ids, Status.DUE)
        self.outcomes: list[Outcome] = []
        self.unconfirmed: set[str] = set()

    def ids(self, status: Status) -> list[str]:
        return [each for each, its in self.status.items() if its is status]

    def mark(self, ids: Sequence[str], status: Status) -> None:
        self.status.update(dict.fromkeys(ids, status))

    def result(self) -> dict[str, Any]:
        done = self.ids(Status.DONE)
        return {
            "changed": bool(done),
            self.action.done: done,
            "unchanged": self.ids(Status.UNCHANGED),
            "missing": self.ids(Status.MISSING),
            "outcomes": [outcome.as_result() for outcome in self.outcomes],
        }

    def check(self) -> None:
        if self.action.check_first:
            self.status.update(self.action.check(list(self.status)))
            # A message without a known status is acted on once; only a retry would be blind.
            self.mark(self.ids(Status.UNKNOWN), Status.DUE)

    def act(self) -> None:
        """Act on all due messages, request by request.

        :raises EmailSecurityError: a failure that is not about one message among several.
        """
        first_due = self.ids(Status.DUE)
        attempts = 0
        while due := self.ids(Status.DUE):
            chunk = list(self.action.next_ids(due))
            try:
                outcomes = self.action.act(chunk)
            except ChooseAgainError:
                continue
            except NoAnswerError as error:
                attempts += 1
                if self._check_again(chunk, attempts, error):
                    attempts = 0
            except ApiError as error:
                error.about(_subject(chunk))
                about_one = isinstance(error, (RefusedError, ConflictError, NotFoundError)) and self.action.size == 1
                if not about_one or len(first_due) == 1:
                    raise
                # The other messages are still acted on.
                self._record_refusal(chunk[0], error)
                attempts = 0
            else:
                attempts = 0
                self._record(chunk, outcomes)
                self._report_progress(chunk, len(first_due))

    def raise_failures(self) -> None:
        """:raises EmailSecurityError: some messages are missing, or an outcome is a failure."""
        failed = [outcome for outcome in self.outcomes if not outcome.success]
        missing = self.ids(Status.MISSING)
        parts = []
        if failed:
            parts.append(f"{len(failed)} outcomes are failures; the first is {failed[0].in_words()}")
        if missing:
            parts.append(f"{len(missing)} messages were not found: {', '.join(missing[:_LISTED])}")
        if not parts:
            return
        error = EmailSecurityError(
            f"{len(self.ids(Status.DONE))} messages {self.action.done}; {'; '.join(parts).rstrip('.')}. "
            "Check them with message_info."
        )
        error.partial = self.result()
        raise error

    def _check_again(self, chunk: Sequence[str], attempts: int, error: NoAnswerError) -> bool:
        """After a request without a response: determine what was done. Returns whether anything was.

        :raises EmailSecurityError: that cannot be determined, or MAX_ATTEMPTS are used up.
        """
        if not self.action.check_first:
            # A check could not distinguish this action from an earlier one.
            raise _unconfirmed(error, chunk)
        self.unconfirmed.update(chunk)
        # The server may still be processing the request.
        self.context.client.http.sleep(backoff(attempts))
        try:
            checked = self.action.check(chunk)
        except EmailSecurityError as second:
            error.advise("It is not known what was done.")
            second.after(error, "looking again")
            second.about(_subject(chunk))
            raise second from error
        for each in chunk:
            if checked[each] is Status.UNCHANGED:
                self.status[each] = Status.DONE
                self.outcomes.append(_done_unseen(each))
            elif checked[each] is Status.MISSING:
                self.status[each] = Status.MISSING
        unknown = [each for each in chunk if checked[each] is Status.UNKNOWN]
        if unknown:
            raise _unconfirmed(error, unknown)
        progressed = any(self.status[each] is not Status.DUE for each in chunk)
        if not progressed and attempts > MAX_ATTEMPTS:
            error.about(_subject(chunk))
            error.advise("Gave up. Run again later: what is done stays done.")
            raise error
        return progressed

    def _record_refusal(self, message_id: str, error: ApiError) -> None:
        if isinstance(error, NotFoundError):
            self.status[message_id] = Status.MISSING
        else:
            self.status[message_id] = Status.FAILED
            self.outcomes.append(Outcome(message_id, False, str(error)))

    def _record(self, chunk: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """Record the outcomes of a response. If it does not name a message, a check determines the outcome."""
        named = {outcome.investigate_id for outcome in outcomes}
        failed = {outcome.investigate_id for outcome in outcomes if not outcome.success}
        unclear = self._unclear(chunk, named, failed)
        checked = self.action.check(unclear) if unclear else {}
        seen_done = {each for each in unclear if checked[each] is Status.UNCHANGED}
        self.outcomes.extend(
            # An earlier request without a response has acted on it, so that this one reports a failure.
            replace(outcome, success=True, status=_DONE_UNSEEN)
            if outcome.investigate_id in seen_done & self.unconfirmed
            else outcome
            for outcome in outcomes
        )
        for each in chunk:
            if each in checked:
                self.status[each] = _AFTER_ACTING[checked[each]]
            else:
                self.status[each] = Status.FAILED if each in failed else Status.DONE
            if self.status[each] is Status.FAILED and each not in named and None not in failed:
                self.outcomes.append(Outcome(each, False, "the response does not name it"))

    def _unclear(self, chunk: Sequence[str], named: set[str | None], failed: set[str | None]) -> list[str]:
        """The messages whose outcome a response does not determine."""
        if None in failed:
            return list(chunk)
        left_out = set() if None in named else set(chunk) - named
        return [each for each in chunk if each in left_out or each in failed & self.unconfirmed]

    def _report_progress(self, chunk: Sequence[str], due: int) -> None:
        done = len(self.ids(Status.DONE))
        if len(chunk) > 1 or done % PROGRESS_INTERVAL == 0:
            self.context.client.http.report_progress(f"{done:,} of {due:,} messages {self.action.done}.")


_DONE_UNSEEN = "done; the response was lost"
# The outcome that a check after a response means.
_AFTER_ACTING = {
    Status.UNCHANGED: Status.DONE,
    Status.MISSING: Status.MISSING,
    Status.DUE: Status.FAILED,
    Status.UNKNOWN: Status.FAILED,
}


def _unconfirmed(error: NoAnswerError, ids: Sequence[str]) -> NoAnswerError:
    """The error for messages whose outcome cannot be determined. Nothing is retried blindly."""
    error.about(f"{_subject(ids)}: it is not known what was done, and no log shows it")
    error.advise("Check them with message_info before running again.")
    return error


def _done_unseen(message_id: str) -> Outcome:
    return Outcome(message_id, True, _DONE_UNSEEN)


def _subject(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{len(ids)} messages, the first of them {ids[0]}"
