# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the changes of a plan would have done to past mail, on request. It prevents no change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._policy.places import Placed
from .._resources.allow_policies import ALLOW_POLICIES
from .._resources.block_senders import BLOCK_SENDERS
from .._spec import Context
from .plan import Change, Plan

if TYPE_CHECKING:
    from .._evidence.gather import Span

# Imports that only a task with ``impact`` needs come late: a module's process pays for each import.
DEFAULT_REQUESTS = 100
_LISTS = (ALLOW_POLICIES.name, BLOCK_SENDERS.name)

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "impact": {"type": "str"},
    "impact_max_requests": {"type": "int", "default": DEFAULT_REQUESTS},
    "impact_subjects": {"type": "bool", "default": False},
}


class Impacts:
    """The impact of each change, by the change's identity.

    :raises InputError: an option for it is invalid.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.span: Span | None = None
        self._known: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._accepted: dict[str, Mapping[str, str]] = {}
        params = context.params
        if params.get("impact"):
            from .._evidence.usage import check_requests, read_span

            self.span = read_span(params["impact"], context.now, "impact")
            check_requests(params["impact_max_requests"], "impact_max_requests")

    def accept(self, lists: Mapping[str, Sequence[Placed]]) -> None:
        """Record which risks the entries of a validated policy accept."""
        if self.span is None:
            return
        for name in _LISTS:
            for placed in lists.get(name, ()):
                if placed.entry.get("accepted_risks"):
                    self._accepted[placed.where] = placed.entry["accepted_risks"]

    def gather(self, plans: Iterable[Plan]) -> None:
        """Search for the mail that plans affect. Call it before anything is written."""
        if self.span is None:
            return
        from .._evidence.effects import PlannedChange
        from .._evidence.impact import impacts_of

        changes = [change for made in plans for change in made.changes if change.resource.name in _LISTS]
        params = self.context.params
        found = impacts_of(
            self.context.client,
            [PlannedChange(each.resource.name, each.action, each.before, each.after) for each in changes],
            self.span,
            params["impact_max_requests"],
            subjects=params["impact_subjects"],
        )
        self._known = {change.identity: impact for change, impact in zip(changes, found, strict=True)}

    def of(self, change: Change) -> dict[str, Any]:
        """The fields of a change's result about it: ``impact``, null for other lists, and ``accepted_risks`` if the
        policy's entry has them. No fields if the task has no ``impact``.
        """
        if self.span is None:
            return {}
        if change.resource.name not in _LISTS:
            return {"impact": None}
        from .._evidence.impact import unknown_impact

        # Somebody else changed the account during the run, so this change was planned after the mail was read.
        known = self._known.get(change.identity) or unknown_impact("it was planned later than the others")
        accepted = self._accepted.get(change.where)
        return {"impact": known, **({"accepted_risks": accepted} if accepted else {})}
