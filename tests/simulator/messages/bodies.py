# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bodies of the acting operations: what they may hold. What isn't right is refused."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from answers import INVALID_BODY, INVALID_FIELD, Refusal
from options import Options
from settings.fields import Field, boolean, date_time, list_of, nullable, one_of, text

from .times import now, parse_time
from .vocabulary import ACTIONS, DISPOSITIONS, FOLDERS, PLAIN_DISPOSITIONS, delivery_statuses

Body = dict[str, Any]

_ids = list_of(text(1), 1, 1000)


def _base64(value: Any) -> str | None:
    try:
        content = base64.b64decode(value if isinstance(value, str) else "", validate=True)
    except (binascii.Error, ValueError):
        content = b""
    return None if content else "must be base64 of the content of an EML file"


RECLASSIFY = {
    "expected_disposition": Field(one_of(*PLAIN_DISPOSITIONS), required=True),
    "eml_content": Field(_base64),
    "escalated_submission_id": Field(text(1)),
}

_messages = list_of(lambda value: None if isinstance(value, dict) else "must be an object", 1, 1000)
_BOTH = {
    "expected_disposition": Field(one_of(*PLAIN_DISPOSITIONS), required=True),
    "escalated_submission_id": Field(text(1)),
}
# What a submission says of each message, by its type.
SUBMISSIONS: Mapping[str, Mapping[str, Field]] = {
    "reclassification": {"alert_id": Field(text(1), required=True), **_BOTH},
    "missed_detection": {
        "message_id": Field(text(1), required=True),
        "postfix_id": Field(text(1), required=True),
        "recipient_emails": Field(list_of(text(1)), required=True),
        "eml_content": Field(_base64),
        **_BOTH,
    },
}


def check(known: Mapping[str, Field], body: Any, options: Options) -> Body:
    """The known fields of a body. Raises Refusal where one isn't right, or missing, or (strict) not known."""
    if not isinstance(body, dict):
        raise Refusal(400, INVALID_BODY, "must be a JSON object", "")
    complaints = [(name, "is required") for name, rule in known.items() if rule.required and name not in body]
    for name, value in body.items():
        if name in known:
            complaint = known[name].check(value)
            if complaint:
                complaints.append((name, complaint))
        elif options.strict:
            complaints.append((name, "is not a field of this request"))
    if complaints:
        refusal = Refusal(400, INVALID_FIELD, "")
        refusal.problems = [(INVALID_FIELD, f"{name} {complaint}", f"/{name}") for name, complaint in complaints]
        raise refusal
    return {name: value for name, value in body.items() if name in known}


def move(options: Options) -> dict[str, Field]:
    """The fields of a move, but for what is to be moved."""
    fields = {"destination": Field(one_of(*FOLDERS), required=True)}
    if options.behaviour("move_expected_disposition"):
        fields["expected_disposition"] = Field(one_of(*DISPOSITIONS))
    return fields


def bulk_move(body: Any, options: Options) -> tuple[list[str], Body]:
    """The ids of a bulk move, and the rest of its body."""
    old = options.behaviour("move_postfix_ids")
    ids_of = {"ids": Field(_ids), "postfix_ids": Field(_ids)} if old else {"ids": Field(_ids, required=True)}
    fields = check({**move(options), **ids_of}, body, options)
    older = fields.pop("postfix_ids", None)
    ids = fields.pop("ids", None) or older
    if not ids:
        raise Refusal(400, INVALID_FIELD, "ids is required", "/ids")
    return ids, fields


BULK_ACTIONS = ("MOVE", "RELEASE")
_OBJECT = Field(lambda value: None if isinstance(value, dict) else "must be an object", required=True)


SEARCHED_TEXTS = (
    "alert_id", "domain", "exact_subject", "message_id", "metric", "query", "recipient", "sender", "subject",
)  # fmt: skip


def bulk_job(body: Any, options: Options) -> Body:
    """The body of a new bulk job, its search parameters included."""
    known = {
        **move(options),
        "destination": Field(one_of(*FOLDERS)),
        "action": Field(one_of(*BULK_ACTIONS), required=True),
        "search_params": _OBJECT,
        "comment": Field(nullable(text())),
    }
    fields = check(known, body, options)
    if fields["action"] == "MOVE" and "destination" not in fields:
        raise Refusal(400, INVALID_FIELD, "destination is required", "/destination")
    try:
        fields["search_params"] = check(search_params(options), fields["search_params"], options)
    except Refusal as refusal:
        raise refusal.below("/search_params") from None
    return fields


def search_params(options: Options) -> dict[str, Field]:
    """What the search of a bulk job takes: that of GET …/investigate, and more."""
    texts = (*SEARCHED_TEXTS, "smtp_helo_ip") if options.behaviour("search_smtp_helo_ip") else SEARCHED_TEXTS
    return {
        **{name: Field(nullable(text())) for name in texts},
        "delivery_status": Field(nullable(one_of(*delivery_statuses(options.behaviour("move_failed"))))),
        "final_disposition": Field(nullable(one_of(*DISPOSITIONS))),
        "message_action": Field(nullable(one_of(*ACTIONS))),
        "detections_only": Field(boolean),
        "submissions": Field(boolean),
        "start": Field(_start),
        "end": Field(date_time),
    }


def _start(value: Any) -> str | None:
    complaint = date_time(value)
    return complaint or ("must not be in the future" if (parse_time(value) or 0) > now() else None)


def release(body: Any, options: Options) -> list[str]:
    """The ids of a release: the whole body, or its field ``ids``, whichever the account's API takes."""
    wrong = options.wrong_shape_status
    if options.behaviour("release_body") == "object":
        if not isinstance(body, dict):
            raise Refusal(wrong, INVALID_BODY, "must be a JSON object", "")
        ids: list[str] = check({"ids": Field(_ids, required=True)}, body, options)["ids"]
        return ids
    if not isinstance(body, list):
        raise Refusal(wrong, INVALID_BODY, "must be a JSON array", "")
    if complaint := _ids(body):
        raise Refusal(400, INVALID_FIELD, f"the body {complaint}", "")
    return body


def preview(body: Any, options: Options) -> str:
    """The message of a preview, by the field that the account's API takes."""
    name = options.behaviour("preview_body")
    if isinstance(body, dict) and name not in body:
        raise Refusal(options.wrong_shape_status, INVALID_FIELD, f"{name} is required", f"/{name}")
    value: str = check({name: Field(text(1), required=True)}, body, options)[name]
    return value


def submissions(body: Any, options: Options) -> tuple[str, list[Body]]:
    """The type of the submissions that a body asks for, and what it says of each message."""
    known = {"type": Field(one_of(*SUBMISSIONS), required=True), "messages": Field(_messages, required=True)}
    fields = check(known, body, options)
    kind, items = fields["type"], []
    for index, item in enumerate(fields["messages"]):
        try:
            items.append(check(SUBMISSIONS[kind], item, options))
        except Refusal as refusal:
            raise refusal.below(f"/messages/{index}") from None
    return kind, items
