# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever is blocked and whatever the mail: the numbers are those of the plain way, or it is said why not."""

from __future__ import annotations

import ipaddress
from collections import Counter
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api import paging
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import settings_module
from hypothesis import given
from hypothesis import strategies as st

from modules.in_process import perform
from modules.samples import sender
from simulator.handle import Simulator
from unit.evidence.mail import ago

_HOSTS = ("a.example", "sub.a.example", "ba.example", "A.EXAMPLE")
_AUTHORS = tuple(f"{local}@{host}" for local in ("x", "X", "xy") for host in _HOSTS)
_SERVERS = ("192.0.2.7", "198.51.100.7", None)
_PATTERNS = (
    *((text, "EMAIL") for text in ("x@a.example", "xy@sub.a.example", "nobody@a.example")),
    *((text, "DOMAIN") for text in ("a.example", "sub.a.example", "example", "b.example")),
    *((text, "IP") for text in ("192.0.2.0/24", "198.51.100.7")),
)
_MAIL = st.lists(
    st.fixed_dictionaries(
        {
            "from": st.sampled_from(_AUTHORS),
            "envelope_from": st.sampled_from(_AUTHORS),
            "smtp_helo_server_ip": st.sampled_from(_SERVERS),
            "smtp_previous_hop_ip": st.sampled_from(_SERVERS),
            "final_disposition": st.sampled_from(["NONE", "SPAM", "MALICIOUS"]),
        }
    ),
    max_size=10,
)


def plainly(pattern: str, kind: str, mail: list[dict[str, Any]]) -> tuple[dict[str, int], int]:
    """By disposition, the messages that a pattern is about; and how many come from below the domain that it names."""
    about: Counter[str] = Counter()
    below = 0
    for message in mail:
        authors = [message[name].lower() for name in ("from", "envelope_from")]
        hosts = [author.partition("@")[2] for author in authors]
        servers = [message[name] for name in ("smtp_helo_server_ip", "smtp_previous_hop_ip") if message[name]]
        is_about = {
            "EMAIL": pattern in authors,
            "DOMAIN": pattern in hosts,
            "IP": kind == "IP" and any(ipaddress.ip_address(one) in ipaddress.ip_network(pattern) for one in servers),
        }[kind]
        about[message["final_disposition"]] += is_about
        below += kind == "DOMAIN" and not is_about and any(host.endswith(f".{pattern}") for host in hosts)
    return dict(+about), below


@given(st.lists(st.sampled_from(_PATTERNS), unique=True, min_size=1, max_size=6), _MAIL, st.integers(1, 8))
def test_what_is_known_is_as_the_plain_way_has_it(
    simulator: Simulator, patterns: list[tuple[str, str]], mail: list[dict[str, Any]], most: int
) -> None:
    account = simulator.account()
    try:
        account.put_messages(*[{**one, "scanned_at": ago(hours=number + 1)} for number, one in enumerate(mail)])
        blocks = [sender(text, pattern_type=kind) for text, kind in patterns]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(paging, "PAGE_SIZE", 3)
            report = perform(
                account, settings_module(), check=True, block_senders=blocks, impact="7d", impact_max_requests=most
            )
        for change in report.ok()["changes"]:
            impact = change["impact"]
            about, below = plainly(change["key"]["pattern"], change["key"]["pattern_type"], mail)
            if impact["reason"]:
                assert (impact["messages"] or 0) <= sum(about.values())
                continue
            assert impact["messages"] == sum(about.values())
            assert impact["dispositions"] == impact["affected"] == about
            if change["key"]["pattern_type"] == "DOMAIN" and impact["below"] is not None:
                assert impact["below"] == below
        assert report.reads.count("investigate") <= most
        assert not report.writes
    finally:
        account.forget()
