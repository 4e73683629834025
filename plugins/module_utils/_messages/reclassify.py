# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reclassification of messages: which requests are pending already, and the form of the others."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .._api.messages import SUBMIT_SIZE, Message
from .._errors import InputError, NotFoundError, NotOfferedError
from .._spec import Context
from .perform import Action, ChooseAgainError, Outcome, Status
from .read import unique_ids

# Forms of a request. A detection is reported by its alert, any other message by the mail's own identifiers.
DETECTED, MISSED = "reclassification", "missed_detection"
# The operation for a single message, which newer API descriptions lack. It needs only the message's id.
OLDER = "reclassify"


class Reclassify(Action):
    """Operation: Create submissions or, if the API lacks it, Change email classification.

    A message is unchanged if it has the disposition already, or if a request for it is pending.
    """

    done = "reclassified"

    def __init__(self, context: Context) -> None:
        self.context = context
        self.client = context.client
        self.disposition: str = context.params["expected_disposition"]
        self.escalated: str | None = context.params["escalated_submission_id"] or None
        self.eml = _read_eml(context.params["eml"])
        problems = [
            f"{name} belongs to one message, and investigate_ids names several"
            for name in ("eml", "escalated_submission_id")
            if context.params[name] is not None and len(unique_ids(context.params["investigate_ids"])) > 1
        ]
        if problems:
            raise InputError(problems)
        self._messages: dict[str, Message] = {}
        self._submits = True

    @property
    def size(self) -> int:  # type: ignore[override]
        return SUBMIT_SIZE if self._submits else 1

    def check(self, ids: Sequence[str]) -> Mapping[str, Status]:
        # Read once for all messages.
        requests = self.client.messages.submissions({"requested_disposition": self.disposition})
        escalated = self._is_escalated(requests) if self.escalated is not None else None
        pending = {_text(each, "original_postfix_id") for each in requests if is_pending(each)} - {None}

        def check_one(message_id: str) -> Status:
            message = self.client.messages.details(message_id)
            if message is None:
                return Status.MISSING
            self._messages[message_id] = message
            is_requested = _text(message, "postfix_id") in pending if escalated is None else escalated
            settled = is_requested or message.get("final_disposition") == self.disposition
            return Status.UNCHANGED if settled else Status.DUE

        found = self.client.http.map_concurrent(check_one, ids, "messages checked")
        return dict(zip(ids, found, strict=True))

    def _is_escalated(self, requests: Sequence[Message]) -> bool:
        """Whether the user's submission was escalated already to a request of the team that is still pending.

        :param requests: those for the same disposition; the user may have requested another.
        """
        every = self.client.messages.submissions({"submission_id": self.escalated})
        users = [each for each in every if each.get("submission_id") == self.escalated]
        if not users:
            self.context.client.warnings.append(
                f"The submission {self.escalated} is not among those of the last 30 days, so it is unknown whether it "
                "was escalated already."
            )
            return False
        team_id = users[0].get("escalated_submission_id")
        if not team_id and "escalated" not in (users[0].get("customer_status"), users[0].get("status")):
            return False
        if users[0].get("escalated_as") not in (None, self.disposition):
            return False
        return all(is_pending(each) for each in requests if each.get("submission_id") == team_id)

    def next_ids(self, due: Sequence[str]) -> Sequence[str]:
        form = self._form(due[0])
        if form == OLDER:
            return due[:1]
        return [each for each in due if self._form(each) == form][: self.size]

    def act(self, ids: Sequence[str]) -> list[Outcome]:
        form = self._form(ids[0])
        if form == OLDER:
            return [self._reclassify(ids[0])]
        items = [self._item(form, self._messages[each]) for each in ids]
        try:
            results = self.client.messages.submit(form, items)
        except (NotOfferedError, NotFoundError):
            self._submits = False
            raise ChooseAgainError from None
        if form == DETECTED and self.eml is not None:
            self.client.warnings.append("eml was not sent: the API takes none for a message that was a detection.")
        return _outcomes(ids, [item["alert_id" if form == DETECTED else "message_id"] for item in items], results)

    def _form(self, message_id: str) -> str:
        message = self._messages[message_id]
        if self._submits and _text(message, "alert_id"):
            return DETECTED
        return MISSED if self._submits and not _lacking(message) else OLDER

    def _item(self, form: str, message: Message) -> dict[str, Any]:
        """The part of a request that is about one message."""
        item: dict[str, Any] = {"expected_disposition": self.disposition}
        if self.escalated is not None:
            item["escalated_submission_id"] = self.escalated
        if form == DETECTED:
            return {**item, "alert_id": message["alert_id"]}
        if self.eml is not None:
            item["eml_content"] = self.eml
        return {
            **item,
            "message_id": message["message_id"],
            "postfix_id": message["postfix_id"],
            "recipient_emails": _recipients(message),
        }

    def _reclassify(self, message_id: str) -> Outcome:
        fields = {
            "expected_disposition": self.disposition,
            "escalated_submission_id": self.escalated,
            "eml_content": self.eml,
        }
        try:
            self.client.messages.reclassify(message_id, {name: value for name, value in fields.items() if value})
        except NotOfferedError as error:
            if not self._submits:
                raise
            lacking = ", ".join(_lacking(self._messages[message_id]))
            return Outcome(message_id, False, f"it has no {lacking}, which a submission needs. {error}")
        return Outcome(message_id, True, "requested")


def is_pending(submission: Message) -> bool:
    """Whether a submission is undecided, by the fields of older and newer API descriptions."""
    decided = submission.get("outcome") or submission.get("outcome_disposition")
    return not decided and str(submission.get("status")).lower() != "reviewed"


def _read_eml(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        return base64.b64encode(Path(path).read_bytes()).decode()
    except OSError as error:
        raise InputError([f"eml: {path} cannot be read: {error.strerror}"]) from None


def _lacking(message: Message) -> list[str]:
    """The fields that a missed detection requires and the message lacks."""
    lacking = [name for name in ("message_id", "postfix_id") if not _text(message, name)]
    return lacking if _recipients(message) else [*lacking, "recipients"]


def _recipients(message: Message) -> list[str]:
    for name in ("client_recipients", "envelope_to", "to"):
        value = message.get(name)
        texts = [each for each in value if isinstance(each, str) and each] if isinstance(value, list) else []
        if texts:
            return texts
    return []


def _text(message: Message, name: str) -> str | None:
    value = message.get(name)
    return value if isinstance(value, str) and value else None


def _outcomes(ids: Sequence[str], own: Sequence[str], results: Sequence[Message]) -> list[Outcome]:
    """The outcome of each message of a request.

    :param own: the identifier that the request sent for each message. The meaning of a result's ``id`` is not
        documented: if it is one of these, it identifies the message; otherwise the order does.
    """
    by_name = {name: each for name, each in zip(own, ids, strict=True) if own.count(name) == 1}
    in_order = ids if len(results) == len(ids) else [None] * len(results)
    outcomes = []
    for position, result in enumerate(results):
        named = result.get("id")
        message_id = by_name.get(named) if isinstance(named, str) else None
        accepted = result.get("accepted") is True
        reason = str(result.get("error") or "not accepted, no reason given")
        outcomes.append(Outcome(message_id or in_order[position], accepted, "requested" if accepted else reason))
    return outcomes
