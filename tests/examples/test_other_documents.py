# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The smaller documents: the simulator's pages, the sample's and the roles' READMEs."""

from __future__ import annotations

import shutil
from pathlib import Path

import requests
import yaml

from examples.documents import LEFT_OUT
from examples.reader import Reader, of_account
from examples.snippets import CHECKOUT, file_of, snippets
from examples.test_readme import free_port
from modules.samples import sender
from simulator.handle import Account, Simulator

_INVENTORY = "all: {hosts: {acme: }}\n"


def _policy() -> str:
    return file_of("README.md", "policy.yml")


def test_the_simulators_guide(tmp_path: Path) -> None:
    document, port = "docs/simulator.md", free_port()
    serves = ".venv/bin/python tests/simulator --port 8787"
    with (
        Reader(tmp_path, {}, replaced={"8787": str(port)}, serves=[serves]) as reader,
        requests.Session() as session,
    ):
        session.trust_env = False
        reader.write("policy.yml", _policy())
        steps = reader.follow(document, {})
        for step in ("start", "export"):
            assert next(steps).ok(), step
        assert next(steps).ok().changed == [1, 0]
        assert next(steps, None) is None, "the guide has a command that this test does not expect"
        # The addresses that the guide names.
        account = f"http://127.0.0.1:{port}/_simulator/accounts/0123456789abcdef0123456789abcdef"
        assert session.get(account, timeout=30).json()["block_senders"]
        assert session.get(f"{account}/requests", timeout=30).json()
        read_only = reader.type(
            "CLOUDFLARE_API_TOKEN=simulator-read-token ansible-playbook cloudflare.email_security.apply -i localhost, "
            "-e email_security_policy_files=policy.yml --check"
        )
        assert read_only.ok().changed == [0]


def test_the_simulators_own_page() -> None:
    document = "tests/simulator/README.md"
    (python,) = [one for one in snippets(document) if one.title not in LEFT_OUT[document]]
    assert python.language == "python"
    names: dict[str, object] = {"Simulator": Simulator}
    exec(python.text, names)
    assert isinstance(names["account"], Account)


def test_a_copy_of_the_sample(simulator: Simulator, tmp_path: Path) -> None:
    hosts = [yaml.safe_load(file.read_text()) for file in (CHECKOUT / "playbooks/sample/host_vars").glob("*.yml")]
    accounts = [simulator.account(host["email_security_account_id"]) for host in hosts]
    for account, host in zip(accounts, hosts, strict=True):
        account.forget()
        modes = {
            "allowed_delivery_modes": ["DIRECT"],
            "drop_dispositions": [],
            "ip_restrictions": [],
            "regions": ["GLOBAL"],
        }
        domains = [{"domain": one["domain"], **modes} for one in host["email_security_domains"]]
        account.put({"domains": domains, "block_senders": [sender("nobody-wrote-it-down.example")]})
    with Reader(tmp_path, of_account(accounts[0])) as reader:
        shutil.copytree(CHECKOUT / "playbooks/sample", reader.folder / "copy")
        reader.type("cd copy")
        predicted, purged = (step.ok() for step in reader.follow("playbooks/sample/README.md", {}))
        assert predicted.changed == purged.changed == [1] * len(accounts)
        assert "to delete" not in predicted.output, "the sample to copy removes nothing by itself"
        assert purged.output.count("1 to delete") == len(accounts)
    for account in accounts:
        assert {one["method"] for one in account.requests()} == {"GET"}
        account.forget()


def test_the_role_apply(account: Account, tmp_path: Path) -> None:
    account.put({"block_senders": [sender("stale.example", comments="soc: 1"), sender("other.example")]})
    with Reader(tmp_path, of_account(account)) as reader:
        assert not list(reader.follow("roles/apply/README.md", {}))
        reader.write("policy.yml", _policy())
        assert reader.type("ansible-playbook site.yml -i one,").ok().changed == [1]
    assert {entry["pattern"] for entry in account.state()["block_senders"]} == {"phish.example", "other.example"}


def test_the_role_export(account: Account, tmp_path: Path) -> None:
    account.put({"block_senders": [sender("old.example")]})
    with Reader(tmp_path, of_account(account)) as reader:
        reader.write("inventory.yml", _INVENTORY)
        reader.type("git init --quiet").ok()
        (ran,) = (step.ok() for step in reader.follow("roles/export/README.md", {}))
        # The files are new; the account is as they say.
        assert ran.changed == [1, 0]
        assert reader.type("git ls-files").output.splitlines()[0].startswith("policies/acme/")
    assert {one["method"] for one in account.requests()} == {"GET"}


def test_the_role_respond(account: Account, tmp_path: Path) -> None:
    document = "roles/respond/README.md"
    mail = {"from": "billing@phish.example", "final_disposition": "NONE", "client_recipients": ["user@acme.example"]}
    account.put_messages(mail)
    with Reader(tmp_path, of_account(account)) as reader:
        reader.write("inventory.yml", _INVENTORY)
        (searched,) = (step.ok() for step in reader.follow(document, LEFT_OUT[document]))
        assert "1 message matches" in searched.output
        assert {one["method"] for one in account.requests()} == {"GET"}
        assert reader.type("ansible-playbook site.yml -i acme,").ok().changed == [1]
        files = [file.name for file in (reader.folder / "evidence/acme").iterdir()]
        assert sorted(name.partition("-")[2] for name in files) == ["matches.json", "outcomes.json"]
    assert account.messages()[0]["mailboxes"] == {"user@acme.example": "JunkEmail"}


def test_the_role_validate(account: Account, tmp_path: Path) -> None:
    with Reader(tmp_path, of_account(account)) as reader:
        reader.write("policy.yml", _policy())
        assert list(reader.follow("roles/validate/README.md", {})) == []
        assert (
            "No mistakes (1 file, 1 account checked)" in reader.type("ansible-playbook check.yml -i acme,").ok().output
        )
    assert account.requests() == []
