# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the modules that act on messages: move, release, reclassify.

Look first, act only where something changes, and look again when an answer never comes. So a job that was killed
halfway finishes the rest when it runs again, and repeats nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._api.http import PROGRESS_INTERVAL
from .._api.messages import (
    MOVE_SIZE,
    Investigation,
    Message,
)
from .._api.pacing import backoff
from .._errors import (
    ApiError,
    ConflictError,
    EmailSecurityError,
    InputError,
    NoAnswerError,
    NotFoundError,
    RefusedError,
)
from .._settings.reconcile import MAX_ATTEMPTS
from .._spec import Context, ModuleSpec
from .read import DISPOSITIONS, unique_ids

DESTINATIONS = ("Inbox", "JunkEmail", "DeletedItems", "RecoverableItemsDeletions", "RecoverableItemsPurges")
_DONE_UNSEEN = {"success": True, "status": "done; the answer was lost"}
# What a look at a message finds.
_STATES = DUE, SETTLED, MISSING = "due", "settled", "missing"


@dataclass(frozen=True)
class Action:
    """One way to act.

    :param done: name of the result that lists the messages acted on.
    :param look: for each message whether it is due, settled or missing.
    :param act: acts on some messages; returns one outcome per message, or per message and recipient. An outcome has
        ``success``, and ``investigate_id`` unless the API does not say which message it is about.
    :param size: the most messages in one request.
    :param look_first: False to act on all of them whatever a look would find.
    """

    done: str
    look: Callable[[Sequence[str]], list[str]]
    act: Callable[[Sequence[str]], list[Message]]
    size: int
    look_first: bool = True


@dataclass
class _Progress:
    """How far an action has come; its parts are the module's result.

    :param unconfirmed: messages of requests whose answer never came.
    """

    done: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    outcomes: list[Message] = field(default_factory=list)
    unconfirmed: set[str] = field(default_factory=set)


def message_move_module() -> ModuleSpec:
    return _action_module(
        {
            "destination": {"type": "str", "choices": list(DESTINATIONS), "required": True},
            "force": {"type": "bool", "default": False},
        },
        _move,
    )


def message_release_module() -> ModuleSpec:
    return _action_module({}, _release)


def message_reclassify_module() -> ModuleSpec:
    return _action_module(
        {
            "expected_disposition": {"type": "str", "choices": list(DISPOSITIONS), "required": True},
            "eml": {"type": "path"},
            "escalated_submission_id": {"type": "str"},
        },
        _reclassify,
    )


def _action_module(options: Mapping[str, Any], make: Callable[[Investigation, Context], Action]) -> ModuleSpec:
    def run(context: Context) -> dict[str, Any]:
        return _perform(context, make(Investigation(context.client.http), context))

    return ModuleSpec(
        options={"investigate_ids": {"type": "list", "elements": "str", "required": True}, **options}, run=run
    )


def _perform(context: Context, action: Action) -> dict[str, Any]:
    ids = unique_ids(context.params["investigate_ids"])
    looks = action.look(ids) if action.look_first else [DUE] * len(ids)
    found = {state: [each for each, look in zip(ids, looks, strict=True) if look == state] for state in _STATES}
    progress = _Progress(missing=found[MISSING])

    def result() -> dict[str, Any]:
        return {
            "changed": bool(progress.done),
            action.done: progress.done,
            "unchanged": found[SETTLED],
            "missing": progress.missing,
            "outcomes": progress.outcomes,
        }

    if context.check:
        progress.done = found[DUE]
    else:
        try:
            _act_on_all(context, action, found[DUE], progress)
        except EmailSecurityError as error:
            error.partial = result()
            raise
    failed = [outcome for outcome in progress.outcomes if not outcome["success"]]
    if failed or progress.missing:
        raise _failure(action, failed, progress.missing, result())
    return result()


