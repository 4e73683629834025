# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every nox session (or those named as arguments) and end with one plain line that counts what was run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

NOX = Path(".nox")
REPORT = NOX / "report.json"
# What pytest leaves, in our own sessions and under ansible-test.
RESULTS = (".nox/*/tmp/junit*.xml", "tests/output/junit/*-units.xml")


def result_files() -> list[Path]:
    return [file for pattern in RESULTS for file in Path().glob(pattern)]


def run_sessions(names: list[str]) -> list[dict[str, Any]]:
    NOX.mkdir(exist_ok=True)
    for old in [REPORT, *result_files()]:
        old.unlink(missing_ok=True)
    select = ["--sessions", *names] if names else []
    nox = [sys.executable, "-m", "nox", "--report", str(REPORT), *select]
    returncode = subprocess.run(nox, check=False).returncode
    if not REPORT.exists():
        sys.exit(returncode or 1)
    sessions: list[dict[str, Any]] = json.loads(REPORT.read_text())["sessions"]
    return sessions


def count_tests() -> Counter[str]:
    counts: Counter[str] = Counter()
    for file in result_files():
        for suite in ElementTree.parse(file).iter("testsuite"):
            failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped = int(suite.get("skipped", 0))
            counts.update(failed=failed, skipped=skipped, passed=int(suite.get("tests", 0)) - failed - skipped)
    return counts


def main() -> None:
    sessions = run_sessions(sys.argv[1:])
    results = Counter(session["result"].lower() for session in sessions)
    tests = count_tests()
    print("\nChecks (nox sessions):")
    for session in sessions:
        reason = f" ({session['reason']})" if session["reason"] else ""
        result = "NOT RUN" if session["result"].lower() == "skipped" else session["result"].lower()
        print(f"  {result:8} {session['name']}{reason}")
    failed_checks = len(sessions) - results["success"] - results["skipped"]
    skipped = f", {results['skipped']} skipped" if results["skipped"] else ""
    print(f"Checks: {results['success']} succeeded, {failed_checks} went wrong{skipped}")
    print(f"Tests: {tests['passed']} passed, {tests['failed']} failed, {tests['skipped']} skipped")
    sys.exit(1 if failed_checks or tests["failed"] or not sessions else 0)


if __name__ == "__main__":
    main()
