# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts as one finds them: mostly what the sample policy says, but clicked together over the years."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

Entry = dict[str, Any]

SAMPLE = Path(__file__).resolve().parents[2] / "playbooks" / "sample"

# What the API gives an entry that does not say otherwise.
_FIELDS: dict[str, Entry] = {
    "allow_policies": {
        "is_regex": False,
        "is_trusted_sender": False,
        "is_exempt_recipient": False,
        "is_acceptable_sender": False,
        "verify_sender": True,
        "comments": None,
    },
    "block_senders": {"is_regex": False, "comments": None},
    "trusted_domains": {"is_regex": False, "is_recent": False, "is_similarity": False, "comments": None},
    "impersonation_registry": {"is_email_regex": False, "comments": None},
}

_LEGACY: dict[str, list[Entry]] = {
    "allow_policies": [
        {"pattern": "old-crm.example", "pattern_type": "DOMAIN", "is_trusted_sender": True, "verify_sender": False},
        {"pattern": "it-intern@agency.example", "pattern_type": "EMAIL", "is_trusted_sender": True},
    ],
    "block_senders": [
        {"pattern": "newsletter.example", "pattern_type": "DOMAIN"},
        {"pattern": "spam-of-2019.example", "pattern_type": "DOMAIN"},
    ],
    "trusted_domains": [{"pattern": "former-partner.example", "is_similarity": True}],
    "impersonation_registry": [
        {"name": "Former Ceo", "email": "former.ceo@acme.example"},
        # Synced from a directory, so no run ever removes it.
        {"name": "Adele Vance", "email": "adele.vance@acme.example", "provenance": "SNOOPY-OFFICE_365"},
    ],
}


def load(file: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((SAMPLE / file).read_text(encoding="utf-8"))
    return document


def account_id(host: str) -> str:
    return str(load(f"host_vars/{host}.yml")["email_security_account_id"])


def account(host: str) -> dict[str, list[Entry]]:
    """What the simulator is to hold for an account of the sample: {collection: [entry]}."""
    document: dict[str, list[Entry]] = {}
    for name, fields in _FIELDS.items():
        desired = [entry for entry in load(f"policies/{name}.yml")[name] if entry.get("state") != "absent"]
        written = [_as_stored(entry, fields) for entry in desired]
        # Every sixth entry was never made, and of the others every eighth says nothing about why it is there.
        made = [entry for position, entry in enumerate(written) if position % 6 != 5]
        for entry in made[3::8]:
            entry["comments"] = None
        document[name] = made + [_as_stored(entry, fields) for entry in _LEGACY[name]]
    for entry in document["allow_policies"][4::10]:
        entry["verify_sender"] = False
    for entry in document["trusted_domains"][1::9]:
        entry["is_recent"] = not entry["is_recent"]
    document["domains"] = [_as_onboarded(entry) for entry in load(f"host_vars/{host}.yml")["email_security_domains"]]
    return document


def _as_stored(entry: Entry, fields: Entry) -> Entry:
    return {**fields, **{name: value for name, value in entry.items() if name != "expires"}}


def _as_onboarded(entry: Entry) -> Entry:
    """A domain with the settings that it has right after onboarding."""
    return {
        "domain": entry["domain"],
        "allowed_delivery_modes": ["DIRECT"],
        "drop_dispositions": ["MALICIOUS"],
        "ip_restrictions": [],
        "regions": entry["regions"],
        "folder": "AllItems",
        "integration_id": None,
        "lookback_hops": 1,
        "require_tls_inbound": False,
        "require_tls_outbound": False,
        "transport": "",
    }
