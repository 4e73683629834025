# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations on messages, submissions and reports, as routes: path and method to a function that answers."""

from __future__ import annotations

from typing import Any

from answers import INVALID_FIELD, NO_INTEGRATION, NOT_A_DETECTION, NOT_FOUND, Answer, Refusal, success
from queries import DEFAULT_PAGE, LARGEST_PAGE, check_names, flag, integer, last
from routing import Call, Router

from . import acting, bodies, made_up, polling, searching
from .mail import Mail
from .message import Action, Fields, Message
from .showing import shown, who
from .submissions import create_submissions, list_reports, list_submissions


def add_routes(router: Router) -> None:
    router.add("GET", "investigate", _search)
    # Before the paths that have an id in the same place.
    router.add("POST", "investigate/move", _move_several)
    router.add("POST", "investigate/release", _release)
    router.add("POST", "investigate/preview", _preview_clean)
    router.add("GET", "investigate/{id}", _get)
    router.add("GET", "investigate/{id}/action_log", _action_log, offered=["action_log"])
    router.add("GET", "investigate/{id}/detections", _detections)
    router.add("GET", "investigate/{id}/preview", _preview)
    router.add("GET", "investigate/{id}/raw", _raw)
    router.add("GET", "investigate/{id}/trace", _trace)
    router.add("POST", "investigate/{id}/move", _move, offered=["move_single"])
    router.add("POST", "investigate/{id}/reclassify", _reclassify, offered=["reclassify"])
    router.add("GET", "submissions", list_submissions)
    router.add("POST", "submissions", create_submissions, offered=["submissions_create"])
    router.add("GET", "phishguard/reports", list_reports)


def _search(call: Call) -> Answer:
    query = dict(call.request.query)
    name = polling.waiting_name(last(query, "cursor"))
    if name is not None:
        del query["cursor"]
    options = call.options
    search = searching.understand(query, options)
    text = last(query, "action_log") if options.behaviour("search_action_log") else None
    log = text is not None and flag("action_log", text)
    if waiting := polling.still_waiting(call.account, call.request, name):
        return waiting
    found, info = searching.find(_mail(call), search), None
    if found.next and options.search_next != "given":
        info = found.info_without_next(searching.count(_mail(call), search), options.search_next)
    return call.listed([shown(call, message, log=log) for message in found.messages], info or found.info())


def _get(call: Call) -> Answer:
    query = call.request.query
    if call.options.strict:
        check_names(query, ("submission",))
    text = last(query, "submission")
    return success(shown(call, _message(call, submission=text is not None and flag("submission", text)), log=True))


def _action_log(call: Call) -> Answer:
    query, actions = call.request.query, _ordered(_message(call).actions, call.options.action_log_order)
    # Earlier descriptions know no parameters here, and a client of today can't know: there they are ignored.
    if not call.behaviour("action_log_pages"):
        return call.listed(actions)
    if call.options.strict:
        check_names(query, ("page", "per_page"))
    number, per_page = integer(query, "page", 1), integer(query, "per_page", DEFAULT_PAGE, LARGEST_PAGE)
    page = actions[(number - 1) * per_page : number * per_page]
    info = {"count": len(page), "page": number, "per_page": per_page, "total_count": len(actions)}
    return call.listed(page, info)


def _ordered(actions: list[Action], order: str) -> list[Action]:
    """Entries of an action log, which are kept oldest first; ``mixed`` is in no order of time, from three on."""
    if order == "oldest":
        return actions
    return actions[::-1] if order == "newest" else [*actions[1::2][::-1], *actions[::2]]


def _detections(call: Call) -> Answer:
    message = _detection(call)
    return success(_said(message.touched and message.record.detections, made_up.detections(message)))


def _raw(call: Call) -> Answer:
    message = _detection(call)
    said = message.record.eml if message.touched else None
    return success({"raw": made_up.eml(message) if said is None else said})


def _trace(call: Call) -> Answer:
    message = _message(call)
    lines = made_up.trace(message, deprecated=call.behaviour("deprecated_fields"))
    return success(_said(message.touched and message.record.trace, lines))


def _preview(call: Call) -> Answer:
    return _picture(call, _detection(call))


def _preview_clean(call: Call) -> Answer:
    """POST …/preview: for mail that is no detection, by its postfix_id or its id."""
    value = bodies.preview(call.request.document(), call.options)
    mail, by_id = _mail(call), call.behaviour("preview_body") == "id"
    message = mail.get(value) if by_id else mail.by_postfix(value)
    if message is None and not by_id and not call.options.strict:
        message = mail.get(value)
    pointer = f"/{call.behaviour('preview_body')}"
    if message is None:
        raise Refusal(404, NOT_FOUND, "message not found", pointer)
    if message.is_detection:
        raise Refusal(400, INVALID_FIELD, "the message is a detection", pointer)
    return _picture(call, message)


def _move(call: Call) -> Answer:
    message = _message(call)
    body = bodies.check(bodies.move(call.options), call.request.document(), call.options)
    return _moved(call, [message.id], body)


def _move_several(call: Call) -> Answer:
    return _moved(call, *bodies.bulk_move(call.request.document(), call.options))


def _moved(call: Call, ids: list[str], body: Fields) -> Answer:
    if not call.options.integration:
        raise Refusal(400, NO_INTEGRATION, "moving messages needs an active integration with the mailboxes")
    mail, by = _mail(call), who(call)
    return success([item for each in ids for item in acting.move(mail, each, body["destination"], call.options, by)])


def _release(call: Call) -> Answer:
    ids = bodies.release(call.request.document(), call.options)
    try:
        return success(acting.release(_mail(call), ids, call.options, who(call)))
    except Refusal as refusal:
        raise refusal.below("" if call.behaviour("release_body") == "array" else "/ids") from None


def _reclassify(call: Call) -> Answer:
    message = _message(call)
    body = bodies.check(bodies.RECLASSIFY, call.request.document(), call.options)
    acting.submit(_mail(call), message, body, call.options, who(call))
    return success({}, status=202)


def _said(said: Any, made_up: Fields) -> Any:
    """What a test says, over what is made up."""
    return {**made_up, **said} if isinstance(said, dict) else said or made_up


def _picture(call: Call, message: Message) -> Answer:
    _mail(call).log(message, "PREVIEW", requested_by=who(call))
    said = message.record.preview
    return success({"screenshot": made_up.PICTURE if said is None else said})


def _message(call: Call, *, submission: bool = False) -> Message:
    message = _mail(call).get(call.arguments["id"], submission=submission)
    if message is None:
        raise Refusal(404, NOT_FOUND, "message not found")
    return message


def _detection(call: Call) -> Message:
    message = _message(call)
    if not message.is_detection:
        raise Refusal(404, NOT_A_DETECTION, "there is nothing of this kind for benign messages")
    return message


def _mail(call: Call) -> Mail:
    return call.account.mail
