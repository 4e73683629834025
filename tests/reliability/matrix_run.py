# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running one cell of the fault matrix to its end, and what must hold of every one.

What was done is read from the account: its entries, its messages' action logs, and the log of what the simulator did,
whether or not the client had an answer.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from ansible_collections.cloudflare.email_security.plugins.module_utils._api import paging
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import act, reclassify
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from modules.in_process import Report, log_of, perform
from reliability.matrix import GOES_ON, READ, STOPS, Cell, Fault, Scenario, Step
from reliability.matrix_scenarios import SEARCH
from simulator.handle import Simulator
from unit.armed import fault
from unit.engine import FakeTime

Item = tuple[str, ...]
# What the jobs of a scenario search for.
_INVOICES = [{"subject": "Invoice"}, {"subject": "Invoice"}, {"subject": "Lunch"}]
# What a message must say: what to check, or that running again is safe and when.
REMEDY = re.compile(
    r"[Cc]heck |[Rr]un again|[Tt]ry (again )?later|[Rr]aise |retry_timeout|[Nn]arrow|[Rr]emove|onboard|were not found"
)
UNKNOWN = re.compile(r"not known|again failed|were not found")


@dataclass(frozen=True)
class Outcome:
    """A run: its report, with what the account did for it, reported or not."""

    report: Report
    requests: list[dict[str, Any]]

    @property
    def ended(self) -> str:
        return STOPS if self.report.error else GOES_ON


