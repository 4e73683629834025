# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be switched for an account, with the values each switch takes."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from behaviours import BEHAVIOURS, DATES, NEWEST
from checks import Check, count, count_or_none, flag, mapping_to, number, number_or_none, one_of, texts

TOKEN = "simulator-token"
READ_TOKEN = "simulator-read-token"
KEY = "simulator-key"
EMAIL = "ops@example.com"

# How a search that takes its time is answered, where the option doesn't say otherwise.
SEARCH_DELAY: Mapping[str, Any] = {"polls": 1, "location": "absolute", "retry_after": None, "body": "envelope"}
_RATE_LIMIT = {"limit": 1200, "window": 300, "block": 300}


def _rate_limit(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict) and set(value) <= set(_RATE_LIMIT) and all(map(number, value.values()))
    )


def _credentials(value: Any) -> bool:
    """{"tokens": {token: "write" | "read"}, "keys": {e-mail address: key}}"""
    if not isinstance(value, dict) or not set(value) <= {"tokens", "keys"}:
        return False
    tokens, keys = value.get("tokens", {}), value.get("keys", {})
    return (
        isinstance(tokens, dict)
        and isinstance(keys, dict)
        and all(scope in ("read", "write") for scope in tokens.values())
        and all(isinstance(key, str) for key in keys.values())
    )


def _search_delay(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict)
        and set(value) <= set(SEARCH_DELAY)
        and count_or_none(value.get("polls"))
        and value.get("location", "absolute") in ("absolute", "relative")
        and isinstance(value.get("retry_after"), int | str | None)
        and value.get("body", "envelope") in ("envelope", "empty")
    )


def _takes(check: Check) -> dict[str, Check]:
    return {"check": check}


def _default_credentials() -> dict[str, dict[str, str]]:
    return {"tokens": {TOKEN: "write", READ_TOKEN: "read"}, "keys": {EMAIL: KEY}}


@dataclass(slots=True)
class Options:
    """The switches of one account. README.md says what each does.

    ``api`` is the date of the description that the account follows; ``deviations`` holds the behaviours that a test
    wants to be otherwise. From outside, each behaviour looks like an option.
    """

    api: str = field(default=NEWEST, metadata=_takes(one_of(*DATES)))
    read_only: bool = field(default=False, metadata=_takes(flag))
    entitled: bool = field(default=True, metadata=_takes(flag))
    duplicates: str = field(default="refuse", metadata=_takes(one_of("refuse", "allow")))
    strict: bool = field(default=True, metadata=_takes(flag))
    atomic_domains: bool = field(default=True, metadata=_takes(flag))
    pointers: bool = field(default=True, metadata=_takes(flag))
    undated_fields: bool = field(default=True, metadata=_takes(flag))
    empty_lists: str = field(default="array", metadata=_takes(one_of("array", "null")))
    latency_ms: float = field(default=0, metadata=_takes(number))
    rate_limit: dict[str, float] | None = field(default=None, metadata=_takes(_rate_limit))
    clock: float | None = field(default=None, metadata=_takes(number_or_none))
    search_delay: dict[str, Any] | None = field(default=None, metadata=_takes(_search_delay))
    search_next: str = field(default="given", metadata=_takes(one_of("given", "null", "missing")))
    search_page: bool = field(default=True, metadata=_takes(flag))
    action_log_order: str = field(default="oldest", metadata=_takes(one_of("oldest", "newest", "mixed")))
    integration: bool = field(default=True, metadata=_takes(flag))
    failing_mailboxes: list[str] = field(default_factory=list, metadata=_takes(texts))
    move_message_id: str | None = field(default="id", metadata=_takes(one_of("id", "message_id", None)))
    wrong_shape_status: int = field(default=400, metadata=_takes(one_of(400, 404, 405, 409, 415, 422)))
    refused_texts: list[str] = field(default_factory=list, metadata=_takes(texts))
    refused_submissions: list[str] = field(default_factory=list, metadata=_takes(texts))
    submission_result_id: str = field(default="submission", metadata=_takes(one_of("submission", "message")))
    submissions_status: int = field(default=200, metadata=_takes(one_of(200, 201, 202)))
    reclassify_after: int | None = field(default=None, metadata=_takes(count_or_none))
    bulk_progress: str = field(default="poll", metadata=_takes(one_of("poll", "control", "at_once")))
    bulk_chunk: int = field(default=250, metadata=_takes(count))
    bulk_failure: str | None = field(default=None, metadata=_takes(one_of("discovering", "processing", None)))
    bulk_outcomes: dict[str, str] = field(default_factory=dict, metadata=_takes(mapping_to("FAILED", "SKIPPED")))
    bulk_rows: str = field(default="message", metadata=_takes(one_of("message", "recipient")))
    bulk_search_params: str = field(default="given", metadata=_takes(one_of("given", "filled")))
    phishguard_total_count: str = field(default="given", metadata=_takes(one_of("given", "zero", "missing")))
    credentials: dict[str, dict[str, str]] = field(default_factory=_default_credentials, metadata=_takes(_credentials))
    deviations: dict[str, Any] = field(default_factory=dict)

    def behaviour(self, name: str) -> Any:
        """What a behaviour is on this account: as its API's date has it, unless a test wants otherwise."""
        return self.deviations[name] if name in self.deviations else BEHAVIOURS[name].at(self.api)

    def changed(self, changes: Mapping[str, Any]) -> Options:
        """A copy with some options set anew. Raises ValueError, naming the option, where that can't be done."""
        checks = _checks()
        for name, value in changes.items():
            if name not in checks:
                raise ValueError(f"there is no option {name}; there are {', '.join(checks)}")
            follows_the_date = name in BEHAVIOURS and value is None
            if not follows_the_date and not checks[name](value):
                raise ValueError(f"option {name} can't be {value!r}")
        own = {name: value for name, value in changes.items() if name not in BEHAVIOURS}
        options = dataclasses.replace(copy.deepcopy(self), **own)
        dated = {name: value for name, value in changes.items() if name in BEHAVIOURS}
        options.deviations = {
            name: value for name, value in {**options.deviations, **dated}.items() if value is not None
        }
        if options.rate_limit is not None:
            options.rate_limit = {**_RATE_LIMIT, **options.rate_limit}
        if options.search_delay is not None:
            options.search_delay = {**SEARCH_DELAY, **options.search_delay}
        return options

    def document(self) -> dict[str, Any]:
        """All options by name, as ``changed`` takes them: behaviours that follow the date are null."""
        document = dataclasses.asdict(self)
        deviations = document.pop("deviations")
        return {**document, **{name: deviations.get(name) for name in BEHAVIOURS}}


def _checks() -> dict[str, Check]:
    own = {option.name: option.metadata["check"] for option in dataclasses.fields(Options) if option.metadata}
    return {**own, **{name: behaviour.check for name, behaviour in BEHAVIOURS.items()}}
