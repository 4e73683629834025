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
from settings.fields import Field, list_of, one_of, text

from .vocabulary import DISPOSITIONS, FOLDERS, PLAIN_DISPOSITIONS

Body = dict[str, Any]

_ids = list_of(text(1), 1, 1000)


def _base64(value: Any) -> str | None:
    try:
        content = base64.b64decode(value if isinstance(value, str) else "", validate=True)
    except (binascii.Error, ValueError):
        content = b""
    return None if content else "must be base64 of the content of an EML file"


MOVE = {
    "destination": Field(one_of(*FOLDERS), required=True),
    "expected_disposition": Field(one_of(*DISPOSITIONS)),
}
BULK_MOVE = {**MOVE, "ids": Field(_ids, required=True)}
# postfix_ids is past its end of life: accounts that aren't strict still take it.
OLD_BULK_MOVE = {**MOVE, "ids": Field(_ids), "postfix_ids": Field(_ids)}
RECLASSIFY = {
    "expected_disposition": Field(one_of(*PLAIN_DISPOSITIONS), required=True),
    "eml_content": Field(_base64),
    "escalated_submission_id": Field(text(1)),
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


def bulk_move(body: Any, options: Options) -> tuple[list[str], Body]:
    """The ids of a bulk move, and the rest of its body."""
    fields = check(BULK_MOVE if options.strict else OLD_BULK_MOVE, body, options)
    ids = fields.pop("ids", None) or fields.pop("postfix_ids", None)
    if not ids:
        raise Refusal(400, INVALID_FIELD, "ids is required", "/ids")
    return ids, fields


def release(body: Any, options: Options) -> list[str]:
    """The ids of a release: the whole body, or its field ``ids``, whichever the account's API takes."""
    wrong = options.wrong_shape_status
    if options.release_body == "object":
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
    name = options.preview_body
    if isinstance(body, dict) and name not in body:
        raise Refusal(options.wrong_shape_status, INVALID_FIELD, f"{name} is required", f"/{name}")
    value: str = check({name: Field(text(1), required=True)}, body, options)[name]
    return value
