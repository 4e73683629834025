# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries plans out, and reports what was planned and done: shared by the modules that write settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .._errors import EmailSecurityError
from .._spec import Context
from .limits import Limits
from .plan import Change, Plan
from .planning import Target

if TYPE_CHECKING:
    from .reconcile import Done

# Most runs change nothing, and a module's process pays for each import, so imports that only changes need come late.
MAX_WARNINGS = 20


class Outcome:
    """What a run planned and did. In check mode nothing is done, and the result shows the planned changes."""

    def __init__(self, context: Context, plans: Sequence[Plan], done: Sequence[Done] = ()) -> None:
        self.done = done
        planned = [change for made in plans for change in made.changes]
        self.changes: list[Change] = planned if context.check else [step.change for step in done]
        self.ids = {step.change.identity: step.entry["id"] for step in done if step.entry}
        self.result: dict[str, Any] = {"changed": bool(self.changes)}
        if context.diff:
            self.result["diff"] = []
        if self.changes:
            from . import report

            self.changes = report.in_order(self.changes)
            if context.diff:
                self.result["diff"] = report.diff(self.changes)


def warn_of_entries(context: Context, targets: Sequence[Target]) -> None:
    """Warn of entries of a policy that may be wrong."""
    warnings = [warning for target in targets for item in target.desired for warning in item.warnings]
    more = len(warnings) - MAX_WARNINGS
    context.client.warnings.extend(warnings[:MAX_WARNINGS])
    if more > 0:
        context.client.warnings.append(f"and {more:,} more warnings about entries like these")


def converge(
    context: Context,
    targets: Sequence[Target],
    plans: Sequence[Plan],
    limits: Limits,
    listed: Callable[[Outcome], dict[str, Any]],
) -> Outcome:
    """Carry plans out; in check mode, only report what that would do.

    :param listed: builds the part of a result that lists changes, for an error's ``partial``.
    :raises EmailSecurityError: a step failed.
    """
    if context.check or not any(made.changes for made in plans):
        return Outcome(context, plans)
    from .reconcile import Reconciler

    reconciler = Reconciler(context.client, targets, limits)
    try:
        return Outcome(context, plans, reconciler.carry_out(plans))
    except EmailSecurityError as error:
        partial = Outcome(context, plans, reconciler.done)
        error.partial = {**partial.result, **listed(partial)}
        raise
