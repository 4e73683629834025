# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small servers for what the simulator is not: TLS with a certificate of our own, a proxy, a place to be lured to."""

from __future__ import annotations

import datetime
import http.server
import ipaddress
import json
import select
import socket
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._api.envelope import Answer
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._options import connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from unit.engine import FakeTime

TOKEN = "canary-token"
ACCOUNT = "0123456789abcdef0123456789abcdef"
LIST = "settings/domains"
EMPTY_LIST = {"success": True, "errors": [], "messages": [], "result": [], "result_info": {"total_count": 0}}


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        status, headers, body = self.server.reply
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - names that the base class asks for

    def do_CONNECT(self) -> None:
        """As a proxy: connect the client with the place it names, unless the answer is to be another."""
        if self.server.reply[0] != 200:
            self.answer()
            return
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        host, _colon, port = self.path.partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as there:
            self.send_response(200)
            self.end_headers()
            _pass_on(self.connection, there)
        self.close_connection = True

    def log_message(self, *words: object) -> None:
        """Tests read what they need from ``seen``."""


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    while True:
        readable, _writable, _broken = select.select([one, other], [], [], 10)
        if not readable:
            return
        for side in readable:
            data = side.recv(65536)
            if not data:
                return
            (other if side is one else one).sendall(data)


class Server(http.server.ThreadingHTTPServer):
    """A server on a free port of this machine, from ``with`` to its end.

    It answers every request with ``reply`` (status, headers, body) and keeps them in ``seen`` (method, path, headers).
    """

    daemon_threads = True

    def __init__(self, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.reply: tuple[int, Mapping[str, str], bytes] = (200, {}, json.dumps(EMPTY_LIST).encode())
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Server:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off a handshake is what some tests are about."""


def make_certificate(path: Path, address: str, *, valid_days: int = 1) -> Path:
    """A self-signed certificate for an IP address, with its key, in one PEM file; expired if the days are negative."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test {address}")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=9))
        .not_valid_after(now + datetime.timedelta(days=valid_days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(url: str, environ: dict[str, str] | None = None, time: FakeTime | None = None, **params: Any) -> Answer:
    """One GET with a task's options and environment."""
    time = time or FakeTime()
    options = {"api_token": TOKEN, "account_id": ACCOUNT, "base_url": url, "validate_certs": True}
    options |= {"timeout": 5.0, "retry_timeout": 60.0, "allow_http": False, "concurrency": 4, **params}
    with Http(connection(options, environ or {}), clock=time.clock, sleep=time.sleep) as http:
        return http.get(LIST)
