# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs by the date of the API's description: each behaviour, seen from outside, on each date."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from simulator.handle import Simulator

from .samples import SAMPLES, another, batch

DATES = ("2026-05", "2026-08", "2026-11")
FIRST, SECOND, THIRD = DATES

Probe = Callable[[Any], Any]


def message(client: Any, **fields: Any) -> dict[str, Any]:
    put: dict[str, Any] = client.account.put_messages(fields)[0]
    return put


def offered(method: str, path: str, body: Any = None) -> Probe:
    """What is asked about isn't there, but the operation may be: True, or the status that says it isn't."""

    def probe(client: Any) -> bool | int:
        answer = client.send(method, path, body)
        errors = answer.json()["errors"]
        absent = bool(errors) and errors[0]["code"] in (7003, 10405)
        return int(answer.status_code) if absent else True

    return probe


def taken(method: str, path: str, body: Any = None, **query: Any) -> Probe:
    """Whether a request with a body or a query like this is taken."""
    return lambda client: client.send(method, path, body, params=query).status_code < 400


def shown(path: str, *names: str) -> Probe:
    """Whether these fields of a message's answers are given."""

    def probe(client: Any) -> bool:
        result = client.ok("GET", path.format(**message(client)))
        given = [name in (result[0] if isinstance(result, list) else result) for name in names]
        assert len(set(given)) == 1
        return given[0]

    return probe


def moved(**fields: Any) -> Probe:
    def probe(client: Any) -> bool:
        body = {"destination": "Inbox", "ids": [message(client)["id"]], **fields}
        return bool(client.send("POST", "investigate/move", body).status_code == 200)

    return probe


def released(client: Any) -> str:
    message_id = message(client, is_quarantined=True)["id"]
    shapes = {"array": [message_id], "object": {"ids": [message_id]}}
    (taken_shape,) = [
        name for name, body in shapes.items() if client.send("POST", "investigate/release", body).status_code == 200
    ]
    return taken_shape


def previewed(client: Any) -> str:
    clean = message(client, final_disposition="NONE")
    (field,) = [
        name
        for name in ("id", "postfix_id")
        if client.send("POST", "investigate/preview", {name: clean[name]}).status_code == 200
    ]
    return field


def found_by_domain(client: Any) -> str:
    """Whose domains a search by domain knows."""
    fields = {
        "from": "a@sender.example",
        "client_recipients": ["b@recipient.example"],
        "links": ["https://link.example/"],
    }
    message(client, **fields)
    return " ".join(
        name
        for name in ("sender", "recipient", "link")
        if client.ok("GET", "investigate", params={"domain": f"{name}.example"})
    )


def paged(path: str) -> Probe:
    return lambda client: "result_info" in client.send("GET", path.format(**message(client))).json()


def status_of_a_submission(client: Any) -> str:
    client.account.put_submissions({})
    (submission,) = client.ok("GET", "submissions")
    assert client.ok("GET", "submissions", params={"status": submission["status"]}) == [submission]
    return str(submission["status"])


def status_of_a_domain(client: Any) -> str:
    client.account.put({"domains": [SAMPLES["domains"]]})
    (domain,) = client.ok("GET", "settings/domains")
    status: str = domain["status"]
    assert client.ok("GET", "settings/domains", params={"status": status}) == [domain]
    assert client.refused("GET", "settings/domains", params={"status": status.swapcase()})[:2] == (400, 10422)
    return status


def deprecated_fields_of_an_entry(client: Any) -> bool:
    made = client.ok("POST", "settings/allow_policies", SAMPLES["allow_policies"])
    given = [name in made for name in ("last_modified", "is_sender", "is_recipient", "is_spoof")]
    assert len(set(given)) == 1
    return given[0]


def fields_of_a_move(client: Any) -> bool:
    (item,) = client.ok("POST", "investigate/move", {"ids": [message(client)["id"]], "destination": "Inbox"})
    assert ("completed_timestamp" in item) == ("item_count" in item)
    return "item_count" in item


