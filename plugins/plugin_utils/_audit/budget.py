# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeping a report small enough to open at once, whatever was found."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from .rows import ROWS

# What a report lists in full, and the field by which its rows are grouped.
_LISTED = {"changes": "list", "findings": "rule"}


def truncate(accounts: Sequence[dict[str, Any]], max_bytes: int) -> None:
    """Shorten the lists of entries until they take no more than ``max_bytes`` in the page.

    No account, list or rule crowds out another: of each list's changes and each rule's findings in each account the
    first n stay, with the largest n that fits. ``not_listed`` says how many went.
    """
    sizes: dict[Hashable, list[int]] = defaultdict(list)
    for group, row in _rows(accounts):
        text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        sizes[group].append(len(text.encode()) + 1)
    limit = _limit(list(sizes.values()), max_bytes)
    for account in accounts:
        for kind, field in _LISTED.items():
            seen: dict[Hashable, int] = defaultdict(int)
            kept = []
            for row in account[kind]:
                seen[row[field]] += 1
                if seen[row[field]] <= limit:
                    kept.append(row)
            # A report that is merged may be cut already.
            account["not_listed"][kind] += len(account[kind]) - len(kept)
            account[kind] = kept


def _rows(accounts: Sequence[dict[str, Any]]) -> Iterable[tuple[Hashable, dict[str, Any]]]:
    for index, account in enumerate(accounts):
        for kind, field in _LISTED.items():
            for row in account[kind]:
                yield (index, kind, row[field]), ROWS[kind](row)


def _limit(groups: Sequence[Sequence[int]], max_bytes: int) -> int:
    """The largest number of rows of each group that fits, given the size of every row."""
    sums = [[0, *accumulate(group)] for group in groups]
    low, high = 0, max((len(group) for group in groups), default=0)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(total[min(middle, len(total) - 1)] for total in sums) <= max_bytes:
            low = middle
        else:
            high = middle - 1
    return low
