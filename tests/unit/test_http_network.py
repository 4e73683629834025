# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where requests go and who may read them: TLS, CA bundles, proxies, redirects, ~/.netrc."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import NoAnswerError, TransportError
from ansible_collections.cloudflare.email_security.plugins.module_utils._options import connection

from unit.engine import FakeTime
from unit.servers import ACCOUNT, LIST, TOKEN, Server, ask, closed_port, make_certificate


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("certificates")
    own = make_certificate(folder / "own.pem", "127.0.0.1")
    foreign = make_certificate(folder / "foreign.pem", "192.0.2.1")
    (folder / "text.pem").write_text("no certificate at all\n")
    return {"own": str(own), "foreign": str(foreign), "text": str(folder / "text.pem")}


@pytest.fixture
def plain() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def secure(certificates: dict[str, str]) -> Iterator[Server]:
    with Server(Path(certificates["own"])) as server:
        yield server


@pytest.fixture
def proxy() -> Iterator[Server]:
    with Server() as server:
        yield server


# TLS


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(secure: Server) -> None:
    time = FakeTime()
    with pytest.raises(TransportError, match=r"certificate of 127.0.0.1 was not accepted.*ca_path"):
        ask(secure.url, time=time)
    assert (secure.seen, time.naps) == ([], [])


def test_a_certificate_for_another_name_is_refused(certificates: dict[str, str]) -> None:
    with Server(Path(certificates["foreign"])) as server:
        with pytest.raises(TransportError, match=r"(?i)certificate of 127.0.0.1 was not accepted.*mismatch"):
            ask(server.url, ca_path=certificates["foreign"])
        assert server.seen == []


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("process", [False, True], ids=["", "also in the process"])
@pytest.mark.parametrize(
    ("ca_path", "validate", "bundle", "accepted"),
    [
        ("own", True, None, True),
        ("own", True, "foreign", True),
        ("foreign", True, "own", False),
        (None, True, "own", True),
        (None, True, "foreign", False),
        (None, False, "foreign", True),
        (None, False, None, True),
        ("foreign", False, None, True),
    ],
)
def test_the_task_s_options_come_before_the_environment(
    secure: Server,
    certificates: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    ca_path: str | None,
    validate: bool,
    bundle: str | None,
    accepted: bool,
    process: bool,
) -> None:
    environ = {"REQUESTS_CA_BUNDLE": certificates[bundle]} if bundle else {}
    if process:
        # What the process has is not what the task was given: the worst of both must not win.
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.setenv(name, certificates["foreign" if accepted else "own"])
    options = {"ca_path": ca_path and certificates[ca_path], "validate_certs": validate}
    if accepted:
        assert ask(secure.url, environ, **options).result == []
    else:
        with pytest.raises(TransportError, match=r"certificate of 127.0.0.1 was not accepted"):
            ask(secure.url, environ, **options)
    assert len(secure.seen) == accepted


def test_a_bundle_that_is_none_is_reported_without_waiting(secure: Server, certificates: dict[str, str]) -> None:
    """Trying again would not mend it."""
    time = FakeTime()
    with pytest.raises(TransportError, match="ca_path"):
        ask(secure.url, time=time, ca_path=certificates["text"])
    assert time.naps == []


# Nobody there


def test_a_refused_connection_is_tried_again_and_reported() -> None:
    time = FakeTime()
    with pytest.raises(
        NoAnswerError, match=r"GET settings/domains got no answer from 127.0.0.1: .*refused.*Gave up after"
    ):
        ask(f"http://127.0.0.1:{closed_port()}", time=time)
    assert len(time.naps) > 3
    assert 20 < sum(time.naps) <= 60


def test_a_slow_answer_is_a_timeout(account: Any) -> None:
    account.faults({"kind": "slow", "times": None, "arguments": {"seconds": 1}})
    with pytest.raises(NoAnswerError, match=r"within 0\.1 s \(timeout\)"):
        ask(account.base_url, account_id=account.id, api_token=account.token, timeout=0.1, retry_timeout=0.0)


# Proxies


