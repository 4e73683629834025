# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GET …/submissions and …/phishguard/reports: filters and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from answers import Answer, success
from queries import DEFAULT_PAGE, LARGEST_PAGE, Query, check_names, choice, flag, integer, last, refused
from routing import Call

from .acting import look
from .message import Fields
from .times import DAY, day, moment, now
from .vocabulary import PLAIN_DISPOSITIONS

Test = Callable[[Fields], bool]

_PAGES = ("page", "per_page")
_DISPOSITIONS = ("original_disposition", "requested_disposition", "outcome_disposition")
_OPTIONAL = (*_DISPOSITIONS, "escalated_as")
_SUBMISSIONS = ("start", "end", "type", "submission_id", *_DISPOSITIONS, "status", "query", "escalated_from_user")
_SEARCHED = ("subject", "requested_by", "submission_id", "original_postfix_id")


def list_submissions(call: Call) -> Answer:
    """GET …/submissions."""
    query, mail = call.request.query, call.account.mail
    tests = _submission_tests(query, strict=call.options.strict)
    integer(query, "per_page", DEFAULT_PAGE, LARGEST_PAGE)
    look(mail, call.options)
    return _page(call, mail.submissions, tests, _shown_submission)


def list_reports(call: Call) -> Answer:
    """GET …/phishguard/reports."""
    query, paged = call.request.query, call.options.phishguard_pages
    if call.options.strict:
        check_names(query, {"start", "end", "from_date", "to_date", *(_PAGES if paged else ())})
    start, end = _moment(query, "start"), _moment(query, "end")
    first, final = _day(query, "from_date"), _day(query, "to_date")
    if start is None:
        start = first
    if end is None and final is not None:
        end = final + DAY - 1
    return _page(call, call.account.mail.reports, [_between("created_at", start, end)], _shown_report, paged=paged)


def _submission_tests(query: Query, *, strict: bool) -> list[Test]:
    if strict:
        check_names(query, {*_SUBMISSIONS, *_PAGES})
    current = now()
    start, end = _moment(query, "start"), _moment(query, "end")
    tests = [_between("requested_at", current - 30 * DAY if start is None else start, current if end is None else end)]
    for name in ("submission_id", "status", "type", *_DISPOSITIONS):
        value = last(query, name)
        if value is not None:
            if name == "type":
                choice(name, value, ("TEAM", "USER"))
            elif name in _DISPOSITIONS:
                choice(name, value, PLAIN_DISPOSITIONS)
            tests.append(_same(name, value.lower()))
    if term := last(query, "query"):
        tests.append(_search(term.lower()))
    if (text := last(query, "escalated_from_user")) is not None:
        wanted = flag("escalated_from_user", text)
        tests.append(lambda entry: _escalated_by_user(entry) is wanted)
    return tests


def _escalated_by_user(entry: Fields) -> bool:
    """Whether an end user escalated it: as the test says, or because it is a user's and was escalated."""
    said = entry.get("escalated_from_user")
    return said if isinstance(said, bool) else entry["type"] == "User" and entry["escalated_at"] is not None


def _page(
    call: Call, entries: Iterable[Fields], tests: list[Test], show: Callable[..., Fields], *, paged: bool = True
) -> Answer:
    query = call.request.query
    found = [entry for entry in entries if all(test(entry) for test in tests)]
    if not paged:
        return success([show(entry, deprecated=call.options.deprecated_fields) for entry in found])
    number, per_page = integer(query, "page", 1), integer(query, "per_page", DEFAULT_PAGE, LARGEST_PAGE)
    page = found[(number - 1) * per_page : number * per_page]
    info = {"count": len(page), "page": number, "per_page": per_page, "total_count": len(found)}
    return success([show(entry, deprecated=call.options.deprecated_fields) for entry in page], result_info=info)


def _shown_submission(entry: Fields, *, deprecated: bool) -> Fields:
    # The newer description doesn't allow null for dispositions: one that there isn't is left out.
    hidden = {"escalated_from_user", *[name for name in _OPTIONAL if entry[name] is None]}
    shown = {name: value for name, value in entry.items() if name not in hidden}
    return {**shown, "requested_ts": entry["requested_at"]} if deprecated else shown


def _shown_report(entry: Fields, *, deprecated: bool) -> Fields:
    if not deprecated:
        return entry
    fields = entry["fields"]
    if isinstance(fields, dict):
        fields = {**fields, "ts": fields["occurred_at"]}
    return {**entry, "fields": fields, "ts": entry["created_at"]}


def _between(name: str, start: int | None, end: int | None) -> Test:
    def test(entry: Fields) -> bool:
        at = moment(entry[name])
        # What has no time that one could read is always found.
        return at is None or ((start is None or at >= start) and (end is None or at <= end))

    return test


def _same(name: str, wanted: str) -> Test:
    return lambda entry: str(entry[name]).lower() == wanted


def _search(term: str) -> Test:
    return lambda entry: any(term in str(entry[name] or "").lower() for name in _SEARCHED)


def _moment(query: Query, name: str) -> int | None:
    return _read(query, name, moment, "must be a date and time as in RFC 3339")


def _day(query: Query, name: str) -> int | None:
    return _read(query, name, day, "must be a date YYYY-MM-DD")


def _read(query: Query, name: str, read: Callable[[Any], int | None], complaint: str) -> int | None:
    text = last(query, name)
    value = None if text is None else read(text)
    if text is not None and value is None:
        raise refused(name, complaint)
    return value
