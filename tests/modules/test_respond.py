# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role and the playbook ``respond``, run as a user runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.handle import Account, Simulator

CHECKOUT = Path(__file__).resolve().parents[2]
RESPOND = "cloudflare.email_security.respond"
ROLE = CHECKOUT / "roles" / "respond"
SURVEY = CHECKOUT / "playbooks" / "sample" / "respond_survey.json"
PREFIX = "email_security_respond_"
# Of a subject: what Jinja, a terminal, YAML, Python or a path might take for something else.
HOSTILE = [
    "{{ lookup('pipe', 'touch run') }}",
    "{% for x in y %}",
    "\x1b[31mred\x1b]0;title\x07 \x9b31m",
    "two\nlines\r\nPLAY RECAP",
    "['a', 'list']",
    "{'a': 1}",
    "True",
    "../../../etc/passwd\0",
    "\u202egnp.exe\u200b\u2028next\x85line",
    "日本語 🦊 %s {0}",
    "a" * 300,
]
# What no line of a terminal may hold, beside the line's end.
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]")


@dataclass(frozen=True)
class Run:
    """What ansible-playbook printed, and how it ended."""

    output: str
    returncode: int

    @property
    def changed(self) -> dict[str, int]:
        """How many tasks changed something, by host."""
        return {host: int(count) for host, count in re.findall(r"^(\S+) +: ok=.* changed=(\d+)", self.output, re.M)}

    @property
    def lines(self) -> list[str]:
        """What the role said: its summary, the table, the failures."""
        # Where hosts do not wait for each other, what another one says may stand between.
        reported = re.search(
            r"TASK \[[^\n]*Show the outcome\].*?^ok: \[[^\]]+\] => (\{\n.*?^\})", self.output, re.M | re.S
        )
        assert reported, self.output
        said: list[str] = json.loads(reported[1])["msg"]
        return said

    @property
    def results(self) -> dict[str, str]:
        """The result that the table has for each message, by id."""
        table = [
            line
            for line in self.lines[2:]
            if not line.startswith(("failed: ", "left out: ", "let through: ", "blocked: "))
        ]
        rows = [re.split(r"  +", line.strip()) for line in table]
        return {row[-1]: row[0] for row in rows}

    def ok(self) -> Run:
        assert self.returncode == 0, self.output
        return self

    def failed(self) -> str:
        """The output in one line, without the line breaks that differ between versions of Ansible."""
        assert self.returncode == 2, self.output
        return re.sub(r"\s+", " ", self.output)


def environment(account: Account) -> dict[str, str]:
    """Of ansible-playbook: the account, and nothing else that would change what it does."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CLOUDFLARE_"))}
    binaries = Path(sys.executable).parent
    return {
        **inherited,
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "USER": "analyst",
        "ANSIBLE_NOCOLOR": "1",
        # Wide enough for a message on each line.
        "COLUMNS": "250",
        "ANSIBLE_PIPELINING": "1",
        # Nobody is called analyst here: ~ would be a folder of that name beside the playbook, in the checkout.
        "ANSIBLE_REMOTE_TEMP": str(Path(tempfile.gettempdir()) / "ansible-analyst"),
        "CLOUDFLARE_BASE_URL": account.base_url,
        "CLOUDFLARE_ACCOUNT_ID": account.id,
        "CLOUDFLARE_API_TOKEN": account.token,
    }


def run(arguments: list[str], account: Account, cwd: Path, settings: Mapping[str, str] | None = None) -> Run:
    finished = subprocess.run(
        arguments,
        cwd=cwd,
        env={**environment(account), **(settings or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    return Run(finished.stdout, finished.returncode)


def respond(
    account: Account,
    cwd: Path,
    *options: str,
    inventory: str = "one,",
    settings: Mapping[str, str] | None = None,
    **variables: Any,
) -> Run:
    """Run the playbook with these of the role's variables, given without their common beginning.

    :param settings: Ansible's, as its environment has them.
    """
    named = {PREFIX + name: value for name, value in variables.items()}
    (cwd / "variables.yml").write_text(json.dumps(named))
    account.clear_requests()
    command = ["ansible-playbook", RESPOND, "-i", inventory, "-e", "@variables.yml", *options]
    return run(command, account, cwd, settings)


def writes(account: Account) -> list[str]:
    return [entry["path"] for entry in account.requests() if entry["method"] != "GET"]


def message(number: int, **fields: Any) -> dict[str, Any]:
    """A message of the wave, one that slipped through unless it says otherwise; low numbers are the newest."""
    scanned = datetime.now(timezone.utc) - timedelta(minutes=number + 1)
    return {
        "from": "billing@phish.example",
        "subject": f"Overdue invoice {number}",
        "client_recipients": [f"user{number}@acme.example"],
        "final_disposition": "NONE",
        "scanned_at": scanned.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **fields,
    }


def folders(account: Account) -> dict[str, str | None]:
    """Where each recipient's message is."""
    return {who: folder for one in account.messages(touched=True) for who, folder in one["mailboxes"].items()}


