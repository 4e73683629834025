# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles with hostile accounts and mail: nothing is run, files lie where they should, no terminal is steered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from hostile.plays import COLLECTION, Printed, ansible_playbook
from hostile.texts import CONTROL, LARGE, TERMINAL, UNSEEN, assert_calm, hostile_texts
from modules.samples import domain, person, policy, sender, trusted
from simulator.handle import Account


class _Yaml(yaml.SafeLoader):
    """With Ansible's tag for what is no template."""


_Yaml.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


class Roles:
    """The collection's playbooks on one account, in a folder of their own."""

    def __init__(self, account: Account, folder: Path) -> None:
        self.account = account
        self.folder = folder / "work"
        self.folder.mkdir()
        self.canary = folder / "canary"
        self.texts = hostile_texts(self.canary)

    def run(self, playbook: str, *arguments: str, host: str = "acme", **variables: Any) -> Printed:
        own = {
            "email_security_account_id": self.account.id,
            "email_security_api_token": self.account.token,
            "email_security_base_url": self.account.base_url,
        }
        printed = ansible_playbook(
            self.folder, f"{COLLECTION}.{playbook}", *arguments, variables={**own, **variables}, host=host
        )
        assert_calm(printed.everything)
        assert not self.canary.exists(), "something hostile was run"
        return printed

    def entries(self) -> dict[str, list[dict[str, Any]]]:
        texts = self.texts
        return {
            "domains": [domain("example.com", folder="Inbox", transport=texts[1])],
            "impersonation_registry": [person(text, "a@example.com", comments=text) for text in texts],
            "block_senders": [sender(text, is_regex=True, comments=text) for text in [*texts, LARGE[:1024]]],
            "trusted_domains": [trusted(text, is_regex=True, comments=text) for text in texts],
            "allow_policies": [policy(text, is_regex=True, comments=text) for text in texts],
        }

    def writable_entries(self) -> dict[str, list[dict[str, Any]]]:
        """The same in comments and names alone: most of the texts can be no pattern, and some no name."""
        numbered = [(f"p{number}", text) for number, text in enumerate(self.texts)]
        names = [
            pattern if CONTROL.search(text) or UNSEEN.search(text) or "\n" in text else text
            for pattern, text in numbered
        ]
        return {
            "domains": self.entries()["domains"],
            "impersonation_registry": [
                person(name, "a@example.com", comments=text) for name, text in zip(names, self.texts, strict=True)
            ],
            "block_senders": [
                *(sender(pattern, is_regex=True, comments=text) for pattern, text in numbered),
                sender("large", is_regex=True, comments=LARGE[:1024]),
            ],
            "trusted_domains": [trusted(pattern, is_regex=True, comments=text) for pattern, text in numbered],
            "allow_policies": [policy(pattern, is_regex=True, comments=text) for pattern, text in numbered],
        }

    def files(self, below: str) -> list[Path]:
        return sorted(file for file in (self.folder / below).rglob("*") if file.is_file())


@pytest.fixture
def roles(account: Account, tmp_path: Path) -> Iterator[Roles]:
    made = Roles(account, tmp_path)
    yield made
    assert [path.name for path in tmp_path.iterdir()] == ["work"], "something lies elsewhere"


def test_the_canary_would_show(roles: Roles, tmp_path: Path) -> None:
    """In a playbook of one's own, the first of the texts is run. Else the other tests here would prove nothing."""
    play = [{"name": "Own", "hosts": "all", "gather_facts": False, "tasks": [{"name": roles.texts[0], "meta": "noop"}]}]
    play[0]["tasks"] = [{"name": "Own", "ansible.builtin.debug": {"msg": roles.texts[0]}}]
    (roles.folder / "own.yml").write_text(json.dumps(play), encoding="utf-8")
    ansible_playbook(roles.folder, "own.yml", variables={})
    assert roles.canary.exists()
    roles.canary.unlink()


def test_export_and_apply(roles: Roles) -> None:
    """What is exported is the account, and applied again it changes nothing; then, it is all written anew."""
    roles.account.put(roles.writable_entries())
    before = roles.account.state()
    exported = roles.run("export", "--diff", "-v", email_security_export_dest="policy")
    assert exported.returncode == 0, exported.everything[-3000:]
    files = roles.files("policy")
    assert {str(file.relative_to(roles.folder)) for file in files} == {f"policy/acme/{name}.yml" for name in before}
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not CONTROL.search(text)
        assert not UNSEEN.search(text)
        (read,) = yaml.load(text, Loader=_Yaml).values()
        assert len(read) == len(before[file.stem])
        named = {entry.get("name", entry.get("pattern", entry.get("domain"))) for entry in read}
        assert named == {entry.get("name", entry.get("pattern", entry.get("domain"))) for entry in before[file.stem]}
    paths = ",".join(map(str, files))
    again = roles.run("apply", "--check", "--diff", "-v", email_security_policy_files=paths)
    assert again.returncode == 0, again.everything[-3000:]
    assert "changed=0" in again.stdout
    roles.account.put({"domains": before["domains"]})
    anew = roles.run("apply", "--diff", "-v", email_security_policy_files=paths)
    assert anew.returncode == 0, anew.everything[-3000:]
    after = roles.account.state()
    for name, entries in before.items():
        assert {entry.get("comments") for entry in after[name]} == {entry.get("comments") for entry in entries}