def fields_of_a_trace(client: Any) -> bool:
    lines = client.ok("GET", f"investigate/{message(client)['id']}/trace")["inbound"]["lines"]
    return "ts" in lines[0]


def counters_of_a_job(client: Any) -> bool | None:
    answer = client.send("POST", "investigate/bulk", JOB)
    if answer.status_code == 404:
        return None
    message(client)
    client.account.bulk_step(steps=2)
    job = client.ok("GET", "investigate/bulk")[0]
    (row,) = client.ok("GET", f"investigate/bulk/{job['job_id']}/messages")
    given = ["messages_skipped" in job, "messages_cancelled" in job, "message" in row]
    assert len(set(given)) == 1
    return given[0]


JOB = {"action": "MOVE", "destination": "Inbox", "search_params": {}}
IPV6 = {**SAMPLES["block_senders"], "pattern": "2001:db8::1", "pattern_type": "IP"}
RESTRICTIONS = "settings/sending_domain_restrictions"
MOVE = {"destination": "Inbox"}

# What each description has: a name for what is asked, how it is seen, and what is seen by date.
SEEN: list[tuple[str, Probe, tuple[Any, Any, Any]]] = [
    ("action log", offered("GET", "investigate/x/action_log"), (404, True, True)),
    ("pages of an action log", paged("investigate/{id}/action_log"), (False, False, True)),
    ("batches", offered("POST", "settings/trusted_domains/batch", batch()), (404, True, True)),
    ("batches of domains", offered("POST", "settings/domains/batch", batch()), (404, True, True)),
    ("content policies", offered("GET", "settings/content_policies"), (404, 404, True)),
    ("domains created", offered("POST", "settings/domains", another("domains")), (404, True, True)),
    ("a domain replaced", offered("PUT", "settings/domains/x", {}), (405, True, True)),
    ("verification", offered("GET", "settings/domains/x/verification"), (404, True, True)),
    ("domains removed at once", offered("DELETE", "settings/domains"), (405, True, 405)),
    ("an entry replaced", offered("PUT", "settings/block_senders/x", {}), (405, 405, True)),
    ("one message moved", offered("POST", "investigate/x/move", MOVE), (True, True, 404)),
    ("reclassification", offered("POST", "investigate/x/reclassify", {}), (True, True, 404)),
    ("restrictions", offered("GET", RESTRICTIONS), (404, True, True)),
    ("batches of restrictions", taken("POST", f"{RESTRICTIONS}/batch", {"deletes": []}), (False, True, False)),
    ("submissions made", offered("POST", "submissions", {}), (404, 404, True)),
    ("URL ignore patterns", offered("GET", "settings/url_ignore_patterns"), (404, True, True)),
    ("the monthly report", offered("GET", "analytics/monthly_report"), (404, 404, True)),
    ("bulk jobs", offered("GET", "investigate/bulk"), (404, True, True)),
    (
        "a job's disposition",
        taken("POST", "investigate/bulk", {**JOB, "expected_disposition": "NONE"}),
        (False, True, False),
    ),
    ("newer counters of a job", counters_of_a_job, (None, False, True)),
    ("submissions in order", taken("GET", "submissions", order="subject", direction="desc"), (False, False, True)),
    ("pages of reports", paged("phishguard/reports"), (False, False, True)),
    ("reports by day", taken("GET", "phishguard/reports", from_date="2026-01-01"), (True, True, True)),
    ("action logs in a search", taken("GET", "investigate", action_log="true"), (True, False, False)),
    ("search by delivery", taken("GET", "investigate", delivery_status="moved"), (False, True, True)),
    ("search by failed moves", taken("GET", "investigate", delivery_status="move_failed"), (False, False, True)),
    ("search by HELO", taken("GET", "investigate", smtp_helo_ip="192.0.2.1"), (False, False, True)),
    ("search by domain", found_by_domain, ("sender", "sender", "sender recipient link")),
    ("pages of a search by number", taken("GET", "investigate", page=2), (True, True, True)),
    ("a future start", taken("GET", "investigate", start="2999-01-01T00:00:00Z"), (False, False, False)),
    ("IPv6 patterns", taken("POST", "settings/block_senders", IPV6), (False, False, True)),
    ("a move's disposition", moved(expected_disposition="NONE"), (False, True, False)),
    ("a move's older ids", moved(postfix_ids=["x"]), (True, True, False)),
    ("the body of a release", released, ("array", "array", "object")),
    ("the body of a preview", previewed, ("postfix_id", "postfix_id", "id")),
    ("a submission's status", status_of_a_submission, ("pending", "pending", "unreviewed")),
    ("a domain's status", status_of_a_domain, ("active", "active", "ACTIVE")),
    ("older fields of a message", shown("investigate/{id}", "ts", "action_log", "findings"), (True, True, False)),
    ("the same in a search", shown("investigate", "ts", "action_log", "findings"), (True, True, False)),
    ("older fields of an entry", deprecated_fields_of_an_entry, (True, True, False)),
    ("older fields of a move", fields_of_a_move, (True, True, False)),
    ("older fields of a trace", fields_of_a_trace, (True, True, False)),
    (
        "a message's hops",
        shown("investigate/{id}", "smtp_helo_server_ip", "smtp_previous_hop_ip", "x_originating_ip"),
        (False, True, True),
    ),
]


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize(("probe", "seen"), [pytest.param(*each[1:], id=each[0]) for each in SEEN])
def test_each_date(client: Any, date: str, probe: Probe, seen: tuple[Any, Any, Any]) -> None:
    client.account.options(api=date)
    assert probe(client) == dict(zip(DATES, seen, strict=True))[date]