def records(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The records of a kind, oldest first."""
    return [json.loads(file.read_text()) for file in sorted(folder.glob(f"*-{kind}.json"))]


MOVE = {"domain": "phish.example", "action": "move", "destination": "JunkEmail"}


def test_move_with_evidence(account: Account, tmp_path: Path) -> None:
    """Check mode, for real, and again: hostile subjects, EML and pictures, both records, somebody else's mail."""
    account.put_messages(
        *(message(number, subject=subject) for number, subject in enumerate(HOSTILE)),
        message(20, final_disposition="MALICIOUS", is_quarantined=True),
        message(21, final_disposition="MALICIOUS", client_recipients=["a@x.example", "b@x.example"]),
        message(22, **{"from": "friend@partner.example"}),
    )
    wave = [one for one in account.messages() if one["from"] == "billing@phish.example"]
    variables = {**MOVE, "evidence": "evidence", "save_eml": True, "save_preview": "yes", "ticket": "INC-7"}
    before = folders(account)

    check = respond(account, tmp_path, "--check", **variables).ok()
    assert writes(account) == []
    assert folders(account) == before
    assert not (tmp_path / "evidence").exists()
    assert check.lines[0] == "13 messages match: 1 in quarantine, 12 to move."
    assert check.lines[1].split() == ["RESULT", "FROM", "SUBJECT", "RECIPIENTS", "DISPOSITION", "SCANNED", "AT", "ID"]
    assert check.results == {one["id"]: "in quarantine" if one["is_quarantined"] else "to move" for one in wave}
    assert len({line.index("billing@phish.example") for line in check.lines[2:]}) == 1
    assert "{{ lookup('pipe', 'touch run') }}" in check.lines[2]
    assert "?[31mred?]0;title? ?31m" in check.lines[4]
    assert "two?lines??PLAY RECAP" in check.lines[5]
    assert "a@x.example +1" in check.lines[-1]
    assert not CONTROL.search("".join(check.lines))

    real = respond(account, tmp_path, **variables).ok()
    moves = [entry for entry in account.requests() if entry["path"] == "investigate/move"]
    due = {one["id"] for one in wave if not one["is_quarantined"]}
    assert [set(entry["body"]["ids"]) for entry in moves] == [due]
    assert {one: result for one, result in real.results.items() if one in due} == dict.fromkeys(due, "moved")
    after = folders(account)
    assert after["user22@acme.example"] == "Inbox"
    assert after["user20@acme.example"] is None
    assert {after["user1@acme.example"], after["a@x.example"], after["b@x.example"]} == {"JunkEmail"}

    folder = tmp_path / "evidence" / "one"
    (matches,) = records(folder, "matches")
    assert [one["subject"] for one in matches["messages"][: len(HOSTILE)]] == HOSTILE
    # As they were before the move.
    assert not [one for one in matches["messages"] if "MOVE" in one["post_delivery_operations"]]
    assert matches["criteria"] == {"domain": "phish.example", "detections_only": False}
    assert (matches["account_id"], matches["host"], matches["ticket"]) == (account.id, "one", "INC-7")
    assert (matches["requested_by"], matches["action"]) == ("analyst", "move")
    searched = datetime.fromisoformat(matches["searched_at"].replace("Z", "+00:00"))
    assert abs(searched - datetime.now(timezone.utc)) < timedelta(minutes=2)
    (outcomes,) = records(folder, "outcomes")
    assert outcomes["states"] == real.results
    assert len(outcomes["outcomes"]) == 13
    assert {outcome["destination"] for outcome in outcomes["outcomes"]} == {"JunkEmail"}
    assert (outcomes["error"], outcomes["searched_at"]) == ("", matches["searched_at"])
    # The API has no EML of clean mail.
    assert len(outcomes["files_missing"]) == len(HOSTILE)
    kept = [Path(file["path"]) for file in outcomes["files"]]
    assert sorted(file.suffix for file in kept) == [".eml"] * 2 + [".png"] * 13
    assert {file.parent for file in kept} == {folder}
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evidence", "variables.yml"]

    again = respond(account, tmp_path, **{**variables, "save_preview": ""}).ok()
    assert again.changed == {"one": 0}
    assert writes(account) == []
    assert again.lines[0] == "13 messages match: 1 in quarantine, 12 unchanged."
    first, second = records(folder, "matches")
    assert first == matches
    assert "MOVE" in second["messages"][0]["post_delivery_operations"]


def test_only_what_is_meant_is_moved(account: Account, tmp_path: Path) -> None:
    """The API also finds who warns of the domain, and who writes to it. They are counted, reported and left alone."""
    account.put_messages(
        message(1, **{"from": "ceo@evil.example"}),
        message(2, envelope_from="bounce@evil.example"),
        message(3, **{"from": "soc@acme.example", "subject": "Beware", "links": ["https://evil.example/login"]}),
        message(4, **{"from": "jane@acme.example", "subject": "Re: hello", "client_recipients": ["ceo@evil.example"]}),
        message(5, **{"from": "a@notevil.example", "links": ["https://evil.example/x"], "subject": "Offer"}),
    )
    variables = {**MOVE, "domain": "evil.example", "evidence": "evidence", "max_messages": 2}
    moved = respond(account, tmp_path, **variables).ok()
    (sent,) = [entry for entry in account.requests() if entry["path"] == "investigate/move"]
    wave = {one["id"] for one in account.messages() if "Overdue" in one["subject"] and "notevil" not in one["from"]}
    assert set(sent["body"]["ids"]) == wave
    assert len(wave) == 2
    assert moved.lines[0] == "2 messages match: 2 moved. Left out of what the API found: 3."
    assert [line for line in moved.lines if line.startswith("left out: ")] == [
        "left out: 2 neither from the domain nor to it",
        "left out: 1 to the domain, not from it",
    ]
    assert sorted(moved.results.values()) == ["left out"] * 3 + ["moved"] * 2
    (matches,) = records(tmp_path / "evidence" / "one", "matches")
    assert {one["id"] for one in matches["messages"]} == wave
    kept = {one["message"]["subject"]: one["reason"] for one in matches["messages_left_out"]}
    assert kept == {
        "Beware": "neither from the domain nor to it",
        "Re: hello": "to the domain, not from it",
        "Offer": "neither from the domain nor to it",
    }
    (outcomes,) = records(tmp_path / "evidence" / "one", "outcomes")
    assert outcomes["match"] == "strict"
    assert outcomes["left_out"] == matches["left_out"]
    assert [one["count"] for one in outcomes["left_out"]] == [2, 1]

    by_api = respond(account, tmp_path, "--check", **{**variables, "match": "api", "max_messages": ""}).ok()
    assert by_api.lines[0] == "5 messages match: 3 to move, 2 unchanged."
    refused = respond(account, tmp_path, "--check", **{**variables, "match": "api"}).failed()
    assert "5 messages match, and email_security_respond_max_messages allows 2" in refused


def test_a_search_that_ends_early(account: Account, tmp_path: Path) -> None:
    """The API says that there is more, and not where: nothing is done, in check mode as for real, unless allowed."""
    account.put_messages(generate={"count": 1200, "detections": 1.0, "fields": {"from": "billing@phish.example"}})
    account.options(search_next="missing")
    variables = {**MOVE, "max_messages": 5000}
    for mode in ([], ["--check"]):
        refused = respond(account, tmp_path, *mode, evidence="evidence", **variables).failed()
        assert "1000 messages match, and there may be more. Nothing was done." in refused
        assert "email_security_respond_allow_truncated" in refused
    assert writes(account) == []
    assert not (tmp_path / "evidence").exists()
    done = respond(account, tmp_path, allow_truncated="yes", **variables).ok()
    assert done.lines[0].startswith("1000 messages match, and there may be more: ")
    assert writes(account) == ["investigate/move"]


def test_a_failing_mailbox(account: Account, tmp_path: Path) -> None:
    """The others are moved, the outcomes are recorded, the role fails; when it works again, only the rest is moved."""
    # The third is in quarantine for one of its recipients, and in the mailbox of the other.
    partly = {"is_quarantined": True, "delivery_status": ["delivered", "quarantined"]}
    account.put_messages(message(1), message(2), message(3, mailboxes={"user3@acme.example": "Inbox"}, **partly))
    account.options(failing_mailboxes=["user2@acme.example"])
    failed = respond(account, tmp_path, evidence="evidence", **MOVE)
    assert "2 messages moved; 1 outcomes are failures" in failed.failed()
    assert failed.lines[0] == "3 messages match: 1 failed, 2 moved."
    # One task failed, and not the one that moved the others.
    assert failed.output.count("FAILED!") == 1
    assert failed.changed == {"one": 1}
    assert re.fullmatch(r"failed: \S+, user2@acme.example, mailbox not available", failed.lines[-1])
    (outcomes,) = records(tmp_path / "evidence" / "one", "outcomes")
    assert sorted(outcomes["states"].values()) == ["failed", "moved", "moved"]
    assert "mailbox not available" in outcomes["error"]
    assert sorted(outcome["success"] for outcome in outcomes["outcomes"]) == [False, True, True]

    account.options(failing_mailboxes=[])
    done = respond(account, tmp_path, **MOVE).ok()
    assert done.lines[0] == "3 messages match: 1 moved, 2 unchanged."
    assert len(account.requests()[-1]["body"]["ids"]) == 1
    assert set(folders(account).values()) == {"JunkEmail"}


def test_evidence_comes_first(account: Account, tmp_path: Path) -> None:
    """What cannot be written down is not moved, and what cannot be moved is written down."""
    account.put_messages(message(1), message(2, final_disposition="SPAM"))
    (tmp_path / "file").write_text("")
    respond(account, tmp_path, evidence="file", **MOVE).failed()
    assert writes(account) == []

    account.faults({"kind": "status_before", "method": "POST", "arguments": {"status": 403, "message": "\x1b[2Jno"}})
    refused = respond(account, tmp_path, evidence="evidence", save_eml="true", **MOVE)
    assert "was answered: ?[2Jno" in refused.failed()
    assert writes(account) == ["investigate/move"]
    assert refused.lines[0] == "2 messages match: 2 not done."
    (matches,) = records(tmp_path / "evidence" / "one", "matches")
    (outcomes,) = records(tmp_path / "evidence" / "one", "outcomes")
    assert len(matches["messages"]) == len(outcomes["states"]) == 2
    assert "HTTP 403" in outcomes["error"]
    assert [Path(file["path"]).suffix for file in outcomes["files"]] == [".eml"]
    assert set(folders(account).values()) == {"Inbox"}


@pytest.fixture
def two_accounts(simulator: Simulator) -> Iterator[list[Account]]:
    accounts = [simulator.account() for _unused in range(2)]
    yield accounts
    for account in accounts:
        account.forget()


def test_two_accounts_from_a_survey(two_accounts: list[Account], tmp_path: Path) -> None:
    """In parallel, with what a survey sends: all of its answers, as text, most of them empty."""
    emea, us = two_accounts
    emea.put_messages(message(1), message(2))
    us.put_messages(message(3, is_quarantined=True, final_disposition="MALICIOUS"))
    hosts = {name: {"email_security_account_id": one.id} for name, one in (("emea", emea), ("../us", us))}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"accounts": {"hosts": hosts}}))
    survey = json.loads(SURVEY.read_text())["spec"]
    answers = {one["variable"].removeprefix(PREFIX): str(one["default"]) for one in survey}
    filled = {"sender": " billing@phish.example ", "action": "reclassify", "expected_disposition": "MALICIOUS"}
    respond(
        emea,
        tmp_path,
        "--forks=2",
        inventory="inventory.yml",
        **{**answers, **filled, "max_messages": "", "evidence": "evidence"},
    ).ok()
    assert len(emea.submissions()) == 2
    assert {one["requested_disposition"] for one in emea.submissions()} == {"MALICIOUS"}
    # It is malicious already.
    assert us.submissions() == []
    assert sorted(path.name for path in (tmp_path / "evidence").iterdir()) == ["_._us", "emea"]
    (matches,) = records(tmp_path / "evidence" / "emea", "matches")
    assert matches["account_id"] == emea.id
    assert matches["criteria"] == {"sender": "billing@phish.example", "start": "24h", "detections_only": False}


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_the_same_whatever_ansible_is_set_to(two_accounts: list[Account], tmp_path: Path, strategy: str) -> None:
    """One account refuses: its failure is its own, and what was done to the other is done and said."""
    emea, us = two_accounts
    emea.put_messages(message(1), message(2))
    us.put_messages(message(3))
    us.faults({"kind": "status_before", "times": None, "arguments": {"status": 403, "message": "not yours"}})
    hosts = {name: {"email_security_account_id": one.id} for name, one in (("emea", emea), ("us", us))}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"accounts": {"hosts": hosts}}))
    settings = {
        "ANSIBLE_ANY_ERRORS_FATAL": "1",
        # There is no such user, and nothing is done as another one.
        "ANSIBLE_BECOME": "1",
        "ANSIBLE_BECOME_USER": "nobody-at-all",
        "ANSIBLE_JINJA2_NATIVE": "1",
        "ANSIBLE_STRATEGY": strategy,
    }
    finished = respond(emea, tmp_path, inventory="inventory.yml", settings=settings, evidence="evidence", **MOVE)
    assert "not yours" in finished.failed()
    assert re.findall(r"fatal: \[(\w+)\]", finished.output) == ["us"]
    assert finished.lines[0] == "2 messages match: 2 moved."
    assert finished.changed == {"emea": 1, "us": 0}
    assert set(folders(emea).values()) == {"JunkEmail"}
    assert set(folders(us).values()) == {"Inbox"}
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == ["emea"]


