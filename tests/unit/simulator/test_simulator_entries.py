# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single entries: create, get, list, patch, put, delete, and what each refuses."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from .samples import CHANGES, COLLECTIONS, SAMPLES, another

INVALID = 10422


@pytest.mark.parametrize("name", COLLECTIONS)
def test_life_of_an_entry(client: Any, name: str) -> None:
    path = f"settings/{name}"
    answer = client.send("POST", path, SAMPLES[name])
    assert answer.status_code == 201
    made = answer.json()["result"]
    assert {field: made[field] for field in SAMPLES[name]} == SAMPLES[name]
    assert str(uuid.UUID(made["id"])) == made["id"]
    assert made["created_at"] == made["modified_at"]
    assert made["created_at"].endswith("Z")

    single = f"{path}/{made['id']}"
    assert client.ok("GET", single) == made
    assert client.ok("GET", path) == [made]

    patched = client.ok("PATCH", single, CHANGES[name])
    assert patched["modified_at"] > made["modified_at"]
    assert patched == {**made, **CHANGES[name], "modified_at": patched["modified_at"]}
    assert client.ok("GET", single) == patched

    assert client.ok("DELETE", single) == {"id": made["id"]}
    assert client.ok("GET", path) == []
    for method, body in (("GET", None), ("PATCH", CHANGES[name]), ("DELETE", None)):
        assert client.refused(method, single, body) == (404, 10404, None)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_required_fields(client: Any, name: str) -> None:
    required = set(SAMPLES[name]) - {"comments", "notes"}
    answer = client.send("POST", f"settings/{name}", {})
    assert answer.status_code == 400
    assert {error["source"]["pointer"] for error in answer.json()["errors"]} == {f"/{field}" for field in required}


@pytest.mark.parametrize("name", COLLECTIONS)
def test_what_cannot_be_written(client: Any, name: str) -> None:
    path = f"settings/{name}"
    for field in ("id", "created_at", "modified_at", "last_modified", "nonsense"):
        body = {**SAMPLES[name], field: "2026-01-01T00:00:00Z"}
        assert client.refused("POST", path, body) == (400, INVALID, f"/{field}")
    client.account.options(strict=False)
    made = client.ok("POST", path, {**SAMPLES[name], "id": "mine", "nonsense": 1})
    assert made["id"] != "mine"
    assert "nonsense" not in made


BAD_FIELDS = [
    ("sending_domain_restrictions", "domain", "not a domain"),
    ("sending_domain_restrictions", "exclude", None),
    ("content_policies", "name", "x" * 257),
    ("content_policies", "pattern", "x" * 2049),
    ("content_policies", "targets", ["HEADER"]),
    ("content_policies", "expires_at", "tomorrow"),
    ("allow_policies", "pattern", ""),
    ("allow_policies", "pattern", "x" * 1025),
    ("allow_policies", "pattern", None),
    ("allow_policies", "pattern", 5),
    ("allow_policies", "pattern", "not an address"),
    ("allow_policies", "pattern_type", "UNKNOWN"),
    ("allow_policies", "pattern_type", "email"),
    ("allow_policies", "is_regex", None),
    ("allow_policies", "is_regex", 1),
    ("allow_policies", "verify_sender", "true"),
    ("allow_policies", "is_sender", True),
    ("allow_policies", "comments", "x" * 1025),
    ("allow_policies", "comments", False),
    ("block_senders", "pattern", "https://spam.example/"),
    ("block_senders", "pattern", "a@spam.example"),
    ("trusted_domains", "is_recent", 0),
    ("trusted_domains", "pattern", "two words"),
    ("impersonation_registry", "name", "x" * 1025),
    ("impersonation_registry", "email", "nobody"),
    ("impersonation_registry", "provenance", "MANUAL"),
    ("impersonation_registry", "directory_id", "1"),
    ("domains", "domain", "user@example.com"),
    ("domains", "allowed_delivery_modes", []),
    ("domains", "allowed_delivery_modes", ["direct"]),
    ("domains", "allowed_delivery_modes", ["API"] * 11),
    ("domains", "drop_dispositions", ["SPAM"] * 11),
    ("domains", "drop_dispositions", "SPAM"),
    ("domains", "ip_restrictions", ["nowhere"]),
    ("domains", "ip_restrictions", ["192.0.2.1"] * 101),
    ("domains", "regions", []),
    ("domains", "regions", ["FR"]),
    ("domains", "lookback_hops", 0),
    ("domains", "lookback_hops", 21),
    ("domains", "lookback_hops", True),
    ("domains", "folder", "Outbox"),
    ("domains", "integration_id", "one"),
    ("domains", "require_tls_inbound", "yes"),
    ("domains", "status", "active"),
]


