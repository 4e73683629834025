# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shadowed entries: the right ones, in near-linear time."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.document import read_document
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk import overlaps as risk_overlaps
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk.find import find_risks
from hypothesis import given
from hypothesis import strategies as st

from unit.filters.risk_documents import EXEMPT, NOW, TRUSTED, allow, allows

_NETWORKS = st.builds(
    lambda high, low, length: ipaddress.ip_network((high << 24 | low, length), strict=False),
    st.sampled_from([192, 198]),
    st.integers(0, 0xFFF),
    st.integers(20, 32),
)


@given(st.lists(st.tuples(_NETWORKS, st.booleans(), st.booleans()), max_size=30))
def test_shadowed_ranges_are_those_that_comparing_all_pairs_finds(entries: list[tuple[Any, bool, bool]]) -> None:
    document = allows(
        *(
            allow(str(network), "IP", is_trusted_sender=True, is_exempt_recipient=exempt, verify_sender=verify)
            for network, exempt, verify in entries
        )
    )
    found_so = risk_overlaps.shadowed(read_document(document, NOW))
    shadowed = {item.fields["pattern"] for dummy, item, detail in found_so if item}
    expected = set()
    for at, (network, exempt, verify) in enumerate(entries):
        for other_at, (wide, wide_exempt, wide_verify) in enumerate(entries):
            does_as_much = (wide_exempt or not exempt) and (verify or not wide_verify)
            earlier_twin = wide == network and other_at < at
            if does_as_much and ((network.subnet_of(wide) and wide != network) or earlier_twin):
                expected.add(str(network))
    assert shadowed == expected


@pytest.mark.parametrize("shape", ["one domain", "one entry", "nested ranges"])
def test_comparisons_grow_with_the_number_of_entries_alone(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 3000
    entries: dict[str, list[dict[str, Any]]] = {
        "one domain": [
            *(allow("example.com", "DOMAIN", is_exempt_recipient=number % 2 == 0) for number in range(count)),
            *(allow(f"{number}@example.com", **TRUSTED) for number in range(count)),
        ],
        "one entry": [allow("example.com", "DOMAIN", **TRUSTED) for dummy in range(count)],
        "nested ranges": [allow(f"11.0.0.0/{number % 33}", "IP", **EXEMPT, **TRUSTED) for number in range(count)],
    }
    compared = 0
    compare = risk_overlaps._does_as_much

    def counted(wide: Any, item: Any) -> bool:
        nonlocal compared
        compared += 1
        return compare(wide, item)

    monkeypatch.setattr(risk_overlaps, "_does_as_much", counted)
    find_risks(allows(*entries[shape]), NOW)
    assert 0 < compared <= 40 * len(entries[shape])
