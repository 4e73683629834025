# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the fault matrix: every fault, where it can happen, and how a run ends that it happens to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reliability.matrix import AGAIN, GOES_ON, READ, STOPS, WHOLE, WRITE, Fault, Scenario, Step
from unit.armed import fault

ELSEWHERE = "https://elsewhere.example/"
Cannot = Callable[[Scenario, Step], str | None]


def _only(fits: Callable[[Scenario, Step], bool], reason: str) -> Cannot:
    return lambda scenario, step: None if fits(scenario, step) else reason


def _writes(scenario: Scenario, step: Step) -> bool:
    return step.kind == WRITE


def _is_batch(scenario: Scenario, step: Step) -> bool:
    return step.path.endswith("/batch$")


def _of_settings(step: Step) -> bool:
    return step.path.startswith("settings/")


def _addresses(scenario: Scenario, step: Step) -> bool:
    if step.is_search or step.path in ("submissions$", "investigate/bulk$") or step.is_settings_list:
        return False
    return not (_of_settings(step) and step.method == "POST") or _is_batch(scenario, step)


def _creates(scenario: Scenario, step: Step) -> bool:
    return _of_settings(step) and step.method == "POST"


def _carries_item(scenario: Scenario, step: Step) -> bool:
    return _of_settings(step) and step.method in ("POST", "PATCH")


_ANYWHERE: Cannot = lambda scenario, step: None  # noqa: E731 - a name for what says nothing
_LIST = _only(lambda scenario, step: step.is_list, "only a list in numbered pages has this")
_SEVERAL_PAGES = _only(
    lambda scenario, step: step.is_list and scenario.page < WHOLE,
    "only a list of several pages can be cut off at a full one",
)
_LATER_PAGE = _only(
    lambda scenario, step: step.is_list and step.query.get("page", "1") != "1",
    "only a list's pages after the first can be repeated",
)
_CHANGING = _only(
    lambda scenario, step: step.is_settings_list or step.is_job_list or step.is_search,
    "only a list of entries or jobs or a search has pages to change",
)
_SEARCH = _only(lambda scenario, step: step.is_search, "only a search has cursors and is answered with 202")
_NEXT_SEARCH = _only(
    lambda scenario, step: step.is_search and step.after > 0,
    "only a search's pages after the first have a cursor to repeat",
)
_WRITE = _only(_writes, "only a write does something")
_DOES = _only(_writes, "only a write can be done before its answer is lost")
_BATCH = _only(_is_batch, "only a batch is sent to a batch endpoint")
_ENTRY = _only(_addresses, "this request addresses nothing that could be deleted")
_CREATE = _only(_creates, "this request creates nothing")
_ITEM = _only(_carries_item, "this request carries no entry that could be refused")

Except = Callable[[Scenario, Step, bool], str | None]


def _ends(fits: Callable[[Scenario, Step, bool], bool], end: str, note: str) -> dict[str, Any]:
    """For these the run ends otherwise."""
    return {"except_for": lambda scenario, step, stays: end if fits(scenario, step, stays) else None, "note": note}


_NOT_FOUND = (
    "It stops, with three exceptions. A write of settings is sent again once the list was read again, a batch then as "
    "single calls. A message without an action log is moved once, but not again after a lost answer. A job that is "
    "gone need not be cancelled any more."
)


def _if_not_found(scenario: Scenario, step: Step, stays: bool) -> str | None:
    if scenario.name == "bulk cancel" and step.kind == AGAIN:
        return GOES_ON  # What is not there any more is not under way.
    if step.path.endswith("action_log$") and step.kind == READ:
        return GOES_ON  # It is moved once without a log; a second time would be blind.
    if step.kind == WRITE and _of_settings(step):
        # Read again, and sent again; a batch that stays away, as single calls.
        return GOES_ON if not stays or _is_batch(scenario, step) else STOPS
    return None


_CHANGES = (
    "A list of settings is read again when its pages do not add up, and the run stops when four readings differ. With "
    "a single page there is less to differ, and submissions are identified by their ids."
)


def _counts_differ(scenario: Scenario, step: Step, stays: bool) -> bool:
    """A count that differs from page to page says that the list is changing."""
    return stays and step.is_settings_list and scenario.page < WHOLE


def _counts_differ_or_more_is_due(scenario: Scenario, step: Step, stays: bool) -> bool:
    return stays and step.is_settings_list


def _keeps_shifting(scenario: Scenario, step: Step, stays: bool) -> bool:
    """Behind a full page another is read, and finds the count changed."""
    if not _counts_differ(scenario, step, stays):
        return False
    (entries,) = (scenario.after if step.unconfirmed else scenario.before).values()
    return len(entries) >= scenario.page * int(step.query["page"])