def _act_on_all(context: Context, action: Action, due: list[str], progress: _Progress) -> None:
    remaining = due
    tries = 0
    while remaining:
        chunk, later = remaining[: action.size], remaining[action.size :]
        try:
            outcomes = action.act(chunk)
        except NoAnswerError as error:
            if not action.look_first:
                # A look could not tell this time from an earlier one, and nothing is sent again blindly.
                error.about(f"{_subject(chunk)}: it is not known what was done")
                error.message += " Check them with message_info before running again."
                raise
            tries += 1
            progress.unconfirmed.update(chunk)
            # The server may still be at work on what it did not answer.
            context.client.http.sleep(backoff(tries))
            done, left = _look_again(action, chunk, progress, error)
            progress.outcomes.extend({"investigate_id": each, **_DONE_UNSEEN} for each in done)
            if left == chunk and tries > MAX_ATTEMPTS:
                error.about(_subject(chunk))
                error.message += " Gave up. Run again later: what is done stays done."
                raise
            tries = 0 if left != chunk else tries
            remaining = left + later
        except ApiError as error:
            error.about(_subject(chunk))
            if action.size > 1 or len(due) == 1 or not isinstance(error, (RefusedError, ConflictError, NotFoundError)):
                raise
            # It is about this message alone, so the others get their turn.
            if isinstance(error, NotFoundError):
                progress.missing.extend(chunk)
            else:
                progress.outcomes.append({"investigate_id": chunk[0], "success": False, "status": str(error)})
            tries = 0
            remaining = later
        else:
            tries = 0
            progress.outcomes.extend(outcomes)
            _note_outcomes(action, chunk, outcomes, progress)
            remaining = later
            if len(chunk) > 1 or len(progress.done) % PROGRESS_INTERVAL == 0:
                context.client.http.report_progress(f"{len(progress.done):,} of {len(due):,} messages {action.done}.")


def _look_again(
    action: Action, chunk: list[str], progress: _Progress, error: NoAnswerError
) -> tuple[list[str], list[str]]:
    """Which of the messages were done, which noted, and which are left."""
    try:
        looks = dict(zip(chunk, action.look(chunk), strict=True))
    except EmailSecurityError as blind:
        blind.message = f"{_subject(chunk)}: {error} It is not known what was done. Then looking again failed: {blind}"
        raise
    done = [each for each in chunk if looks[each] == SETTLED]
    progress.done.extend(done)
    progress.missing.extend(each for each in chunk if looks[each] == MISSING)
    return done, [each for each in chunk if looks[each] == DUE]


def _note_outcomes(action: Action, chunk: list[str], outcomes: list[Message], progress: _Progress) -> None:
    """Which of the messages an answer says were done. Where it does not say, a look does."""
    failed = {outcome["investigate_id"] for outcome in outcomes if not outcome["success"]}
    named = {outcome["investigate_id"] for outcome in outcomes}
    unclear = chunk if None in failed else [] if None in named else [each for each in chunk if each not in named]
    # What an earlier request did late and unseen cannot be done again, and looks like a failure.
    unclear = [each for each in chunk if each in unclear or (each in failed and each in progress.unconfirmed)]
    looks = dict(zip(unclear, action.look(unclear) if unclear else [], strict=True))
    progress.done.extend(each for each in chunk if (looks[each] == SETTLED if each in looks else each not in failed))
    progress.missing.extend(each for each in unclear if looks[each] == MISSING)
    for outcome in outcomes:
        each = outcome["investigate_id"]
        if each in progress.unconfirmed and looks.get(each) == SETTLED:
            outcome.update(_DONE_UNSEEN)
    if None not in failed:
        progress.outcomes.extend(
            {"investigate_id": each, "success": False, "status": "the answer does not name it"}
            for each in unclear
            if looks[each] == DUE and each not in named
        )


def _subject(chunk: Sequence[str]) -> str:
    return chunk[0] if len(chunk) == 1 else f"{len(chunk)} messages, the first of them {chunk[0]}"


def _failure(action: Action, failed: list[Message], missing: list[str], result: dict[str, Any]) -> EmailSecurityError:
    parts = []
    if failed:
        first = failed[0]
        who = f" for {first['recipient']}" if first.get("recipient") else ""
        parts.append(
            f"{len(failed)} outcomes are failures; the first is "
            f"{first['investigate_id'] or 'a message that the API does not name'}{who}: "
            f"{first.get('status') or 'no reason given'}"
        )
    if missing:
        parts.append(f"{len(missing)} messages were not found: {', '.join(missing[:20])}")
    error = EmailSecurityError(
        f"{len(result[action.done])} messages {action.done}; {'; '.join(parts).rstrip('.')}. "
        "Check them with message_info."
    )
    error.partial = result
    return error


