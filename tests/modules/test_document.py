# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How ``settings`` treats a document as one: one plan before the first write, and a way back from the account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from modules.playbook import Step, options, put, run_steps
from modules.samples import domain, person, policy, sender, trusted
from modules.scenario import REFUSED
from simulator.handle import Account


def test_nothing_is_written_when_a_later_list_does_not_fit(account: Account, tmp_path: Path) -> None:
    """Lists are written in the order domains … allow policies: each problem here is found in a later one."""
    seeded = account.put(
        {
            "domains": [domain("example.com")],
            "impersonation_registry": [person("Synced", "s@example.com", provenance="SNOOPY-OFFICE_365")],
            "allow_policies": [policy("twice.example"), policy("TWICE.example"), policy("taken.example")],
        }
    )
    ids = [entry["id"] for entry in seeded["allow_policies"]]
    first = {"domains": [{"domain": "example.com", "lookback_hops": 5}], "block_senders": [sender("new.example")]}
    synced = {"name": "Synced", "email": "S@example.com"}
    problems: dict[str, tuple[dict[str, Any], list[str]]] = {
        "several match": (
            {"allow_policies": [policy("twice.example")]},
            ["allow_policies[0]", "twice.example", *ids[:2]],
        ),
        "unknown id": ({"allow_policies": [{"id": "nobody"}]}, ["allow_policies[0]", "nobody"]),
        "key taken": (
            {"allow_policies": [{"id": ids[0], **policy("taken.example")}]},
            ["allow_policies[0]", "taken.example", ids[2]],
        ),
        "synced, changed": (
            {"impersonation_registry": [{**synced, "email": "s@example.com", "comments": "CEO"}]},
            ["impersonation_registry[0]", "Synced", "SNOOPY-OFFICE_365"],
        ),
        "synced, removed": (
            {"impersonation_registry": [{**synced, "email": "s@example.com", "state": "absent"}]},
            ["impersonation_registry[0]", "Synced", "SNOOPY-OFFICE_365"],
        ),
        "domain not whole": (
            {"domains": [{"domain": "example.com", "lookback_hops": 5}, {"domain": "new.example"}]},
            ["domains[1]", "new.example", "allowed_delivery_modes", "dashboard"],
        ),
    }
    steps = [Step(name, "settings", {**first, **document}) for name, (document, _unused) in problems.items()]
    steps += [Step(f"{step.name}, check", "settings", step.args, check=True) for step in steps]
    all_of_them = {
        **first,
        "impersonation_registry": problems["synced, changed"][0]["impersonation_registry"],
        "allow_policies": [policy("twice.example"), {"id": "nobody"}],
    }
    steps.append(Step("all problems at once", "settings", all_of_them))
    run = run_steps(account, tmp_path, steps)
    for outcome in run:
        name = outcome.step.name.removesuffix(", check")
        assert outcome.failed, name
        assert not outcome.writes, name
        assert outcome.state == seeded
        for text in problems.get(name, ({}, ["Synced", "twice.example", "nobody"]))[1]:
            assert text in outcome.msg, f"{name}: {outcome.msg}"
    assert run["all problems at once"].returned["error"]["problem_count"] == 3


def test_synced_entries_that_need_no_change_are_no_problem(account: Account, tmp_path: Path) -> None:
    synced = person("Synced", "s@example.com", provenance="SNOOPY-OFFICE_365", comments="from the directory")
    account.put({"impersonation_registry": [synced]})
    args = {"impersonation_registry": [{"name": "Synced", "email": "s@example.com"}]}
    outcome = run_steps(account, tmp_path, [Step("as it is", "settings", args)])["as it is"]
    assert not outcome.failed
    assert not outcome.changed


def test_domains_are_onboarded_in_the_dashboard_where_the_api_creates_none(account: Account, tmp_path: Path) -> None:
    args = {"domains": [domain("new.example")]}
    run = run_steps(
        account,
        tmp_path,
        [
            Step("404", "settings", args, control=[options(domain_create=False)]),
            Step("405", "settings", args, control=[options(domain_create=405)]),
            Step("module", "domain", domain("new.example")),
        ],
    )
    for outcome in run:
        assert outcome.failed
        assert "new.example" in outcome.msg
        assert "Cloudflare dashboard" in outcome.msg