_GONE = (
    "An entry that is gone is created again if the policy asks for it. A message that is gone cannot be: the task does "
    "what can be done to the others, or leaves that to its next run, and fails with the message's id. A job that "
    "vanishes while the task waits for it is reported likewise, and the next run starts another."
)


def _of_mail(scenario: Scenario, step: Step, stays: bool) -> bool:
    if scenario.name == "bulk move":
        return step.name == "look at the job" or (step.kind == AGAIN and step.query["page"] == "1")
    return bool(scenario.mail)


def _released(scenario: Scenario, step: Step, stays: bool) -> bool:
    return scenario.name == "release"


# How a run ends, once and for good, by what is known about the work.
_NOT_DONE = {READ: (GOES_ON, STOPS), WRITE: (GOES_ON, STOPS), AGAIN: (GOES_ON, STOPS)}
# Reading again always shows that it was done.
_DONE = {**_NOT_DONE, WRITE: (GOES_ON, GOES_ON)}
_FINAL = dict.fromkeys((READ, WRITE, AGAIN), (STOPS, STOPS))
_HARMLESS = dict.fromkeys((READ, WRITE, AGAIN), (GOES_ON, GOES_ON))

# Long enough for every other answer, on a busy machine too.
_SLOW = {"timeout": 0.25, "retry_timeout": 5.0}


def _fault(
    name: str,
    title: str,
    kind: str,
    ends: Any,
    cause: str,
    cannot: Cannot = _ANYWHERE,
    more: Any = None,
    **arguments: Any,
) -> Fault:
    return Fault(name, title, fault(kind, **arguments), ends, cause, cannot, **(more or {}))


