# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much one run may change; a run that would exceed a limit is refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .._errors import PlanError
from .plan import Change, Plan, check_purge_limit

_COUNTED = {"update": "to update", "delete": "to delete"}


@dataclass(frozen=True)
class Limits:
    """Limits of a run, over all of its lists.

    :param purge: how many entries purge may delete.
    :param change: how many entries may be updated or deleted, for any reason; None is no limit.
    """

    purge: int
    change: int | None = None

    def check(self, plans: Sequence[Plan], done: Iterable[Change] = (), *, started: bool = False) -> None:
        """Refuse plans that exceed a limit.

        :param done: changes that the run has already made.
        :param started: whether the run has begun to write.
        :raises PlanError: holds a sentence for each limit exceeded.
        """
        changed = list(done)
        problems: list[str] = []
        try:
            check_purge_limit(plans, self.purge, sum(change.purge for change in changed), started=started)
        except PlanError as error:
            problems.extend(error.problems)
        problems.extend(self._too_many(plans, changed, started))
        if problems:
            raise PlanError(problems)

    def _too_many(self, plans: Iterable[Plan], done: Iterable[Change], started: bool) -> list[str]:
        if self.change is None:
            return []
        counts: dict[str, dict[str, int]] = {}
        for change in [*done, *(change for made in plans for change in made.changes)]:
            if change.action in _COUNTED:
                counts.setdefault(change.resource.name, dict.fromkeys(_COUNTED, 0))[change.action] += 1
        total = sum(sum(count.values()) for count in counts.values())
        if total <= self.change:
            return []
        lists = "; ".join(
            f"{name}: {', '.join(f'{count[action]:,} {words}' for action, words in _COUNTED.items() if count[action])}"
            for name, count in counts.items()
        )
        state = "The rest of the run was not done" if started else "Nothing was changed"
        return [
            f"{total:,} entries would be updated or deleted ({lists}), and change_limit allows {self.change:,}. "
            f"{state}. Look at the plan in check mode with change_limit raised; if it is what you want, run it so."
        ]
