# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules about messages, submissions and reports, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from modules.playbook import Control, options
from modules.scenario import ReadStep

A, B = "jane@example.com", "john@example.com"
FIRST, SECOND, THIRD = (f"4Njp3P0STMz2c0{number}Q-2026-01-20T10:00:00-1234567{number}" for number in (1, 2, 3))


def put_mail(*messages: Mapping[str, Any]) -> Control:
    """Before a step: replace the account's mail."""
    return ("PUT", "/messages", list(messages))


@dataclass(frozen=True)
class SearchScenario:
    """A module that finds by filters.

    :param path: what is asked.
    :param returns: the key of its result that holds what was found.
    :param naming: the field that names what was found in ``steps``.
    :param before: makes the account as it is searched.
    :param always: the query beside the filters. In a step's query, a timedelta is that long before now.
    :param older: the same of the oldest API, in the request that it takes; None is no other.
    :param newer: steps for the newest API only.
    :param many: makes an account with several pages.
    :param pages: with how many requests they are read at most, and how much is on them.
    """

    path: str
    returns: str
    naming: str
    before: Sequence[Control]
    always: Mapping[str, str]
    steps: Sequence[ReadStep]
    many: Sequence[Control]
    pages: tuple[int, int]
    newer: Sequence[ReadStep] = ()
    older: Mapping[str, str] | None = None


@dataclass(frozen=True)
class ActionScenario:
    """A module that acts on FIRST and SECOND, and finds that there is nothing to do for THIRD.

    :param done: the key of its result that names the messages it acted on.
    :param sends: the writes of that.
    :param older: those that the oldest API takes; before them the newer one is tried.
    :param reads: what is read before.
    """

    mail: Mapping[str, Any]
    settled: Mapping[str, Any]
    args: Mapping[str, Any]
    done: str
    sends: Sequence[tuple[str, str, Any]]
    older: Sequence[tuple[str, str, Any]]
    reads: Sequence[str]
    # In some mailboxes it fails.
    per_recipient: bool = True

    @property
    def before(self) -> list[Control]:
        both = [
            {
                "id": each,
                "postfix_id": f"postfix-{each}",
                "message_id": f"<{each}>",
                "client_recipients": [A, B],
                **self.mail,
            }
            for each in (FIRST, SECOND)
        ]
        return [put_mail(*both, {"id": THIRD, **self.settled}), ("PUT", "/submissions", [])]


@dataclass(frozen=True)
class FileScenario:
    """A module that saves a message.

    :param content: the field of the simulated message that holds what is saved.
    :param versions: two contents, as the simulator takes them, and their bytes.
    """

    suffix: str
    content: str
    versions: Sequence[tuple[str, bytes]]
    args: Mapping[str, Any] = field(default_factory=dict)


_MOVE = {"operation": "MOVE", "completed_at": "2026-01-21T00:00:00Z", "properties": {"folder": "JunkEmail"}}
WHOLE = {
    "id": FIRST,
    "subject": "Invoice 4711",
    "from": "billing@phish.example",
    "envelope_from": "bounce@phish.example",
    "client_recipients": [A, B],
    "alert_id": "alert-1",
    "smtp_helo_server_ip": "203.0.113.9",
    "message_id": "<one@phish.example>",
    "metrics": ["metric-1"],
    "htmltext_structure_hash": "a1b2",
    "postfix_id_outbound": "4Njp3P0STMz2c09Q",
    "x_originating_ip": "203.0.113.7",
    "properties": {"allowlisted_pattern": "billing@partner.example"},
    "validation": {"comment": "no policy", "dkim": "pass", "dmarc": "none", "spf": "fail"},
    "action_log": [_MOVE],
}
_CLEAN = {
    "id": SECOND,
    "subject": "Lunch",
    "final_disposition": "NONE",
    "from": "jane@example.com",
    "delivery_status": ["move_failed"],
    "smtp_helo_server_ip": "192.0.2.99",
}
_SPAM = {"id": THIRD, "subject": "Offer", "final_disposition": "SPAM", "is_quarantined": True}
_OLD = {"subject": "Old invoice", "scanned_at": "2020-01-15T23:59:00Z"}
_HERE = {"detections_only": "true", "per_page": "1000"}