def test_a_proxy_is_used_and_sees_no_credential(secure: Server, proxy: Server, certificates: dict[str, str]) -> None:
    ask(secure.url, {"HTTPS_PROXY": proxy.url}, ca_path=certificates["own"])
    ((method, place, headers),) = proxy.seen
    assert (method, place) == ("CONNECT", secure.url.removeprefix("https://"))
    assert TOKEN not in str(headers)
    assert secure.seen[0][2]["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("environ", "used"),
    [
        ({"https_proxy": "PROXY"}, True),
        ({"all_proxy": "PROXY"}, True),
        ({"HTTPS_PROXY": "DEAD", "https_proxy": "PROXY"}, True),
        ({"http_proxy": "PROXY"}, False),
        ({"https_proxy": "PROXY", "no_proxy": "127.0.0.1"}, False),
        ({"https_proxy": "PROXY", "NO_PROXY": "example.com,127.0.0.1"}, False),
        ({"https_proxy": "PROXY", "no_proxy": "*"}, False),
        ({"https_proxy": "PROXY", "no_proxy": "example.com"}, True),
        ({"https_proxy": ""}, False),
    ],
    ids=str,
)
def test_which_proxy_is_used(
    secure: Server, proxy: Server, certificates: dict[str, str], environ: dict[str, str], used: bool
) -> None:
    urls = {"PROXY": proxy.url, "DEAD": f"http://127.0.0.1:{closed_port()}"}
    ask(secure.url, {name: urls.get(value, value) for name, value in environ.items()}, ca_path=certificates["own"])
    assert (len(proxy.seen), len(secure.seen)) == (used, 1)


def test_proxies_of_the_process_are_not_the_task_s(plain: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    assert ask(plain.url).result == []


def test_an_unencrypted_connection_within_this_machine_takes_no_proxy(plain: Server, proxy: Server) -> None:
    """The proxy may be elsewhere, and would read the credentials."""
    ask(plain.url, {"http_proxy": proxy.url})
    assert (proxy.seen, len(plain.seen)) == ([], 1)


def test_a_proxy_that_refuses_is_named_without_its_password(secure: Server, proxy: Server) -> None:
    proxy.reply = (407, {"Connection": "close"}, b"")
    url = proxy.url.replace("//", "//someone:canary-password@")
    with pytest.raises(NoAnswerError, match=r"through the proxy.*407") as failed:
        ask(secure.url, {"https_proxy": url}, retry_timeout=0.0)
    assert "canary" not in str(failed.value)
    assert secure.seen == []


# Credentials stay where they belong


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_redirects_are_not_followed(plain: Server, status: int, method: str) -> None:
    with Server() as lure:
        plain.reply = (status, {"Location": f"{lure.url.replace('127.0.0.1', 'localhost')}/take"}, b"")
        time = FakeTime()
        options: dict[str, Any] = {"api_token": TOKEN, "account_id": ACCOUNT, "base_url": plain.url}
        options |= {
            "validate_certs": True,
            "timeout": 5.0,
            "retry_timeout": 60.0,
            "allow_http": False,
            "concurrency": 4,
        }
        used = connection(options, {})
        with (
            Http(used, clock=time.clock, sleep=time.sleep) as http,
            pytest.raises(TransportError, match=rf"redirected to localhost \(HTTP {status}\).*base_url") as failed,
        ):
            http.get(LIST) if method == "GET" else http.send(method, LIST)
        assert (lure.seen, time.naps, len(plain.seen)) == ([], [], 1)
        assert TOKEN not in str(failed.value)


def test_netrc_does_not_replace_the_token(plain: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1\n login someone\n password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    ask(plain.url)
    assert plain.seen[0][2]["Authorization"] == f"Bearer {TOKEN}"


def test_key_and_email_are_sent_as_such(plain: Server) -> None:
    ask(plain.url, api_token=None, api_key="k", api_email="ops@example.com")
    headers = plain.seen[0][2]
    assert (headers["X-Auth-Key"], headers["X-Auth-Email"]) == ("k", "ops@example.com")
    assert "Authorization" not in headers
