# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account that whoever starts the simulator by hand finds, and how the command line says what it can't do."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests

from simulator.handle import Account, Simulator

from .conftest import Client

ACCOUNT = "0123456789abcdef0123456789abcdef"
PROGRAM = str(Path(sys.modules[Simulator.__module__].__file__ or "").parent)
MADE_BY_THE_SERVER = ("id", "created_at", "modified_at")


@pytest.fixture(scope="module")
def lived_in() -> Iterator[Account]:
    with Simulator(lived_in=True) as simulator:
        yield simulator.account(ACCOUNT)


def test_its_entries_are_such_as_the_api_takes(lived_in: Account, client: Client) -> None:
    state = lived_in.state()
    assert all(state.values()), "no list is empty"
    # Those that a directory keeps aren't made by a client.
    state["impersonation_registry"] = [
        entry for entry in state["impersonation_registry"] if entry["provenance"] == "A1S_INTERNAL"
    ]
    for name, entries in state.items():
        for entry in entries:
            computed = {"status", "authorization", "dmarc_status", "spf_status", "emails_processed"}
            computed |= {"inbox_provider", "o365_tenant_id", "directory_id", "directory_node_id"}
            fields = {one: value for one, value in entry.items() if one not in {*MADE_BY_THE_SERVER, *computed}}
            client.ok("POST", f"settings/{name}", {one: value for one, value in fields.items() if value is not None})


def test_its_mail_shows_what_guides_look_for(lived_in: Account, session: requests.Session) -> None:
    messages = lived_in.messages()
    allowed = Counter(one["properties"]["allowlisted_pattern"] for one in messages)
    policies = [entry["pattern"] for entry in lived_in.state()["allow_policies"] if not entry["is_regex"]]
    assert {pattern for pattern in policies if not allowed[pattern]} == {
        "former-agency.example",
        "old-crm.example",
        "it-intern@agency.example",
    }
    blocked = Counter(one["properties"]["blocklisted_pattern"] for one in messages)
    assert len(set(blocked) - {None}) >= 5

    yesterday = (datetime.now(timezone.utc) - timedelta(hours=24)).strftime("%Y-%m-%dT%H:%M:%SZ")
    search: dict[str, Any] = {"domain": "phish.example", "start": yesterday, "detections_only": "false"}
    found = Client(lived_in, session).ok("GET", "investigate", params=search)
    assert Counter(one["from"] for one in found) == {"billing@phish.example": 7, "soc@acme.example": 1}
    assert max(one["scanned_at"] for one in messages) <= datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert sum(one["subject"] == "Your parcel is waiting" for one in messages) > 1000
    assert {one["status"] for one in lived_in.submissions()} == {"pending", "reviewed"}


def test_other_accounts_are_empty(lived_in: Account, simulator: Simulator) -> None:
    with Simulator(lived_in=True) as other:
        assert not any(other.account().state().values())
    assert not any(simulator.account(ACCOUNT).state().values()), "tests begin without it"


def test_a_seed_says_times_from_now(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yml"
    seed.write_text(
        '{one: {messages: [{scanned_at: 3h ago, subject: "3h ago, or so", sent_at: "2026-01-02T03:04:05Z"}]}}'
    )
    with Simulator("--seed", str(seed)) as simulator:
        (message,) = simulator.account("one").messages()
    ago = datetime.now(timezone.utc) - datetime.fromisoformat(message["scanned_at"].replace("Z", "+00:00"))
    assert timedelta(hours=3) <= ago < timedelta(hours=4)
    assert (message["subject"], message["sent_at"]) == ("3h ago, or so", "2026-01-02T03:04:05Z")


def test_a_port_that_is_in_use(simulator: Simulator) -> None:
    port = simulator.url.rpartition(":")[2]
    ran = subprocess.run(
        [sys.executable, PROGRAM, "--empty", "--port", port], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert f"port {port} of 127.0.0.1 is in use" in ran.stderr
    assert "--port" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    beyond = subprocess.run(
        [sys.executable, PROGRAM, "--empty", "--port", "70000"], capture_output=True, text=True, check=False
    )
    assert (beyond.returncode, len(beyond.stderr.splitlines())) == (1, 1)