@pytest.mark.parametrize(("name", "field", "value"), BAD_FIELDS)
def test_a_field_that_is_wrong(client: Any, name: str, field: str, value: Any) -> None:
    path = f"settings/{name}"
    assert client.refused("POST", path, {**SAMPLES[name], field: value}) == (400, INVALID, f"/{field}")
    made = client.ok("POST", path, SAMPLES[name])
    assert client.refused("PATCH", f"{path}/{made['id']}", {field: value}) == (400, INVALID, f"/{field}")
    assert client.ok("GET", path) == [made]


@pytest.mark.parametrize(
    "pattern",
    [
        "10.1.2.3",
        "127.0.0.1",
        "169.254.1.1",
        "0.0.0.0",
        "255.255.255.255",
        "192.168.0.0/16",
        "8.0.0.0/5",
        "::",
        "::1",
        "fe80::1/64",
        "fd00::/8",
        "::ffff:10.1.2.3",
        "::ffff:192.168.0.0/112",
        "x",
    ],
)
def test_addresses_that_are_refused(client: Any, pattern: str) -> None:
    body = {**SAMPLES["block_senders"], "pattern": pattern, "pattern_type": "IP"}
    assert client.refused("POST", "settings/block_senders", body) == (400, INVALID, "/pattern")


@pytest.mark.parametrize(
    ("pattern", "kind", "regex"),
    [
        ("192.0.2.1", "IP", False),
        ("198.51.100.0/24", "IP", False),
        ("2001:db8::1", "IP", False),
        ("2001:db8::/32", "IP", False),
        ("::ffff:192.0.2.1", "IP", False),
        (r".*@spam\.example", "EMAIL", True),
    ],
)
def test_patterns_that_are_taken(client: Any, pattern: str, kind: str, regex: bool) -> None:
    body = {**SAMPLES["block_senders"], "pattern": pattern, "pattern_type": kind, "is_regex": regex}
    assert client.ok("POST", "settings/block_senders", body)["pattern"] == pattern


@pytest.mark.parametrize("name", COLLECTIONS)
def test_an_empty_patch_is_refused(client: Any, name: str) -> None:
    made = client.ok("POST", f"settings/{name}", SAMPLES[name])
    assert client.refused("PATCH", f"settings/{name}/{made['id']}", {})[0] == 400


@pytest.mark.parametrize("name", COLLECTIONS)
def test_duplicates(client: Any, name: str) -> None:
    path = f"settings/{name}"
    client.ok("POST", path, SAMPLES[name])
    assert client.refused("POST", path, SAMPLES[name])[:2] == (409, 10409)
    client.ok("POST", path, another(name))
    client.account.options(duplicates="allow")
    client.ok("POST", path, SAMPLES[name])
    assert len(client.ok("GET", path)) == 3


def test_a_patch_cannot_make_a_duplicate(client: Any) -> None:
    first, second = (client.ok("POST", "settings/block_senders", another("block_senders", n)) for n in (1, 2))
    path = f"settings/block_senders/{second['id']}"
    assert client.refused("PATCH", path, {"pattern": first["pattern"]}) == (409, 10409, "/pattern")
    assert client.ok("PATCH", path, {"pattern": second["pattern"]})["pattern"] == second["pattern"]