_NETWORK = (
    _fault("connection refused", "Connections are refused", "connection_refused", _NOT_DONE, "refused|reset|closed"),
    _fault("cut before", "The connection breaks before the API did anything", "cut_before", _NOT_DONE, "no answer"),
    _fault(
        "cut after", "The connection breaks, and the API did what was asked", "cut_after", _DONE, "no answer", _DOES
    ),
    _fault(
        "cut, done late",
        "The connection breaks, and the API does what was asked later, unseen by the next read",
        "cut_before_late_work",
        _DONE,
        "no answer",
        _WRITE,
        {"late": True},
    ),
    _fault(
        "slow before",
        "No answer within `timeout`; done only after that",
        "slow",
        _DONE,
        "timeout",
        more={"connection": _SLOW},
        seconds=None,
    ),
    _fault(
        "slow after",
        "No answer within `timeout`; done before",
        "slow",
        _DONE,
        "timeout",
        _DOES,
        {"connection": _SLOW},
        seconds=None,
        when="after",
    ),
)
_STATUS = (
    _fault("500 before", "HTTP 500, nothing done", "status_before", _NOT_DONE, "HTTP 500", status=500),
    _fault(
        "502 after", "HTTP 502 in HTML, done all the same", "status_after", _DONE, "HTTP 502", status=502, body="html"
    ),
    _fault(
        "503 before", "HTTP 503 with Retry-After", "status_before", _NOT_DONE, "HTTP 503", status=503, retry_after=9
    ),
    _fault("408", "HTTP 408", "status_before", _NOT_DONE, "HTTP 408", status=408),
    _fault("403", "HTTP 403, the permission is gone", "status_before", _FINAL, "HTTP 403", status=403),
    _fault(
        "404",
        "HTTP 404 without a known reason",
        "status_before",
        _FINAL,
        "HTTP 404|not found|no log shows it",
        more={"except_for": _if_not_found, "note": _NOT_FOUND},
        status=404,
    ),
)
_THROTTLES = (
    _fault("429", "HTTP 429, Retry-After in seconds", "rate_limited", _NOT_DONE, "rate limit", retry_after=30),
    _fault(
        "429 date",
        "HTTP 429, Retry-After as a date",
        "rate_limited",
        _NOT_DONE,
        "rate limit",
        retry_after="Fri, 01 Jan 2100 00:00:00 GMT",
    ),
    _fault("429 bare", "HTTP 429 without Retry-After", "rate_limited", _NOT_DONE, "rate limit", retry_after=None),
    _fault("429 html", "HTTP 429 in HTML", "rate_limited", _NOT_DONE, "rate limit", body="html"),
    _fault("971", "Error 971 in an HTTP 200", "throttled_200", _NOT_DONE, "rate limit"),
)
_ANSWERS = (
    _fault(
        "refused in 200",
        "`success: false` in an HTTP 200, for good",
        "refused_200",
        _FINAL,
        "not today",
        # No item is named, so single calls look for it.
        more=_ends(
            lambda scenario, step, stays: _is_batch(scenario, step),
            GOES_ON,
            "A batch that is refused without a word on the entry is sent again in halves, down to single calls.",
        ),
        code=10500,
        message="not today",
    ),
    _fault(
        "internal error in 200", "`success: false` in an HTTP 200, internal error", "refused_200", _NOT_DONE, "internal"
    ),
    _fault(
        "html before", "An HTML page in an HTTP 200, nothing done", "html_200", _NOT_DONE, "not with the API's JSON"
    ),
    _fault(
        "html after",
        "An HTML page in an HTTP 200, done",
        "html_200",
        _DONE,
        "not with the API's JSON",
        _DOES,
        work=True,
    ),
    _fault("not JSON", "Text that is not JSON, done", "not_json", _DONE, "not with the API's JSON"),
    _fault("truncated", "JSON that breaks off with the connection, done", "truncated_json", _DONE, "no answer"),
    _fault(
        "truncated whole",
        "JSON that breaks off and looks complete, done",
        "truncated_json",
        _DONE,
        "not with the API's JSON",
        content_length="truncated",
    ),
    _fault(
        "redirect", "A redirect to another place", "redirect", _FINAL, "redirected to elsewhere", location=ELSEWHERE
    ),
)
_PAGES = (
    _fault(
        "total too high",
        "`total_count` too high",
        "wrong_total_count",
        _HARMLESS,
        "read whole",
        _LIST,
        _ends(_counts_differ_or_more_is_due, STOPS, _CHANGES),
        value=99,
    ),
    _fault(
        "total too low",
        "`total_count` too low",
        "wrong_total_count",
        _HARMLESS,
        "read whole",
        _LIST,
        _ends(_counts_differ, STOPS, _CHANGES),
        value=1,
    ),
    _fault(
        "total cuts a page off",
        "`total_count` says that a full page is the last",
        "wrong_total_count",
        _HARMLESS,
        "read whole",
        _SEVERAL_PAGES,
        _ends(_counts_differ, STOPS, _CHANGES),
        value="a page",
    ),
    _fault(
        "repeated page",
        "A page that repeats the one before",
        "repeat_page",
        _NOT_DONE,
        "read whole|came twice",
        _LATER_PAGE,
    ),
    _fault(
        "appears",
        "An entry appears between two pages",
        "appear_between_pages",
        _HARMLESS,
        "read whole",
        _CHANGING,
        {"others": True, **_ends(_keeps_shifting, STOPS, _CHANGES)},
    ),
    _fault(
        "vanishes",
        "An entry vanishes between two pages",
        "vanish_between_pages",
        _HARMLESS,
        "not found",
        _CHANGING,
        {"others": True, **_ends(_of_mail, STOPS, _GONE)},
    ),
)
_OTHERS = (
    _fault(
        "deleted before",
        "Somebody else deletes it just before",
        "delete_before",
        _HARMLESS,
        "not found",
        _ENTRY,
        {"others": True, **_ends(_of_mail, STOPS, _GONE)},
    ),
    _fault(
        "created before",
        "Somebody else creates the same just before",
        "create_before",
        _HARMLESS,
        "exists",
        _CREATE,
        {"others": True},
    ),
    _fault(
        "done before",
        "Somebody else does the very same just before",
        "done_before",
        _HARMLESS,
        "not delivered",
        _WRITE,
        {
            "others": True,
            **_ends(
                _released,
                STOPS,
                "A message that somebody else released just before is reported as not delivered by this task.",
            ),
        },
    ),
)
_SEARCHES = (
    _fault(
        "repeated cursor", "A search that gives the same cursor again", "repeat_cursor", _HARMLESS, "", _NEXT_SEARCH
    ),
    _fault("endless 202", "A search that is never ready", "endless_202", _FINAL, "not ready", _SEARCH),
    _fault("foreign 202", "A search that points to another host", "foreign_202", _FINAL, "not the API's own", _SEARCH),
)
_BATCHES = (
    _fault(
        "bad item",
        "One entry is refused, and the API says which",
        "refuse_item",
        _FINAL,
        "cannot be",
        _ITEM,
        # Where a batch may be done in part, single calls do the rest.
        _ends(
            lambda scenario, step, stays: scenario.name == "domains" and not stays,
            GOES_ON,
            "Nothing of a batch is done when one entry is refused, and the run stops. One of domains may be done in "
            "part: what is left then goes as single calls.",
        ),
        text="",
    ),
    _fault(
        "no batch 404",
        "The batch endpoint is not there (404, code 7003)",
        "status_before",
        _HARMLESS,
        "",
        _BATCH,
        status=404,
        code=7003,
    ),
    _fault("no batch 405", "The batch endpoint is not there (405)", "status_before", _HARMLESS, "", _BATCH, status=405),
)
FAULTS = (*_NETWORK, *_STATUS, *_THROTTLES, *_ANSWERS, *_PAGES, *_OTHERS, *_SEARCHES, *_BATCHES)
