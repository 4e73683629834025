# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator for all tests here, an account of its own for each, and a small client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from simulator.handle import Account, Simulator

TIMEOUT = 10


class Client:
    """Sends requests to one account, as somebody with a credential would."""

    def __init__(self, account: Account, session: requests.Session) -> None:
        self.account = account
        self.session = session
        self.headers: dict[str, str] = {"Authorization": f"Bearer {account.token}"}

    def send(self, method: str, path: str, body: Any = None, **arguments: Any) -> requests.Response:
        url = f"{self.account.base_url}/accounts/{self.account.id}/email-security/{path}"
        arguments.setdefault("headers", self.headers)
        arguments.setdefault("allow_redirects", False)
        return self.session.request(method, url, json=body, timeout=TIMEOUT, **arguments)

    def ok(self, method: str, path: str, body: Any = None, **arguments: Any) -> Any:
        """The result of a request that must succeed."""
        answer = self.send(method, path, body, **arguments)
        assert answer.status_code in (200, 201, 202), answer.text
        document = answer.json()
        assert document["success"] is True
        return document["result"]

    def refused(self, method: str, path: str, body: Any = None, **arguments: Any) -> tuple[int, int, str | None]:
        """(status, code of the first error, its pointer) of a request that must fail."""
        answer = self.send(method, path, body, **arguments)
        document = answer.json()
        assert document["success"] is False
        assert document["result"] is None
        error = document["errors"][0]
        return answer.status_code, error["code"], error.get("source", {}).get("pointer")


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulator") / "record.jsonl"


@pytest.fixture(scope="session")
def simulator(record: Path) -> Iterator[Simulator]:
    with Simulator("--record", str(record)) as running:
        yield running


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@pytest.fixture
def account(simulator: Simulator) -> Account:
    return simulator.account()


@pytest.fixture
def client(account: Account, session: requests.Session) -> Client:
    return Client(account, session)
