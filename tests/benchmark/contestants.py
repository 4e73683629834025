# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who does the job, and up to what size each is really run. Larger figures are scaled, and marked as such."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
_FAST_PATH = "CLOUDFLARE_EMAIL_SECURITY_FAST_PATH"
_ANY = 1_000_000
_PLAYBOOK = ("-m", "ansible", "playbook", "-i", "inventory.ini")


@dataclass(frozen=True, eq=False)
class Contestant:
    """:param name: in tables. :param largest: by state, the most entries it is run with; other states are left out.

    :param command: arguments after this Python.
    :param read_only: it leaves the account as it is, whatever is desired.
    """

    name: str
    command: tuple[str, ...]
    largest: Mapping[str, int]
    environment: Mapping[str, str] = field(default_factory=dict)
    read_only: bool = False

    @property
    def argv(self) -> list[str]:
        return [sys.executable, *self.command]


def _playbook(name: str) -> tuple[str, ...]:
    return (*_PLAYBOOK, str(HERE / "playbooks" / name))


def _script(way: str) -> tuple[str, ...]:
    return (str(HERE / "script.py"), way)


def _states(**largest: int) -> dict[str, int]:
    return largest


SETTINGS = Contestant("`settings`", _playbook("settings.yml"), _states(none=_ANY, drift=_ANY, new=_ANY, purged=_ANY))
SETTINGS_BY_MODULE = Contestant(
    "`settings`, fast path off", _playbook("settings.yml"), _states(none=10_000), {_FAST_PATH: "false"}
)
ROLE = Contestant(
    "role `apply`, policy in YAML",
    (*_PLAYBOOK, "cloudflare.email_security.apply", "-e", "email_security_policy_files=policy.yml"),
    _states(none=_ANY, new=_ANY),
)
SETTINGS_FILES = Contestant(
    "`settings`, policy in YAML", _playbook("settings_files.yml"), _states(none=_ANY, drift=_ANY, new=_ANY)
)
ENTRIES = Contestant(
    "loop of `block_sender`", _playbook("entries.yml"), _states(none=100, drift=100, new=100, purged=100)
)
ENTRIES_BY_MODULE = Contestant(
    "loop of `block_sender`, fast path off", _playbook("entries.yml"), _states(none=100, new=100), {_FAST_PATH: "false"}
)
URI_LIST = Contestant(
    "`uri`: list, then loop", _playbook("uri_list.yml"), _states(none=1_000, drift=100, new=100, purged=100)
)
URI_EACH = Contestant("`uri`: a look-up for each", _playbook("uri_each.yml"), _states(none=100))
SCRIPT = Contestant(
    "script, a call for each", _script("calls"), _states(none=_ANY, drift=10_000, new=1_000, purged=1_000)
)
SCRIPT_BATCHES = Contestant("script, batches", _script("batches"), _states(drift=_ANY, new=_ANY, purged=_ANY))

SCRIPT_READING = Contestant("script, reading alone", _script("read"), _states(none=_ANY), read_only=True)
EMPTY = Contestant("Ansible, doing nothing", _playbook("empty.yml"), _states(none=_ANY), read_only=True)
PING = Contestant("loop of `ping`", _playbook("ping.yml"), _states(none=100), read_only=True)
IMPORT_REQUESTS = Contestant(
    "loop of a module that imports requests", _playbook("import_requests.yml"), _states(none=100), read_only=True
)
# As the module's process is started, but by us.
MODULE_ALONE = Contestant(
    "the module's process alone",
    ("-m", "ansible_collections.cloudflare.email_security.plugins.modules.settings", "arguments.json"),
    _states(none=_ANY),
)
READING = {
    count: Contestant(
        f"the engine reading alone, `concurrency: {count}`",
        (str(HERE / "reading.py"), str(count)),
        _states(none=_ANY),
        read_only=True,
    )
    for count in (1, 4)
}

TABLE = (
    SETTINGS,
    SETTINGS_BY_MODULE,
    SETTINGS_FILES,
    ROLE,
    ENTRIES,
    ENTRIES_BY_MODULE,
    URI_LIST,
    URI_EACH,
    SCRIPT,
    SCRIPT_BATCHES,
)
