# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GET and POST …/submissions, GET …/phishguard/reports: filters and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from answers import Answer, success
from queries import DEFAULT_PAGE, LARGEST_PAGE, Query, check_names, choice, flag, integer, last, refused
from routing import Call

from . import bodies
from .acting import look, submit
from .message import Fields, Message
from .showing import who
from .times import DAY, day, now, parse_time
from .vocabulary import PLAIN_DISPOSITIONS

Test = Callable[[Fields], bool]

_PAGES = ("page", "per_page")
_DISPOSITIONS = ("original_disposition", "requested_disposition", "outcome_disposition")
_OPTIONAL = (*_DISPOSITIONS, "escalated_as")
_SUBMISSIONS = ("start", "end", "type", "submission_id", *_DISPOSITIONS, "status", "query", "escalated_from_user")
_ORDERS = ("requested_at", "submission_id", "subject", *_DISPOSITIONS)
# What the simulator itself makes of ``status``; anything else stays as a test put it there.
_OWN_STATUSES = ("pending", "reviewed")
_SEARCHED = ("subject", "requested_by", "submission_id", "original_postfix_id")


def list_submissions(call: Call) -> Answer:
    """GET …/submissions."""
    query, mail = call.request.query, call.account.mail
    tests = _submission_tests(call)
    integer(query, "per_page", DEFAULT_PAGE, LARGEST_PAGE)
    look(mail, call.options)
    return _page(call, _ordered(call, mail.submissions), tests, _shown_submission)


def create_submissions(call: Call) -> Answer:
    """POST …/submissions: an item for each message, which may be a refusal, in an answer that is a success."""
    kind, items = bodies.submissions(call.request.document(), call.options)
    by, mail = who(call), call.account.mail
    own = "alert_id" if kind == "reclassification" else "message_id"
    known = mail.index("alert_id" if kind == "reclassification" else "postfix_id")
    results = []
    for item in items:
        message = known.get(item["alert_id"] if kind == "reclassification" else item["postfix_id"])
        trouble = _trouble(call, own, item, message)
        if message is None or trouble:
            results.append({"id": item[own], "accepted": False, "error": trouble})
            continue
        made = submit(mail, message, item, call.options, by)
        shown = made if call.options.submission_result_id == "submission" else item[own]
        results.append({"id": shown, "accepted": True, "error": None})
    return success({"results": results}, status=call.options.submissions_status)


def _trouble(call: Call, own: str, item: Fields, message: Message | None) -> str | None:
    """Why a message isn't taken, or None."""
    if message is None or not _same_message_id(item, message):
        return "message not found"
    return "not accepted for review" if item[own] in call.options.refused_submissions else None


def _same_message_id(item: Fields, message: Message) -> bool:
    """Whether the Message-ID, where an item names it, is that of the message that its other id names."""
    said = item.get("message_id")
    return said is None or said.strip("<>") == str(message.value("message_id")).strip("<>")


def list_reports(call: Call) -> Answer:
    """GET …/phishguard/reports."""
    query, paged = call.request.query, call.behaviour("phishguard_pages")
    if call.options.strict:
        check_names(query, {"start", "end", "from_date", "to_date", *(_PAGES if paged else ())})
    start, end = _parse_time(query, "start"), _parse_time(query, "end")
    first, final = _day(query, "from_date"), _day(query, "to_date")
    if start is None:
        start = first
    if end is None and final is not None:
        end = final + DAY - 1
    tests = [_between("created_at", start, end)]
    total = call.options.phishguard_total_count
    return _page(call, call.account.mail.reports, tests, _shown_report, paged=paged, total=total)


def _ordered(call: Call, entries: list[Fields]) -> list[Fields]:
    """Submissions in the order that is asked for; newest first where it isn't."""
    query = call.request.query
    order, direction = last(query, "order"), last(query, "direction")
    if not call.behaviour("submissions_order") or (order is None and direction is None):
        return entries
    name = choice("order", order, _ORDERS) if order is not None else _ORDERS[0]
    descending = direction is not None and choice("direction", direction, ("asc", "desc")) == "desc"
    return sorted(entries, key=lambda entry: str(entry[name] or ""), reverse=descending)


