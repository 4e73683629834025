# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event sources against an account of the simulator, and against a list that a test controls to the second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._api.client import Client
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._events.checkpoint import (
    Checkpoint,
    CheckpointFile,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._events.feed import (
    MESSAGES,
    Event,
    Feed,
    Poller,
)

from simulator.handle import Account
from unit.engine import FakeTime, connect

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = CHECKOUT / "extensions" / "eda" / "plugins" / "event_source"
# Of a text: what Ansible, a rule engine or JSON might take for something else.
HOSTILE = [
    "{{ lookup('pipe', 'touch run') }}",
    "{% for x in y %}{% endfor %}",
    "{# hidden #}",
    "{{{{ nested }}}}",
    "{{% mixed %}}",
    "#jinja2: variable_start_string:'[[', variable_end_string:']]'\n[[ lookup('pipe', 'touch run') ]]",
    "!unsafe x",
    "line\nbreak\u2028and \x00\x1b[31m",
    "lone \ud800 surrogate",
    "日本語 🦊",
]


def now() -> datetime:
    return datetime.now(timezone.utc)


def ago(**span: float) -> str:
    """A time before now, as the API writes it."""
    return (now() - timedelta(**span)).isoformat().replace("+00:00", "Z")


def start_poller(
    path: Path,
    account: Account,
    feed: Feed = MESSAGES,
    *,
    since: timedelta = timedelta(hours=6),
    overlap: timedelta = timedelta(hours=1),
    filters: Mapping[str, Any] | None = None,
    client: Any = None,
    clock: Any = now,
) -> Poller:
    """An event source as it is after a start: from its checkpoint, or from that long ago where there is none."""
    file = CheckpointFile(path)
    begin = clock() - since
    checkpoint = file.load(feed.source, account.id) or Checkpoint(feed.source, account.id, begin, begin)
    file.save(checkpoint)
    if client is None:
        time = FakeTime()
        client = Client(Http(connect(account), read_only=True, clock=time.clock, sleep=time.sleep))
    return Poller(feed, client, file, checkpoint, filters or {}, overlap, clock)


def emit(poller: Poller) -> list[str]:
    """Poll, and take all that is new; its ids."""
    events = poller.poll()
    for event in events:
        poller.note(event)
    poller.finish()
    return ids(events)


def ids(events: Iterable[Event]) -> list[str]:
    return [event.id for event in events]
