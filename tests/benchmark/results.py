# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All figures of a run: what was measured, and what follows from it for larger sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmark.cases import Case
from benchmark.contestants import Contestant
from benchmark.measuring import Measure, scaled


@dataclass
class Results:
    sizes: Sequence[int]
    measured: dict[tuple[Case, str], Measure] = field(default_factory=dict)

    def add(self, case: Case, measures: dict[str, Measure]) -> None:
        for name, measure in measures.items():
            self.measured[case, name] = measure

    def of(self, contestant: Contestant, latency: int, state: str, size: int) -> Measure | None:
        """Measured; or scaled from the largest size that was, where the contestant is not run with so many; or None."""
        found = self.measured.get((Case(latency, state, size), contestant.name))
        # With no entries, all states are the same.
        nothing = self.measured.get((Case(latency, "none", 0), contestant.name))
        if found or not nothing or size <= contestant.largest.get(state, size):
            return found
        smaller = [case.size for case in self._cases(contestant, latency, state) if 0 < case.size < size]
        if not smaller:
            return None
        return scaled(self.measured[Case(latency, state, max(smaller)), contestant.name], max(smaller), nothing, size)

    def _cases(self, contestant: Contestant, latency: int, state: str) -> Iterable[Case]:
        return (
            case
            for case, name in self.measured
            if name == contestant.name and (case.latency, case.state) == (latency, state)
        )
