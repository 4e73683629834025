# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two entry points of the modules, and what has to be the same behind both."""

from __future__ import annotations

import difflib
import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.order import settled
from simulator.handle import Account

if TYPE_CHECKING:
    from modules.playbook import Outcome, Run, Step

SWITCH = "CLOUDFLARE_EMAIL_SECURITY_FAST_PATH"
# What chooses one: a process for each task, or none.
MODULE, FAST = {SWITCH: "false"}, {SWITCH: "true"}

# What each run has of its own: ids that are made anew, times, places in a list.
_OWN = [
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    # What the simulator gives a message that is put there anew.
    (re.compile(r"\b4[0-9A-Za-z]{15}(-20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d-\d{8})?\b"), "<message>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<hash>"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"), "<time>"),
    (re.compile(r"\b[0-9a-f]{16}-SIM\b"), "<ray>"),
    (re.compile(r"\bj\d+\.\d+\b"), "<job>"),
    (re.compile(r"_payload_\w+"), "<payload>"),
    (re.compile(r"\beyJ[\w-]+"), "<cursor>"),
]
# What Ansible says about how it runs a task.
_HOW = re.compile(r"^(<[^>]*> .*|Using module file .*|Pipelining is enabled\.|ASYNC .*)\n", re.MULTILINE)
# Of a request, what the API sees.
_SEEN = ("method", "path", "query", "body", "credential", "status")


class Before:
    """The account, and the files that options name, as they are before the first run."""

    def __init__(self, account: Account, folder: Path, steps: Sequence[Step]) -> None:
        self._account = account
        self._entries = account.state()
        self._options = account.options()
        self._messages = account.messages()
        self._submissions = account.submissions()
        self._faults = [
            {name: value for name, value in fault.items() if name not in ("seen", "fired")}
            for fault in account.fault_report()
        ]
        self._places = sorted(_named_beside(folder, steps))
        assert not any(place.exists() for place in self._places), f"files of an earlier run are in {self._places}"
        # What is in here is the same in both runs.
        self.known = json.dumps([self._entries, [[step.args, step.control] for step in steps]], default=str)

    def restore(self) -> None:
        account = self._account
        account.forget()
        account.options(**self._options)
        account.put(self._entries)
        account.put_messages(*self._messages)
        account.put_submissions(*self._submissions)
        account.faults(*self._faults)
        for place in self._places:
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)


def _named_beside(folder: Path, steps: Iterable[Step]) -> set[Path]:
    """What lies beside the folder of a run and is named in an option."""
    beside = f"{folder.parent}/"
    texts = [value for step in steps for value in step.args.values() if isinstance(value, str)]
    below = [text.removeprefix(beside) for text in texts if text.startswith(beside)]
    return {folder.parent / text.split("/")[0] for text in below} - {folder}


def assert_taken(run: Run, *, fast: bool) -> None:
    """The fast path was taken, where it should be; or the module was."""
    for outcome in run:
        by_module = not fast or outcome.step.hands_over or _refused_by_validation(outcome)
        assert bool(outcome.commands) is by_module, f"{outcome.step.name}: {outcome.commands} processes"


def assert_same(fast: Run, module: Run, folder: Path, known: str) -> None:
    """The fast path did and returned what the module does and returns.

    :param known: the text of all that is the same in both, ids and times among it.
    """
    for name, slow in module.outcomes.items():
        quick = fast[name]
        one, other = (_seen(outcome, folder, known) for outcome in (quick, slow))
        for part, expected in other.items():
            assert one[part] == expected, f"{name}: {part} on the fast path\n{_difference(expected, one[part])}"


def _difference(module: Any, fast: Any) -> str:
    lines = [json.dumps(value, indent=1, sort_keys=True).replace("\\n", "\n").splitlines() for value in (module, fast)]
    return "\n".join(difflib.unified_diff(*lines, "module", "fast path", n=1, lineterm=""))


def _refused_by_validation(outcome: Outcome) -> bool:
    """Ansible's own validation refused the options; its words are left to it."""
    return outcome.failed and not outcome.requests and "error" not in outcome.result


def _seen(outcome: Outcome, folder: Path, known: str) -> dict[str, Any]:
    """Everything that can be seen of a step, without what is each run's own."""
    own = [(str(folder / "fast"), "<folder>"), (str(folder), "<folder>")]

    def normal(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: normal(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [normal(item) for item in value]
        if not isinstance(value, str):
            return value
        for text, name in own:
            value = value.replace(text, name)
        for pattern, name in _OWN:
            value = pattern.sub(lambda found, name=name: found[0] if found[0] in known else name, value)
        return value

    requests = [normal({name: request[name] for name in _SEEN}) for request in outcome.requests]
    return {
        "result": normal(outcome.result),
        "failed": outcome.failed,
        "requests": list(map(_text, settled(requests))),
        "state": {name: sorted(map(_text, normal(entries))) for name, entries in outcome.state.items()},
        "stdout": normal(_HOW.sub("", outcome.stdout)),
    }


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
