# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever JSON a server answers, every module ends with a result or one of our errors, and can report it."""

from __future__ import annotations

import importlib
import itertools
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.client import Client
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._censor import sanitize_result
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.bulk import SEARCH_PARAMS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import Context, ModuleSpec
from hypothesis import given
from hypothesis import strategies as st

from fuzz.exchange import CONNECTION, answering
from unit.engine import FakeTime

COLLECTION = "ansible_collections.cloudflare.email_security"
_PLUGINS = Path(__file__).resolve().parents[2] / "plugins" / "modules"
MODULES = sorted(file.stem for file in _PLUGINS.glob("*.py") if file.stem != "__init__")

_ID = "4Njp3P0STMz2c01Q"
_ENTRY = {"pattern": "x.example", "pattern_type": "DOMAIN"}
_SOME = {"investigate_ids": [_ID]}
# Options that a module needs, and some that make it do more.
GIVEN: dict[str, dict[str, Any]] = {
    "allow_policy": {**_ENTRY, "comments": "x"},
    "block_sender": {**_ENTRY, "comments": "x"},
    "trusted_domain": {"pattern": "x.example", "comments": "x"},
    "impersonation_registry_entry": {"name": "Jane", "email": "jane@example.com"},
    "domain": {"domain": "x.example", "lookback_hops": 2},
    "settings": {
        "block_senders": [_ENTRY, {"id": "1", "comments": "y"}],
        "impersonation_registry": [{"name": "Jane", "email": "jane@example.com"}],
        "purge": ["block_senders"],
        "purge_limit": 1000,
    },
    "domain_info": {"verification": True},
    "message_bulk": {
        "action": "MOVE",
        "destination": "JunkEmail",
        "search_params": {**dict.fromkeys(each.name for each in SEARCH_PARAMS), "subject": "x", "start": "7d"},
        "max_messages": 5,
    },
    "message_bulk_info": {"job_id": _ID, "messages": True},
    "message_info": {**_SOME, "gather": ["detections", "trace", "action_log"]},
    "message_move": {**_SOME, "destination": "JunkEmail"},
    "message_release": _SOME,
    "message_reclassify": {**_SOME, "expected_disposition": "MALICIOUS"},
    "message_raw": {**_SOME, "dest": "/nonexistent/folder/"},
    "message_preview": {**_SOME, "dest": "/nonexistent/folder/"},
}

# What fields hold, apart from what they should.
_ODD = st.sampled_from(
    [
        *(
            None,
            True,
            False,
            0,
            -1,
            2**70,
            10**400,
            float("nan"),
            float("inf"),
            "",
            "x.example",
            _ID,
            "\ud800",
            "\x1b[31m",
        ),
        *(
            [],
            {},
            [None],
            [[]],
            [{}],
            {"a": None},
            {"id": []},
            {"lines": [None, {}]},
            ["x", 1],
            "MOVE",
            "MALICIOUS",
            "COMPLETED",
        ),
    ]
)
# An answer that every operation finds something of its own in.
_WHOLE: dict[str, Any] = {
    "id": _ID,
    "postfix_id": _ID,
    "pattern": "x.example",
    "pattern_type": "DOMAIN",
    "is_regex": False,
    "name": "Jane",
    "email": "jane@example.com",
    "is_email_regex": False,
    "provenance": None,
    "comments": "c",
    "domain": "x.example",
    "lookback_hops": 1,
    "allowed_delivery_modes": ["API"],
    "created_at": "2026-01-01",
    "message_id": _ID,
    "success": True,
    "status": "OK",
    "recipient": "r",
    "operation": "MOVE",
    "completed_at": "x",
    "failed": [],
    "undelivered": [],
    "delivered": [],
    "is_quarantined": True,
    "final_disposition": "NONE",
    "submission_id": "s",
    "original_postfix_id": _ID,
    "outcome": None,
    "screenshot": "iVBORw0KGgo=",
    "raw": "x",
    "properties": {"folder": "Inbox"},
    "action_log": [],
    "inbound": {"lines": []},
    "fields": {"ts": "x"},
    "ts": "x",
    "job_id": "j",
    "action_type": "MOVE",
    "action_params": {"type": "MOVE", "destination": "JunkEmail"},
    "search_params": {"subject": "x", "start": "2026-01-01T00:00:00Z"},
    "messages_failed": 1,
    "message": {"id": _ID},
    "by_month": {"2026-10": [{"disposition": "SPAM", "total": 1}]},
    "posts": [],
    "patches": [],
    "deletes": [],
}
# More than any module sends for answers of a few entries, with all retries.
MOST_REQUESTS = 1000
_STRANGE = ("__ansible_unsafe", "__ansible_vault", "__ansible_type", "<<", "!vault")
# What the outcome of an action is read from. By then, it was done.
_READ_FIELDS = ("id", "message_id", "success", "failed", "undelivered", "status", "postfix_id", "original_postfix_id")
_NAMES = st.sampled_from([*_WHOLE, *_STRANGE]) | st.sampled_from(_READ_FIELDS)
_ITEM = st.dictionaries(_NAMES, _ODD, max_size=3).map(lambda odd: {**_WHOLE, **odd})
_RESULT = st.lists(_ITEM, min_size=1, max_size=3) | _ITEM | st.lists(_ITEM | _ODD, max_size=3) | _ODD
_INFO = st.fixed_dictionaries({}, optional={"next": _ODD, "total_count": _ODD, "count": _ODD}) | _ODD
_ENVELOPE = st.fixed_dictionaries({"success": st.just(True) | st.booleans(), "result": _RESULT, "result_info": _INFO})
_ANSWER = st.tuples(st.sampled_from([200, 200, 200, 200, 202, 400, 404]), _ENVELOPE)
_ANSWERS = st.lists(_ANSWER, min_size=1, max_size=4)


