# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run nox sessions, two at a time, and end with one plain line that counts it all.

Without arguments, those of `make test`; with --all, every one; with names, these. With --after-test, the sessions that
`make test` has just run are not run again, and their results are counted with the others.

What a session prints is shown in one piece when it ends.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

NOX = (sys.executable, "-m", "nox")
REPORTS = Path(".nox/reports")
# What pytest leaves, in our own sessions and under ansible-test.
RESULTS = (".nox/*/tmp/junit*.xml", "tests/output/junit/*-units.xml")

# Half of the sessions use one processor only, and the others wait for processes to start most of the time.
AT_A_TIME = 2
# So that none of them is left for last, when nothing else is to be done beside it.
LONGEST_FIRST = ("tests", "thorough", "contract")
# What `make test` runs, beside the sanity checks of the newest ansible-core.
IN_TEST = (
    "tests",
    "ansible-lint",
    "code",
    "docs-check",
    "yamllint",
    "license-check",
    "extra-checks",
    "changelog",
)
# Only stands for others, which are run by their own names.
STANDS_FOR_OTHERS = {"lint"}
# Looks at what the other one leaves.
AFTER = {"contract": "tests"}
# They write to the same folder.
ANSIBLE_TEST = ("sanity-", "units-", "integration-")

Session = dict[str, Any]


def result_files() -> list[Path]:
    return [file for pattern in RESULTS for file in Path().glob(pattern)]


def all_sessions() -> list[str]:
    # What nox has to complain of goes to the screen.
    listed = subprocess.run([*NOX, "--list", "--json"], check=True, stdout=subprocess.PIPE, text=True)
    names = [session["session"] for session in json.loads(listed.stdout)]
    return [name for name in names if name not in STANDS_FOR_OTHERS]


def sessions_of_test(names: list[str]) -> list[str]:
    newest = max((name for name in names if name.startswith("sanity-")), key=_version)
    return [*IN_TEST, newest]


def _version(name: str) -> list[int]:
    return [int(part) for part in name.partition("-")[2].split(".")]


class Queue:
    """What is still to be run. Which sessions may not go together is written above."""

    def __init__(self, names: list[str]) -> None:
        self._waiting = sorted(names, key=lambda name: name not in LONGEST_FIRST)
        self._running: set[str] = set()
        self._changed = threading.Condition()

    def __iter__(self) -> Iterator[str]:
        """Sessions to run, for any number of threads; asking for the next one says that the last one has ended."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._waiting or self._next() is not None)
                name = self._next()
                if name is None:
                    return
                self._waiting.remove(name)
                self._running.add(name)
            try:
                yield name
            finally:
                with self._changed:
                    self._running.remove(name)
                    self._changed.notify_all()

    def _next(self) -> str | None:
        return next((name for name in self._waiting if not self._has_to_wait(name)), None)

    def _has_to_wait(self, name: str) -> bool:
        if name.startswith(ANSIBLE_TEST) and any(other.startswith(ANSIBLE_TEST) for other in self._running):
            return True
        return AFTER.get(name) in self._running.union(self._waiting)


_screen = threading.Lock()


def run_session(name: str) -> list[Session]:
    """Run one; returns what nox reports of it, and the seconds it took."""
    report = REPORTS / f"{name}.json"
    started = time.monotonic()
    with _screen:
        print(f"{name}: started", flush=True)
    command = [*NOX, "--report", str(report), "--sessions", name]
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    seconds = round(time.monotonic() - started)
    with _screen:
        sys.stdout.buffer.write(ended.stdout)
        sys.stdout.flush()
    try:
        sessions: list[Session] = json.loads(report.read_text())["sessions"]
    except FileNotFoundError:
        sessions = [{"name": name, "result": "broken", "reason": "nox ended without a report"}]
    sessions = [{**session, "seconds": seconds} for session in sessions]
    report.write_text(json.dumps({"sessions": sessions}))
    return sessions


def just_run(names: list[str]) -> dict[str, list[Session]]:
    """What the last call reported of these sessions."""
    files = {name: REPORTS / f"{name}.json" for name in names}
    return {name: json.loads(file.read_text())["sessions"] for name, file in files.items() if file.exists()}


def run_sessions(names: list[str], reports: dict[str, list[Session]]) -> list[Session]:
    """Run these, but for those of which there are reports."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    for old in [*REPORTS.glob("*.json"), *result_files()] if not reports else ():
        old.unlink()
    queue = Queue([name for name in names if name not in reports])

    def work() -> None:
        for name in queue:
            reports[name] = run_session(name)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for worker in [pool.submit(work) for _number in range(AT_A_TIME)]:
            worker.result()
    return [session for name in names for session in reports[name]]


def count_tests() -> Counter[str]:
    counts: Counter[str] = Counter()
    for file in result_files():
        for suite in ElementTree.parse(file).iter("testsuite"):
            failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped = int(suite.get("skipped", 0))
            counts.update(failed=failed, skipped=skipped, passed=int(suite.get("tests", 0)) - failed - skipped)
    return counts


def main() -> None:
    started = time.monotonic()
    parser = argparse.ArgumentParser(description="Run tests and checks.")
    parser.add_argument("--all", action="store_true", help="every session")
    parser.add_argument("--after-test", action="store_true", help="but for those that `make test` has just run")
    parser.add_argument("sessions", nargs="*", help="these sessions only")
    arguments = parser.parse_args()
    known = all_sessions()
    names = known if arguments.all else arguments.sessions or sessions_of_test(known)
    sessions = run_sessions(names, just_run(sessions_of_test(known)) if arguments.after_test else {})
    results = Counter(session["result"].lower() for session in sessions)
    tests = count_tests()
    print("\nChecks (nox sessions):")
    for session in sessions:
        reason = f" ({session['reason']})" if session["reason"] else ""
        result = "NOT RUN" if session["result"].lower() == "skipped" else session["result"].lower()
        print(f"  {result:8} {session['name']}, {session['seconds']} s{reason}")
    failed_checks = len(sessions) - results["success"] - results["skipped"]
    skipped = f", {results['skipped']} skipped" if results["skipped"] else ""
    print(f"Checks: {results['success']} succeeded, {failed_checks} went wrong{skipped}")
    print(f"Tests: {tests['passed']} passed, {tests['failed']} failed, {tests['skipped']} skipped")
    print(f"Time: {(time.monotonic() - started) / 60:.0f} minutes")
    sys.exit(1 if failed_checks or tests["failed"] or not sessions else 0)


if __name__ == "__main__":
    main()
