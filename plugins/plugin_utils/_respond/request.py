# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role's variables ask for, checked before the first request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.act import DESTINATIONS
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.jobs import MOVE, RELEASE
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.match import MATCH_MODES, STRICT
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import (
    DISPOSITIONS,
    EXACT_SUBJECT,
    SEARCH_FILTERS,
)

# What each of the role's variables begins with; an option is the rest of its name.
PREFIX = "email_security_respond_"
# What is done to a message, in a word, by action.
DONE: Mapping[str, str] = {"none": "", "move": "moved", "release": "released", "reclassify": "reclassified"}
# What bulk jobs can do, as the API calls it.
JOB_ACTIONS: Mapping[str, str] = {"move": MOVE, "release": RELEASE}
# The criteria, by which messages are searched.
CRITERIA = (*SEARCH_FILTERS, EXACT_SUBJECT)

_SWITCHES = ("detections_only", "allow_purge", "allow_truncated", "save_eml", "save_preview", "bulk")
_TEXTS = ("max_messages", "bulk_timeout", "evidence", "ticket", "requested_by", "job", "host")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "action": tuple(DONE),
    "destination": DESTINATIONS,
    "expected_disposition": DISPOSITIONS,
    "match": MATCH_MODES,
}
# These are true of nearly all mail.
_NO_CRITERIA = ("start", "end", "detections_only", "delivery_status")


@dataclass(frozen=True)
class Request:
    """What is asked for.

    :param criteria: the search's filters, with times as they were written.
    :param action: one of :data:`DONE`.
    :param target: where to, as the action's own options: ``destination`` or ``expected_disposition``.
    :param most: the most messages that may match.
    :param bulk: whether a bulk job of the service acts on them.
    :param bulk_timeout: how many seconds to wait for it.
    :param evidence: the folder for evidence, or empty for none.
    """

    criteria: Mapping[str, Any]
    action: str
    target: Mapping[str, str]
    strict: bool
    most: int
    allow_truncated: bool
    bulk: bool
    bulk_timeout: int
    evidence: str
    save_eml: bool
    save_preview: bool
    host: str
    requested_by: str
    job: str
    ticket: str


def request_options() -> dict[str, dict[str, Any]]:
    """The options of the role's task, as an argument spec. All are texts, since a survey gives nothing else."""
    names = [*(each.name for each in CRITERIA), *_SWITCHES, *_TEXTS]
    choices = {each.name: each.choices for each in CRITERIA if each.choices}
    options: dict[str, dict[str, Any]] = {name: {"type": "str"} for name in names}
    options.update({name: {"type": "str", "choices": list(values)} for name, values in {**choices, **_CHOICES}.items()})
    return options


def read_request(params: Mapping[str, Any]) -> Request:
    """What the options ask for; None is not given.

    :raises InputError: something cannot be right, in the names of the role's variables.
    """
    problems: list[str] = []
    switches = {name: _switch(name, params[name], problems) for name in _SWITCHES}
    given = {each.name: params[each.name] for each in CRITERIA if params[each.name] is not None}
    criteria = {**given, "detections_only": switches["detections_only"]}
    action = params["action"] or "none"
    target = _target(action, params, problems)
    if action != "none" and not _says_which(criteria):
        problems.append(
            f"To {action} messages, the search must say which: by sender, recipient, domain, subject, exact_subject, "
            "query, message_id, alert_id, metric, message_action, smtp_helo_ip, or a final_disposition other than "
            "NONE. Times alone would mean all mail"
        )
    if switches["bulk"]:
        problems += _bulk_problems(action, criteria)
    if target.get("destination") == "RecoverableItemsPurges" and not switches["allow_purge"]:
        problems.append(f"A move to RecoverableItemsPurges cannot be undone; it needs {PREFIX}allow_purge")
    evidence = params["evidence"] or ""
    if not evidence and (switches["save_eml"] or switches["save_preview"]):
        problems.append(f"To save messages or previews, {PREFIX}evidence must name a folder")
    numbers = {"max_messages": params["max_messages"] or "100", "bulk_timeout": params["bulk_timeout"] or "3600"}
    problems += [
        f"{PREFIX}{name} must be a whole number from 1 on"
        for name, text in numbers.items()
        if not re.fullmatch(r"[1-9][0-9]{0,6}", text)
    ]
    if problems:
        raise InputError(problems)
    return Request(
        criteria=criteria,
        action=action,
        target=target,
        strict=(params["match"] or STRICT) == STRICT,
        most=int(numbers["max_messages"]),
        allow_truncated=switches["allow_truncated"],
        bulk=switches["bulk"],
        bulk_timeout=int(numbers["bulk_timeout"]),
        evidence=evidence,
        save_eml=switches["save_eml"],
        save_preview=switches["save_preview"],
        host=params["host"] or "",
        requested_by=params["requested_by"] or "unknown",
        job=params["job"] or "",
        ticket=params["ticket"] or "",
    )


def _switch(name: str, text: str | None, problems: list[str]) -> bool:
    try:
        return text is not None and bool(boolean(text))
    except TypeError:
        problems.append(f"{PREFIX}{name} must be true or false")
        return False


def _target(action: str, params: Mapping[str, Any], problems: list[str]) -> dict[str, str]:
    needed = {
        "move": ("destination", "where to move messages to"),
        "reclassify": ("expected_disposition", "what to reclassify messages to"),
    }
    if action not in needed:
        return {}
    name, meaning = needed[action]
    if params[name] is None:
        problems.append(f"{PREFIX}{name} must say {meaning}")
    return {name: params[name] or ""}


def _bulk_problems(action: str, criteria: Mapping[str, Any]) -> list[str]:
    """Why no bulk job may do this: it acts on all that the API finds, so that must be what is meant."""
    problems = []
    if action not in ("none", *JOB_ACTIONS):
        problems.append(f"A bulk job cannot {action}: it moves or releases messages. Leave out {PREFIX}bulk")
    loose = [each.name for each in CRITERIA if each.name in criteria and not each.exact]
    if loose:
        exact = ", ".join(each.name for each in CRITERIA if each.exact)
        problems.append(
            f"{PREFIX}bulk would act on more than is meant: the API finds more by {', '.join(loose)} than that says. "
            f"Search by what is exact ({exact}), or leave out {PREFIX}bulk"
        )
    return problems


def _says_which(criteria: Mapping[str, Any]) -> bool:
    return any(
        name not in _NO_CRITERIA and (name, value) != ("final_disposition", "NONE") for name, value in criteria.items()
    )
