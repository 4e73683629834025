# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every place that a run of Ansible writes to, made to be written to, and read afterwards.

Not among them: ANSIBLE_KEEP_REMOTE_FILES keeps a module's whole input on purpose, and ANSIBLE_DEBUG says of itself that
it shows secrets.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from modules.entry_points import SWITCH

_HERE = Path(__file__).resolve().parent
_CALLBACKS = (_HERE.parent / "modules" / "callback", _HERE / "callback")
# Stands in for the bindings of systemd, so that what modules write to the journal, or to syslog without one, is kept.
_JOURNAL = {
    "__init__.py": "",
    "daemon.py": "def booted():\n    return True\n",
    "journal.py": "import json, os\n\n\ndef sendv(*fields):\n    raise AssertionError(fields)\n\n\n"
    "def send(**fields):\n    with open(os.environ['JOURNAL'], 'a') as file:\n"
    "        file.write(json.dumps(fields, default=str) + '\\n')\n",
}


class Channels:
    """The places, below a folder of their own.

    :param fast: whether tasks are done in Ansible's own process where they can be.
    """

    def __init__(self, folder: Path, *, fast: bool, callbacks: Sequence[str] = ()) -> None:
        self.folder = folder
        self.fast = fast
        bindings = folder.parent / "bindings"
        (bindings / "systemd").mkdir(parents=True)
        for name, text in _JOURNAL.items():
            (bindings / "systemd" / name).write_text(text, encoding="ascii")
        for name in ("junit", "tree", "facts", "retry", "home"):
            (folder / name).mkdir(parents=True)
        enabled = (*callbacks, "dump_everything", "ansible.builtin.junit", "ansible.builtin.tree")
        self.environment = {
            "ANSIBLE_CALLBACK_PLUGINS": os.pathsep.join(map(str, _CALLBACKS)),
            "ANSIBLE_CALLBACKS_ENABLED": ",".join(enabled),
            "ANSIBLE_CALLBACK_TREE_DIR": str(folder / "tree"),
            "ANSIBLE_CACHE_PLUGIN": "jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "home" / "tmp"),
            "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
            "ANSIBLE_LOG_VERBOSITY": "4",
            "ANSIBLE_RETRY_FILES_ENABLED": "1",
            "ANSIBLE_RETRY_FILES_SAVE_PATH": str(folder / "retry"),
            SWITCH: str(fast).lower(),
            "DUMP_EVERYTHING": str(folder / "dump.jsonl"),
            "JOURNAL": str(folder / "journal.jsonl"),
            "JUNIT_OUTPUT_DIR": str(folder / "junit"),
            "PYTHONPATH": str(bindings),
        }

    def texts(self) -> dict[str, str]:
        """What was written, by file; each kind of file that must be there is."""
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        texts = {str(file.relative_to(self.folder)): file.read_text("utf-8", "surrogateescape") for file in files}
        for kind in ("ansible.log", "dump.jsonl", "junit/", "tree/", *(() if self.fast else ("journal.jsonl",))):
            assert [name for name in texts if name.startswith(kind)], f"nothing was written to {kind}: {sorted(texts)}"
        return texts


def assert_nowhere(secrets: Sequence[str], places: dict[str, str]) -> None:
    for place, text in places.items():
        for secret in secrets:
            at = text.find(secret)
            assert at < 0, f"{secret} is in {place}: ...{text[max(0, at - 300) : at + 100]}"
