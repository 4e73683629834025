# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real ansible-playbook processes that run while a test does something else, such as interrupting them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from reliability.gates import Dropped
from simulator.handle import Account

COLLECTION = "cloudflare.email_security"
# Nothing here takes this long, unless it hangs.
LONGEST_RUN = 180.0


class Playbook:
    """One ansible-playbook, started at once; ended, with all that it started, at the end of ``with``.

    :param tasks: the tasks of a play on one host, or the name of one of the collection's playbooks.
    :param base_url: where it finds the account; by default the simulator itself.
    """

    def __init__(
        self,
        account: Account,
        folder: Path,
        tasks: Sequence[Mapping[str, Any]] | str,
        *,
        variables: Mapping[str, Any] | None = None,
        base_url: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(exist_ok=True)
        if not isinstance(tasks, str):
            # JSON is YAML too.
            (folder / "playbook.yml").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
            tasks = "playbook.yml"
        (folder / "variables.json").write_text(json.dumps(dict(variables or {})))
        (folder / "ansible.cfg").write_text("[defaults]\n")
        local = "account ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'\n"
        (folder / "inventory.ini").write_text(local)
        self._output = (folder / "output.txt").open("w+")
        inherited = {
            each: text for each, text in os.environ.items() if not each.startswith(("ANSIBLE_", "CLOUDFLARE_"))
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.ini", "-e", "@variables.json", tasks],
            cwd=folder,
            env={
                **inherited,
                "ANSIBLE_HOME": str(folder / "ansible"),
                "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_PIPELINING": "1",
                "CLOUDFLARE_BASE_URL": base_url or account.base_url,
                "CLOUDFLARE_ACCOUNT_ID": account.id,
                "CLOUDFLARE_API_TOKEN": account.token,
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            # A group of its own, as a shell gives it, so that all of it can be interrupted.
            start_new_session=True,
        )
        self._family: dict[int, psutil.Process] = {}

    def descendants(self) -> list[psutil.Process]:
        """The processes that it started and that are still there, those of Ansible's workers too."""
        if self.process.poll() is None:
            found = psutil.Process(self.process.pid).children(recursive=True)
            self._family |= {each.pid: each for each in found}
        return [each for each in self._family.values() if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]

    def wait(self) -> int:
        """Wait until it and all that it started has ended; returns its exit status."""
        self.descendants()
        status = self.process.wait(LONGEST_RUN)
        _gone, alive = psutil.wait_procs(self.descendants(), LONGEST_RUN)
        assert not alive, f"still there: {alive}"
        return status

    @property
    def output(self) -> str:
        self._output.seek(0)
        return self._output.read()

    def ok(self) -> str:
        """The output of a run that must end well."""
        assert self.wait() == 0, self.output
        return self.output

    def __enter__(self) -> Playbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self.descendants():
            each.kill()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._output.close()


def _signal_group(number: signal.Signals) -> Callable[[Playbook], None]:
    return lambda playbook: os.killpg(playbook.process.pid, number)


def _signal_alone(number: signal.Signals) -> Callable[[Playbook], None]:
    return lambda playbook: playbook.process.send_signal(number)


def _kill_module(playbook: Playbook) -> None:
    """What does the work is at the end of the line: a module's process, or else the worker."""
    for each in playbook.descendants():
        if not each.children():
            each.kill()


# Ways to end a run in the middle.
INTERRUPTS: dict[str, Callable[[Playbook], None]] = {
    "Ctrl-C": _signal_group(signal.SIGINT),
    "SIGTERM to the group": _signal_group(signal.SIGTERM),
    "SIGINT to ansible-playbook": _signal_alone(signal.SIGINT),
    "SIGTERM to ansible-playbook": _signal_alone(signal.SIGTERM),
    "SIGKILL to the module": _kill_module,
}


class Interrupter:
    """The guard of a gate that does something at a certain request, once.

    :param method: only requests of this method count.
    :param at: which of them it happens at, from 1.
    :param worked: whether the request still reaches the server; its answer never comes.
    """

    def __init__(self, method: str, at: int, *, worked: bool) -> None:
        self.method = method
        self.at = at
        self.worked = worked
        self.seen = 0
        self.fired = False
        self.act: Callable[[], None] = lambda: None

    @contextmanager
    def __call__(self, method: str, path: str) -> Iterator[None]:
        self.seen += method == self.method
        if self.fired or self.seen < self.at:
            yield
            return
        self.fired = True
        if self.worked:
            yield
        self.act()
        raise Dropped