def _found(args: Mapping[str, Any], finds: Sequence[str], **query: Any) -> ReadStep:
    """A step whose query is its options, but for those that are said."""
    sent = {name: str(value).lower() if isinstance(value, bool) else value for name, value in args.items()}
    return ReadStep(args, {**sent, **query}, finds)


def _submission(number: int, **fields: Any) -> dict[str, Any]:
    return {"submission_id": f"s{number}", **fields}


_SUBMISSIONS = [
    _submission(
        1,
        subject="Invoice",
        original_postfix_id="4Njp3P0STMz2c01Q",
        original_edf_hash="5f9c",
        outcome="accepted",
        outcome_disposition="MALICIOUS",
        status="reviewed",
        escalated_as="MALICIOUS",
        escalated_at="2026-01-21T00:00:00Z",
        escalated_by="soc@example.com",
        escalated_submission_id="s3",
    ),
    _submission(2, requested_disposition="SPAM", original_disposition="BULK"),
    _submission(3, type="User", escalated_from_user=True),
    _submission(4, requested_at="2020-01-15T23:59:00Z"),
]
_REPORTS = [
    {"title": "Recent", "fields": {"postfix_id": "4Njp3P0STMz2c01Q"}},
    {"title": "Old", "created_at": "2020-01-15T23:59:00Z"},
]
_YEAR = {"start": "2020-01-01", "end": "2020-01-15"}
_YEAR_SENT = {"start": "2020-01-01T00:00:00Z", "end": "2020-01-15T23:59:59Z"}
_HOUR = {"start": "2020-01-15T23:00:00Z", "end": "2020-01-16T01:00:00+01:00"}
_HOUR_SENT = {"start": "2020-01-15T23:00:00Z", "end": "2020-01-16T00:00:00Z"}

SEARCHES = {
    "investigate_info": SearchScenario(
        path="investigate",
        returns="messages",
        naming="subject",
        before=[put_mail(WHOLE, _CLEAN, _SPAM, _OLD)],
        always=_HERE,
        steps=[
            ReadStep({}, {}, ["Offer", "Invoice 4711"]),
            _found({"detections_only": False}, ["Offer", "Lunch", "Invoice 4711"]),
            _found({"start": "36h", "end": "35h"}, [], start=timedelta(hours=36), end=timedelta(hours=35)),
            _found(_YEAR, ["Old invoice"], **_YEAR_SENT),
            _found(_HOUR, ["Old invoice"], **_HOUR_SENT),
            _found({"final_disposition": "SPAM", "start": "7d"}, ["Offer"], start=timedelta(days=7)),
            _found(
                {
                    "query": "INVOICE bounce@phish",
                    "message_action": "MOVED",
                    "metric": "metric-1",
                    "sender": "billing@phish.example",
                    "recipient": B,
                    "domain": "phish.example",
                    "subject": "4711 invoice",
                    "message_id": "<one@phish.example>",
                    "alert_id": "alert-1",
                },
                ["Invoice 4711"],
            ),
            # The API takes words in any order, and this is not the phrase.
            ReadStep({"subject": "4711 invoice", "match": "strict"}, {"subject": "4711 invoice"}, []),
            ReadStep({"subject": "INVOICE  4711", "match": "strict"}, {"subject": "INVOICE  4711"}, ["Invoice 4711"]),
            # All pages are read until there are so many that match.
            ReadStep(
                {"max_results": 1, "domain": "phish.example", "match": "strict"},
                {"domain": "phish.example"},
                ["Invoice 4711"],
            ),
            ReadStep({"max_results": 1}, {"per_page": "1"}, ["Offer"]),
        ],
        newer=[
            _found(
                {"delivery_status": "move_failed", "smtp_helo_ip": "192.0.2.99", "detections_only": False}, ["Lunch"]
            ),
        ],
        many=[("PUT", "/messages", {"generate": {"count": 2300, "detections": 1.0}})],
        pages=(3, 2300),
    ),
    "submission_info": SearchScenario(
        path="submissions",
        returns="submissions",
        naming="submission_id",
        before=[("PUT", "/submissions", _SUBMISSIONS)],
        always={"page": "1", "per_page": "1000"},
        steps=[
            ReadStep({}, {}, ["s3", "s2", "s1"]),
            _found({"start": "2w"}, ["s3", "s2", "s1"], start=timedelta(days=14)),
            _found(_YEAR, ["s4"], **_YEAR_SENT),
            _found(
                {"query": "invoice", "submission_id": "s1", "status": "reviewed", "outcome_disposition": "MALICIOUS"},
                ["s1"],
            ),
            _found({"type": "USER", "escalated_from_user": True}, ["s3"]),
            _found(
                {"original_disposition": "BULK", "requested_disposition": "SPAM", "escalated_from_user": False},
                ["s2"],
            ),
        ],
        newer=[_found({"order": "submission_id", "direction": "desc", "status": "unreviewed"}, ["s3", "s2"])],
        many=[("PUT", "/submissions", [_submission(number) for number in range(2300)])],
        pages=(3, 2300),
    ),
    "phishguard_report_info": SearchScenario(
        path="phishguard/reports",
        returns="reports",
        naming="title",
        before=[("PUT", "/phishguard_reports", _REPORTS)],
        always={"page": "1", "per_page": "1000"},
        steps=[
            ReadStep({}, {}, ["Recent", "Old"]),
            _found({"start": "7d"}, ["Recent"], start=timedelta(days=7)),
            _found(_YEAR, ["Old"], **_YEAR_SENT),
            _found(_HOUR, ["Old"], **_HOUR_SENT),
        ],
        many=[
            ("PUT", "/phishguard_reports", [{"title": str(number)} for number in range(1045)]),
            options(phishguard_total_count="missing"),
        ],
        pages=(2, 1045),
        older={},
    ),
}

