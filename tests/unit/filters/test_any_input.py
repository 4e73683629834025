# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a filter is given, it returns something that can be written to a file, or says what is wrong."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from hypothesis import example, given
from hypothesis import strategies as st

COLLECTION = "ansible_collections.cloudflare.email_security"
_FOLDER = Path(__file__).resolve().parents[3] / "plugins" / "filter"
FILTERS: dict[str, Callable[..., Any]] = {
    name: function
    for file in sorted(_FOLDER.glob("*.py"))
    if file.stem != "__init__"
    for name, function in importlib.import_module(f"{COLLECTION}.plugins.filter.{file.stem}")
    .FilterModule()
    .filters()
    .items()
}

_TEXTS = st.sampled_from(
    [
        *(
            "",
            "x.example",
            "a@b.example",
            "192.0.2.1",
            "DOMAIN",
            "=cmd|' /C calc'!A0",
            "'=1+1",
            "\ud800",
            "\x00",
            "\x1b[31m",
        ),
        *(
            "{{ x }}",
            "{% raw %}",
            "!vault",
            "<<",
            "\u202e",
            "2026-01-01",
            "true",
            "(",
            "[a-",
            "*" * 2000,
            "]]>",
            "</script>",
        ),
    ]
) | st.text(max_size=10)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([2**70, 10**400]) | _TEXTS
_NAMES = st.sampled_from(
    [
        *RESOURCES,
        *("pattern", "pattern_type", "is_regex", "comments", "name", "email", "domain", "id", "state", "expires"),
        *("provenance", "accepted_risks", "is_trusted_sender", "verify_sender", "accounts", "summary", "error"),
        *("drift", "changes", "findings", "entries", "account_id", "message", "settings", "lists", "rules", "rule"),
    ]
)
_ANY = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES | _TEXTS, inner, max_size=3),
    max_leaves=10,
)
_ENTRY = st.dictionaries(_NAMES, _SCALARS | _ANY, max_size=6)
_DOCUMENT = st.dictionaries(st.sampled_from(list(RESOURCES)), st.lists(_ENTRY, max_size=3), max_size=3)
# What an account gives may hold anything in any place: also in fields of other lists, and in read-only ones.
_FIELDS = st.sampled_from(
    [
        *sorted({field for resource in RESOURCES.values() for field in resource.by_name}),
        *("id", "status", "authorization", "dmarc_status", "spf_status", "state", "expires", "accepted_risks"),
    ]
)
_WILD = st.fixed_dictionaries(
    {}, optional={name: st.lists(st.dictionaries(_FIELDS, _ANY, max_size=4), max_size=3) for name in RESOURCES}
)
_GIVEN = _DOCUMENT | st.lists(_ENTRY, max_size=3) | _TEXTS | _ANY


def call(name: str, value: Any, option: Any) -> Any:
    """The filter with what it needs: a first option, where it must have one."""
    needed = [
        parameter
        for parameter in list(inspect.signature(FILTERS[name]).parameters.values())[1:]
        if parameter.default is inspect.Parameter.empty
    ]
    return FILTERS[name](value, *[option for _parameter in needed])


@pytest.mark.parametrize("name", FILTERS)
@given(value=_GIVEN, option=st.sampled_from([*RESOURCES, "nothing"]) | _SCALARS)
def test_anything(name: str, value: Any, option: Any) -> None:
    try:
        made = call(name, value, option)
    except AnsibleError as error:
        # Its message says which filter it is of.
        made = None if name in str(error) else pytest.fail(str(error))
    # As the tasks of a playbook write it.
    text = made if isinstance(made, str) else json.dumps(made, default=str)
    text.encode()


@given(document=_WILD, policy=_WILD | _ANY, accepted=_ANY | st.lists(_ANY, max_size=2), providers=_ANY)
@example({"domains": [], "block_senders": [{"is_trusted_sender": []}]}, None, [], [])
@example({"domains": [{"authorization": 5}]}, None, [{"rule": [], "reason": "x", "list": {}}], [5])
def test_risks_of_any_document(document: Any, policy: Any, accepted: Any, providers: Any) -> None:
    try:
        findings = FILTERS["risks"](document, policy=policy, accepted=accepted, mail_providers=providers)
    except AnsibleError as error:
        assert str(error).startswith("risks: ")  # noqa: PT017 - either will do
        return
    report = FILTERS["audit_report"]({"a": {"entries": {}, "findings": findings}})
    assert report["accounts"][0]["status"] == "no_policy"
    FILTERS["audit_html"](report)


@given(document=_DOCUMENT)
def test_a_policy_file_is_one_that_ansible_reads(tmp_path_factory: pytest.TempPathFactory, document: Any) -> None:
    """Even of entries that no policy should have."""
    try:
        text = FILTERS["policy_yaml"](document)
    except AnsibleError:
        return
    file = tmp_path_factory.getbasetemp() / "policy.yml"
    file.write_text(text, encoding="utf-8")
    assert list(DataLoader().load_from_file(str(file)) or {}) == [name for name in RESOURCES if name in document]
