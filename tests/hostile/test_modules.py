# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile texts through every module: kept as they are, never run, never steering a terminal, always JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from hostile.plays import COLLECTION, Printed, load, run_tasks
from hostile.texts import CONTROL, LARGE, TERMINAL, UNSEEN, assert_calm, hostile_texts
from modules.entry_points import SWITCH
from modules.samples import domain, person, policy, sender, trusted
from simulator.handle import Account
from unit.servers import Server

_PLUGINS = Path(__file__).resolve().parents[2] / "plugins" / "modules"
MODULES = {file.stem for file in _PLUGINS.glob("*.py") if file.stem != "__init__"}
ENTRY_POINTS = pytest.mark.parametrize("fast", [True, False], ids=["in Ansible's process", "in a module's process"])
# A regular expression that is one: what cannot be is refused before any request.
NEW = "new{1}"
_IDS = ["../../../up", "..\\up", "-rf", ".hidden", "{{ 7 * 7 }}", "a\x1b[31mb", "\u202egnp", "x" * 3000]


def template(expression: str) -> str:
    return "{{ " + expression + " }}"


def entry_point(fast: bool) -> dict[str, str]:
    return {SWITCH: str(fast).lower()}


def fill(account: Account, texts: list[str]) -> list[str]:
    """Put the texts wherever an account or a mail takes text; returns the ids of its messages."""
    account.put(
        {
            "domains": [domain("example.com", folder=texts[0], transport=texts[1])],
            "impersonation_registry": [person(text, text, comments=text) for text in texts],
            "block_senders": [sender(text, is_regex=True, comments=text) for text in [*texts, LARGE[:1024]]],
            "trusted_domains": [trusted(text, is_regex=True, comments=text) for text in texts],
            "allow_policies": [policy(text, is_regex=True, comments=text) for text in texts],
        }
    )
    mail = [{"subject": text, "from": text, "from_name": text, "client_recipients": [text]} for text in texts]
    named = [
        {"id": each, "subject": texts[0], "trace": {"inbound": {"lines": [{"message": texts[0]}]}}} for each in _IDS
    ]
    messages = account.put_messages(*mail, *named, {"subject": LARGE})
    account.options(bulk_progress="at_once", bulk_outcomes={_IDS[0]: "FAILED"})
    job = {"action": "MOVE", "destination": "JunkEmail"}
    account.put_bulk_jobs(*({**job, "comment": text, "search_params": {"subject": text}} for text in texts))
    account.put_submissions(*({"subject": text, "requested_by": text} for text in texts))
    account.put_phishguard_reports(*({"title": text, "content": text} for text in texts))
    return [message["id"] for message in messages]


def tasks_of(ids: list[str], texts: list[str], folder: Path) -> dict[str, dict[str, Any]]:
    """Options for every module that bring it together with the texts."""
    some = {"investigate_ids": ids}
    return {
        "allow_policy": {"pattern": NEW, "pattern_type": "EMAIL", "is_regex": True, "comments": texts[1]},
        "block_sender": {"pattern": texts[0], "pattern_type": "EMAIL", "is_regex": True, "state": "absent"},
        "trusted_domain": {"pattern": NEW, "is_regex": True, "comments": texts[2]},
        "impersonation_registry_entry": {"name": texts[2], "email": "new@example.com", "comments": texts[0]},
        "domain": {"domain": "example.com", "lookback_hops": 4},
        "content_policy": {"name": texts[2], "pattern": "invoice", "targets": ["BODY"], "notes": texts[0]},
        "sending_domain_restriction": {"domain": "partner.example", "comments": texts[0]},
        "url_ignore_pattern": {"pattern": "^https://partner[.]example/", "comments": texts[0]},
        "settings": {
            "block_senders": [sender(NEW, is_regex=True, comments=texts[4])],
            "trusted_domains": [
                trusted(f"{NEW}{number}", is_regex=True, comments=text[::-1]) for number, text in enumerate(texts)
            ],
            "purge": ["block_senders"],
            "purge_limit": 1000,
        },
        **{f"{resource.singular}_info": {} for resource in RESOURCES.values()},
        "settings_info": {},
        "investigate_info": {"detections_only": False},
        "message_info": {**some, "gather": ["detections", "trace", "action_log"]},
        "message_bulk": {
            "action": "MOVE",
            "destination": "JunkEmail",
            "comment": texts[0],
            "search_params": {"exact_subject": texts[1], "sender": texts[2]},
        },
        "message_bulk_info": {},
        "monthly_report_info": {},
        "policy_usage_info": {},
        "message_move": {**some, "destination": "JunkEmail"},
        "message_release": some,
        "message_reclassify": {**some, "expected_disposition": "SPAM"},
        "message_raw": {**some, "dest": f"{folder}/"},
        "message_preview": {**some, "dest": f"{folder}/"},
        "submission_info": {},
        "phishguard_report_info": {},
    }


