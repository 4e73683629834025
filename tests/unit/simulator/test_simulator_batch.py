# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Batches: in order, all or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from .samples import BATCHED, CHANGES, NAMES, SAMPLES, another, batch


@pytest.mark.parametrize("name", BATCHED)
def test_all_four_parts_in_order(client: Any, name: str) -> None:
    path, key = f"settings/{name}", NAMES[name]
    gone, patched, put = client.account.put({name: [another(name, n) for n in (1, 2, 3)]})[name]
    replacement = {field: value for field, value in another(name, 3).items() if field != "domain"}
    body = batch(
        deletes=[{"id": gone["id"]}],
        patches=[{"id": patched["id"], **CHANGES[name]}],
        puts=[{"id": put["id"], **replacement, **CHANGES[name]}],
        # Only possible because the deletes come first.
        posts=[another(name, 1), another(name, 4)],
    )
    result = client.ok("POST", f"{path}/batch", body)
    assert result["deletes"] == [{"id": gone["id"]}]
    assert [entry["id"] for entry in result["patches"] + result["puts"]] == [patched["id"], put["id"]]
    assert [entry[key] for entry in result["posts"]] == [another(name, n)[key] for n in (1, 4)]
    for entry in result["patches"] + result["puts"]:
        assert {field: entry[field] for field in CHANGES[name]} == CHANGES[name]
    listed = client.ok("GET", path)
    assert listed == result["patches"] + result["puts"] + result["posts"]


@pytest.mark.parametrize("name", BATCHED)
def test_one_bad_item_fails_all(client: Any, name: str) -> None:
    path, key = f"settings/{name}", NAMES[name]
    client.account.put({name: [another(name, n) for n in (1, 2, 3)]})
    before = client.ok("GET", path)
    bad = [
        (batch(deletes=[{"id": before[0]["id"]}, {"id": "none"}]), (404, 10404, "/deletes/1")),
        (batch(deletes=[{"id": before[0]["id"]}] * 2), (404, 10404, "/deletes/1")),
        (batch(deletes=[{}]), (400, 10422, "/deletes/0/id")),
        (batch(patches=[{"id": before[0]["id"]}]), (400, 10400, "/patches/0")),
        (batch(patches=[{"id": "none", **CHANGES[name]}]), (404, 10404, "/patches/0")),
        (batch(puts=[{"id": before[0]["id"]}]), None),
        (batch(deletes=[{"id": before[0]["id"]}], posts=[another(name, 3)]), (409, 10409, f"/posts/0/{key}")),
        (batch(posts=[another(name, 4), {**another(name, 5), key: 5}]), (400, 10422, f"/posts/1/{key}")),
        (batch(posts=[another(name, 4), another(name, 4)]), (409, 10409, f"/posts/1/{key}")),
        (batch(posts=["text"]), (400, 10400, "/posts/0")),
    ]
    for body, error in bad:
        refused = client.refused("POST", f"{path}/batch", body)
        assert error is None or refused == error
        assert client.ok("GET", path) == before


def test_what_a_batch_must_look_like(client: Any) -> None:
    path = "settings/block_senders/batch"
    for part in ("deletes", "patches", "puts", "posts"):
        body = batch()
        del body[part]
        assert client.refused("POST", path, body) == (400, 10400, f"/{part}")
        assert client.refused("POST", path, batch(**{part: None})) == (400, 10400, f"/{part}")
        assert client.refused("POST", path, batch(**{part: [{"id": "x"}] * 1001})) == (400, 10400, f"/{part}")
    assert client.refused("POST", path, {**batch(), "creates": []}) == (400, 10400, "/creates")
    assert client.ok("POST", path, batch()) == batch()


def test_a_thousand_of_each(client: Any) -> None:
    path = "settings/block_senders"
    made = client.ok("POST", f"{path}/batch", batch(posts=[another("block_senders", n) for n in range(1000)]))["posts"]
    patches = [{"id": entry["id"], "comments": "x"} for entry in made]
    posts = [another("block_senders", n) for n in range(1000, 2000)]
    client.ok("POST", f"{path}/batch", batch(patches=patches, posts=posts))
    deletes = [{"id": entry["id"]} for entry in made]
    client.ok("POST", f"{path}/batch", batch(deletes=deletes, posts=posts[:0]))
    assert client.send("GET", path).json()["result_info"]["total_count"] == 1000


def test_pointers_can_be_left_out(client: Any) -> None:
    client.account.options(pointers=False)
    body = batch(posts=[{**SAMPLES["block_senders"], "pattern": ""}])
    assert client.refused("POST", "settings/block_senders/batch", body) == (400, 10422, None)


def test_an_api_without_batches(client: Any) -> None:
    path = "settings/block_senders/batch"
    client.account.options(batch=False)
    assert client.refused("POST", path, batch())[:2] == (404, 7003)
    client.account.options(batch=405)
    assert client.refused("POST", path, batch())[:2] == (405, 10405)


def test_the_registry_has_no_batch(client: Any) -> None:
    assert client.refused("POST", "settings/impersonation_registry/batch", batch())[:2] == (405, 10405)


def test_domains_that_are_not_atomic(client: Any) -> None:
    client.account.options(atomic_domains=False)
    body = batch(posts=[another("domains", 1), {}, another("domains", 2)])
    assert client.refused("POST", "settings/domains/batch", body)[0] == 400
    assert [entry["domain"] for entry in client.ok("GET", "settings/domains")] == ["n00001.example"]


def test_domains_that_cannot_be_created(client: Any) -> None:
    client.account.options(domain_create=False)
    assert client.refused("POST", "settings/domains/batch", batch(posts=[another("domains")]))[:2] == (404, 7003)
    assert client.ok("POST", "settings/domains/batch", batch()) == batch()


def test_a_batch_of_deletes_only(client: Any) -> None:
    client.account.options(sending_domain_restrictions_batch=True)
    path = "settings/sending_domain_restrictions"
    made = client.ok("POST", path, SAMPLES["sending_domain_restrictions"])
    assert client.refused("POST", f"{path}/batch", batch()) == (400, 10400, "/patches")
    body = {"deletes": [{"id": made["id"]}]}
    assert client.ok("POST", f"{path}/batch", body) == body
    assert client.ok("GET", path) == []
