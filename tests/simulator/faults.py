# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: which are armed for an account, and which of them a request runs into."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from faultkinds import KINDS, REQUIRED, Kind
from routing import Request

_KEYS = {"kind", "method", "path", "query", "times", "after", "arguments"}


@dataclass(slots=True)
class Fault:
    """An armed fault. ``seen`` counts the requests that fitted, ``fired`` those that it happened to."""

    kind: str
    method: str = "*"
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    times: int | None = 1
    after: int = 0
    arguments: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    fired: int = 0

    @property
    def behaviour(self) -> Kind:
        return KINDS[self.kind]

    def fits(self, request: Request) -> bool:
        return (
            self.method in ("*", request.method)
            and re.search(self.path, request.path) is not None
            and all(value in request.query.get(name, ()) for name, value in self.query.items())
            and self.behaviour.fits(request, self.arguments)
        )

    def due(self) -> bool:
        return self.seen > self.after and (self.times is None or self.fired < self.times)

    def report(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in (*sorted(_KEYS), "seen", "fired")}


class Faults:
    """The armed faults of an account, in the order in which they were armed."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []

    def arm(self, documents: list[Mapping[str, Any]]) -> None:
        """Arm faults beside those that are. Raises ValueError where one isn't right, and then arms none."""
        self._armed += [_parse(document) for document in documents]

    def disarm(self) -> None:
        self._armed.clear()

    def report(self) -> list[dict[str, Any]]:
        return [fault.report() for fault in self._armed]

    def take(self, request: Request) -> Fault | None:
        """The fault that happens to a request: the first that fits and is due. All that fit have seen it."""
        taken = None
        for fault in self._armed:
            if fault.fits(request):
                fault.seen += 1
                if taken is None and fault.due():
                    fault.fired += 1
                    taken = fault
        return taken


def _parse(document: Mapping[str, Any]) -> Fault:
    if not isinstance(document, dict) or not set(document) <= _KEYS:
        raise ValueError(f"a fault is an object with {', '.join(sorted(_KEYS))}: {document!r}")
    kind = document.get("kind")
    if kind not in KINDS:
        raise ValueError(f"there is no kind of fault {kind!r}; there are {', '.join(KINDS)}")
    defaults = KINDS[kind].arguments
    given = document.get("arguments", {})
    if not isinstance(given, dict) or not set(given) <= set(defaults):
        raise ValueError(f"{kind} takes the arguments {', '.join(defaults) or '(none)'}, not {given!r}")
    arguments = {**defaults, **given}
    missing = [name for name, value in arguments.items() if value is REQUIRED]
    if missing:
        raise ValueError(f"{kind} needs the arguments {', '.join(missing)}")
    fault = Fault(**{**document, "arguments": arguments})
    if not isinstance(fault.after, int) or not (fault.times is None or isinstance(fault.times, int)):
        raise ValueError(f"times and after are numbers (times may be null): {document!r}")
    if not isinstance(fault.query, dict) or not all(isinstance(value, str) for value in fault.query.values()):
        raise ValueError(f"query is an object of texts, not {fault.query!r}")
    try:
        re.compile(fault.path)
    except (re.error, TypeError):
        raise ValueError(f"path is not a regular expression: {fault.path!r}") from None
    fault.method = str(fault.method).upper()
    return fault