def using(modules: Iterable[str]) -> list[dict[str, Any]]:
    """A task for each module, and later ones that use what it returned in the ways of a playbook."""
    names = sorted(modules)
    tasks: list[dict[str, Any]] = []
    for module in names:
        tasks += [
            {
                "name": f"{module}: run",
                f"{COLLECTION}.{module}": template(f"options.{module}"),
                "register": f"returned_{module}",
                "ignore_errors": True,
            },
            {"name": f"{module}: show", "ansible.builtin.debug": {"var": f"returned_{module}"}},
        ]
    everything = ", ".join(f"'{module}': returned_{module}" for module in names)
    return [
        *tasks,
        {
            "name": "Keep",
            "ansible.builtin.set_fact": {"kept": template("{" + everything + "}"), "cacheable": True},
        },
        {
            "name": "Write",
            "ansible.builtin.copy": {
                "content": template("kept | to_json"),
                "dest": template("playbook_dir") + "/returned.json",
                "mode": "0600",
            },
            "check_mode": False,
            "diff": False,
        },
    ]


def returned_in(folder: Path) -> dict[str, Any]:
    text = (folder / "returned.json").read_text(encoding="utf-8")
    assert "Traceback" not in text
    returned: dict[str, Any] = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    return returned


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Path]:
    """A file that is there when something was run. That this would show is made sure of each time."""
    file = tmp_path / "canary"
    yield file
    assert (tmp_path / "control").exists(), "the control was not run, so the canary proves nothing"
    assert not file.exists(), "something hostile was run"


def run(account: Account, folder: Path, canary: Path, fast: bool, *arguments: str) -> tuple[Printed, Path]:
    texts = hostile_texts(canary)
    ids = fill(account, texts)
    work = folder / "work"
    work.mkdir()
    saved = folder / "saved" / "here"
    options = tasks_of(ids, texts, saved)
    assert set(options) == MODULES
    control = {
        "name": "What a playbook says itself is run",
        "ansible.builtin.debug": {"msg": template(f"lookup('pipe', 'touch {folder}/control')")},
    }
    tasks = [control, load(work / "options.yml", options=options), *using(options)]
    cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(work / "facts")}
    printed = run_tasks(account, work, tasks, *arguments, environment={**entry_point(fast), **cache}, timeout=60)
    assert printed.returncode == 0, printed.everything[-3000:]
    return printed, saved


@ENTRY_POINTS
@pytest.mark.parametrize("check", [True, False], ids=["check", "real"])
def test_every_module(account: Account, tmp_path: Path, canary: Path, fast: bool, check: bool) -> None:
    printed, saved = run(account, tmp_path, canary, fast, "--diff", *(["--check"] if check else []))
    assert_calm(printed.everything)
    assert printed.stdout.count("\nPLAY RECAP") == 1, "a text of an account passes for a line of Ansible's"
    returned = returned_in(tmp_path / "work")
    assert set(returned) == MODULES
    if check:
        assert not [request for request in account.requests() if request["method"] != "GET"]
        assert not saved.parent.exists()
    else:
        assert_kept(returned, hostile_texts(canary))
        assert_below(tmp_path, saved, returned)