def test_deprecated_fields_follow_the_new_ones(client: Any) -> None:
    path = "settings/allow_policies"
    client.account.options(deprecated_fields=True)
    made = client.ok("POST", path, SAMPLES["allow_policies"])
    assert (made["is_sender"], made["is_recipient"], made["is_spoof"]) == (True, False, False)
    assert made["last_modified"] == made["modified_at"]
    patched = client.ok("PATCH", f"{path}/{made['id']}", {"is_trusted_sender": False, "is_acceptable_sender": True})
    assert (patched["is_sender"], patched["is_recipient"], patched["is_spoof"]) == (False, False, True)


def test_synchronised_identities_are_left_alone(client: Any) -> None:
    entry = {**SAMPLES["impersonation_registry"], "id": "synced", "provenance": "SNOOPY-OFFICE_365"}
    client.account.put({"impersonation_registry": [entry]})
    path = "settings/impersonation_registry/synced"
    assert client.refused("PATCH", path, {"name": "x"})[:2] == (403, 10423)
    assert client.refused("DELETE", path)[:2] == (403, 10423)
    assert client.ok("GET", path)["name"] == "Ada Lovelace"


def test_a_manual_identity_may_have_no_provenance(client: Any) -> None:
    made = client.ok(
        "POST", "settings/impersonation_registry", {**SAMPLES["impersonation_registry"], "provenance": None}
    )
    assert made["provenance"] == "A1S_INTERNAL"
    path = f"settings/impersonation_registry/{made['id']}"
    assert client.ok("PATCH", path, {"provenance": None})["provenance"] is None
    assert client.ok("PATCH", path, {"name": "x"})["name"] == "x"


def test_an_entry_of_old_can_be_patched_elsewhere(client: Any) -> None:
    client.account.put({"block_senders": [{"id": 7, "pattern": "?", "pattern_type": "UNKNOWN", "is_regex": False}]})
    patched = client.ok("PATCH", "settings/block_senders/7", {"comments": "legacy"})
    assert (patched["id"], patched["pattern_type"], patched["comments"]) == (7, "UNKNOWN", "legacy")


def test_the_name_of_a_domain_is_fixed(client: Any) -> None:
    made = client.ok("POST", "settings/domains", SAMPLES["domains"])
    path = f"settings/domains/{made['id']}"
    assert client.refused("PATCH", path, {"domain": "other.example"}) == (400, INVALID, "/domain")
    assert client.ok("PATCH", path, {"domain": "example.com", "folder": "Inbox"})["folder"] == "Inbox"


def test_a_domain_is_replaced(client: Any) -> None:
    made = client.ok("POST", "settings/domains", {**SAMPLES["domains"], "lookback_hops": 9, "folder": "Inbox"})
    path = f"settings/domains/{made['id']}"
    body = {name: value for name, value in SAMPLES["domains"].items() if name != "domain"}
    replaced = client.ok("PUT", path, {**body, "regions": ["DE"], "lookback_hops": None})
    assert (replaced["regions"], replaced["lookback_hops"], replaced["folder"]) == (["DE"], 1, None)
    assert (replaced["domain"], replaced["created_at"]) == ("example.com", made["created_at"])
    assert client.refused("PUT", path, {"regions": ["DE"]}) == (400, INVALID, "/allowed_delivery_modes")


@pytest.mark.parametrize("name", ["allow_policies", "block_senders", "trusted_domains"])
def test_an_entry_is_replaced(client: Any, name: str) -> None:
    made = client.ok("POST", f"settings/{name}", {**SAMPLES[name], "comments": "goes back to its default"})
    path = f"settings/{name}/{made['id']}"
    body = {field: value for field, value in another(name).items() if field != "comments"}
    replaced = client.ok("PUT", path, body)
    assert {field: replaced[field] for field in body} == body
    assert (replaced["comments"], replaced["created_at"]) == (None, made["created_at"])
    assert client.ok("GET", path) == replaced
    del body["is_regex"]
    assert client.refused("PUT", path, body) == (400, INVALID, "/is_regex")
    assert client.refused("PUT", f"settings/{name}/nobody", body) == (404, 10404, None)


