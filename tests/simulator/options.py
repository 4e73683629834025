# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be switched for an account, with the values each switch takes."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any], bool]

TOKEN = "simulator-token"
READ_TOKEN = "simulator-read-token"
KEY = "simulator-key"
EMAIL = "ops@example.com"

# How a search that takes its time is answered, where the option doesn't say otherwise.
SEARCH_DELAY: Mapping[str, Any] = {"polls": 1, "location": "absolute", "retry_after": None}
_RATE_LIMIT = {"limit": 1200, "window": 300, "block": 300}


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _flag_or_405(value: Any) -> bool:
    return isinstance(value, bool) or value == 405


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _rate_limit(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict) and set(value) <= set(_RATE_LIMIT) and all(map(_number, value.values()))
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


def _number_or_none(value: Any) -> bool:
    return value is None or _number(value)


def _count_or_none(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _search_delay(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict)
        and set(value) <= set(SEARCH_DELAY)
        and _count_or_none(value.get("polls"))
        and value.get("location", "absolute") in ("absolute", "relative")
        and isinstance(value.get("retry_after"), int | str | None)
    )


def _one_of(*choices: Any) -> Check:
    return lambda value: any(value == choice and type(value) is type(choice) for choice in choices)


def _takes(check: Check) -> dict[str, Check]:
    return {"check": check}


def _default_credentials() -> dict[str, dict[str, str]]:
    return {"tokens": {TOKEN: "write", READ_TOKEN: "read"}, "keys": {EMAIL: KEY}}


@dataclass(slots=True)
class Options:
    """The switches of one account. README.md says what each does."""

    batch: bool | int = field(default=True, metadata=_takes(_flag_or_405))
    domain_create: bool | int = field(default=True, metadata=_takes(_flag_or_405))
    read_only: bool = field(default=False, metadata=_takes(_flag))
    entitled: bool = field(default=True, metadata=_takes(_flag))
    duplicates: str = field(default="refuse", metadata=_takes(lambda value: value in ("refuse", "allow")))
    strict: bool = field(default=True, metadata=_takes(_flag))
    atomic_domains: bool = field(default=True, metadata=_takes(_flag))
    pointers: bool = field(default=True, metadata=_takes(_flag))
    deprecated_fields: bool = field(default=True, metadata=_takes(_flag))
    uppercase_status: bool = field(default=False, metadata=_takes(_flag))
    latency_ms: float = field(default=0, metadata=_takes(_number))
    rate_limit: dict[str, float] | None = field(default=None, metadata=_takes(_rate_limit))
    clock: float | None = field(default=None, metadata=_takes(_number_or_none))
    search_delay: dict[str, Any] | None = field(default=None, metadata=_takes(_search_delay))
    action_log: bool = field(default=True, metadata=_takes(_flag))
    integration: bool = field(default=True, metadata=_takes(_flag))
    failing_mailboxes: list[str] = field(default_factory=list, metadata=_takes(_texts))
    move_message_id: str | None = field(default="id", metadata=_takes(_one_of("id", "message_id", None)))
    release_body: str = field(default="array", metadata=_takes(_one_of("array", "object")))
    preview_body: str = field(default="postfix_id", metadata=_takes(_one_of("postfix_id", "id")))
    wrong_shape_status: int = field(default=400, metadata=_takes(_one_of(400, 415, 422)))
    reclassify_after: int | None = field(default=None, metadata=_takes(_count_or_none))
    phishguard_pages: bool = field(default=False, metadata=_takes(_flag))
    credentials: dict[str, dict[str, str]] = field(default_factory=_default_credentials, metadata=_takes(_credentials))

    def changed(self, changes: Mapping[str, Any]) -> Options:
        """A copy with some options set anew. Raises ValueError, naming the option, where that can't be done."""
        known = {option.name: option for option in dataclasses.fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"there is no option {name}; there are {', '.join(known)}")
            if not known[name].metadata["check"](value):
                raise ValueError(f"option {name} can't be {value!r}")
        options = dataclasses.replace(copy.deepcopy(self), **changes)
        if options.rate_limit is not None:
            options.rate_limit = {**_RATE_LIMIT, **options.rate_limit}
        if options.search_delay is not None:
            options.search_delay = {**SEARCH_DELAY, **options.search_delay}
        return options

    def document(self) -> dict[str, Any]:
        return dataclasses.asdict(self)