def test_the_survey_fits_the_role() -> None:
    options = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    assert {name: option["default"] for name, option in options.items() if "default" in option} == defaults
    for question in json.loads(SURVEY.read_text())["spec"]:
        option = options[question["variable"]]
        if "choices" in option:
            assert set(question["choices"]) <= set(option["choices"])
            assert question["default"] in question["choices"]


def test_release(account: Account, tmp_path: Path) -> None:
    held = {"is_quarantined": True, "final_disposition": "SPAM"}
    account.put_messages(message(1, **held), message(2, **held), message(3))
    play: dict[str, Any] = {
        "hosts": "all",
        "connection": "local",
        "gather_facts": False,
        "vars": {PREFIX + "domain": "phish.example", PREFIX + "action": "release"},
        "roles": [RESPOND],
        "tasks": [
            {"assert": {"that": ["email_security_respond_result.changed", "states | sort == expected"]}},
            # The same role again in one play: nothing is left of the first result.
            {"import_role": {"name": RESPOND}},
            {"assert": {"that": ["not email_security_respond_result.changed", "states == ['unchanged'] * 3"]}},
        ],
    }
    play["vars"]["states"] = "{{ email_security_respond_result.states.values() | list }}"
    (tmp_path / "site.yml").write_text(yaml.safe_dump([play]))
    expected = json.dumps({"expected": ["released", "released", "unchanged"]})
    run(["ansible-playbook", "site.yml", "-i", "one,", "-e", expected], account, tmp_path).ok()
    assert writes(account) == ["investigate/release"]
    assert set(folders(account).values()) == {"Inbox"}