_IDS = [FIRST, SECOND]
_REQUEST = {"expected_disposition": "MALICIOUS"}
_MISSED = [
    {**_REQUEST, "message_id": f"<{each}>", "postfix_id": f"postfix-{each}", "recipient_emails": [A, B]}
    for each in _IDS
]
ACTIONS = {
    "message_move": ActionScenario(
        mail={},
        settled={"action_log": [_MOVE]},
        args={"destination": "JunkEmail"},
        done="moved",
        sends=[("POST", "investigate/move", {"ids": _IDS, "destination": "JunkEmail"})],
        older=[],
        reads=[f"investigate/{each}/action_log" for each in (FIRST, SECOND, THIRD)],
    ),
    "message_release": ActionScenario(
        mail={"is_quarantined": True},
        settled={},
        args={},
        done="released",
        sends=[("POST", "investigate/release", {"ids": _IDS})],
        older=[("POST", "investigate/release", _IDS)],
        reads=[f"investigate/{each}" for each in (FIRST, SECOND, THIRD)],
    ),
    "message_reclassify": ActionScenario(
        mail={"final_disposition": "NONE"},
        settled={"final_disposition": "MALICIOUS"},
        args=_REQUEST,
        done="reclassified",
        sends=[("POST", "submissions", {"type": "missed_detection", "messages": _MISSED})],
        older=[("POST", f"investigate/{each}/reclassify", _REQUEST) for each in _IDS],
        reads=["submissions", *[f"investigate/{each}" for each in (FIRST, SECOND, THIRD)]],
        per_recipient=False,
    ),
}

_PNG = b"\x89PNG\r\n\x1a\n"
FILES = {
    "message_raw": FileScenario(
        ".eml",
        "eml",
        [(text, text.encode()) for text in ("From: a@example.com\r\n\r\n\x00 {{ 7 * 7 }} {% if %}\x1b[31m\n", "two")],
    ),
    "message_preview": FileScenario(
        ".png",
        "preview",
        [("iVBORw0KGgoAAAAA", _PNG + bytes(4)), ("iVBORw0KGgoBAQEB", _PNG + b"\x01" * 4)],
    ),
}
# Reads messages by their ids.
BY_ID = "message_info"
