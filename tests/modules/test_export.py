# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook ``export``: what it writes can be applied again, however hostile the account's texts are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.dashboard import COLUMNS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from modules.samples import domain, person, policy, sender, trusted
from simulator.handle import Account
from unit.policy.schema import complaints

LISTS = tuple(RESOURCES)
PURGEABLE = [name for name, resource in RESOURCES.items() if resource.purgeable]
# Texts that YAML, Jinja, Ansible, a shell or a spreadsheet might take for something else.
HOSTILE = [
    "{{ lookup('pipe', 'echo run') }}",
    "{% for x in y %}",
    "{# no comment #}",
    "{% raw %}{{ x }}{% endraw %} #}",
    "@at",
    "!unsafe x",
    "!vault |",
    "%percent",
    "&anchor",
    "*alias",
    "yes",
    "Off",
    "null",
    "~",
    "1e3",
    "0o17",
    "0x1F",
    "1_000",
    "12:30:45",
    "2026-01-01",
    ".inf",
    "<<",
    "=",
    "- item",
    "key: value",
    "text # no comment",
    "[1, 2]",
    '{"a": 1}',
    "'single'",
    '"double"',
    "back\\slash \\n",
    "Ünïcode 日本語 🦊",
    "a" * 1024,
    "$(id) `id` ${HOME}",
    "+1-2",
]
# Of those, what Java does not read as a regular expression, so that no pattern can be it.
NO_EXPRESSIONS = {
    "{{ lookup('pipe', 'echo run') }}",
    "{% for x in y %}",
    "{# no comment #}",
    "{% raw %}{{ x }}{% endraw %} #}",
    "*alias",
    '{"a": 1}',
    "$(id) `id` ${HOME}",
    "+1-2",
}
# What comments may hold, and no pattern or name.
UNREADABLE = [
    "two\nlines\n",
    "\ttab and space ",
    "carriage\r\nreturn",
    "bidi \u202e text \u200b\ufeff",
    "\x01\x1b[31m\x7f",
    "next\x85line\u2028separator",
]


def hostile_account() -> dict[str, list[dict[str, Any]]]:
    """Hostile texts wherever the API takes any text, as far as an entry with them could be made anew."""
    comments = [text.strip()[::-1] for text in [*HOSTILE, *UNREADABLE]]
    names = [*HOSTILE, *(f"name {number}" for number in range(len(UNREADABLE)))]
    patterns = [f"p{number}" if text in NO_EXPRESSIONS else text for number, text in enumerate(names)]
    regexes = list(zip(patterns, comments, strict=True))
    return {
        "domains": [
            domain("example.com", transport="{{ x }}", drop_dispositions=["SPAM", "BULK"], lookback_hops=4),
            domain("bücher.example", ip_restrictions=["2001:DB8::/32", "192.0.2.1"], folder="Inbox"),
        ],
        "impersonation_registry": [
            *(person(name, "a@example.com", comments=text) for name, text in zip(names, comments, strict=True)),
            person("Regex", r"^o.neill@(a|b)\.example$", is_email_regex=True),
            person("Synced", "s@example.com", provenance="SNOOPY-GOOGLE_DIRECTORY", directory_id=4),
        ],
        "block_senders": [
            *(sender(pattern, is_regex=True, comments=text) for pattern, text in regexes),
            sender("192.0.2.0/24", pattern_type="IP", comments=""),
            sender("same.example"),
            sender("SAME.example", comments="the same, spelled otherwise"),
        ],
        "trusted_domains": [
            trusted(pattern, is_regex=True, is_recent=True, comments=text) for pattern, text in regexes
        ],
        "allow_policies": [
            policy(
                pattern,
                is_regex=True,
                comments=text,
                is_trusted_sender=number % 2 == 0,
                is_exempt_recipient=number % 3 == 0,
                verify_sender=number % 5 != 0,
            )
            for number, (pattern, text) in enumerate(regexes)
        ],
    }


