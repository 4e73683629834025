# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract check: what the modules send and what the simulator answers, against a published OpenAPI description.

    python tests/contract DESCRIPTION RECORDING ...

DESCRIPTION is an OpenAPI document as JSON; newer.yml is laid over it. Recordings are made by `python tests/simulator
--record FILE`, or by running the tests with EMAIL_SECURITY_RECORD naming a folder. Exits with 1 when anything differs
in a way that differences.py does not explain, or when something listed there differs no longer.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from differences import DIFFERENCES, Difference
from findings import Description, Finding, distinct

# What the modules send carries this; the simulator's own tests ask for nonsense on purpose.
MODULES_AGENT = "ansible-cloudflare.email_security/"


@dataclass
class Outcome:
    """What was checked, and the outcome.

    :param idle: parts of the overlay that say no more than the description itself.
    :param unexplained: the first finding of each kind, and how many.
    """

    idle: list[str] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    explained: Counter[Difference] = field(default_factory=Counter)
    unexplained: dict[tuple[str, ...], tuple[Finding, int]] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        covering = [difference for difference in DIFFERENCES if difference.covers(finding)]
        self.explained.update(covering)
        if not covering:
            kind = (finding.side, finding.operation, finding.rule, re.sub(r"\d+", "N", finding.place))
            first, number = self.unexplained.get(kind, (finding, 0))
            self.unexplained[kind] = (first, number + 1)

    @property
    def stale(self) -> list[Difference]:
        return [difference for difference in DIFFERENCES if not self.explained[difference]]

    @property
    def good(self) -> bool:
        return bool(self.requests and self.answers and not self.unexplained and not self.stale and not self.idle)


def check(description: Description, files: Iterable[Path]) -> Outcome:
    """Hold every request of the modules and every answer of the simulator against the description."""
    outcome = Outcome(description.idle)
    for exchange in distinct(files):
        operation = description.operation(exchange)
        if exchange["request_headers"].get("user-agent", "").startswith(MODULES_AGENT):
            if operation is None:
                asked = f"{exchange['method']} {exchange['path'].partition('/email-security/')[2]}"
                outcome.add(Finding("request", asked, "unknown operation", "", "it is not described"))
            else:
                outcome.requests[operation] += 1
                for finding in description.request_findings(operation, exchange):
                    outcome.add(finding)
        # An armed fault answers what no description allows, and that is what it is for.
        if operation is not None and exchange["status"] is not None and exchange["fault"] is None:
            outcome.answers += 1
            for finding in description.response_findings(operation, exchange):
                outcome.add(finding)
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/contract", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("description", type=Path, help="the OpenAPI document, as JSON")
    parser.add_argument("recordings", type=Path, nargs="+", help="files or folders with recorded exchanges")
    arguments = parser.parse_args()
    files = [
        file for path in arguments.recordings for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])
    ]
    outcome = check(Description(arguments.description), files)
    for finding, number in outcome.unexplained.values():
        print(f"DIFFERS {finding.side} {finding.operation} at {finding.place or 'the top'}: {finding.message[:300]}")
        print(f"        rule {finding.rule!r}, {number} times")
    for difference in outcome.stale:
        print(f"STALE   {difference.side} {difference.operation} {difference.rule}: nothing differs so any more")
    for part in outcome.idle:
        print(f"STALE   {part} in newer.yml: the description says so itself")
    if not outcome.requests:
        print("Nothing to check: the recordings hold no exchange of the modules.")
    print(
        f"Contract: {outcome.requests.total()} requests of {len(outcome.requests)} operations and {outcome.answers} "
        f"answers checked; {outcome.explained.total()} findings are meant, by {len(DIFFERENCES)} listed differences; "
        f"{len(outcome.unexplained)} kinds are unexplained"
    )
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
