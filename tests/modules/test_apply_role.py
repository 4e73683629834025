# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role and the playbook ``apply``, and the sample policy, run as a user runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.handle import Account, Simulator

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLE = CHECKOUT / "playbooks" / "sample"
APPLY = "cloudflare.email_security.apply"
TOKEN = "a-token-that-nobody-may-see"


@dataclass(frozen=True)
class Run:
    """What ansible-playbook printed, and how it ended."""

    output: str
    returncode: int

    @property
    def changed(self) -> dict[str, int]:
        """How many tasks changed something, by host."""
        return {host: int(count) for host, count in re.findall(r"^(\S+) +: ok=.* changed=(\d+)", self.output, re.M)}

    def ok(self) -> Run:
        assert self.returncode == 0, self.output
        return self

    def failed(self) -> str:
        """The output in one line, without the line breaks and quotes that differ between versions of Ansible."""
        assert self.returncode == 2, self.output
        return re.sub(r"\s+", " ", self.output)


def playbook(*arguments: str, account: Account, cwd: Path, **environ: str) -> Run:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CLOUDFLARE_"))}
    run = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), *arguments],
        cwd=cwd,
        env={
            **inherited,
            "ANSIBLE_NOCOLOR": "1",
            "CLOUDFLARE_BASE_URL": account.base_url,
            "CLOUDFLARE_ACCOUNT_ID": account.id,
            "CLOUDFLARE_API_TOKEN": account.token,
            **environ,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    return Run(run.stdout, run.returncode)


def apply(account: Account, cwd: Path, variables: Mapping[str, Any], *options: str) -> Run:
    """Run the playbook for one account, with these variables."""
    (cwd / "variables.yml").write_text(yaml.safe_dump(dict(variables)))
    return playbook(APPLY, "-i", "one,", "-e", "@variables.yml", *options, account=account, cwd=cwd)


def writes(account: Account) -> list[str]:
    return [f"{entry['method']} {entry['path']}" for entry in account.requests() if entry["method"] != "GET"]


def patterns(account: Account, name: str) -> set[str]:
    return {entry["pattern"] for entry in account.state()[name]}


def domain(name: str, **fields: Any) -> dict[str, Any]:
    """A protected domain, as onboarding leaves it."""
    modes, dispositions = {"allowed_delivery_modes": ["DIRECT"]}, {"drop_dispositions": []}
    return {"domain": name, **modes, **dispositions, "ip_restrictions": [], "regions": ["GLOBAL"], **fields}


def hosts_of_sample() -> list[dict[str, Any]]:
    return [yaml.safe_load(file.read_text()) for file in sorted((SAMPLE / "host_vars").glob("*.yml"))]


@pytest.fixture
def sample_accounts(simulator: Simulator) -> Iterator[list[Account]]:
    """The accounts of the sample's inventory: their domains are onboarded, everything else is empty."""
    accounts = []
    for host in hosts_of_sample():
        account = simulator.account(host["email_security_account_id"])
        account.forget()
        account.put({"domains": [domain(entry["domain"]) for entry in host["email_security_domains"]]})
        accounts.append(account)
    yield accounts
    for account in accounts:
        account.forget()


def test_the_sample_policy(sample_accounts: list[Account]) -> None:
    """Two accounts in parallel: applied, applied again, drift shown, converged."""
    emea, us = sample_accounts

    def run(*options: str) -> Run:
        for account in sample_accounts:
            account.clear_requests()
        return playbook(APPLY, "-i", "inventory.yml", "--forks", "2", *options, account=emea, cwd=SAMPLE).ok()

    predicted = run("--check")
    assert predicted.changed == {"acme-emea": 1, "acme-us": 1}
    assert writes(emea) == writes(us) == []

    assert run().changed == {"acme-emea": 1, "acme-us": 1}
    assert writes(emea)
    assert len(emea.state()["block_senders"]) + 1 == len(us.state()["block_senders"]) > 120
    assert "bescheide@tax-office.example" in patterns(emea, "allow_policies") - patterns(us, "allow_policies")
    assert len(us.state()["impersonation_registry"]) >= 30

    assert run().changed == {"acme-emea": 0, "acme-us": 0}
    assert writes(emea) == writes(us) == []
    assert len(emea.requests()) == len(us.requests()) == 8

    state = us.state()
    del state["block_senders"][0]
    state["allow_policies"][0]["is_trusted_sender"] = True
    us.put(state)
    drift = run("--check", "--diff")
    assert drift.changed == {"acme-emea": 0, "acme-us": 1}
    assert writes(emea) == writes(us) == []
    assert re.search(r'^- .*is_trusted_sender"?: true', drift.output, re.M)
    assert "block_senders: 1 to create" in drift.output
    assert "allow_policies: 1 to update" in drift.output

    assert run("-e", "email_security_hosts=acme-us").changed == {"acme-us": 1}
    assert run().changed == {"acme-emea": 0, "acme-us": 0}


def test_lists_of_files_and_variables_are_put_together(account: Account, tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("block_senders:\n- {pattern: one.example, pattern_type: DOMAIN}\n")
    (tmp_path / "two.yml").write_text(
        "block_senders:\n- {pattern: two.example, pattern_type: DOMAIN, comments: 0012}\ntrusted_domains: []\n"
    )
    account.put({"trusted_domains": [{"pattern": "old.example", "is_regex": False}], "allow_policies": [{}]})
    variables = {
        "email_security_policy_files": ["one.yml", str(tmp_path / "two.yml")],
        "email_security_block_senders": [{"pattern": "three.example", "pattern_type": "DOMAIN"}],
        "email_security_domains": None,
        "email_security_purge": ["trusted_domains", "allow_policies"],
    }
    run = apply(account, tmp_path, variables).ok()
    assert patterns(account, "block_senders") == {"one.example", "two.example", "three.example"}
    assert {entry["comments"] for entry in account.state()["block_senders"]} == {None, "0012"}
    # Named empty, it is emptied; named nowhere, it is not even read.
    assert account.state()["trusted_domains"] == []
    assert "settings/allow_policies" not in {entry["path"] for entry in account.requests()}
    assert "trusted_domains: 1 deleted" in run.output
    assert "block_senders: 3 created" in run.output


def test_unsafe_texts_arrive_as_written(account: Account, tmp_path: Path) -> None:
    hostile = ["{{ nobody.knows }}", "{% if %}", "{# hidden #}", "@evil.example", "!x: [y]"]
    entries = [
        f"- pattern: x{number}.example\n  pattern_type: DOMAIN\n  comments: !unsafe '{text}'\n"
        for number, text in enumerate(hostile)
    ]
    (tmp_path / "policy.yml").write_text("block_senders:\n" + "".join(entries))
    apply(account, tmp_path, {"email_security_policy_files": "policy.yml"}).ok()
    assert {entry["comments"] for entry in account.state()["block_senders"]} == set(hostile)
    assert apply(account, tmp_path, {"email_security_policy_files": "policy.yml"}).ok().changed == {"one": 0}


def test_a_vaulted_value_is_decrypted(account: Account, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("for the test\n")
    vault = [
        str(Path(sys.executable).with_name("ansible-vault")),
        "encrypt_string",
        "--vault-password-file",
        "password",
    ]
    secret = subprocess.run(
        [*vault, "ceo@private.example", "--name", "pattern"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    entry = "\n".join(f"  {line}" for line in secret.strip().splitlines())
    (tmp_path / "policy.yml").write_text(f"allow_policies:\n- pattern_type: EMAIL\n{entry}\n")
    variables = {"email_security_policy_files": ["policy.yml"]}
    apply(account, tmp_path, variables, "--vault-password-file", "password").ok()
    assert patterns(account, "allow_policies") == {"ceo@private.example"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("block_sender: []", "bad.yml:1:1: unknown list 'block_sender'; did you mean block_senders?"),
        ("block_senders: [", "bad.yml:2:1: this is not YAML: a comma or a closing bracket is missing"),
        (None, "bad.yml: there is no such file; correct the path; it was looked for in"),
    ],
)
def test_a_wrong_policy_file_is_named_before_any_request(
    account: Account, tmp_path: Path, content: str | None, expected: str
) -> None:
    (tmp_path / "good.yml").write_text("block_senders: []\n")
    if content is not None:
        (tmp_path / "bad.yml").write_text(content)
    output = apply(account, tmp_path, {"email_security_policy_files": ["good.yml", "bad.yml"]}).failed()
    assert expected in output
    assert account.requests() == []


def test_a_wrong_entry_is_found_in_its_file(account: Account, tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("block_senders:\n- {pattern: one.example, pattern_type: DOMAIN}\n")
    (tmp_path / "two.yml").write_text("block_senders:\n- {pattern: two.example, pattern_type: DOMAIN, coment: x}\n")
    output = apply(account, tmp_path, {"email_security_policy_files": "one.yml,two.yml"}).failed()
    assert "two.yml:2:48: two.example DOMAIN: unknown field 'coment'; did you mean comments?" in output
    assert account.requests() == []


def test_without_any_policy_nothing_is_a_success(account: Account, tmp_path: Path) -> None:
    output = apply(account, tmp_path, {"email_security_policy_files": []}).failed()
    assert "There is no policy: email_security_policy_files names no file, and none of" in output
    assert "email_security_block_senders" in output
    assert account.requests() == []


@pytest.mark.parametrize("text", ["", "---\n", "{}\n"])
def test_a_policy_file_without_lists_is_reported(text: str, account: Account, tmp_path: Path) -> None:
    (tmp_path / "empty.yml").write_text(text)
    run = apply(account, tmp_path, {"email_security_policy_files": ["empty.yml"]}).ok()
    assert "The policy names no list, so nothing was looked at." in run.output
    assert run.changed == {"one": 0}
    assert account.requests() == []


def test_a_list_set_to_nothing_is_reported(account: Account, tmp_path: Path) -> None:
    """No value is not an empty list, with which purge would remove everything."""
    account.put({"block_senders": [{"pattern": "kept.example", "pattern_type": "DOMAIN", "is_regex": False}]})
    run = apply(account, tmp_path, {"email_security_block_senders": None, "email_security_purge": ["block_senders"]})
    assert "There is no policy" in run.failed()
    assert patterns(account, "block_senders") == {"kept.example"}
    assert account.requests() == []


def test_purge_is_bounded_and_scoped(account: Account, tmp_path: Path) -> None:
    flags = {"pattern_type": "DOMAIN", "is_regex": False}
    ours = [{"pattern": f"feed-{number}.example", **flags, "comments": "feed: 1"} for number in range(3)]
    account.put({"block_senders": [*ours, {"pattern": "other.example", **flags, "comments": "soc: 2"}]})
    variables: dict[str, Any] = {
        "email_security_block_senders": [],
        "email_security_purge": ["block_senders"],
        "email_security_purge_scope": "^feed:",
        "email_security_purge_limit": 2,
    }
    assert "purge would delete 3 entries" in apply(account, tmp_path, variables).failed()
    assert writes(account) == []
    apply(account, tmp_path, {**variables, "email_security_purge_limit": 3}).ok()
    assert patterns(account, "block_senders") == {"other.example"}


@pytest.mark.parametrize("mode", [[], ["--check"]], ids=["for real", "check mode"])
def test_a_change_that_is_too_large_is_refused(account: Account, tmp_path: Path, mode: list[str]) -> None:
    flags = {"pattern_type": "DOMAIN", "is_regex": False}
    account.put({"block_senders": [{"pattern": f"old-{number}.example", **flags} for number in range(3)]})
    desired = [{"pattern": f"old-{number}.example", "pattern_type": "DOMAIN", "comments": "new"} for number in range(3)]
    variables = {"email_security_block_senders": desired, "email_security_change_limit": 2}
    reported = apply(account, tmp_path, variables, *mode).failed()
    assert "(block_senders: 3 to update), and email_security_change_limit allows 2. Nothing was changed." in reported
    assert writes(account) == []


def test_the_token_is_never_shown(account: Account, tmp_path: Path) -> None:
    account.options(credentials={"tokens": {TOKEN: "write"}})
    variables = {
        "email_security_api_token": TOKEN,
        "email_security_block_senders": [{"pattern": "phish.example", "pattern_type": "DOMAIN"}],
    }
    succeeded = apply(account, tmp_path, variables, "-vvvv", "--diff").ok()
    account.options(read_only=True)
    more = [{"pattern": "more.example", "pattern_type": "DOMAIN"}]
    refused = apply(account, tmp_path, {**variables, "email_security_block_senders": more}, "-vvvv")
    assert refused.returncode == 2
    assert TOKEN not in succeeded.output + refused.output