@pytest.mark.parametrize("host", ["../../up", "..", "/root", ".hidden"])
def test_the_name_of_a_host_leads_nowhere(roles: Roles, host: str) -> None:
    roles.account.put({"block_senders": [sender("x.example")]})
    roles.account.put_messages({"from": "a@phish.example"})
    inside = roles.folder / "a" / "b"
    evidence = {
        "email_security_respond_domain": "phish.example",
        "email_security_respond_evidence": str(inside),
        "email_security_respond_save_eml": True,
    }
    for playbook, more in (("export", {"email_security_export_dest": str(inside)}), ("respond", evidence)):
        printed = roles.run(playbook, host=host, **more)
        assert printed.returncode == 0, printed.everything[-3000:]
    written = [
        file for file in roles.files(".") if file.suffix in (".yml", ".json", ".eml") and "inventory" not in file.name
    ]
    assert {file.suffix for file in written} == {".yml", ".json", ".eml"}
    assert not [file for file in written if inside not in file.parents and "home" not in file.parts]


def test_audit(roles: Roles) -> None:
    roles.account.put(roles.entries())
    expected = {"email_security_block_senders": [], "email_security_domains": []}
    printed = roles.run(
        "audit",
        "-v",
        email_security_audit_fail_on="drift,risk",
        **expected,
        email_security_api_token=roles.account.read_token,
    )
    assert printed.returncode == 2, printed.everything[-3000:]
    assert [file.name for file in roles.files("audit")] == ["audit.html", "audit.json", "audit.junit.xml"]
    report = json.loads((roles.folder / "audit/audit.json").read_text(encoding="utf-8"))
    changed = {change["key"]["pattern"] for account in report["accounts"] for change in account["changes"]}
    assert changed >= set(roles.texts)
    cases = ElementTree.parse(roles.folder / "audit/audit.junit.xml").iter("testcase")
    assert [case.get("name") for case in cases if case.find("failure") is not None]
    page = (roles.folder / "audit/audit.html").read_text(encoding="utf-8")
    assert not CONTROL.search(page.replace("\t", " "))
    said = printed.stdout[printed.stdout.index("Show the state of the accounts") :]
    assert not UNSEEN.search(said.partition("PLAY RECAP")[0])


def test_audit_of_an_account_whose_server_is_hostile(roles: Roles) -> None:
    """What it answers is reported on the screen and in all three files."""
    said = TERMINAL + "\u202e{{ lookup('pipe', 'touch %s') }}</script>".replace("%s", str(roles.canary))
    roles.account.faults({"kind": "status_before", "times": None, "arguments": {"status": 403, "message": said}})
    printed = roles.run("audit", email_security_block_senders=[])
    assert printed.returncode == 0, printed.everything[-3000:]
    report = json.loads((roles.folder / "audit/audit.json").read_text(encoding="utf-8"))
    (account,) = report["accounts"]
    assert "lookup('pipe'" in account["error"]["message"]
    assert not CONTROL.search(account["error"]["message"])
    assert_calm(printed.everything, UNSEEN)


def test_respond(roles: Roles) -> None:
    ids = ["../../../up", "..\\up", "-rf", ".hidden", "{{ 7 * 7 }}", "a\x1b[31mb", "\u202egnp", "x" * 3000]
    common = {"from": "a@phish.example", "final_disposition": "MALICIOUS"}
    mail = [{**common, "subject": text, "from_name": text, "client_recipients": [text]} for text in roles.texts]
    mail += [{**common, "id": each, "eml": f"Subject: {roles.texts[0]}\r\n\r\n{TERMINAL}"} for each in ids]
    roles.account.put_messages(*mail, {**common, "subject": LARGE})
    printed = roles.run(
        "respond",
        email_security_respond_domain="phish.example",
        email_security_respond_action="move",
        email_security_respond_destination="JunkEmail",
        email_security_respond_evidence="evidence",
        email_security_respond_save_eml=True,
        email_security_respond_save_preview=True,
        email_security_respond_ticket=TERMINAL,
    )
    assert printed.returncode == 0, printed.everything[-3000:]
    assert_calm(printed.everything, UNSEEN)
    files = roles.files("evidence")
    assert {file.parent for file in files} == {roles.folder / "evidence" / "acme"}
    assert [file.suffix for file in files].count(".eml") == len(mail) + 1
    (matches,) = (json.loads(file.read_text()) for file in files if file.name.endswith("-matches.json"))
    assert {message["subject"] for message in matches["messages"]} >= {*roles.texts, LARGE}
    assert {message["id"] for message in matches["messages"]} >= set(ids)