def test_an_entry_that_the_api_refuses_in_a_batch_is_named(account: Account, tmp_path: Path) -> None:
    args = {"block_senders": [sender("a.example"), sender(REFUSED), sender("b.example")]}
    run = run_steps(
        account,
        tmp_path,
        [
            Step("with pointers", "settings", args, control=[options(refused_texts=[REFUSED])]),
            Step("without pointers", "settings", args, control=[options(pointers=False)]),
        ],
    )
    for outcome in run:
        assert outcome.failed
        assert f"block_senders[1] ({REFUSED} DOMAIN)" in outcome.msg
        assert "pattern is refused" in outcome.msg
    assert run["with pointers"].returned["changes"] == []
    written = {entry["pattern"] for entry in run["without pointers"].state["block_senders"]}
    assert {change["key"]["pattern"] for change in run["without pointers"].returned["changes"]} == written


_ODD = {
    "domains": [
        domain("example.com", drop_dispositions=["SPAM", "BULK"], folder="Inbox", lookback_hops=4, transport="mx"),
        domain("bücher.example", ip_restrictions=["2001:DB8::/32", "192.0.2.1"]),
    ],
    "impersonation_registry": [
        person("Ünïcode Näme", "u@example.com", comments="Grüße 🦊"),
        person("{{ lookup('pipe', 'id') }}", "jinja@example.com"),
        person("Synced", "s@example.com", provenance="SNOOPY-GOOGLE_DIRECTORY", directory_id=4),
        person(r"O'Neill", r"^o.neill@(a|b)\.example$", is_email_regex=True),
    ],
    "block_senders": [
        sender("same.example"),
        sender("SAME.example", comments="a second one"),
        sender("old", pattern_type="UNKNOWN"),
        sender("x{1}", is_regex=True, comments="{% raw %} {{ x }} #} !unsafe"),
        sender("192.0.2.0/24", pattern_type="IP", comments=""),
        sender("Spaced Example", is_regex=True, comments="two\nlines: [and] {more}"),
        sender("yes", comments="null"),
        sender("0123", is_regex=True, comments="2026-12-31"),
    ],
    "trusted_domains": [trusted(r"^(.*\.)?ex\{1\}\.example$", is_regex=True, is_recent=True, comments=None)],
    "allow_policies": [policy("a@EXAMPLE.com", pattern_type="EMAIL", is_trusted_sender=True, verify_sender=False)],
}  # fmt: skip


def test_what_settings_info_reads_can_be_given_back(account: Account, tmp_path: Path) -> None:
    seeded = account.put(_ODD)
    back = {name: f"{{{{ found.settings.{name} }}}}" for name in RESOURCES}
    purge = [name for name, resource in RESOURCES.items() if resource.purgeable]
    run = run_steps(
        account,
        tmp_path,
        [
            Step("read", "settings_info", register="found"),
            Step("back", "settings", back),
            Step("back, check", "settings", back, check=True),
            Step("back, purge", "settings", {**back, "purge": purge}, check=True),
            # Into an account that is empty, everything comes again, letter by letter.
            Step("restore", "settings", {name: back[name] for name in ("trusted_domains", "allow_policies")},
                 control=[put({})]),
            Step(
                "restore senders",
                "settings",
                {"block_senders": "{{ found.settings.block_senders | rejectattr('id', 'defined') | list }}"},
            ),
        ],
    )  # fmt: skip
    read = run["read"]
    assert "UNKNOWN" in " ".join(read.result["warnings"])
    found = read.returned["settings"]
    assert [entry["pattern"] for entry in found["block_senders"] if "id" in entry] == ["SAME.example", "same.example"]
    assert not any(
        "id" in entry for name in RESOURCES for entry in found[name] if "same.example" not in str(entry).lower()
    )
    for name in ("back", "back, check"):
        assert not run[name].failed, run[name].msg
        assert not run[name].changed, run[name].returned["changes"]
        assert not run[name].writes
    assert run["back"].state == seeded
    # What no document can hold is what purge would remove.
    assert [change["key"]["pattern"] for change in run["back, purge"].returned["changes"]] == ["old"]
    assert not run["restore senders"].failed, run["restore senders"].msg
    restored = run["restore senders"].state
    texts = {(entry["pattern"], entry["comments"] or None) for entry in restored["block_senders"]}
    assert ("x{1}", "{% raw %} {{ x }} #} !unsafe") in texts
    assert texts == {
        (entry["pattern"], entry.get("comments") or None)
        for entry in _ODD["block_senders"]
        if entry["pattern"].lower() not in ("same.example", "old")
    }
    assert [entry["pattern"] for entry in restored["trusted_domains"]] == [r"^(.*\.)?ex\{1\}\.example$"]
