# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many accounts in one inventory: the same playbook with more and more forks."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmark.cases import Case
from benchmark.contestants import SETTINGS
from benchmark.measuring import Place, Usage
from benchmark.table import markdown, seconds
from simulator.handle import Simulator

FORKS = (1, 2, 5, 10, 20)
# Entries of each account, at most.
SIZE = 100
_HEADINGS = ("latency", "forks", "time", "ratio", "CPU", "requests")


def render(simulator: Simulator, folder: Path, options: argparse.Namespace) -> Iterator[str]:
    """The lines. A ratio is the time over that with one fork.

    :param options: of the command: accounts, forks, latencies, and sizes, the largest of which is taken.
    """
    count, size = options.accounts, min(SIZE, max(options.sizes))
    accounts = [simulator.account() for _number in range(count)]
    place = Place(folder, simulator)
    place.inventory([f"account{number} account_id={account.id}" for number, account in enumerate(accounts)])
    rows = []
    for latency in options.latencies:
        case = Case(latency, "none", size)
        place.documents(case)
        for account in accounts:
            account.put({"block_senders": case.account})
            account.options(latency_ms=latency)
        used: dict[int, Usage] = {}
        for number in options.forks:
            for account in accounts:
                account.clear_requests()
            used[number] = place.run([*SETTINGS.argv, "--forks", str(number)], SETTINGS.environment)
            requests = sum(len(account.requests()) for account in accounts)
            ratio = used[number].wall / used[options.forks[0]].wall
            rows.append(
                (
                    f"{latency} ms",
                    str(number),
                    seconds(used[number].wall),
                    f"{ratio:.2f}",
                    seconds(used[number].cpu),
                    f"{requests:,}",
                )
            )
    for account in accounts:
        account.forget()
    yield f"{count} accounts of {size:,} blocked senders each, no drift, one `ansible-playbook`:"
    yield ""
    yield from markdown(_HEADINGS, rows)
