# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to incident response: its files are written, its commands are run in their order, and its promises kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from examples.documents import LEFT_OUT
from examples.reader import Reader, of_account
from examples.snippets import file_of
from modules.test_respond import CHECKOUT, ROLE, Run, folders, message, records, writes
from simulator.handle import Account

_DOCUMENT = "docs/incident_response.md"
GUIDE = (CHECKOUT / _DOCUMENT).read_text()
_OPENED = re.search(r"\bid=(\S+)", GUIDE)


def wave() -> list[dict[str, Any]]:
    """Four messages slipped through, three were caught. None of the API's texts may hurt the report."""
    assert _OPENED, "the guide opens a message by its id"
    slipped = [message(number, subject=f"Overdue invoice {number} {{{{ x }}}}") for number in range(1, 5)]
    slipped[0]["id"] = _OPENED[1]
    caught = [message(number, final_disposition="MALICIOUS", is_quarantined=True) for number in range(5, 8)]
    both = enumerate([*slipped, *caught], start=1)
    return [{**one, "message_id": f"<wave-{number}@mail.phish.example>"} for number, one in both]


def test_the_guide(account: Account, tmp_path: Path) -> None:
    warning = {"from": "soc@acme.example", "subject": "Beware of invoices", "links": ["https://phish.example/login"]}
    account.put_messages(*wave(), message(8, **{"from": "friend@partner.example"}), message(9, **warning))
    reader = Reader(tmp_path, {**of_account(account), "COLUMNS": "250"})
    steps = reader.follow(_DOCUMENT, LEFT_OUT[_DOCUMENT])
    evidence = reader.folder / "evidence" / "localhost"

    def step() -> Run:
        account.clear_requests()
        ran = next(steps)
        return Run(ran.output, ran.returncode).ok()

    found = step()
    assert found.lines[0] in GUIDE
    assert f"Account {account.id}" in found.output
    assert found.lines[1].split() == re.findall(r"^FROM.*", GUIDE, re.M)[0].split()
    assert sum(" NONE " in line for line in found.lines) == 4 + 1
    assert found.lines[-2] in GUIDE
    assert list(evidence.parent.glob("**")) == writes(account) == []

    looked = step()
    assert '"from": "billing@phish.example"' in looked.output
    assert (reader.folder / "message.png").read_bytes().startswith(b"\x89PNG")

    step()
    kept = sorted(file.suffix for file in evidence.iterdir())
    assert kept == [".eml"] * 3 + [".json"] * 2 + [".png"] * 7
    assert len(records(evidence, "outcomes")[0]["files_missing"]) == 4

    looked = step()
    assert looked.lines[0] in GUIDE
    assert writes(account) == []
    assert len(records(evidence, "matches")) == 1

    assert step().lines[0].startswith("7 messages match: 3 in quarantine, 4 moved.")
    assert list(folders(account).values()).count("JunkEmail") == 4

    assert step().lines[0].startswith("7 messages match: 4 reclassified, 3 unchanged.")
    assert {one["requested_disposition"] for one in account.submissions()} == {"MALICIOUS"}

    step()
    assert [one["pattern"] for one in account.state()["block_senders"]] == ["phish.example"]

    account.review(account.submissions()[0]["submission_id"])
    watched = step()
    assert "4 submissions" in watched.output
    assert watched.output.count("NONE to MALICIOUS: unreviewed") == 3
    assert watched.output.count("NONE to MALICIOUS: accepted") == 1

    assert step().lines[0] == "1 message matches: 1 moved."
    assert folders(account)["user4@acme.example"] == "Inbox"
    assert step().lines[0] == "1 message matches: 1 released."
    assert folders(account)["user7@acme.example"] == "Inbox"
    step()
    assert account.state()["block_senders"] == []

    step()
    report = (evidence / "report.md").read_text()
    assert report.startswith("# Incident INC-77, account localhost\n")
    assert re.search(r"^\| \S+Z \| analyst \| move JunkEmail \| 3 in quarantine, 4 moved \|$", report, re.M)
    assert re.findall(r"^- (\S+)$", report, re.M) == [f"user{number}@acme.example" for number in range(1, 8)]
    assert (evidence / "report.md").stat().st_mode & 0o777 == 0o600

    parcels = {"subject": "Your parcel is waiting"}
    account.put_messages({"subject": "Is your parcel waiting?"}, {"subject": "Lunch"}, *[parcels] * 900)
    assert step().lines[0].startswith("900 messages match: 900 to move.")
    assert writes(account) == account.bulk_jobs() == []
    moved = step()
    assert "900 messages match: 900 moved." in moved.output
    assert writes(account) == ["investigate/bulk"]
    (job,) = account.bulk_jobs()
    assert job["status"] == "COMPLETED"
    assert job["total_messages_discovered"] == 900

    _assert_mended(account, reader, step)

    assert next(steps, None) is None, "the guide has a command that this test does not expect"