def test_a_list_that_the_account_lacks(client: Any) -> None:
    path, body = "settings/content_policies", SAMPLES["content_policies"]
    for behaviour, refusal in ((False, (404, 7003)), (405, (405, 10405)), (403, (403, 10403))):
        client.account.options(content_policies=behaviour)
        assert client.refused("GET", path)[:2] == refusal
        assert client.refused("POST", path, body)[:2] == refusal
        assert client.refused("POST", f"{path}/batch", {})[:2] == refusal
    message = client.send("GET", path).json()["errors"][0]["message"]
    assert message == "Email Security is not available in the current subscription"


def test_the_order_of_a_set_means_nothing(client: Any) -> None:
    body = {**SAMPLES["content_policies"], "targets": ["SUBJECT", "BODY", "SUBJECT"]}
    assert client.ok("POST", "settings/content_policies", body)["targets"] == ["BODY", "SUBJECT"]


def test_a_field_that_the_account_lacks(client: Any) -> None:
    path, body = "settings/content_policies", {**SAMPLES["content_policies"], "expires_at": "2027-01-01T00:00:00Z"}
    made = client.ok("POST", path, body)
    client.account.options(content_policy_expiry=False)
    assert "expires_at" not in client.ok("GET", f"{path}/{made['id']}")
    assert client.refused("POST", path, {**body, "name": "other"}) == (400, INVALID, "/expires_at")


def test_all_domains_are_removed(client: Any) -> None:
    ids = [client.ok("POST", "settings/domains", another("domains", n))["id"] for n in (1, 2)]
    assert client.refused("DELETE", "settings/domains")[:2] == (405, 10405)
    client.account.options(domains_delete=True)
    assert client.ok("DELETE", "settings/domains") == [{"id": each} for each in ids]
    assert client.ok("GET", "settings/domains") == []


def test_the_verification_of_a_domain(client: Any) -> None:
    made = client.ok("POST", "settings/domains", SAMPLES["domains"])
    shown = client.ok("GET", f"settings/domains/{made['id']}/verification")
    assert (shown["status"], shown["txt_record_name"]) == ("PENDING", "_cf-email-sec-challenge.example.com")
    client.account.put({"domains": [{"id": "old", "domain": "old.example"}]})
    answer = client.send("GET", "settings/domains/old/verification")
    assert (answer.status_code, answer.content) == (204, b"")
    proved = {**SAMPLES["domains"], "integration_id": str(uuid.uuid4())}
    made = client.ok("POST", "settings/domains", proved)
    assert client.send("GET", f"settings/domains/{made['id']}/verification").status_code == 204
    assert client.refused("GET", "settings/domains/nobody/verification")[:2] == (404, 10404)


def test_a_domain_is_activated(client: Any) -> None:
    made = client.ok("POST", "settings/domains", SAMPLES["domains"])
    assert (made["status"], made["authorization"]["authorized"]) == ("PENDING", False)
    client.account.activate("example.com")
    active = client.ok("GET", f"settings/domains/{made['id']}")
    assert (active["status"], active["authorization"]["authorized"]) == ("ACTIVE", True)
    assert client.send("GET", f"settings/domains/{made['id']}/verification").status_code == 204
    with pytest.raises(ValueError, match=r"no domain 'other\.example'"):
        client.account.activate("other.example")


def test_domains_that_cannot_be_created(client: Any) -> None:
    client.account.options(domain_create=False)
    assert client.refused("POST", "settings/domains", SAMPLES["domains"])[:2] == (404, 7003)
    client.account.options(domain_create=405)
    assert client.refused("POST", "settings/domains", SAMPLES["domains"])[:2] == (405, 10405)


def test_bodies_that_are_no_object(client: Any) -> None:
    for body in ([], "text", 5):
        assert client.refused("POST", "settings/block_senders", body)[:2] == (400, 10400)
    url, headers = "settings/block_senders", {**client.headers, "Content-Type": "application/json"}
    assert client.refused("POST", url, data=b"{", headers=headers)[:2] == (400, 10400)
    assert client.refused("POST", url, data=b"{}")[:2] == (415, 10415)