def _move(api: Investigation, context: Context) -> Action:
    destination = context.params["destination"]

    def look_at(message_id: str) -> str:
        log = api.action_log(message_id)
        if log is None:
            return MISSING
        return SETTLED if _last_folder(log) == destination.lower() else DUE

    def act(ids: Sequence[str]) -> list[Message]:
        known = set(ids)
        outcomes = []
        for item in api.move(ids, destination):
            message_id = _text(item.get("message_id"))
            message_id = message_id if message_id in known else None
            message_id = ids[0] if len(ids) == 1 else message_id
            outcomes.append({**item, "investigate_id": message_id, "success": item.get("success") is True})
        return outcomes

    return Action(
        "moved",
        lambda ids: api.http.map_concurrent(look_at, ids, "messages looked at"),
        act,
        MOVE_SIZE,
        look_first=not context.params["force"],
    )


def _last_folder(log: Sequence[Message]) -> str | None:
    """The folder of the latest successful move, in lower case."""
    moves = [entry for entry in log if str(entry.get("operation")).upper() == "MOVE" and _succeeded(entry)]
    if not moves:
        return None
    latest = max(enumerate(moves), key=lambda pair: (str(pair[1].get("completed_at") or ""), pair[0]))[1]
    properties = latest.get("properties")
    return str(properties.get("folder") or "").lower() if isinstance(properties, dict) else None


def _succeeded(entry: Message) -> bool:
    """The newer log says so itself; the contract's has a status in words."""
    if entry.get("success") is not None:
        return entry["success"] is True
    status = str(entry.get("status") or "").lower()
    return not any(word in status for word in ("fail", "error", "pending"))


def _release(api: Investigation, context: Context) -> Action:
    def look_at(message_id: str) -> str:
        message = api.details(message_id)
        if message is None:
            return MISSING
        return DUE if message.get("is_quarantined") is True else SETTLED

    def act(ids: Sequence[str]) -> list[Message]:
        outcomes = []
        for item in api.release(ids):
            parts = {name: _texts(item.get(name)) for name in ("delivered", "failed", "undelivered")}
            failed = [*parts["failed"], *parts["undelivered"]]
            outcomes.append(
                {
                    "investigate_id": _text(item.get("id")),
                    **parts,
                    "success": not failed,
                    "status": f"not delivered to {', '.join(map(str, failed))}" if failed else "released",
                }
            )
        return outcomes

    return Action("released", lambda ids: api.http.map_concurrent(look_at, ids, "messages looked at"), act, MOVE_SIZE)


def _reclassify(api: Investigation, context: Context) -> Action:
    params = context.params
    fields: dict[str, Any] = {"expected_disposition": params["expected_disposition"]}
    escalated = params["escalated_submission_id"]
    if escalated is not None:
        fields["escalated_submission_id"] = escalated
    if params["eml"] is not None:
        if len(unique_ids(params["investigate_ids"])) != 1:
            raise InputError(["eml belongs to one message, and investigate_ids names several"])
        try:
            fields["eml_content"] = base64.b64encode(Path(params["eml"]).read_bytes()).decode()
        except OSError as error:
            raise InputError([f"eml: {params['eml']} cannot be read: {error.strerror}"]) from None

    def look(ids: Sequence[str]) -> list[str]:
        # Read once for all: what was asked for before, and has no outcome yet.
        pending = {
            _text(submission.get("original_postfix_id"))
            for submission in api.submissions({"requested_disposition": fields["expected_disposition"]})
            if _is_open(submission) and (escalated is None or _escalates(submission, escalated))
        } - {None}

        def look_at(message_id: str) -> str:
            message = api.details(message_id)
            if message is None:
                return MISSING
            asked = _text(message.get("postfix_id")) in pending
            return SETTLED if asked or message.get("final_disposition") == fields["expected_disposition"] else DUE

        return api.http.map_concurrent(look_at, ids, "messages looked at")

    def act(ids: Sequence[str]) -> list[Message]:
        for message_id in ids:
            api.reclassify(message_id, fields)
        return [{"investigate_id": message_id, "success": True, "status": "requested"} for message_id in ids]

    return Action("reclassified", look, act, 1)


def _text(value: Any) -> str | None:
    """What an answer names something by, or None where that is no text. After a write, nothing may be tripped over."""
    return value if isinstance(value, str) else None


def _texts(value: Any) -> list[str]:
    """Names in an answer, which has null where there are none."""
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []


def _is_open(submission: Message) -> bool:
    return not submission.get("outcome") and not submission.get("outcome_disposition")


def _escalates(submission: Message, escalated: str) -> bool:
    """Whether a submission escalates another, or is that other and was escalated already."""
    own = submission.get("submission_id") == escalated and submission.get("customer_status") == "escalated"
    return own or submission.get("escalated_submission_id") == escalated
