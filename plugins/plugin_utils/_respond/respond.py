# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A response: search, judge what was found, keep evidence, act, and report the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._censor import censored
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError, InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.act import (
    message_move_module,
    message_reclassify_module,
    message_release_module,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.decided import count_decisions
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.match import (
    BY_API,
    STRICT,
    count_reasons,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import (
    Found,
    query_filters,
    search,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.save import (
    message_preview_module,
    message_raw_module,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import Context, ModuleSpec

from .evidence import Evidence
from .job import act_by_job, job_line, refuse_loose
from .request import CRITERIA, PREFIX, Request, read_request, request_options
from .states import count_states, held_ids, states_of
from .table import decision_lines, one_line, report_lines

# One page costs one request however long it is, and mostly holds enough to say how many there are.
_PAGE = 1000
# Of a wave that a bulk job acts on, so many messages are shown.
_MOST_SHOWN = 50
_ACTIONS = {"move": message_move_module, "release": message_release_module, "reclassify": message_reclassify_module}


@dataclass
class _Steps:
    """What the steps have returned so far, a failed one included.

    :param error: what ended them; empty when all are done.
    """

    kept: list[Mapping[str, Any]] = field(default_factory=list)
    acted: list[Mapping[str, Any]] = field(default_factory=list)
    error: str = "The run was ended before it was done."


def respond_spec(width: int) -> ModuleSpec:
    """:param width: of the terminal that the report is for, in columns."""
    return ModuleSpec(options=request_options(), run=lambda context: respond(context, width))


def respond(context: Context, width: int) -> dict[str, Any]:
    """Do what the role's variables ask for.

    :returns: what the role's README says of its result, and ``report``, lines for a terminal.
    :raises EmailSecurityError: something failed; ``partial`` is the same result, where the search came that far.
    """
    request = read_request(context.params)
    found = _search(context, request)
    evidence = Evidence(request.evidence, request.host, context.now) if request.evidence else None
    head = _head(context, request, found)
    if evidence and context.check:
        evidence.check_folder()
    elif evidence:
        evidence.make_folder()
        messages_left_out = [{"reason": reason, "message": message} for message, reason in found.left_out]
        record = {**head, "messages": found.messages, "messages_left_out": messages_left_out}
        evidence.write(evidence.matches, censored(record, context.params))
    steps = _Steps()
    try:
        _act(context, request, found, evidence, steps)
    finally:
        # Also where the task's timeout or a defect ends it: what was done does not go unwritten.
        result = {**head, **_outcome(context, request, found, steps, evidence)}
        if evidence and not context.check:
            try:
                evidence.write(evidence.outcomes, censored(result, context.params))
            except EmailSecurityError as unwritten:
                result["error"] = f"{result['error']} {unwritten}".strip()
    result["messages"] = found.messages
    result["report"] = report_lines(
        found.messages,
        found.left_out,
        result["states"],
        result["outcomes"],
        decision_lines(result),
        acted=request.action != "none",
        truncated=found.truncated,
        width=width,
        most=_MOST_SHOWN if request.bulk else None,
    )
    if result["bulk_job"]:
        result["report"].append(job_line(result["bulk_job"]))
    if result["error"]:
        failure = EmailSecurityError(result["error"])
        failure.partial = result
        raise failure
    return result


def _search(context: Context, request: Request) -> Found:
    """:raises EmailSecurityError: too many messages match, or there may be more than were read and it matters."""
    params = {**context.params, **request.criteria}
    try:
        filters = query_filters(CRITERIA, replace(context, params=params))
    except InputError as error:
        raise InputError([f"{PREFIX}{problem}" for problem in error.problems]) from None
    found = search(context, filters, strict=request.strict, most=max(_PAGE, request.most + 1))
    count = len(found.messages)
    if count > request.most:
        raise EmailSecurityError(
            f"{'At least ' if found.truncated else ''}{count} messages match, and {PREFIX}max_messages allows "
            f"{request.most}. Nothing was done. Narrow the search, or allow more."
        )
    if found.truncated and request.action != "none" and not request.allow_truncated:
        raise EmailSecurityError(
            f"The API ended the search early: {count} messages match, and there may be more. Nothing was done. "
            f"Narrow the search, or set {PREFIX}allow_truncated to act on these."
        )
    if request.bulk and request.action != "none":
        refuse_loose(request, found)
    return found


def _head(context: Context, request: Request, found: Found) -> dict[str, Any]:
    """What both records begin with."""
    return {
        "host": request.host,
        "account_id": str(context.params["account_id"]).strip(),
        "requested_by": request.requested_by,
        "job": request.job,
        "ticket": request.ticket,
        "searched_at": _utc(context.now),
        "criteria": request.criteria,
        "match": STRICT if request.strict else BY_API,
        "action": request.action,
        "target": request.target,
        "truncated": found.truncated,
        "left_out": count_reasons(reason for message, reason in found.left_out),
        **count_decisions(found.messages),
    }


def _act(context: Context, request: Request, found: Found, evidence: Evidence | None, steps: _Steps) -> None:
    """Keep the messages, then act on them. What cannot be kept is not acted on."""
    ids = _ids(found)
    held = held_ids(found.messages, request.action)
    due = [each for each in ids if each not in held]
    try:
        if evidence and ids:
            for kind in [message_raw_module] * request.save_eml + [message_preview_module] * request.save_preview:
                _run(kind(), context, steps.kept, investigate_ids=ids, dest=f"{evidence.folder}/")
        if request.bulk and due and request.action != "none":
            _keep(steps.acted, lambda: act_by_job(context, request, found, due))
        elif request.action in _ACTIONS and due:
            _run(_ACTIONS[request.action](), context, steps.acted, investigate_ids=due, **request.target)
        steps.error = ""
    except EmailSecurityError as error:
        steps.error = one_line(str(error))


def _run(spec: ModuleSpec, context: Context, results: list[Mapping[str, Any]], **given: Any) -> None:
    """Do what another module does, with its defaults; what it returns goes to the results, if it fails, too."""
    params = {name: option.get("default") for name, option in spec.options.items()}
    _keep(results, lambda: spec.run(replace(context, params={**params, **given})))


def _keep(results: list[Mapping[str, Any]], act: Callable[[], Mapping[str, Any]]) -> None:
    try:
        results.append(act())
    except EmailSecurityError as error:
        results.append(error.partial)
        raise


def _outcome(
    context: Context, request: Request, found: Found, steps: _Steps, evidence: Evidence | None
) -> dict[str, Any]:
    result = steps.acted[0] if steps.acted else {}
    held = held_ids(found.messages, request.action)
    states = states_of(_ids(found), held, result, request.action, check=context.check)
    records = [evidence.matches, evidence.outcomes] if evidence and not context.check else []
    missing = [each for one in steps.kept for each in one.get("missing", [])]
    return {
        "finished_at": _utc(datetime.now(timezone.utc)),
        "changed": bool(result.get("changed")),
        "error": steps.error,
        "states": states,
        "counts": count_states(states),
        "outcomes": result.get("outcomes", []),
        "bulk_job": result.get("bulk_job"),
        "files": [each for one in steps.kept for each in one.get("files", [])],
        "files_missing": list(dict.fromkeys(missing)),
        "records": list(map(str, records)),
    }


def _ids(found: Found) -> list[str]:
    return [str(message["id"]) for message in found.messages if message.get("id")]


def _utc(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