def spec_of(name: str) -> ModuleSpec:
    """What a module declares."""
    spec: ModuleSpec = importlib.import_module(f"{COLLECTION}.plugins.modules.{name}").SPEC
    return spec


def is_list(request: Any) -> bool:
    """Whether the API answers this with a list."""
    path = urlsplit(request.url).path
    if "/bulk" in path:
        return request.method == "GET" and path.endswith(("/bulk", "/messages"))
    lists = ("investigate", "submissions", "reports", "action_log", "move", "release", *RESOURCES)
    return request.method != "DELETE" and path.endswith(lists) and (request.method == "GET" or "settings" not in path)


def perform(name: str, answers: list[tuple[int, Any]], check: bool) -> dict[str, Any]:
    """What the module returns, or what it tells of its failure, when its requests are answered in turn with these."""
    spec = spec_of(name)
    time = FakeTime()
    replies = itertools.cycle(answers)

    sent = 0

    def reply(request: Any) -> tuple[int, list[tuple[str, str]], bytes]:
        nonlocal sent
        sent += 1
        assert sent <= MOST_REQUESTS, "it asks without end"
        status, envelope = next(replies)
        if is_list(request) and isinstance(envelope["result"], dict):
            # Mostly of the right outer shape, or nothing would ever be looked at more closely.
            envelope = {**envelope, "result": [envelope["result"]]}
        return status, [("Location", "/client/v4/again")], json.dumps(envelope).encode()

    params = {**{option: declared.get("default") for option, declared in spec.options.items()}, **GIVEN.get(name, {})}
    http = Http(CONNECTION, read_only=check or not spec.writes, clock=time.clock, sleep=time.sleep)
    with answering(reply), http:
        try:
            return spec.run(Context(Client(http), params, check, True, datetime.now(timezone.utc)))
        except EmailSecurityError as error:
            return {"msg": str(error), "error": error.details(), **error.partial}


@pytest.mark.parametrize("name", MODULES)
@given(answers=_ANSWERS, check=st.booleans())
def test_any_answer(name: str, answers: list[tuple[int, Any]], check: bool) -> None:
    result = perform(name, answers, check)
    reported = json.dumps(sanitize_result(result), ensure_ascii=False, allow_nan=False).encode()
    assert json.loads(reported) is not None


def test_nothing_is_idle() -> None:
    """Every module is tried, and with what it needs."""
    assert set(GIVEN) <= set(MODULES)
    for name in MODULES:
        needed = {option for option, declared in spec_of(name).options.items() if declared.get("required")}
        assert needed <= set(GIVEN.get(name, {})), name
