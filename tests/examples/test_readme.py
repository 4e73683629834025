# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README, followed from its first screen: a simulator is started, its account is looked at and converges."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

import requests

from examples.documents import LEFT_OUT
from examples.reader import Reader

_DOCUMENT = "README.md"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _of(account: dict[str, Any]) -> set[str]:
    """The patterns of an account's senders."""
    return {entry["pattern"] for name in ("allow_policies", "block_senders") for entry in account[name]}


def test_the_readme(tmp_path: Path) -> None:
    port = free_port()
    replaced = {"tests/simulator &": f"tests/simulator --port {port} &", "127.0.0.1:8787": f"127.0.0.1:{port}"}
    control = f"http://127.0.0.1:{port}/_simulator/accounts/0123456789abcdef0123456789abcdef"
    with Reader(tmp_path, {}, replaced=replaced) as reader, requests.Session() as session:
        session.trust_env = False
        steps = reader.follow(_DOCUMENT, LEFT_OUT[_DOCUMENT])
        next(steps).ok()
        assert reader.place == tmp_path / "try"

        looked = next(steps).ok()
        assert "8 messages match" not in looked.output, "what links to the domain is not from there"
        assert "7 messages match" in looked.output
        assert "invoices@globex.example" in (reader.place / "exported/localhost/allow_policies.yml").read_text()
        assert "vip-travel.example" in (reader.place / "report/audit.html").read_text()
        held = _of(session.get(control, timeout=30).json())

        first = next(steps).ok()
        assert first.changed == [1, 1, 0]
        assert re.search(r"^\+.*phish\.example", first.output, re.M), "check mode shows the difference"
        assert _of(session.get(control, timeout=30).json()) - held == {"phish.example", "billing@partner.example"}
        written = [
            one["method"] for one in session.get(f"{control}/requests", timeout=30).json() if one["method"] != "GET"
        ]
        assert len(written) == 2, "a batch for each list, by one of the three runs"

        assert next(steps).ok().changed == [1]
        new = {"phish.example", "billing@partner.example", "more-phish.example"}
        assert _of(session.get(control, timeout=30).json()) - held == new
        assert next(steps, None) is None, "the README has a command that this test does not expect"