def assert_kept(returned: Mapping[str, Mapping[str, Any]], texts: list[str]) -> None:
    """What was read came as it is."""
    assert {entry["pattern"] for entry in returned["allow_policy_info"]["allow_policies"]} == {*texts, NEW}
    assert {entry["comments"] for entry in returned["trusted_domain_info"]["trusted_domains"]} >= {texts[2]}
    people = returned["impersonation_registry_entry_info"]["impersonation_registry"]
    assert {entry["name"] for entry in people} == set(texts)
    subjects = {message["subject"] for message in returned["investigate_info"]["messages"]}
    assert subjects == {*texts, LARGE}
    assert {message["id"] for message in returned["message_info"]["messages"]} >= set(_IDS)
    assert {each["subject"] for each in returned["submission_info"]["submissions"]} >= set(texts)
    assert {each["title"] for each in returned["phishguard_report_info"]["reports"]} == set(texts)
    assert returned["trusted_domain"]["entry"]["comments"] == texts[2]


def assert_below(folder: Path, saved: Path, returned: Mapping[str, Mapping[str, Any]]) -> None:
    """Every file lies in the folder that was named, under a plain name, and nothing lies elsewhere."""
    assert sorted(path.name for path in folder.iterdir()) == ["control", "saved", "work"]
    assert list(saved.parent.iterdir()) == [saved]
    reported = [
        Path(file["path"]) for module in ("message_raw", "message_preview") for file in returned[module]["files"]
    ]
    assert len(reported) > len(_IDS)
    assert sorted(reported) == sorted(saved.iterdir())
    assert not [
        path for path in reported if CONTROL.search(path.name) or UNSEEN.search(path.name) or len(path.name) > 200
    ]
    assert {"up", "passwd"}.isdisjoint(path.name for path in folder.parent.iterdir())


@ENTRY_POINTS
def test_failures_and_warnings_do_not_steer_the_terminal(
    account: Account, tmp_path: Path, canary: Path, fast: bool
) -> None:
    """What a server says, and an entry's own text where a message names it."""
    (tmp_path / "control").touch()
    texts = hostile_texts(canary)
    said = "".join(texts)
    account.put({"block_senders": [sender(text, comments=text) for text in texts]})
    account.put_messages({"id": "x"})
    tasks = []
    faults = [
        {
            "kind": "status_before",
            "path": "trusted_domains",
            "times": None,
            "arguments": {"status": 400, "message": said},
        },
        {"kind": "status_before", "path": "allow_policies", "times": 1, "arguments": {"status": 503, "message": said}},
    ]
    account.faults(*faults)
    entries = [sender(text, pattern_type="WRONG", **{text: 1}) for text in texts]
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("trusted_domain_info", {}),
        ("allow_policy_info", {}),
        ("settings", {"block_senders": entries}),
        ("settings_info", {"gather": ["block_senders"]}),
        ("block_sender", {"pattern": said, "pattern_type": "DOMAIN"}),
        ("message_info", {"investigate_ids": texts, "fail_on_missing": True}),
        ("message_move", {"investigate_ids": texts, "destination": "Inbox"}),
        ("message_raw", {"investigate_ids": ["x"], "dest": "/proc/" + TERMINAL}),
        ("domain_info", {"base_url": f"https://{TERMINAL}/"}),
        ("domain_info", {"account_id": TERMINAL}),
        ("domain_info", {"ca_path": TERMINAL}),
    ]
    for number, (module, _options) in enumerate(attempts):
        tasks += [
            {
                "name": f"Attempt {number}",
                f"{COLLECTION}.{module}": template(f"attempts[{number}]"),
                "register": f"returned_{number}",
                "ignore_errors": True,
            },
        ]
    names = ", ".join(f"returned_{number}" for number in range(len(attempts)))
    write = {
        "name": "Write",
        "ansible.builtin.copy": {
            "content": template(f"[{names}] | to_json"),
            "dest": str(tmp_path / "work" / "returned.json"),
            "mode": "0600",
        },
    }
    (tmp_path / "work").mkdir()
    loading = load(tmp_path / "work" / "options.yml", attempts=[options for _module, options in attempts])
    printed = run_tasks(account, tmp_path / "work", [loading, *tasks, write], "--diff", environment=entry_point(fast))
    assert printed.returncode == 0, printed.everything[-3000:]
    assert_calm(printed.everything)
    assert "MODULE FAILURE" not in printed.everything
    results = json.loads((tmp_path / "work" / "returned.json").read_text(encoding="utf-8"))
    for (module, _options), result in zip(attempts, results, strict=True):
        for message in [result.get("msg", ""), *result.get("warnings", [])]:
            assert not CONTROL.search(message), (module, message)
            assert not UNSEEN.search(message), (module, message)
    assert [bool(result.get("failed")) for result in results] == [
        module not in ("allow_policy_info", "settings_info") for module, _options in attempts
    ]
    assert any("red" in result.get("msg", "") for result in results), "no message quoted a text, so nothing was shown"


