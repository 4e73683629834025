# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Figures as Markdown: one table for each latency and state of the account."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from benchmark.cases import LATENCIES, STATES
from benchmark.contestants import SETTINGS, TABLE
from benchmark.measuring import Measure
from benchmark.results import Results

_HEADINGS = ("entries", "with", "requests", "time", "ratio", "CPU", "memory", "runs")


def render(results: Results, latencies: Sequence[int] = LATENCIES) -> Iterator[str]:
    """The lines. A ratio is the time over that of ``settings``; a figure with ~ before it is scaled."""
    for latency in latencies:
        for state, about in STATES.items():
            rows = list(_rows(results, latency, state))
            if rows:
                yield f"### {about.title}, {latency} ms latency"
                yield ""
                yield from markdown(_HEADINGS, rows)
                yield ""


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table, its first two columns text and the others figures."""
    yield f"| {' | '.join(headings)} |"
    yield f"|{'|'.join('---' if number < 2 else '---:' for number in range(len(headings)))}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _rows(results: Results, latency: int, state: str) -> Iterator[tuple[str, ...]]:
    for size in results.sizes:
        base = results.of(SETTINGS, latency, state, size)
        for contestant in TABLE:
            measure = results.of(contestant, latency, state, size) if state in contestant.largest else None
            if measure and base:
                yield (f"{size:,}", contestant.name, *_figures(measure, base))


def _figures(measure: Measure, base: Measure) -> tuple[str, ...]:
    mark = "~" if measure.scaled else ""
    usage = measure.usage
    return (
        f"{mark}{measure.requests:,}",
        mark + seconds(usage.wall),
        f"{mark}{usage.wall / base.usage.wall:.3g}",
        mark + seconds(usage.cpu),
        "" if math.isnan(usage.memory) else mebibytes(usage.memory),
        "" if measure.scaled else str(measure.runs),
    )


def seconds(value: float) -> str:
    return f"{value:,.2f} s" if value < 100 else f"{value:,.0f} s"


def mebibytes(value: float) -> str:
    return f"{value / 2**20:,.0f} MiB"
