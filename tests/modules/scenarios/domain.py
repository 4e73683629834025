# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``domain`` and ``domain_info``."""

from __future__ import annotations

from typing import Any

from modules.scenario import Change, ReadScenario, ReadStep, WriteScenario

_INTEGRATION = "c0ffee00-0000-4000-8000-000000000001"
_NEW = {
    "domain": "shop.example",
    "allowed_delivery_modes": ["API"],
    "drop_dispositions": ["MALICIOUS"],
    "ip_restrictions": [],
    "regions": ["GLOBAL"],
}


def _domain(name: str, **fields: Any) -> dict[str, Any]:
    return {
        **_NEW,
        "domain": name,
        "folder": None,
        "integration_id": None,
        "lookback_hops": 1,
        "require_tls_inbound": False,
        "require_tls_outbound": False,
        "transport": "",
        **fields,
    }


# Everything that the API can say about a domain.
_WHOLE = _domain(
    "example.com",
    allowed_delivery_modes=["DIRECT", "BCC"],
    drop_dispositions=["SPAM", "MALICIOUS"],
    ip_restrictions=["192.0.2.0/24", "2001:DB8::/32"],
    folder="AllItems",
    integration_id=_INTEGRATION,
    transport="mx.example.com",
    inbox_provider="Microsoft",
    o365_tenant_id="c9b1e4ac",
)

_INBOX = {"folder": "Inbox", "drop_dispositions": [], "integration_id": _INTEGRATION}

WRITES = WriteScenario(
    collection="domains",
    before={"domains": [_WHOLE, _domain("other.example")]},
    steps={
        "create": Change(
            args={**_NEW, "lookback_hops": 3},
            sends=[("POST", "settings/domains", {**_NEW, "lookback_hops": 3})],
            leaves={"domains": {"shop.example": {"lookback_hops": 3, "status": "pending"}}},
        ),
        # Lists compare as sets, and the name without regard to case; only what is given is looked at.
        "update": Change(
            args={
                "domain": "EXAMPLE.com",
                "drop_dispositions": ["MALICIOUS", "SPAM"],
                "ip_restrictions": ["2001:db8:0::/32", "192.0.2.0/24"],
                "allowed_delivery_modes": ["DIRECT"],
                "require_tls_inbound": True,
                "integration_id": "",
            },
            sends=[
                (
                    "PATCH",
                    "settings/domains/{example.com}",
                    {"allowed_delivery_modes": ["DIRECT"], "require_tls_inbound": True, "integration_id": None},
                )
            ],
            leaves={
                "domains": {
                    "example.com": {
                        "allowed_delivery_modes": ["DIRECT"],
                        "drop_dispositions": ["SPAM", "MALICIOUS"],
                        "integration_id": None,
                        "folder": "AllItems",
                    }
                }
            },
        ),
        "update, by id": Change(
            args={"id": "{other.example}", **_INBOX},
            sends=[("PATCH", "settings/domains/{other.example}", _INBOX)],
            leaves={"domains": {"other.example": _INBOX}},
        ),
        "absent": Change(
            args={"domain": "Shop.example", "state": "absent"},
            sends=[("DELETE", "settings/domains/{shop.example}", None)],
            leaves={"domains": {}},
        ),
    },
    refused={"domain": "other.example", "ip_restrictions": ["no address"]},
)

READS = ReadScenario(
    collection="domains",
    before=[
        _WHOLE,
        _domain("b.example", allowed_delivery_modes=["API", "DIRECT"], status="pending"),
        _domain("a.example", allowed_delivery_modes=["JOURNAL"], status="failed"),
    ],
    steps=[
        ReadStep({}, {}, ["example.com", "b.example", "a.example"]),
        ReadStep({"domain": ["a.example"]}, {"domain": "a.example"}, ["a.example"]),
        ReadStep(
            {"domain": ["a.example", "b.example"]}, {"domain": ["a.example", "b.example"]}, ["b.example", "a.example"]
        ),
        ReadStep({"status": "pending"}, {"status": "PENDING"}, ["b.example"]),
        ReadStep({"verification": True, "domain": ["b.example"]}, {"domain": "b.example"}, ["b.example"]),
        ReadStep({"integration_id": _INTEGRATION}, {"integration_id": _INTEGRATION}, ["example.com"]),
        ReadStep(
            {"allowed_delivery_mode": "DIRECT"}, {"allowed_delivery_mode": "DIRECT"}, ["example.com", "b.example"]
        ),
        ReadStep({"active_delivery_mode": "API"}, {"active_delivery_mode": "API"}, ["b.example"]),
        ReadStep({"search": "b.ex"}, {"search": "b.ex"}, ["b.example"]),
        ReadStep(
            {"order": "domain", "direction": "asc"},
            {"order": "domain", "direction": "asc"},
            ["a.example", "b.example", "example.com"],
        ),
    ],
    many=_domain("{number}.example"),
)
