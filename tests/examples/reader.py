# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reader who does what a document says: writes its files, types its commands, in a folder with nothing else in it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from examples.snippets import CHECKOUT, Snippet, snippets
from simulator.handle import Account

# What a shell is given beside the commands: what earlier ones exported. It starts in the folder they went to.
_SCRIPT = """set -euo pipefail
if [ -f "{state}" ]; then source "{state}"; fi
{commands}
export -p > "{state}"
pwd > "{place}"
"""
_TIMEOUT = 300


@dataclass(frozen=True)
class Ran:
    """A snippet that was run, what it printed, and how it ended."""

    snippet: Snippet
    output: str
    returncode: int

    def ok(self) -> Ran:
        assert self.returncode == 0, f"{self.snippet}\n{self.output}"
        return self

    @property
    def changed(self) -> list[int]:
        """How many tasks changed something, for each host of each playbook, in the order of the recaps."""
        return [int(count) for count in re.findall(r"^\S+ +: ok=.* changed=(\d+)", self.output, re.M)]


class Reader:
    """A shell that goes on from snippet to snippet.

    :param environment: beside that of the person who runs the tests, of whose Ansible and Cloudflare nothing is kept.
    :param replaced: texts of the document, and what is read in their place.
    :param serves: titles of snippets whose last command does not end; it runs on behind the others.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *,
        replaced: Mapping[str, str] | None = None,
        serves: Sequence[str] = (),
    ) -> None:
        self.folder = folder / "sandbox"
        self.folder.mkdir()
        # What a reader has in front of them: a clone with an environment.
        (self.folder / "tests").symlink_to(CHECKOUT / "tests")
        (self.folder / ".venv").symlink_to(sys.prefix)
        self._state = folder / "state.sh"
        self._place = folder / "place.txt"
        self._output = folder / "output.txt"
        self._environment = {**without_the_readers_own(folder), **environment}
        self._replaced = replaced or {}
        self._serves = serves
        self._groups: list[int] = []

    def follow(self, document: str, left_out: Mapping[str, str]) -> Iterator[Ran]:
        """Do what the snippets say, in their order.

        :param left_out: titles of snippets that are not for this reader, with the reason.
        :returns: each snippet with commands, right after they were run; whether they worked is the caller's to say.
        """
        for snippet in snippets(document):
            if snippet.title in left_out:
                continue
            if snippet.file:
                self.write(snippet.file, snippet.text)
            elif snippet.commands:
                yield self.run(snippet)
            else:
                raise AssertionError(f"{snippet}: neither a command nor a file, and nothing says why")

    def write(self, path: str, text: str) -> None:
        file = self.place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self._as_read(text), encoding="utf-8")

    @property
    def place(self) -> Path:
        """The folder that the reader is in."""
        return Path(self._place.read_text(encoding="utf-8").strip()) if self._place.exists() else self.folder

    def type(self, commands: str) -> Ran:
        """Run commands that no document shows."""
        return self.run(Snippet("typed", 0, "shell", commands))

    def run(self, snippet: Snippet) -> Ran:
        commands = self._as_read(snippet.commands or "").rstrip()
        if snippet.title in self._serves:
            commands += " &"
        script = _SCRIPT.format(state=self._state, place=self._place, commands=commands)
        # To a file: what runs on would keep a pipe open.
        with self._output.open("wb") as output:
            shell = subprocess.Popen(
                ["bash", "-c", script],
                cwd=self.place,
                # What a command unset must stay so.
                env={} if self._state.exists() else self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            if re.search(r"&$", commands, re.M):
                self._groups.append(shell.pid)
            returncode = shell.wait(_TIMEOUT)
        return Ran(snippet, self._output.read_text(encoding="utf-8"), returncode)

    def _as_read(self, text: str) -> str:
        for old, new in self._replaced.items():
            text = text.replace(old, new)
        return text

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for group in self._groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGTERM)


def of_account(account: Account) -> dict[str, str]:
    """The environment that says which account is meant."""
    return {
        "CLOUDFLARE_BASE_URL": account.base_url,
        "CLOUDFLARE_ACCOUNT_ID": account.id,
        "CLOUDFLARE_API_TOKEN": account.token,
    }


def without_the_readers_own(folder: Path) -> dict[str, str]:
    """The environment of whoever runs the tests, but for Ansible, Cloudflare and git; Ansible writes to the folder."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "CLOUDFLARE_", "GIT_")) and not name.lower().endswith("_proxy")
    }
    return {
        **own,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "USER": "analyst",
        "ANSIBLE_HOME": str(folder / "ansible"),
        # Nobody has the name above, so ~ would lead nowhere.
        "ANSIBLE_REMOTE_TEMP": str(folder / "ansible/tmp"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
        **{f"GIT_{who}_{what}": "reader@acme.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
