# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An API that does not answer is reported in time, by its host's name: no clock here has to be waited for."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.connection import Connection
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.waiting import SILENCE, Watch
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import NoAnswerError

from unit.engine import FakeTime
from unit.servers import LIST, Server, closed_port


def test_only_silence_is_reported_and_only_once() -> None:
    fake, reported = FakeTime(), list[str]()
    watch = Watch("api.example", fake.clock, reported.append)
    answered = watch.begin("GET domains")
    fake.sleep(SILENCE - 1)
    watch.check()
    watch.end(answered)
    watch.begin("GET trusted_domains")
    fake.sleep(SILENCE - 1)
    watch.check()
    assert reported == []
    fake.sleep(1)
    watch.check()
    fake.sleep(60)
    watch.check()
    watch.close()
    assert reported == ["Waiting for api.example, which has not answered GET trusted_domains for 5 s."]


def test_a_refused_connection_is_reported_within_ten_seconds() -> None:
    fake, reported = FakeTime(), list[tuple[str, float]]()
    start = fake.clock()
    connection = Connection(f"http://127.0.0.1:{closed_port()}", "a1", {})

    def announce(sentence: str) -> None:
        reported.append((sentence, fake.clock() - start))

    with (
        Http(connection, clock=fake.clock, sleep=fake.sleep, announce_wait=announce) as http,
        pytest.raises(NoAnswerError),
    ):
        http.get(LIST)
    ((sentence, after),) = reported
    assert sentence.startswith(f"Waiting for 127.0.0.1, which has not answered GET {LIST}")
    assert after < 10


class _Patient(Server):
    """Answers when the client has said that it waits."""

    def __init__(self) -> None:
        super().__init__()
        self.reported = threading.Event()

    def __getattribute__(self, name: str) -> object:
        if name == "reply":
            assert self.reported.wait(60), "nobody said that the API is being waited for"
        return super().__getattribute__(name)


def test_a_request_that_hangs_is_reported_while_it_hangs() -> None:
    with _Patient() as server:

        def announce(sentence: str) -> None:
            assert "127.0.0.1" in sentence
            server.reported.set()

        # Each second is as long as a quarter of an hour.
        connection = Connection(server.url, "a1", {}, timeout=60.0, retry_timeout=1e9)
        with Http(connection, clock=lambda: 1000 * time.monotonic(), announce_wait=announce) as http:
            assert http.get(LIST).result == []
