# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The RETURN of each filter, against what it returns."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import yaml

from examples.snippets import plugins
from modules import returns
from modules.samples import policy, sender

_PLUGINS = "ansible_collections.cloudflare.email_security.plugins.filter"
_SENDERS = [sender("phish.example")]
_COUNTS = {"created": 1, "updated": 0, "deleted": 0, "unchanged": 4}
_CHANGE = {
    "list": "block_senders",
    "action": "create",
    "key": {"pattern": "phish.example"},
    "id": None,
    "before": None,
    "after": _SENDERS[0],
}
_RISKY = {"allow_policies": [policy("gmail.com", id="one", is_trusted_sender=True, verify_sender=False)]}
_ACCEPTED = [{"rule": "public_mail_provider", "reason": "Meant"}]
_CSV = "Blocked Sender,Blocked Sender Type,Is Regex,Notes\ncsv.example,DOMAIN,false,CSV\n"


def _filter(name: str, *arguments: Any, **options: Any) -> Any:
    return importlib.import_module(f"{_PLUGINS}.{name}").FilterModule().filters()[name](*arguments, **options)


def _findings() -> Any:
    return _filter("risks", _RISKY, accepted=_ACCEPTED)


def _report() -> Any:
    drift = {"changes": [_CHANGE], "summary": {"block_senders": _COUNTS}}
    acme = {"account_id": "0123", "entries": {"block_senders": 5}, "drift": drift, "findings": _findings()}
    acme["monthly_report"] = {"2026-10": {"SPAM": 9310}}
    acme["usage"] = {
        "since": "2026-08-01T00:00:00Z",
        "oldest_message": None,
        "requests": 1,
        "entries": [],
        "proposal": None,
    }
    other = {"error": {"message": "The credentials are wrong."}, "warnings": ["Slow."]}
    earlier = _filter("audit_report", {"acme": acme})
    return _filter("audit_report", {"acme": acme, "other": other}, previous=[earlier])


_RESULTS = {
    "apply_lines": lambda: _filter("apply_lines", {"block_senders": {**_COUNTS, "expired": 0}}),
    "audit_failures": lambda: _filter("audit_failures", _report(), ["drift"]),
    "audit_html": lambda: _filter("audit_html", _report()),
    "audit_junit": lambda: _filter("audit_junit", _report()),
    "audit_lines": lambda: _filter("audit_lines", _report()),
    "audit_report": _report,
    "from_dashboard_csv": lambda: _filter("from_dashboard_csv", _CSV, "block_senders"),
    "policy_yaml": lambda: _filter("policy_yaml", {"block_senders": _SENDERS}),
    "risks": _findings,
    "to_dashboard_csv": lambda: _filter("to_dashboard_csv", _SENDERS, "block_senders"),
}


def test_every_filter_is_looked_at() -> None:
    assert sorted(_RESULTS) == plugins("filter")


@pytest.mark.parametrize("name", _RESULTS)
def test_what_a_filter_returns_is_documented(name: str) -> None:
    documented = yaml.safe_load(importlib.import_module(f"{_PLUGINS}.{name}").RETURN)
    result = _RESULTS[name]()
    assert result, "nothing is returned, so nothing is compared"
    assert returns.value_differences(documented, {"_value": result}) == []