def test_too_many_messages(account: Account, tmp_path: Path) -> None:
    """The number is reported, nothing is done or kept, and a huge account isn't read to the end."""
    generate = {"count": 101, "fields": {"from": "billing@phish.example"}}
    account.put_messages(generate=generate)
    refused = respond(account, tmp_path, evidence="evidence", **MOVE).failed()
    assert "101 messages match, and email_security_respond_max_messages allows 100. Nothing was done." in refused
    assert [entry["path"] for entry in account.requests()] == ["investigate"]
    assert not (tmp_path / "evidence").exists()

    account.put_messages(generate={**generate, "count": 100000})
    refused = respond(account, tmp_path, "--check", **MOVE, max_messages="999").failed()
    assert "At least 1000 messages match, and email_security_respond_max_messages allows 999" in refused
    assert len(account.requests()) == 1


def test_wrong_variables_are_refused_before_any_request(account: Account, tmp_path: Path) -> None:
    """One run: each host has its own mistake."""
    move = {"action": "move", "destination": "Inbox"}
    hosts: Mapping[str, tuple[Mapping[str, Any], str]] = {
        "nothing": (move, "To move messages, the search must say which"),
        "times": ({**move, "start": "7d", "end": "", "detections_only": True}, "Times alone would mean all mail"),
        "clean": ({**move, "final_disposition": "NONE"}, "the search must say which"),
        "whereto": ({"action": "move", "sender": "a@b.example"}, "destination must say where to move messages to"),
        "what": ({"action": "reclassify", "sender": "a@b.example"}, "expected_disposition must say what"),
        "purge": ({**move, "destination": "RecoverableItemsPurges", "sender": "a@b.example"}, "respond_allow_purge"),
        "eml": ({"save_eml": "yes"}, "email_security_respond_evidence must name a folder"),
        "bool": ({"detections_only": "perhaps"}, "email_security_respond_detections_only must be true or false"),
        "number": ({"max_messages": "many"}, "email_security_respond_max_messages must be a whole number"),
        "bulk": ({"bulk": "true", "subject": "invoice"}, "the API finds more by subject than that says"),
        "zero": ({"max_messages": 0}, "email_security_respond_max_messages must be a whole number"),
    }
    inventory = {
        name: {PREFIX + key: value for key, value in variables.items()} for name, (variables, _unused) in hosts.items()
    }
    same = {"email_security_allow_same_account": True}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": inventory, "vars": same}}))
    output = respond(account, tmp_path, inventory="inventory.yml").failed()
    for name, (_unused, expected) in hosts.items():
        said = re.search(rf"fatal: \[{name}\]: FAILED! => (\{{.*?\}}) (?=fatal|PLAY|\[ERROR|TASK)", output)
        assert said, (name, output)
        assert expected in said[1], name
    assert account.requests() == []


def test_a_value_that_is_no_choice_is_reported_with_the_choices(account: Account, tmp_path: Path) -> None:
    said = respond(account, tmp_path, action="delete").failed()
    assert "email_security_respond_action: there is no 'delete'; there are none, move, release, reclassify" in said
    assert account.requests() == []