def _submission_tests(call: Call) -> list[Test]:
    query = call.request.query
    if call.options.strict:
        ordered = ("order", "direction") if call.behaviour("submissions_order") else ()
        check_names(query, {*_SUBMISSIONS, *_PAGES, *ordered})
    current = now()
    start, end = _parse_time(query, "start"), _parse_time(query, "end")
    tests = [_between("requested_at", current - 30 * DAY if start is None else start, current if end is None else end)]
    for name in ("submission_id", "status", "type", *_DISPOSITIONS):
        value = last(query, name)
        if value is not None:
            if name == "type":
                choice(name, value, ("TEAM", "USER"))
            elif name in _DISPOSITIONS:
                choice(name, value, PLAIN_DISPOSITIONS)
            tests.append(_with_status(call, value) if name == "status" else _same(name, value.lower()))
    if term := last(query, "query"):
        tests.append(_search(term.lower()))
    if (text := last(query, "escalated_from_user")) is not None:
        requested = flag("escalated_from_user", text)
        tests.append(lambda entry: _escalated_by_user(entry) is requested)
    return tests


def _escalated_by_user(entry: Fields) -> bool:
    """Whether an end user escalated it: as the test says, or because it is a user's and was escalated."""
    said = entry.get("escalated_from_user")
    return said if isinstance(said, bool) else entry["type"] == "User" and entry["escalated_at"] is not None


def _with_status(call: Call, requested: str) -> Test:
    return lambda entry: str(_status(call, entry)).lower() == requested.lower()


def _status(call: Call, entry: Fields) -> Any:
    """The status as the account's API words it: by the newest description it is what ``customer_status`` says."""
    renamed = call.behaviour("submission_status") == "unreviewed" and entry["status"] in _OWN_STATUSES
    return entry["customer_status"] if renamed else entry["status"]


def _page(
    call: Call,
    entries: Iterable[Fields],
    tests: list[Test],
    show: Callable[[Call, Fields], Fields],
    *,
    paged: bool = True,
    total: str = "given",
) -> Answer:
    query = call.request.query
    found = [entry for entry in entries if all(test(entry) for test in tests)]
    if not paged:
        return call.listed([show(call, entry) for entry in found])
    number, per_page = integer(query, "page", 1), integer(query, "per_page", DEFAULT_PAGE, LARGEST_PAGE)
    page = found[(number - 1) * per_page : number * per_page]
    info = {"count": len(page), "page": number, "per_page": per_page, "total_count": len(found)}
    if total == "zero":
        info["total_count"] = 0
    elif total == "missing":
        del info["total_count"]
    return call.listed([show(call, entry) for entry in page], info)


def _shown_submission(call: Call, entry: Fields) -> Fields:
    # The newer description doesn't allow null for dispositions: one that there isn't is left out.
    hidden = {"escalated_from_user", *[name for name in _OPTIONAL if entry[name] is None]}
    shown = {name: value for name, value in entry.items() if name not in hidden}
    shown["status"] = _status(call, entry)
    return {**shown, "requested_ts": entry["requested_at"]} if call.options.undated_fields else shown


def _shown_report(call: Call, entry: Fields) -> Fields:
    if not call.behaviour("deprecated_fields"):
        return entry
    fields = entry["fields"]
    if isinstance(fields, dict):
        fields = {**fields, "ts": fields["occurred_at"]}
    return {**entry, "fields": fields, "ts": entry["created_at"]}


def _between(name: str, start: int | None, end: int | None) -> Test:
    def test(entry: Fields) -> bool:
        at = parse_time(entry[name])
        # What has no time that one could read is always found.
        return at is None or ((start is None or at >= start) and (end is None or at <= end))

    return test


def _same(name: str, requested: str) -> Test:
    return lambda entry: str(entry[name]).lower() == requested


def _search(term: str) -> Test:
    return lambda entry: any(term in str(entry[name] or "").lower() for name in _SEARCHED)


def _parse_time(query: Query, name: str) -> int | None:
    return _read(query, name, parse_time, "must be a date and time as in RFC 3339")


def _day(query: Query, name: str) -> int | None:
    return _read(query, name, day, "must be a date YYYY-MM-DD")


def _read(query: Query, name: str, read: Callable[[Any], int | None], complaint: str) -> int | None:
    text = last(query, name)
    value = None if text is None else read(text)
    if text is not None and value is None:
        raise refused(name, complaint)
    return value
