# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control side, the command line, the record."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from simulator.handle import Simulator

from .samples import COLLECTIONS, SAMPLES, another

PATH = "settings/block_senders"


def test_health(simulator: Any) -> None:
    assert requests.get(f"{simulator.url}/_simulator/health", timeout=5).json() == {"status": "ok"}


def test_a_document_round_trips(client: Any) -> None:
    state = client.account.put({name: [another(name, n) for n in (1, 2)] for name in COLLECTIONS})
    assert set(state) >= set(COLLECTIONS)
    assert client.account.state() == state
    assert client.account.put(state) == state
    assert all(entry["id"] and entry["created_at"] for entries in state.values() for entry in entries)
    assert client.account.put({"domains": state["domains"][:1]})["block_senders"] == []


def test_anything_can_be_put_there(client: Any) -> None:
    odd = {"id": "../a b?c", "pattern": ["list"], "pattern_type": "UNKNOWN", "comments": 5}
    twins = [another("block_senders", 1), another("block_senders", 1), odd]
    client.account.put({"block_senders": twins})
    shown = client.ok("GET", PATH)
    assert len(shown) == 3
    assert {**shown[2], **odd} == shown[2]
    single = f"{PATH}/..%2Fa%20b%3Fc"
    assert client.ok("GET", single)["id"] == odd["id"]
    assert client.ok("DELETE", single) == {"id": odd["id"]}
    client.ok("DELETE", f"{PATH}/{shown[0]['id']}")
    assert client.refused("POST", PATH, another("block_senders", 1))[0] == 409


@pytest.mark.parametrize(
    "document", [{"nonsense": []}, {"domains": {}}, {"domains": ["x"]}, {"domains": [{"id": 1}, {"id": "1"}]}]
)
def test_documents_that_cannot_be_put(client: Any, document: Any) -> None:
    client.ok("POST", PATH, SAMPLES["block_senders"])
    with pytest.raises(ValueError, match="refused"):
        client.account.put(document)
    assert len(client.ok("GET", PATH)) == 1


def test_an_account_is_forgotten_whole(client: Any) -> None:
    client.ok("POST", PATH, SAMPLES["block_senders"])
    client.account.options(batch=False)
    client.account.faults({"kind": "cut_after"})
    client.account.forget()
    assert client.account.requests() == []
    assert client.account.fault_report() == []
    assert client.account.options()["batch"] is None
    assert client.account.state()["block_senders"] == []


def test_options(client: Any) -> None:
    options = client.account.options(rate_limit={"limit": 5}, latency_ms=0.5)
    assert options["rate_limit"] == {"limit": 5, "window": 300, "block": 300}
    assert client.account.options() == options
    for bad in (
        {"nonsense": 1},
        {"batch": 404},
        {"duplicates": "maybe"},
        {"latency_ms": -1},
        {"credentials": {"a": 1}},
    ):
        with pytest.raises(ValueError, match="refused"):
            client.account.options(**bad)
    assert client.account.options() == options


def test_the_log(client: Any) -> None:
    client.account.mark("writing")
    client.ok("POST", PATH, SAMPLES["block_senders"])
    client.account.mark(None)
    client.ok("GET", "settings/domains", params={"domain": ["a.example", "b.example"], "page": 1})
    client.send("GET", "../other", headers={})
    assert client.account.requests() == [
        {
            "n": 1,
            "method": "POST",
            "path": PATH,
            "query": {},
            "body": SAMPLES["block_senders"],
            "status": 201,
            "work": [201],
            "credential": "token",
            "fault": None,
            "mark": "writing",
        },
        {
            "n": 2,
            "method": "GET",
            "path": "settings/domains",
            "query": {"domain": ["a.example", "b.example"], "page": "1"},
            "body": None,
            "status": 200,
            "work": [200],
            "credential": "token",
            "fault": None,
            "mark": None,
        },
        {
            "n": 3,
            "method": "GET",
            "path": f"/client/v4/accounts/{client.account.id}/other",
            "query": {},
            "body": None,
            "status": 401,
            "work": [401],
            "credential": None,
            "fault": None,
            "mark": None,
        },
    ]
    assert len(client.account.requests("writing")) == 1
    client.account.clear_requests()
    assert client.account.requests() == []


def test_the_record(client: Any, record: Path) -> None:
    client.account.options(strict=False)
    client.ok(
        "POST", PATH, SAMPLES["block_senders"], params={"a b": "ü"}, headers={**client.headers, "X-Auth-Key": "k"}
    )
    client.account.faults({"kind": "cut_after"})
    with pytest.raises(requests.ConnectionError):
        client.send("GET", PATH)
    text = record.read_text(encoding="utf-8")
    assert client.account.token not in text
    assert "a-secret" not in text
    whole, cut = [json.loads(line) for line in text.splitlines() if client.account.id in line]
    assert (whole["api"], whole["method"]) == ("2026-11", "POST")
    assert whole["path"] == f"/client/v4/accounts/{client.account.id}/email-security/{PATH}"
    assert whole["query"] == "a+b=%C3%BC"
    assert whole["request_headers"]["content-type"] == "application/json"
    assert json.loads(whole["request_body"]) == SAMPLES["block_senders"]
    assert (whole["status"], whole["response_headers"]["Content-Type"]) == (201, "application/json")
    assert json.loads(whole["response_body"])["success"] is True
    assert (cut["fault"], cut["status"], cut["response_body"]) == ("cut_after", None, None)


def test_the_command_line(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yml"
    seed.write_text(
        """
        seeded:
          block_senders: [{pattern: spam.example, pattern_type: DOMAIN, is_regex: false}]
          options: {batch: 405}
        """
    )
    options = ("--no-batch", "--read-only", "--no-domain-create", "--known-accounts-only")
    simulator = Simulator("--seed", str(seed), *options)
    with simulator:
        account = simulator.account("seeded")
        assert account.state()["block_senders"][0]["pattern"] == "spam.example"
        expected = {"batch": 405, "read_only": True, "domain_create": False}
        assert {name: account.options()[name] for name in expected} == expected
        url = f"{simulator.base_url}/accounts/{{}}/email-security/settings/domains"
        headers = {"Authorization": "Bearer simulator-token"}
        assert requests.get(url.format("seeded"), headers=headers, timeout=5).status_code == 200
        assert requests.get(url.format("unknown"), headers=headers, timeout=5).status_code == 404
        assert simulator.stop() == 0


def test_help_and_mistakes(tmp_path: Path) -> None:
    script = str(Path(sys.modules[Simulator.__module__].__file__ or "").parent)
    shown = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=True)
    for option in ("--port", "--host", "--seed", "--record", "--api", "--no-batch", "--read-only", "simulator-token"):
        assert option in shown.stdout
    with pytest.raises(RuntimeError, match="did not start"):
        Simulator("--seed", str(tmp_path / "none.json")).start()