_STRANGE: dict[str, Any] = {
    "__ansible_unsafe": "{{ lookup('pipe', 'touch CANARY') }}",
    "__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n6162",
    "__ansible_type": "TrustedAsTemplate",
    "_ansible_no_log": True,
    "ansible_facts": {"ansible_connection": "ssh"},
    "failed": True,
    "skipped": True,
    "<<": {"id": "2"},
    "!vault": "x",
    "{{ x }}": "{{ lookup('pipe', 'touch CANARY') }}",
    "large": 2**70,
    "larger": 10**400,
    "none": float("nan"),
    "endless": float("-inf"),
    "half": "\ud800",
    "nested": {
        "__ansible_type": "_AnsibleTaggedStr",
        "value": "{{ lookup('pipe', 'touch CANARY') }}",
        "tags": ["TrustedAsTemplate"],
    },
}


# Modules that read, and what they return what they found in.
_READERS = {
    "allow_policy_info": "allow_policies",
    "block_sender_info": "block_senders",
    "trusted_domain_info": "trusted_domains",
    "impersonation_registry_entry_info": "impersonation_registry",
    "domain_info": "domains",
    "investigate_info": "messages",
    "submission_info": "submissions",
    "phishguard_report_info": "reports",
    "settings_info": "settings",
}


@ENTRY_POINTS
def test_strange_fields_are_data(account: Account, tmp_path: Path, canary: Path, fast: bool) -> None:
    """Names and values that Ansible, YAML or JSON give a meaning to have none in an answer."""
    (tmp_path / "control").touch()
    (tmp_path / "work").mkdir()
    base = {**sender("x.example"), "id": "1", "name": "n", "email": "e@example.com", "domain": "x.example"}
    item = {**base, **json.loads(json.dumps(_STRANGE).replace("CANARY", str(canary)))}
    body = json.dumps({"success": True, "errors": [], "messages": [], "result": [item], "result_info": {"count": 1}})
    with Server() as server:
        server.reply = (200, {}, body.encode())
        no_options: dict[str, Any] = {module: {} for module in _READERS}
        tasks = [{"name": "Options", "ansible.builtin.set_fact": {"options": no_options}}, *using(_READERS)]
        cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "facts")}
        environment = {**entry_point(fast), **cache}
        printed = run_tasks(account, tmp_path / "work", tasks, "-v", environment=environment, base_url=server.url)
    assert printed.returncode == 0, printed.everything[-3000:]
    results = returned_in(tmp_path / "work")
    assert set(results) == set(_READERS)
    for module, returns in _READERS.items():
        result = results[module]
        assert not result.get("failed"), result
        assert not result.get("skipped")
        if module == "settings_info":
            continue
        (found,) = result[returns]
        assert found["large"] == 2**70
        assert found["half"] == "\ufffd"
        assert found["{{ x }}"] == item["{{ x }}"]
        # Ansible would refuse a whole result for such a field.
        assert not [name for name in [*found, *found["nested"]] if name.startswith("__ansible_")]
        assert found["nested"]["value"] == item["nested"]["value"]
        assert (found["none"], found["endless"]) == (None, None)
