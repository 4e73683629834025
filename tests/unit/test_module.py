# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The edge: a run to a result, an error to what a failed task shows."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils import _errors as errors
from ansible_collections.cloudflare.email_security.plugins.module_utils import _module as module
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.connection import Connection, Sessions
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    AccessError,
    EmailSecurityError,
    InputError,
    NoAnswerError,
    PlanError,
    TransportError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import Callbacks, Task, outcome, run
from ansible_collections.cloudflare.email_security.plugins.module_utils._options import is_read
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.block_senders import BLOCK_SENDERS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.domains import DOMAINS
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entry import entry_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.read import (
    info_module,
    settings_info_module,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import settings_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import Context, ModuleSpec

from simulator.handle import Account
from unit.engine import FakeTime, blocked, written


def params_for(spec: ModuleSpec, account: Account, **given: Any) -> dict[str, Any]:
    """Parameters as Ansible validates them: every option, with its default."""
    defaults = {name: option.get("default") for name, option in spec.argument_spec().items()}
    own = {"account_id": account.id, "api_token": account.token, "base_url": account.base_url, "retry_timeout": 0.0}
    return {**defaults, **own, **given}


DOCUMENT = {
    "block_senders": [blocked(1, comments="a"), blocked(3)],
    "impersonation_registry": [{"email": "a@x.example", "name": "Ann"}],
    "purge": ["block_senders"],
}


def test_check_mode_sends_only_reads_and_predicts_the_run(account: Account) -> None:
    account.put({"block_senders": [blocked(1), blocked(2)]})
    spec = settings_module()
    params = params_for(spec, account, **DOCUMENT)
    predicted = run(Task(spec, params, check=True, diff=True, environ={}))
    assert {entry["method"] for entry in account.requests()} == {"GET"}
    happened = run(Task(spec, params, check=False, diff=True, environ={}))
    created = [change for change in happened["changes"] if change["action"] == "create"]
    assert [change.pop("id") for change in created] == [
        account.state()["impersonation_registry"][0]["id"],
        next(entry["id"] for entry in account.state()["block_senders"] if entry["pattern"] == blocked(3)["pattern"]),
    ]
    for change in predicted["changes"]:
        if change["action"] == "create":
            assert change.pop("id") is None
    assert predicted == happened
    again = run(Task(spec, params, check=False, diff=True, environ={}))
    assert (again["changed"], again["changes"], again["diff"]) == (False, [], [])


@pytest.mark.parametrize("check", [True, False], ids=["check", "run"])
def test_reading_modules_never_write(account: Account, check: bool) -> None:
    account.put({"block_senders": [blocked(1)]})
    spec = settings_info_module()
    result = run(Task(spec, params_for(spec, account), check=check, diff=False, environ={}))
    assert result["changed"] is False
    assert {entry["method"] for entry in account.requests()} == {"GET"}


def test_what_is_read_can_be_given_back(account: Account) -> None:
    account.put(
        {
            "block_senders": [blocked(1), blocked(1, comments="twin"), blocked("old.example", pattern_type="UNKNOWN")],
            "impersonation_registry": [{"email": "a@x.example", "name": "Ann", "is_email_regex": False}],
        }
    )
    reading, writing = settings_info_module(), settings_module()
    read = run(Task(reading, params_for(reading, account), check=False, diff=False, environ={}))
    assert any("UNKNOWN" in warning for warning in read["warnings"])
    again = run(Task(writing, params_for(writing, account, **read["settings"]), check=False, diff=False, environ={}))
    assert again["changed"] is False


def test_a_field_that_no_document_can_hold_costs_no_more_than_itself(account: Account) -> None:
    account.put({"domains": [{"domain": "x.example", "lookback_hops": 3}], "block_senders": [blocked("two words")]})
    account.faults({"kind": "rewritten", "arguments": {"old": '"lookback_hops":3', "new": '"lookback_hops":0'}})
    reading, writing = settings_info_module(), settings_module()
    read = run(Task(reading, params_for(reading, account), check=False, diff=False, environ={}))
    (found,) = read["settings"]["domains"]
    assert found["domain"] == "x.example"
    assert "lookback_hops" not in found
    assert any("without lookback_hops" in warning for warning in read["warnings"])
    # What could not be made anew is kept too, and can be given back.
    (sender,) = read["settings"]["block_senders"]
    assert (sender["pattern"], "id" in sender) == ("two words", True)
    again = run(Task(writing, params_for(writing, account, **read["settings"]), check=False, diff=False, environ={}))
    assert again["changed"] is False


@pytest.mark.parametrize("status", ["pending", "PENDING"])
def test_a_domain_s_status_in_either_case(account: Account, status: str) -> None:
    account.put({"domains": [{"domain": "a.example", "status": "pending"}, {"domain": "b.example"}]})
    spec = info_module(DOMAINS)
    read = run(Task(spec, params_for(spec, account, status=status), check=False, diff=False, environ={}))
    assert [(each["domain"], each["status"]) for each in read["domains"]] == [("a.example", "PENDING")]


def test_waits_are_reported_in_the_result(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.faults({"kind": "rate_limited", "arguments": {"retry_after": 42}})
    time = FakeTime()
    monkeypatch.setattr(module, "Http", partial(Http, clock=time.clock, sleep=time.sleep))
    spec = settings_info_module()
    params = params_for(spec, account, gather=["domains"], retry_timeout=60.0)
    result = run(Task(spec, params, check=False, diff=False, environ={}))
    (warning,) = result["warnings"]
    assert "Waiting 42 s" in warning
    assert account.token not in warning


def test_waits_are_reported_while_they_last(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.faults({"kind": "rate_limited", "arguments": {"retry_after": 42}})
    time = FakeTime()
    monkeypatch.setattr(module, "Http", partial(Http, clock=time.clock, sleep=time.sleep))
    spec = settings_info_module()
    reported: list[str] = []
    params = params_for(spec, account, gather=["domains"], retry_timeout=60.0)
    result = run(Task(spec, params, check=False, diff=False, environ={}), Callbacks(report_progress=reported.append))
    assert set(result["warnings"]) <= set(reported)
    assert any("Waiting 42 s" in sentence for sentence in reported)


def test_sessions_that_are_passed_in_stay_open(account: Account) -> None:
    asked: list[Connection] = []
    kept: list[Sessions] = []

    def sessions(connection: Connection) -> Sessions:
        asked.append(connection)
        if not kept:
            kept.append(Sessions(connection))
        return kept[0]

    spec = settings_info_module()
    opened = set()
    for _turn in range(2):
        run(Task(spec, params_for(spec, account), check=False, diff=False, environ={}), Callbacks(sessions))
        with kept[0].lend() as session:
            opened.add(id(session))
    kept[0].close()
    assert asked[0] == asked[1] == kept[0].connection
    assert len(opened) == 1


def test_bad_input_is_refused_before_the_first_request(account: Account) -> None:
    spec = settings_module()
    document = {"block_senders": [{"pattern": ""}], "domains": [{"domain": ""}]}
    with pytest.raises(InputError) as refused:
        run(Task(spec, params_for(spec, account, **document), check=False, diff=False, environ={}))
    assert {problem.split("[")[0] for problem in refused.value.problems} == {"block_senders", "domains"}
    assert account.requests() == []


@pytest.mark.parametrize(
    "params", [{"purge_limit": -1}, {"purge_scope": "("}, {"block_senders": {}}], ids=["limit", "scope", "no list"]
)
def test_options_that_cannot_be_right(account: Account, params: dict[str, Any]) -> None:
    spec = settings_module()
    with pytest.raises(InputError, match=next(iter(params))):
        run(Task(spec, params_for(spec, account, **params), check=False, diff=False, environ={}))
    assert account.requests() == []


def test_a_failed_run_says_what_it_did(account: Account) -> None:
    account.faults({"kind": "status_before", "method": "POST", "path": "trusted", "arguments": {"status": 400}})
    spec = settings_module()
    document = {"block_senders": [blocked(1)], "trusted_domains": [{"pattern": "t.example"}]}
    with pytest.raises(EmailSecurityError) as failed:
        run(Task(spec, params_for(spec, account, **document), check=False, diff=True, environ={}))
    partial = failed.value.partial
    assert partial["changed"] is True
    (change,) = partial["changes"]
    assert (change["list"], change["action"], change["id"]) == (
        "block_senders",
        "create",
        account.state()["block_senders"][0]["id"],
    )
    (piece,) = partial["diff"]
    assert (piece["before"], piece["after"]["pattern"]) == ("", change["key"]["pattern"])
    json.dumps(partial)


def test_an_entry_module_returns_the_entry(account: Account) -> None:
    spec = entry_module(BLOCK_SENDERS)
    given = {"pattern": "x.example", "pattern_type": "DOMAIN"}
    made = run(Task(spec, params_for(spec, account, **given), check=False, diff=False, environ={}))
    assert (made["changed"], made["entry"]["id"]) == (True, account.state()["block_senders"][0]["id"])
    gone = run(Task(spec, params_for(spec, account, **given, state="absent"), check=False, diff=False, environ={}))
    assert (gone["changed"], gone["entry"], written(account, "block_senders")) == (True, None, [])


def test_an_entry_named_by_id_changes_its_pattern_in_place(account: Account) -> None:
    (there,) = account.put({"block_senders": [blocked("^old", is_regex=True)]})["block_senders"]
    spec = entry_module(BLOCK_SENDERS)
    run(Task(spec, params_for(spec, account, id=there["id"], comments="a"), check=False, diff=False, environ={}))
    assert written(account, "block_senders") == [blocked("^old", is_regex=True, comments="a")]
    given = {"id": there["id"], "pattern": "new.example"}
    run(Task(spec, params_for(spec, account, **given), check=False, diff=False, environ={}))
    assert written(account, "block_senders") == [blocked("new.example", comments="a")]


def test_a_domain_keeps_what_is_not_said(account: Account) -> None:
    account.put({"domains": [{"domain": "x.example", "folder": "Inbox", "lookback_hops": 3}]})
    spec = entry_module(DOMAINS)
    params = params_for(spec, account, domain="X.example", lookback_hops=4)
    result = run(Task(spec, params, check=False, diff=False, environ={}))
    assert (result["entry"]["folder"], result["entry"]["lookback_hops"]) == ("Inbox", 4)
    assert [entry["body"] for entry in account.requests() if entry["method"] == "PATCH"] == [{"lookback_hops": 4}]


# What a task returns


def _reported(work: Any, account: Account, **given: Any) -> dict[str, Any]:
    """What a module that does this work returns, in an environment with another token."""
    spec = ModuleSpec({}, work)
    environ = {"CLOUDFLARE_API_TOKEN": "canary-environment"}
    return outcome(Task(spec, params_for(spec, account, **given), check=False, diff=False, environ=environ))


def _break(job: Context) -> dict[str, Any]:
    raise RuntimeError(f"{job.client.http.connection.headers}")


def test_a_defect_fails_the_task_with_its_place_and_without_secrets(account: Account) -> None:
    result = _reported(_break, account, api_token="canary-token")
    assert result["failed"] is True
    assert "defect" in result["msg"]
    assert "RuntimeError" in result["msg"]
    assert "in _break" in result["exception"]
    assert "canary" not in json.dumps(result)


def test_credentials_are_censored_wherever_they_come_up(account: Account) -> None:
    def run(job: Context) -> dict[str, Any]:
        texts = ["canary-token", "Bearer canary-token", "canary-environment"]
        return {"changed": True, "texts": texts, "warnings": ["saw canary-token"]}

    result = _reported(run, account, api_token=" canary-token\n")
    assert "canary" not in json.dumps(result)
    assert result["changed"] is True
    assert len(result["texts"]) == 3


@pytest.mark.parametrize("key", ["canary-key", "ops@example.com"], ids=["other", "same as the address"])
def test_an_address_is_hidden_as_an_option_and_shown_as_data(account: Account, key: str) -> None:
    def run(job: Context) -> dict[str, Any]:
        return {"changed": False, "entries": [{"email": "ops@example.com"}, {"email": "info@example.com"}]}

    result = _reported(run, account, api_token="", api_key=key, api_email="ops@example.com")
    assert result["invocation"]["module_args"]["api_email"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert result["invocation"]["module_args"]["api_key"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert ("ops@example.com" in json.dumps(result)) is (key != "ops@example.com")
    assert result["entries"][1] == {"email": "info@example.com"}


@pytest.mark.parametrize(
    ("variable", "read"),
    [
        ("CLOUDFLARE_API_TOKEN", True),
        ("REQUESTS_CA_BUNDLE", True),
        ("HTTPS_PROXY", True),
        ("no_proxy", True),
        ("SSL_CERT_FILE", False),
        ("PATH", False),
    ],
)
def test_which_variables_are_read(variable: str, read: bool) -> None:
    assert is_read(variable) is read


# Errors


@pytest.mark.parametrize(
    ("error", "details"),
    [
        (EmailSecurityError("m"), {"type": "EmailSecurityError"}),
        (errors.NoAnswerError("m"), {"type": "NoAnswerError"}),
        (InputError(["a", "b"]), {"type": "InputError", "problem_count": 2}),
        (PlanError(["a"]), {"type": "PlanError", "problem_count": 1}),
        (
            AccessError("GET x", 403, [{"code": 10000, "message": "No", "source": {"pointer": "/a"}}], "ray-1", "Do."),
            {
                "type": "AccessError",
                "request": "GET x",
                "http_status": 403,
                "api_errors": [{"code": 10000, "message": "No", "source": {"pointer": "/a"}}],
                "cf_ray": "ray-1",
            },
        ),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_details_of_errors(error: EmailSecurityError, details: dict[str, Any]) -> None:
    assert error.details() == details
    json.dumps(error.details())


def test_the_message_of_an_error_has_cause_place_and_ray() -> None:
    error = AccessError("GET x", 403, [{"code": 10000, "message": "No", "source": {"pointer": "/a"}}], "ray-1", "Do.")
    error.about("block_senders[3]")
    assert str(error) == "block_senders[3]: Do. GET x was answered: No at /a (code 10000) (HTTP 403, CF-Ray ray-1)."


def test_errors_gain_context_without_losing_their_own_message() -> None:
    first, second = NoAnswerError("No answer came."), TransportError("The certificate is refused.")
    second.after(first, "reading again")
    second.advise("Run again later.")
    assert str(second) == ("No answer came. Then reading again failed: The certificate is refused. Run again later.")
    assert str(first) == "No answer came."


@pytest.mark.parametrize("problem", [{}, {"code": None}, {"message": None}, {"source": "text"}], ids=repr)
def test_errors_that_the_api_leaves_half_empty(problem: dict[str, Any]) -> None:
    assert "no message" in str(AccessError("GET x", 403, [problem]))
