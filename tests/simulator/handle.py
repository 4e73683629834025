# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting the simulator and working its control side from Python, for tests and demonstrations.

with Simulator() as simulator:
    account = simulator.account()
    account.put({"block_senders": [{"pattern": "spam.example", "pattern_type": "DOMAIN", "is_regex": False}]})
    account.faults({"kind": "cut_after", "method": "POST", "path": "block_senders"})
    ...  # a client works with account.base_url, account.id, account.token
    assert account.requests()[-1]["fault"] == "cut_after"
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

_HERE = Path(__file__).resolve().parent
_TIMEOUT = 30

Document = dict[str, list[dict[str, Any]]]


class Account:
    """One account of a running simulator, with its default credentials."""

    token = "simulator-token"
    read_token = "simulator-read-token"
    key = "simulator-key"
    email = "ops@example.com"

    def __init__(self, simulator: Simulator, account_id: str) -> None:
        self.id = account_id
        self.base_url = simulator.base_url
        self._session = simulator.session
        self._control = f"{simulator.url}/_simulator/accounts/{account_id}"

    def put(self, document: Mapping[str, Any]) -> Document:
        """Replace the account's entries; returns them with ids and timestamps."""
        answer: Document = self._call("PUT", "", document)
        return answer

    def state(self) -> Document:
        """The account's entries: {collection: [entry]}."""
        answer: Document = self._call("GET", "")
        return answer

    def put_messages(
        self, *messages: Mapping[str, Any], generate: Any = None, month: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Replace the account's mail, by these and generated messages; returns these, with all that was filled in.

        ``month`` makes a plausible month of mail, which the account's own entries have decided about:
        ``{"count": 100000, "seed": 1, "end": now, "days": 30, "below": False}``, all of which may be left out.
        """
        return self._messages("PUT", messages, generate, month)

    def add_messages(
        self, *messages: Mapping[str, Any], generate: Any = None, month: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The same, beside the messages that are there."""
        return self._messages("POST", messages, generate, month)

    def messages(self, *, touched: bool = False) -> list[dict[str, Any]]:
        """The account's mail, newest first; with ``touched``, only what was put there singly or was acted upon."""
        answer: list[dict[str, Any]] = self._call("GET", "/messages?touched=true" if touched else "/messages")
        return answer

    def put_submissions(self, *submissions: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Replace the submissions; returns them, newest first, with all that was filled in."""
        answer: list[dict[str, Any]] = self._call("PUT", "/submissions", list(submissions))
        return answer

    def submissions(self) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = self._call("GET", "/submissions")
        return answer

    def review(self, submission_id: str | None = None, outcome: str | None = None) -> list[dict[str, Any]]:
        """Decide a pending submission, or all, as was requested or otherwise; returns those that were decided."""
        document = {"submission_id": submission_id, "outcome_disposition": outcome}
        answer: list[dict[str, Any]] = self._call("POST", "/review", document)
        return answer

    def activate(self, domain: str) -> dict[str, Any]:
        """A pending domain is proved, and becomes active; returns it."""
        answer: dict[str, Any] = self._call("POST", "/activate", {"domain": domain})
        return answer

    def put_monthly_report(self, report: Mapping[str, Any] | None) -> None:
        """Give the monthly report, as the API shows it; None: it is counted from the mail."""
        self._call("DELETE" if report is None else "PUT", "/monthly_report", report)

    def put_bulk_jobs(self, *jobs: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Replace the bulk jobs; returns them, newest first."""
        answer: list[dict[str, Any]] = self._call("PUT", "/bulk_jobs", list(jobs))
        return answer

    def bulk_jobs(self) -> list[dict[str, Any]]:
        """The bulk jobs, newest first."""
        answer: list[dict[str, Any]] = self._call("GET", "/bulk_jobs")
        return answer

    def bulk_step(self, job_id: str | None = None, steps: int = 1) -> list[dict[str, Any]]:
        """Take a bulk job, or all that are under way, some steps further; returns what has become of them."""
        answer: list[dict[str, Any]] = self._call("POST", "/bulk_jobs", {"job_id": job_id, "steps": steps})
        return answer

    def put_phishguard_reports(self, *reports: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Replace the PhishGuard reports; returns them, newest first, with all that was filled in."""
        answer: list[dict[str, Any]] = self._call("PUT", "/phishguard_reports", list(reports))
        return answer

    def forget(self) -> None:
        """Entries, options, faults and log: as if the account had never been used."""
        self._call("DELETE", "")

    def options(self, **options: Any) -> dict[str, Any]:
        """Set options; returns all of them."""
        answer: dict[str, Any] = self._call("PATCH", "/options", options)
        return answer

    def requests(self, mark: str | None = None) -> list[dict[str, Any]]:
        """The requests that the API got, oldest first; with ``mark``, only those that carry it."""
        entries = self._call("GET", "/requests")
        return [entry for entry in entries if mark is None or entry["mark"] == mark]

    def clear_requests(self) -> None:
        self._call("DELETE", "/requests")

    def mark(self, name: str | None) -> None:
        """Put this mark on the requests that follow."""
        self._call("POST", "/mark", {"name": name})

    def faults(self, *faults: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Arm faults, beside those that are armed; returns the report."""
        answer: list[dict[str, Any]] = self._call("POST", "/faults", list(faults))
        return answer

    def fault_report(self) -> list[dict[str, Any]]:
        """The armed faults, with how many requests each has ``seen`` and how often it ``fired``."""
        answer: list[dict[str, Any]] = self._call("GET", "/faults")
        return answer

    def clear_faults(self) -> None:
        self._call("DELETE", "/faults")

    def _messages(
        self, method: str, messages: Sequence[Mapping[str, Any]], generate: Any, month: Mapping[str, Any] | None
    ) -> list[dict[str, Any]]:
        document = {"messages": list(messages), "generate": generate, "month": month}
        answer: list[dict[str, Any]] = self._call(method, "/messages", document)["messages"]
        return answer

    def _call(self, method: str, path: str, document: Any = None) -> Any:
        answer = self._session.request(method, self._control + path, json=document, timeout=_TIMEOUT)
        if not answer.ok:
            raise ValueError(f"the simulator refused {method} {path or 'the document'}: {answer.text}")
        return answer.json()


class Simulator:
    """A simulator in a process of its own, from ``with`` to its end. Arguments are those of the command line.

    It starts without any account, unless they have a ``--seed``, or it is ``lived_in``: then it has the one that the
    command line has by itself.

    ``api`` is the date of the API's description that accounts follow unless their options say otherwise: ``2026-05``,
    ``2026-08`` or ``2026-11``; the newest where none is given.
    """

    def __init__(
        self, *arguments: str, api: str | None = None, lived_in: bool = False, python: str = sys.executable
    ) -> None:
        options = [*(["--api", api] if api else []), *([] if lived_in or "--seed" in arguments else ["--empty"])]
        self._command: Sequence[str] = [python, str(_HERE), "--port", "0", *options, *arguments]
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.base_url = ""
        self.session = requests.Session()
        # A proxy in the environment has no business between a test and its simulator.
        self.session.trust_env = False

    def start(self) -> Simulator:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line.startswith("listening on "):
            self.stop()
            raise RuntimeError(f"the simulator did not start: {line or 'see its messages above'}")
        self.url = line.removeprefix("listening on ")
        self.base_url = f"{self.url}/client/v4"
        return self

    def stop(self) -> int | None:
        """End the process; returns its exit status."""
        self.session.close()
        process, self._process = self._process, None
        if process is None:
            return None
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
        return process.returncode

    def account(self, account_id: str | None = None) -> Account:
        """A handle on an account; without an id, on one that nobody else uses."""
        return Account(self, account_id or secrets.token_hex(16))

    def known_accounts_only(self, switch: bool) -> None:
        """Whether accounts that were never set up answer 404. This is for all of the simulator."""
        answer = self.session.patch(
            f"{self.url}/_simulator/options", json={"known_accounts_only": switch}, timeout=_TIMEOUT
        )
        answer.raise_for_status()

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