class ScenarioRun:
    """A scenario on an account of its own."""

    def __init__(self, simulator: Simulator, scenario: Scenario) -> None:
        self.scenario = scenario
        self.account = simulator.account()
        self.prepare()

    def prepare(self) -> None:
        """The account as it is before the scenario."""
        account, scenario = self.account, self.scenario
        account.options(**scenario.options)
        if scenario.mail:
            account.put_messages(*messages_of(scenario))
            account.put_submissions(*scenario.submissions)
        elif scenario.jobs:
            account.put_messages(*_INVOICES)
            account.put_bulk_jobs(*scenario.jobs)
        else:
            account.put(entries_of(scenario))

    def again(self) -> None:
        self.account.forget()
        self.prepare()

    def run(self, *, check: bool = False, connection: Mapping[str, Any] | None = None) -> Outcome:
        account, scenario, options = self.account, self.scenario, dict(connection or {})
        params = dict(scenario.params)
        seen: list[dict[str, Any]] = []
        if scenario.search is not None:
            found = perform(account, SEARCH, check=check, connection=options, **scenario.search)
            seen = found.requests
            if found.error:
                return Outcome(found, seen)
            params["investigate_ids"] = [message["id"] for message in found.result["messages"]]
        elif scenario.mail:
            params["investigate_ids"] = list(scenario.mail)
        report = perform(account, scenario.spec, check=check, connection=options, **params)
        return Outcome(report, [*seen, *self.settled(report.requests)])

    def settled(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The log when nothing is under way: slow work is done as soon as the account notices that its client left."""
        while any(one["fault"] == "slow" and not one["work"] for one in requests):
            time.sleep(0.002)
            requests = self.account.requests()
        return requests

    def open_again(self) -> None:
        """Have connections accepted again, if they were refused: only a test can end such an outage."""
        if any(each["kind"] == "connection_refused" and each["fired"] for each in self.account.fault_report()):
            self.account.clear_faults()

    # What the account shows

    def state(self) -> Any:
        if self.scenario.jobs:
            return {job["job_id"]: (job["comment"], job["status"]) for job in self.account.bulk_jobs()}
        return log_of(self.account) if self.scenario.mail else self.account.state()

    def wrong(self, state: Any, cell: Cell | None = None, *, last: bool = True) -> list[str]:
        """What is not as desired in a state of the account, in the end or after the first run of a cell."""
        if self.scenario.mail:
            gone = cell is not None and cell.fault.name in ("deleted before", "vanishes")
            return [
                f"{message_id}: {state.get(message_id, 'gone')}"
                for message_id in self.scenario.mail
                if (self.scenario.entry, True) not in state.get(message_id, ())
                and not (gone and message_id not in state)
            ]
        if self.scenario.jobs:
            return _wrong_jobs(self.scenario, state, cell)
        wrong = []
        for name, desired in self.scenario.after.items():
            key = RESOURCES[name].key
            shown: dict[Any, list[dict[str, Any]]] = {}
            for entry in state[name]:
                shown.setdefault(tuple(entry[field] for field in key), []).append(entry)
            for entry in desired:
                found = shown.pop(tuple(entry[field] for field in key), [])
                # Somebody else may remove what the run has made sure of; the next run finds that.
                vanished = (
                    cell is not None and cell.fault.name == "vanishes" and (not last or "keep" in str(entry[key[0]]))
                )
                if len(found) != 1 and not (vanished and not found):
                    wrong.append(f"{name}: {entry} is there {len(found)} times")
                wrong += [f"{name}: {one}, not {entry}" for one in found if not entry.items() <= one.items()]
            wrong += [f"{name}: {each} is there too" for each in shown if "appeared" not in str(each).lower()]
        return wrong

    def done(self, before: Any, after: Any) -> set[Item]:
        """What changed in the account between two states."""
        if self.scenario.mail:
            acted = (self.scenario.entry, True)
            return {("act", each) for each, log in after.items() if acted in log and acted not in before.get(each, ())}
        if self.scenario.jobs:
            cancelled = {each for each, (_comment, status) in after.items() if status == "CANCELLED"}
            return {("start", each) for each in after.keys() - before.keys()} | {("cancel", each) for each in cancelled}
        items: set[Item] = set()
        for name in self.scenario.after:
            old = {entry["id"]: entry for entry in before[name]}
            new = {entry["id"]: entry for entry in after[name]}
            items |= {("create", name, _key(name, new[each])) for each in new.keys() - old.keys()}
            items |= {("delete", name, each) for each in old.keys() - new.keys()}
            items |= {("update", name, each) for each in old.keys() & new.keys() if old[each] != new[each]}
        return items

    def reported(self, outcome: Outcome) -> set[Item]:
        """What a run says that it did."""
        result, scenario = outcome.report.result, self.scenario
        if scenario.mail:
            return {("act", each) for each in result.get(scenario.done, ())}
        if "changes" not in result:
            # The module for one entry returns it, and whether it changed.
            return {("one",)} if result.get("changed") else set()
        return {
            (
                change["action"],
                change["list"],
                _key(change["list"], change["key"]) if change["action"] == "create" else change["id"],
            )
            for change in result["changes"]
        }


def _wrong_jobs(scenario: Scenario, state: Any, cell: Cell | None) -> list[str]:
    """Others may start a job like ours, or take ours off the list; nobody touches those that are to be kept."""
    others = cell is not None and (cell.fault.others or cell.fault.late)
    wrong = [f"{job}" for job in state.values() if str(job[0]).startswith("keep-") and job[1] != "PENDING"]
    for comment, status in scenario.jobs_after.items():
        found = [its for name, its in state.values() if name == comment]
        removed = others and not found and status == "CANCELLED"
        if found != [status] and not (others and status in found) and not removed:
            wrong.append(f"{comment}: {found}, not {status}")
    return wrong


def entries_of(scenario: Scenario) -> dict[str, list[dict[str, Any]]]:
    """The entries at first, with ids that are the same each time, so that runs can be compared."""
    return {
        name: [{"id": f"{name}-{number}", **entry} for number, entry in enumerate(entries)]
        for name, entries in scenario.before.items()
    }


def messages_of(scenario: Scenario) -> list[dict[str, Any]]:
    return [{"id": name, **fields} for name, fields in scenario.mail.items()]


def faults_of(cell: Cell) -> list[dict[str, Any]]:
    """What to arm for a cell: its fault, and before a read that a lost answer calls for, the loss."""
    unconfirmed = cell.step.unconfirmed
    losses = [{**fault("cut_after"), **_where(unconfirmed)}] if unconfirmed else []
    return [*losses, fault_at(cell.fault, cell.scenario, cell.step, stays=cell.stays)]


def fault_at(row: Fault, scenario: Scenario, step: Step, *, stays: bool) -> dict[str, Any]:
    arguments, where = dict(row.armed["arguments"]), _where(step)
    if "text" in arguments and _collection(step):
        # The entry is refused however it comes: in a batch, in its halves, or alone.
        arguments["text"] = _carried(scenario, step)
        where = {"path": f"^settings/{_collection(step)}"}
    if arguments.get("value") == "a page":
        arguments["value"] = scenario.page
    if row.armed["kind"] == "repeat_cursor":
        # Only pages with a cursor count here, so the second page is the first.
        where["after"] = 0
    return {"kind": row.armed["kind"], "arguments": arguments, "times": None if stays else 1, **where}


def _where(step: Step) -> dict[str, Any]:
    return {"method": step.method, "path": f"^{step.path}", "query": step.query, "after": step.after}


def _carried(scenario: Scenario, step: Step) -> str:
    """A text of the one entry that a step creates, or of the change that it makes."""
    name = _collection(step)
    if step.method == "PATCH" or name is None:
        return "new"
    key = RESOURCES[name].key[0]
    before = {entry[key] for entry in scenario.before[name]}
    return next(str(entry[key]) for entry in scenario.after[name] if entry[key] not in before)


def _collection(step: Step) -> str | None:
    """The list of settings that a step is about."""
    name = step.path.partition("/")[2].partition("/")[0].rstrip("$")
    return name if name in RESOURCES else None


def _key(name: str, entry: Mapping[str, Any]) -> str:
    return " ".join(str(entry[field]) for field in RESOURCES[name].key)


def carried_out(requests: list[dict[str, Any]]) -> Counter[Item]:
    """How often the account carried out each single thing that a client asked for."""
    counts: Counter[Item] = Counter()
    for one in requests:
        times = sum(status < 400 for status in one["work"])
        if one["method"] == "GET" or not times:
            continue
        path, body = one["path"], one["body"]
        if path.endswith("/batch"):
            items = [("post", path, str(sorted(each.items()))) for each in body["posts"]]
            items += [(part, path, str(each)) for part in ("patches", "deletes") for each in body[part]]
        elif path == "submissions":
            items = [("act", path, each["postfix_id"]) for each in body["messages"]]
        elif path == "investigate/bulk":
            items = [("start", path, str(body))]
        elif path.startswith("investigate/bulk/"):
            items = [("end", path, str(body))]
        elif path.startswith("investigate/"):
            items = [("act", path, each) for each in body["ids"]]
        else:
            items = [(one["method"], path, str(body))]
        for item in items:
            counts[item] += 1 if one["fault"] == "done_before" else times
    return counts


@contextmanager
def small_pages(size: int) -> Iterator[None]:
    """Lists in several pages, and moves in several requests, without thousands of entries."""
    with (
        patch.object(paging, "PAGE_SIZE", size),
        patch.object(act, "MOVE_SIZE", size),
        patch.object(reclassify, "SUBMIT_SIZE", size),
    ):
        yield


@contextmanager
def during_pauses(action: Callable[[], None]) -> Iterator[None]:
    """Call this whenever the client waits: time passes for the other side as well."""
    lock, sleep = threading.Lock(), FakeTime.sleep

    def wait(self: FakeTime, seconds: float) -> None:
        with lock:
            action()
        sleep(self, seconds)

    with patch.object(FakeTime, "sleep", wait):
        yield


@contextmanager
def _conditions(cell: Cell, scenario_run: ScenarioRun) -> Iterator[None]:
    with small_pages(cell.scenario.page):
        if cell.fault.armed["kind"] == "slow":
            with during_pauses(lambda: scenario_run.settled(scenario_run.account.requests())):
                yield
        elif cell.fault.armed["kind"] == "connection_refused" and not cell.stays:
            with during_pauses(scenario_run.open_again):
                yield
        else:
            yield


_PLANS: dict[str, Any] = {}


def run_without_fault(simulator: Simulator, scenario: Scenario) -> tuple[list[dict[str, Any]], list[str]]:
    """The requests of an undisturbed run, and what is not as desired after it."""
    scenario_run = ScenarioRun(simulator, scenario)
    with small_pages(scenario.page):
        outcome = scenario_run.run()
        outcome.report.ok()
        _PLANS[scenario.name] = plan_of(outcome, scenario)
        wrong = scenario_run.wrong(scenario_run.state())
    scenario_run.account.forget()
    return outcome.requests, wrong


def connection_of(cell: Cell) -> dict[str, Any]:
    """The task's options: no test needs the patience that users have."""
    patience = {"retry_timeout": cell.scenario.retry_timeout} if cell.stays else {}
    return {**patience, **cell.fault.connection}


def examine(simulator: Simulator, cell: Cell) -> tuple[str, list[str], str]:
    """Run a cell to its end. Returns how the run ended, what does not hold, and its message."""
    if cell.scenario.name not in _PLANS:
        run_without_fault(simulator, cell.scenario)
    scenario_run = ScenarioRun(simulator, cell.scenario)
    connection = connection_of(cell)
    try:
        checked = run_in_check_mode(scenario_run, cell) if cell.step.kind == READ else None
        before = scenario_run.state()
        with _conditions(cell, scenario_run):
            scenario_run.account.faults(*faults_of(cell))
            first = scenario_run.run(connection=connection)
        problems = [*_check_mode(checked, first, cell)] if checked else []
        problems += _first_run(scenario_run, cell, first, before, scenario_run.state())
        scenario_run.account.clear_faults()
        runs = [first]
        with small_pages(cell.scenario.page):
            # Finished, then nothing to do any more.
            while len(runs) < (3 if first.report.error or cell.fault.others else 2):
                runs.append(scenario_run.run())
        problems += _later_runs(scenario_run, cell, runs, scenario_run.state())
        return first.ended, problems, first.report.msg
    finally:
        scenario_run.account.forget()


def run_in_check_mode(scenario_run: ScenarioRun, cell: Cell) -> tuple[Outcome, bool]:
    """A run in check mode under the fault, and whether it left the account as it was; then all begins anew."""
    with _conditions(cell, scenario_run):
        before = scenario_run.state()
        scenario_run.account.faults(*faults_of(cell))
        checked = scenario_run.run(check=True, connection=connection_of(cell))
        untouched = scenario_run.state() == before
    scenario_run.again()
    return checked, untouched


def _check_mode(checked: tuple[Outcome, bool], first: Outcome, cell: Cell) -> Iterator[str]:
    """Nothing but GET, and where it succeeds, what the run does without the fault, or with the same meddling."""
    outcome, untouched = checked
    sent = {one["method"] for one in outcome.requests}
    if sent != {"GET"}:
        yield f"check mode sent {sent}"
    if not untouched and not cell.fault.others:
        yield "check mode changed the account"
    plans = [_PLANS[cell.scenario.name]]
    if cell.fault.others and not first.report.error:
        plans.append(plan_of(first, cell.scenario))
    if not outcome.report.error and plan_of(outcome, cell.scenario) not in plans:
        yield f"check mode predicts {plan_of(outcome, cell.scenario)}, not {plans}"


def plan_of(outcome: Outcome, scenario: Scenario) -> Any:
    """What a run did, or would do."""
    result = outcome.report.result
    if scenario.mail:
        return result[scenario.done]
    if scenario.jobs:
        return result["changed"], len(result["cancelled"])
    if "changes" in result:
        return [
            {**change, "id": change["id"] if change["action"] != "create" else None} for change in result["changes"]
        ]
    return result["changed"], {name: (result["entry"] or {}).get(name) for name in ("pattern", "comments")}


def _first_run(scenario_run: ScenarioRun, cell: Cell, outcome: Outcome, before: Any, after: Any) -> Iterator[str]:
    """The end is the one that the table says, and what is reported is true."""
    reported, done, message = scenario_run.reported(outcome), scenario_run.done(before, after), outcome.report.msg
    step, kind = cell.step, cell.fault.armed["kind"]
    here = [one for one in outcome.requests if one["method"] == step.method and re.search(step.path, one["path"])]
    if not any(one["fault"] == kind for one in here):
        yield "the fault never happened"
    expected = cell.fault.end(cell.scenario, cell.step, cell.stays)
    if outcome.ended != expected:
        yield f"it {outcome.ended}, and the table says that it {expected}"
    if outcome.ended == GOES_ON:
        yield from (f"not as desired: {each}" for each in scenario_run.wrong(after, cell, last=False))
    else:
        if not re.search(cell.fault.cause, message):
            yield "the message does not name the cause"
        if not REMEDY.search(message):
            yield "the message names no remedy"
        if not outcome.report.result and cell.step.kind != READ:
            yield "no result lists what was done"
    if cell.fault.others:
        return
    if reported == {("one",)}:
        reported = done
    if not reported <= done:
        yield f"it claims {reported - done}, which was not done"
    if done - reported and not (outcome.report.error and UNKNOWN.search(message)):
        yield f"it does not report {done - reported}"


def _later_runs(scenario_run: ScenarioRun, cell: Cell, runs: list[Outcome], state: Any) -> Iterator[str]:
    """Without the fault the next run finishes, the one after it has nothing to do, and nothing was done twice."""
    gone = cell.scenario.mail and cell.fault.name == "deleted before" and cell.scenario.search is None
    for number, outcome in enumerate(runs[1:], 2):
        if outcome.report.error and not gone:
            yield f"run {number} failed: {outcome.report.msg}"
    yield from (f"in the end not as desired: {each}" for each in scenario_run.wrong(state, cell))
    last = runs[-1].report
    arrived = cell.fault.name == "appears" and cell.scenario.search is not None
    if (last.writes or last.result.get("changed")) and not arrived:
        yield f"the last run changed something: {last.writes}"
    requests = [one for outcome in runs for one in outcome.requests]
    twice = [item for item, times in carried_out(requests).items() if times > 1]
    # What comes late cannot be seen by reading. Then an account that refuses a second equal entry is all that helps.
    excused = ("PATCH", "act", "start") if cell.fault.late else ()
    if cell.fault.others:
        # What somebody else removed may be made again.
        excused = (*excused, "start")
    yield from (f"{item} was done twice" for item in twice if item[0] not in excused and cell.fault.name != "vanishes")
    if cell.scenario.mail and not cell.fault.late:
        for message_id, log in state.items():
            if log.count((cell.scenario.entry, True)) > 1 + (cell.fault.name == "done before"):
                yield f"{message_id} was acted on twice: {log}"