def _assert_mended(account: Account, reader: Reader, step: Callable[[], Run]) -> None:
    """From a message to the exception that let it through, and to the commit that mends it."""
    exception = {"pattern": "vip-travel.example", "pattern_type": "DOMAIN", "is_trusted_sender": True}
    said = {"allowlisted_pattern": exception["pattern"], "allowlisted_pattern_type": "allowed_sender"}
    account.put_messages(message(1, **{"from": "reservations@vip-travel.example", "properties": said}))
    flags = {"is_regex": False, "is_exempt_recipient": False, "is_acceptable_sender": False, "verify_sender": False}
    account.put({"allow_policies": [{**flags, **exception}]})
    reader.write("policies/allow_policies.yml", json.dumps({"allow_policies": [exception]}))
    reader.type("git init -q; git add policies; git commit -q -m 'Travel agency, asked for by phone'").ok()

    assert step().lines[-1] in GUIDE
    found = step().output
    assert found.startswith("policies/allow_policies.yml:1:")
    assert re.search(r"^\w+ \S+, \d{4}-\d\d-\d\d: Travel agency, asked for by phone$", found, re.M)
    assert "allow_policies: 1 to create, 1 to delete" in step().output
    assert writes(account) == []
    assert step().changed == {"localhost": 1}
    (mended,) = account.state()["allow_policies"]
    assert mended["pattern"] == "reservations@vip-travel.example"
    assert mended["verify_sender"]
    assert reader.type("git log --format=%s").output.startswith("Travel agency: one address")


def test_what_the_guide_names_is_there() -> None:
    options = (ROLE / "meta" / "argument_specs.yml").read_text()
    for name in set(re.findall(r"email_security_respond_\w+", GUIDE)):
        assert f"      {name}:\n" in options, name
    titles = re.findall(r"^##+ (.*)", GUIDE, re.M)
    headings = {re.sub(r"[^\w -]", "", title).replace(" ", "-").lower() for title in titles}
    assert set(re.findall(r"\]\(#([^)]+)\)", GUIDE)) <= headings
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", GUIDE):
        assert (CHECKOUT / "docs" / link).exists(), link


def test_the_role_keeps_records_as_its_readme_says(account: Account, tmp_path: Path) -> None:
    account.put_messages(*wave())
    readme = (ROLE / "README.md").read_text()
    reader = Reader(tmp_path, of_account(account))
    reader.write("site.yml", file_of("roles/respond/README.md", "site.yml"))
    assert reader.type("ansible-playbook site.yml -i one,").ok().changed == [1]
    (outcomes,) = records(reader.folder / "evidence" / "one", "outcomes")
    assert outcomes["ticket"] == "INC-77"
    # What the readme says of the variable that holds the result.
    assert set(outcomes) - set(re.findall(r"`(\w+)`", readme.split("## Result")[1])) == set()
    assert json.dumps(outcomes["target"]) == '{"destination": "JunkEmail"}'
