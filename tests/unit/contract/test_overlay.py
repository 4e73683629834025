# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The overlay of the contract check, laid over a small made-up description."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import validate

from contract.overlay import OURS, lay_over, load

ANSWER = {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}}
MESSAGE = {"name": "investigate_id", "in": "path", "required": True, "schema": {"type": "string"}}
IDS = {"required": True, "content": {"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}}}


def described(**operations: Any) -> dict[str, Any]:
    """A description of these operations; ``get_submissions`` is ``GET submissions``."""
    account = {"name": "account_id", "in": "path", "required": True, "schema": {"type": "string"}}
    paths = {
        f"{OURS}{path}": {"parameters": [account], method: operation}
        for name, operation in operations.items()
        for method, _separator, path in [name.partition("_")]
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "small", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"email-security_DomainStatus": {"type": "string", "enum": ["active"]}}},
    }


def small() -> dict[str, Any]:
    """As much as the overlay changes of operations, and one schema."""
    page = {"name": "page", "in": "query", "schema": {"type": "string"}}
    search = {"name": "search", "in": "query", "schema": {"type": "string"}}
    made = {
        "get_submissions": {"parameters": [search], "responses": ANSWER},
        "get_investigate": {"responses": ANSWER},
        "get_investigate/{investigate_id}/action_log": {"parameters": [MESSAGE], "responses": ANSWER},
        "post_investigate/release": {"requestBody": IDS, "responses": ANSWER},
        "post_investigate/preview": {"requestBody": IDS, "responses": ANSWER},
        "get_phishguard/reports": {"parameters": [page], "responses": ANSWER},
    }
    return described(**made)


def query_names(operation: dict[str, Any]) -> list[str]:
    return [parameter["name"] for parameter in operation["parameters"]]


@pytest.mark.parametrize("base", [described(), small()], ids=["over nothing", "over what it changes"])
def test_what_comes_of_it_is_a_valid_description(base: dict[str, Any]) -> None:
    merged, idle = lay_over(base, load())
    validate(merged)
    assert idle == []


def test_operations_are_added_and_changed() -> None:
    paths = lay_over(small(), load())[0]["paths"]
    submissions, reports = paths[f"{OURS}submissions"], paths[f"{OURS}phishguard/reports"]
    assert set(submissions["post"]["responses"]) == {"200", "201", "4XX"}
    assert query_names(submissions["get"]) == ["search", "order", "direction"]
    assert submissions["get"]["responses"]["200"]["description"] == "ok"
    assert query_names(reports["get"]) == ["page", "per_page"]
    assert reports["get"]["parameters"][0]["schema"] == {"type": "integer", "minimum": 1}
    policy = paths[f"{OURS}settings/content_policies/{{policy_id}}"]
    assert set(policy) == {"get", "patch", "delete", "parameters"}
    assert query_names(policy) == ["account_id", "policy_id"]


def test_a_null_takes_away_and_another_value_stands() -> None:
    merged, _idle = lay_over(small(), load())
    release = merged["paths"][f"{OURS}investigate/release"]["post"]["requestBody"]
    assert set(release["content"]["application/json"]["schema"]) == {"oneOf"}
    assert {"active", "ACTIVE"} < set(merged["components"]["schemas"]["email-security_DomainStatus"]["enum"])


def test_a_change_to_what_is_not_there_is_left_out() -> None:
    merged, _idle = lay_over(described(), load())
    assert f"{OURS}investigate/release" not in merged["paths"]
    assert "get" not in merged["paths"][f"{OURS}submissions"]
    assert "email-security_MessageDetails" not in merged["components"]["schemas"]


def test_what_the_description_says_itself_by_now_is_named() -> None:
    merged, _idle = lay_over(small(), load())
    again, idle = lay_over(merged, load())
    assert again == merged
    assert f"{OURS}submissions post" in idle
    assert "schemas email-security_DomainStatus" in idle