def test_one_behaviour_may_deviate(client: Any) -> None:
    release = {"ids": ["nobody"]}
    client.account.options(api=FIRST, release_body="object", batch=405)
    assert client.refused("POST", "investigate/release", release)[:2] == (404, 10404)
    assert client.refused("POST", "settings/block_senders/batch", batch())[:2] == (405, 10405)
    # A deviation stays when the date changes, until it is taken back.
    client.account.options(api=SECOND)
    assert client.refused("POST", "investigate/release", release)[:2] == (404, 10404)
    options = client.account.options(release_body=None, batch=None)
    assert (options["api"], options["release_body"]) == (SECOND, None)
    assert client.refused("POST", "investigate/release", release) == (400, 10400, "")
    assert client.ok("POST", "settings/block_senders/batch", batch()) == batch()


@pytest.mark.parametrize("bad", [{"api": "2026-06"}, {"api": None}, {"release_body": "text"}, {"action_log": 404}])
def test_what_dates_and_behaviours_cannot_be(client: Any, bad: dict[str, Any]) -> None:
    before = client.account.options()
    with pytest.raises(ValueError, match="refused"):
        client.account.options(**bad)
    assert client.account.options() == before


def test_the_table_in_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(sys.modules[Simulator.__module__].__file__ or "").parent
    monkeypatch.syspath_prepend(folder)
    table = importlib.import_module("behaviours").BEHAVIOURS
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    begin = lines.index("| behaviour | 2026-05 | 2026-08 | 2026-11 | |")
    rows = [line.split("|")[1:5] for line in lines[begin + 2 : begin + 2 + len(table) + 1] if line]
    written = {name.strip(" `"): [json.loads(value.strip(" `")) for value in values] for name, *values in rows}
    assert written == {name: [behaviour.at(date) for date in DATES] for name, behaviour in table.items()}


@pytest.mark.parametrize("date", [None, FIRST])
def test_the_date_of_a_simulator(date: str | None) -> None:
    with Simulator(api=date) as simulator:
        account = simulator.account()
        assert account.options()["api"] == (date or THIRD)
        url = f"{account.base_url}/accounts/{account.id}/email-security/settings/domains/batch"
        headers = {"Authorization": f"Bearer {account.token}"}
        answer = requests.post(url, json=batch(), headers=headers, timeout=5)
        assert answer.status_code == (404 if date else 200)
