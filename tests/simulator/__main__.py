# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python tests/simulator``: a stand-in for the Cloudflare Email Security API."""

from __future__ import annotations

import argparse
import errno
import signal
import socket
import sys
from pathlib import Path

import uvicorn
import yaml

import seeds
from accounts import Accounts
from app import make_app
from behaviours import DATES, NEWEST
from options import Options
from outages import Outages, listen
from requestlog import Recorder
from settings.resources import RESOURCES
from wire import OpenProtocol

_EPILOG = """\
Point a client at http://HOST:PORT/client/v4 with the API token "simulator-token" (or "simulator-read-token", which may
only read, or the API key "simulator-key" with the e-mail address "ops@example.com"), and any account id. The account
0123456789abcdef0123456789abcdef has been in use for years, unless --seed or --empty says otherwise; the others are
empty. What tests can set and see is below http://HOST:PORT/_simulator; README.md beside this file describes it.
"""


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python tests/simulator",
        description="Serve a stateful stand-in for the Cloudflare Email Security API over HTTP, from memory.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8787, help="port to listen on; 0 picks a free one (%(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    begin = parser.add_mutually_exclusive_group()
    begin.add_argument(
        "--seed",
        type=Path,
        metavar="FILE",
        help="JSON or YAML: accounts, their entries, mail and options, to start with",
    )
    begin.add_argument(
        "--empty", action="store_const", const=None, dest="seed", help="start without the account that has been in use"
    )
    parser.set_defaults(seed=seeds.LIVED_IN)
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="append every exchange, without credentials, as a line of JSON"
    )
    parser.add_argument(
        "--api", choices=DATES, default=NEWEST, help="the date of the API's description to follow (%(default)s)"
    )
    parser.add_argument("--no-batch", action="store_true", help="accounts have no batch operations")
    parser.add_argument("--read-only", action="store_true", help="accounts answer every write with 405")
    parser.add_argument("--no-domain-create", action="store_true", help="accounts can't create domains")
    parser.add_argument(
        "--known-accounts-only", action="store_true", help="only accounts that were seeded or set up exist"
    )
    return parser


class Server(uvicorn.Server):
    """Says where it listens, as soon as it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            print(f"listening on http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)


def _cannot_listen(host: str, port: int, error: Exception) -> int:
    """Say in a sentence why, and what helps."""
    why = f"cannot listen on port {port} of {host}: {getattr(error, 'strerror', None) or str(error).rstrip('.')}"
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        why = f"port {port} of {host} is in use, perhaps by another simulator"
    print(f"The simulator did not start: {why}. Choose another port with --port; 0 takes a free one.", file=sys.stderr)
    return 1


def main() -> int:
    parser = make_parser()
    arguments = parser.parse_args()
    batches = {resource.batch for resource in RESOURCES if resource.batch} if arguments.no_batch else set()
    creating = {"domain_create"} if arguments.no_domain_create else set()
    deviations = dict.fromkeys(batches | creating, False)
    defaults = Options(api=arguments.api, read_only=arguments.read_only, deviations=deviations)
    accounts = Accounts(defaults, known_only=arguments.known_accounts_only)
    try:
        if arguments.seed:
            accounts.seed(seeds.load(arguments.seed))
        recorder = Recorder(arguments.record) if arguments.record else None
    except (OSError, ValueError, yaml.YAMLError) as error:
        parser.error(str(error))
    outages = Outages()
    config = uvicorn.Config(
        make_app(accounts, recorder, outages),  # type: ignore[arg-type]
        http=OpenProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        # Longer than a client keeps an idle connection, so that it never finds one closed.
        timeout_keep_alive=120,
        timeout_graceful_shutdown=1,
    )
    # The server raises the signal that ended it once more; by then everything is done.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_unused: None)
    family = socket.AF_INET6 if ":" in arguments.host else socket.AF_INET
    server = Server(config)
    try:
        listener = listen(family, (arguments.host, arguments.port))
    except (OSError, OverflowError) as error:
        return _cannot_listen(arguments.host, arguments.port, error)
    with listener:
        outages.attach(server, listener)
        server.run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