class Playbooks:
    """Runs playbooks of the collection for one account, from a folder of its own."""

    def __init__(self, account: Account, folder: Path, host: str = "acme") -> None:
        self.account = account
        self.folder = folder
        variables = {
            "ansible_connection": "local",
            "email_security_account_id": account.id,
            "email_security_api_token": account.token,
            "email_security_base_url": account.base_url,
        }
        inventory = {"all": {"hosts": {host: variables}}}
        (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
        (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")

    def run(self, playbook: str, variables: Mapping[str, Any], *arguments: str, ok: bool = True) -> str:
        """What it printed. The account's log then holds the requests of this run alone."""
        self.account.clear_requests()
        (self.folder / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "CLOUDFLARE_")) and not name.lower().endswith("_proxy")
        }
        environment = {
            **inherited,
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "ansible" / "tmp"),
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PIPELINING": "1",
        }
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.json", "-e", "@variables.json"]
        finished = subprocess.run(
            [*command, *arguments, playbook],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        printed = f"{finished.stdout}\n{finished.stderr}"
        assert (finished.returncode == 0) == ok, printed
        return printed

    def export(self, *arguments: str, **variables: Any) -> str:
        settings = {f"email_security_export_{name}": value for name, value in variables.items()}
        printed = self.run(
            "cloudflare.email_security.export", {"email_security_export_dest": "out", **settings}, *arguments
        )
        assert {request["method"] for request in self.account.requests()} == {"GET"}
        return printed

    def apply(self, files: list[Path], *arguments: str) -> str:
        purge = PURGEABLE
        variables = {"email_security_policy_files": [str(file) for file in files], "email_security_purge": purge}
        return self.run("cloudflare.email_security.apply", variables, *arguments)

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [(one["method"], one["path"]) for one in self.account.requests() if one["method"] != "GET"]


@pytest.fixture
def playbooks(account: Account, tmp_path: Path) -> Playbooks:
    return Playbooks(account, tmp_path)


@pytest.mark.parametrize(
    ("layout", "omit_defaults", "synced"), [("lists", False, False), ("single", True, True), ("lists", True, False)]
)
def test_what_is_exported_can_be_applied(
    playbooks: Playbooks, account: Account, layout: str, omit_defaults: bool, synced: bool
) -> None:
    seeded = account.put(hostile_account())
    first = playbooks.export(layout=layout, omit_defaults=omit_defaults, synced=synced)
    assert "changed=1 " in first
    out = playbooks.folder / "out"
    files = [out / "acme.yml"] if layout == "single" else [out / "acme" / f"{name}.yml" for name in LISTS]
    assert sorted(path for path in out.rglob("*") if path.is_file()) == sorted(files)
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    for file, text in texts.items():
        assert file.stat().st_mode & 0o777 == 0o600
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert "\n# yaml-language-server: $schema=https://" in text
        assert complaints(text) == []
    whole = "".join(texts.values())
    assert "Ünïcode 日本語 🦊" in whole
    assert "!unsafe" in whole
    assert ("# Synced from a directory (SNOOPY-GOOGLE_DIRECTORY)" in whole) == synced
    assert ("name: Synced" in whole) == synced
    assert ("is_exempt_recipient: false" in whole) != omit_defaults

    again = playbooks.export(layout=layout, omit_defaults=omit_defaults, synced=synced)
    assert "changed=0 " in again
    assert {file: file.read_text(encoding="utf-8") for file in files} == texts

    applied = playbooks.apply(files)
    assert "changed=0 " in applied
    assert playbooks.writes == []
    assert len(account.requests()) == len(LISTS)
    assert account.state() == seeded


def test_what_could_not_be_made_anew_is_exported_by_its_id(playbooks: Playbooks, account: Account) -> None:
    """Applied again, it stays; only white space around comments goes, once."""
    entries = [sender(text, is_regex=True, comments=f" {text}") for text in [*UNREADABLE, *sorted(NO_EXPRESSIONS)]]
    seeded = account.put({"block_senders": entries})["block_senders"]
    printed = playbooks.export(layout="single", lists=["block_senders"])
    assert printed.count("is no entry that could be made anew") >= len(entries)
    file = playbooks.folder / "out" / "acme.yml"
    text = file.read_text(encoding="utf-8")
    assert all(entry["id"] in text for entry in seeded)
    playbooks.apply([file])
    assert account.state()["block_senders"] == [
        {**entry, "comments": entry["comments"].strip(), "modified_at": after["modified_at"]}
        for entry, after in zip(seeded, account.state()["block_senders"], strict=True)
    ]
    playbooks.apply([file])
    assert playbooks.writes == []


def test_an_export_brings_a_lost_account_back(playbooks: Playbooks, account: Account) -> None:
    """What was written is the account, in every field that can be written."""
    document = hostile_account()
    document["impersonation_registry"] = [
        entry for entry in document["impersonation_registry"] if entry["name"] != "Synced"
    ]
    # Entries that share a key are distinguished by ids, which are gone with the account.
    document["block_senders"] = [
        entry for entry in document["block_senders"] if entry["pattern"].lower() != "same.example"
    ]
    before = account.put(document)
    playbooks.export(layout="single", omit_defaults=True)
    account.put({"domains": before["domains"]})
    applied = playbooks.apply([playbooks.folder / "out" / "acme.yml"])
    assert "changed=1 " in applied
    after = account.state()
    for name in LISTS:
        assert _written(after[name]) == _written(before[name]), name


def _written(entries: list[dict[str, Any]]) -> list[str]:
    """Without what the server makes, and without nulls, which stand for what was never written."""
    made_by_server = ("id", "created_at", "modified_at")
    kept = (
        {name: value for name, value in entry.items() if name not in made_by_server and value is not None}
        for entry in entries
    )
    return sorted(json.dumps(entry, sort_keys=True) for entry in kept)


def test_check_mode_shows_what_would_be_written(playbooks: Playbooks, account: Account) -> None:
    account.put({"block_senders": [sender("first.example")]})
    planned = playbooks.export("--check", "--diff", lists="block_senders,trusted_domains")
    assert "first.example" in planned
    assert not (playbooks.folder / "out").exists()
    playbooks.export(lists=["block_senders", "trusted_domains"])
    folder = playbooks.folder / "out" / "acme"
    assert sorted(file.name for file in folder.iterdir()) == ["block_senders.yml", "trusted_domains.yml"]
    assert (folder / "trusted_domains.yml").read_text(encoding="utf-8").endswith("---\ntrusted_domains: []\n")
    account.put({"block_senders": [sender("second.example")]})
    diff = playbooks.export("--check", "--diff", lists=["block_senders", "trusted_domains"])
    assert "-  - pattern: first.example" in diff
    assert "+  - pattern: second.example" in diff
    assert "changed=1 " in diff
    assert "first.example" in (folder / "block_senders.yml").read_text(encoding="utf-8")


def test_a_host_name_does_not_lead_elsewhere(account: Account, tmp_path: Path) -> None:
    Playbooks(account, tmp_path, host="../up").export(layout="single")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["_._up.yml"]
    assert not (tmp_path / "up.yml").exists()


def test_csv_files_stand_in_for_lists(playbooks: Playbooks, account: Account) -> None:
    """Lists written as the dashboard's CSV by a task, and a policy that names these files, on this ansible-core."""
    document = hostile_account()
    names = list(COLUMNS)
    # What a CSV file cannot say is refused or, as for comments on people, left out.
    document["impersonation_registry"] = [person(text, "a@example.com") for text in HOSTILE]
    document["block_senders"] = [entry for entry in document["block_senders"] if entry["pattern"] != "SAME.example"]
    seeded = account.put({name: document[name] for name in names})
    write = {
        "hosts": "all",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [
            {
                "cloudflare.email_security.settings_info": {
                    "account_id": account.id,
                    "api_token": account.token,
                    "base_url": account.base_url,
                },
                "register": "found",
            },
            {
                "ansible.builtin.copy": {
                    "content": "{{ found.settings[item] | cloudflare.email_security.to_dashboard_csv(item) }}",
                    "dest": f"{playbooks.folder}/{{{{ item }}}}.csv",
                    "mode": "0600",
                },
                "loop": names,
            },
        ],
    }
    (playbooks.folder / "write.yml").write_text(json.dumps([write]), encoding="utf-8")
    playbooks.run("write.yml", {})
    applied = playbooks.apply([playbooks.folder / f"{name}.csv" for name in names])
    assert "changed=0 " in applied
    assert playbooks.writes == []
    assert account.state() == seeded


def test_faulty_rows_of_a_csv_file_are_all_reported(playbooks: Playbooks) -> None:
    rows = [
        "Blocked Sender,Blocked Sender Type,Is Regex,Notes",
        "good.example,DOMAIN,false,",
        "bad.example,PHONE,false,",
        "worse.example,DOMAIN,maybe,",
    ]
    (playbooks.folder / "blocked.csv").write_text("\n".join(rows), encoding="utf-8")
    lookup = f"lookup('ansible.builtin.file', '{playbooks.folder}/blocked.csv')"
    entries = f"{{{{ {lookup} | cloudflare.email_security.from_dashboard_csv('block_senders') }}}}"
    printed = playbooks.run(
        "cloudflare.email_security.apply", {"email_security_block_senders": entries}, "--check", ok=False
    )
    assert "row 3" in printed
    assert "row 4" in printed
    assert "row 2" not in printed
