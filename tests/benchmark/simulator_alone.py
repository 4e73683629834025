# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast the simulator is by itself, so that nobody takes its slowness for that of a contestant."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from benchmark.cases import entries
from benchmark.table import seconds
from simulator.handle import Account, Simulator


def render(simulator: Simulator, size: int) -> Iterator[str]:
    """Lines that say how long it takes to be filled, to serve pages of 1,000 and small pages, and to batch."""
    account = simulator.account()
    documents = {"block_senders": entries(size)}
    filling = _time(lambda: account.put(documents))
    pages = max(1, size // 1000)
    whole = _time(lambda: _get(simulator, account, range(1, pages + 1), 1000))
    small = _time(lambda: _get(simulator, account, [1] * 1000, 1))
    account.forget()
    yield "The simulator alone, asked by one client that looks at nothing:"
    yield ""
    yield f"- filled with {size:,} entries in {seconds(filling)}, before anything is measured;"
    yield f"- a page of 1,000 entries in {whole / pages * 1000:.1f} ms;"
    yield f"- {1000 / small:,.0f} requests/s for pages of one entry, the client's own work included."


def _get(simulator: Simulator, account: Account, pages: Iterable[int], per_page: int) -> None:
    for page in pages:
        answer = simulator.session.get(
            f"{account.base_url}/accounts/{account.id}/email-security/settings/block_senders",
            params={"page": str(page), "per_page": str(per_page), "order": "created_at", "direction": "asc"},
            headers={"Authorization": f"Bearer {account.token}"},
            timeout=60,
        )
        answer.raise_for_status()


def _time(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
