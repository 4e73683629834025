# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenarios of the fault matrix: every way in which the collection writes, with all requests that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import act as message_actions
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import bulk
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import read as lookup
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.entry import entry_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import settings_module

from modules.samples import domain, person, policy, sender
from reliability.matrix import AGAIN, READ, WHOLE, WRITE, Scenario, Step


def _pages(collection: str, count: int, after: int = 0, unconfirmed: Step | None = None) -> tuple[Step, ...]:
    path = "submissions$" if collection == "submissions" else f"settings/{collection}$"
    again = f", again after {unconfirmed.name}" if unconfirmed else ""
    kind = AGAIN if unconfirmed else READ
    return tuple(
        Step(f"page {number} of {collection}{again}", kind, "GET", path, {"page": str(number)}, after, unconfirmed)
        for number in range(1, count + 1)
    )


def _writing(collection: str, writes: Sequence[Step], pages: int = 2) -> tuple[Step, ...]:
    """A list read, the writes to it, and the list read again after each of them."""
    return (
        *_pages(collection, pages),
        *(step for write in writes for step in (write, *_pages(collection, pages, 1, write))),
    )


def _create(collection: str) -> Step:
    return Step(f"create in {collection}", WRITE, "POST", f"settings/{collection}$")


def _batch(collection: str) -> Step:
    return Step(f"batch of {collection}", WRITE, "POST", f"settings/{collection}/batch$")


def _update(collection: str) -> Step:
    return Step(f"update in {collection}", WRITE, "PATCH", f"settings/{collection}/")


def _delete(collection: str) -> Step:
    return Step(f"delete in {collection}", WRITE, "DELETE", f"settings/{collection}/")


def _reads(names: Sequence[str], path: str, unconfirmed: Step | None = None) -> tuple[Step, ...]:
    again = f", again after {unconfirmed.name}" if unconfirmed else ""
    kind, after = (AGAIN, 1) if unconfirmed else (READ, 0)
    return tuple(Step(f"read {name}{again}", kind, "GET", path.format(name), {}, after, unconfirmed) for name in names)


# Two pages each, before and after; the last one is never full, since another would be asked for behind it.
_KEEP = [sender(f"keep-{number}.example") for number in range(1, 4)]
_KEEP_MORE = [*_KEEP, sender("keep-4.example")]
_X = sender("x.example", comments="new")
_OLD_X = {**_X, "comments": "old"}

_BATCH = {
    "before": [*_KEEP, sender("update.example", comments="old"), sender("delete.example")],
    "params": [
        sender("update.example", comments="new"),
        sender("delete.example", state="absent"),
        sender("create.example"),
    ],
    "after": [*_KEEP, sender("update.example", comments="new"), sender("create.example")],
}


def _content(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "pattern": "wire", "targets": ["BODY"], "enabled": True, **fields}


_KEEP_CONTENT = [_content(f"keep-{number}") for number in range(1, 4)]
_CONTENT = {
    "before": [*_KEEP_CONTENT, _content("update", notes="old"), _content("delete")],
    "params": [_content("update", notes="new"), _content("delete", state="absent"), _content("create")],
    "after": [*_KEEP_CONTENT, _content("update", notes="new"), _content("create")],
}
_KEEP_DOMAINS = [domain(f"keep-{number}.example") for number in range(1, 4)]
_DOMAINS = {
    "before": [*_KEEP_DOMAINS, domain("update.example"), domain("delete.example")],
    "params": [
        domain("create.example"),
        domain("update.example", folder="Inbox"),
        {"domain": "delete.example", "state": "absent"},
    ],
    "after": [
        *_KEEP_DOMAINS,
        domain("create.example"),
        domain("update.example", folder="Inbox"),
    ],
}


def _people(*names: str, **fields: Any) -> list[dict[str, Any]]:
    return [person(name, f"{name}@example.com", **fields) for name in names]


_SEVERAL = {
    "before": {
        "impersonation_registry": [*_people("keep-1"), *_people("update", comments="old"), *_people("delete")],
        "block_senders": _BATCH["before"],
        "allow_policies": [policy("keep-1.example", comments="ours"), policy("purge.example", comments="stale")],
    },
    "after": {
        "impersonation_registry": [*_people("keep-1"), *_people("create"), *_people("update", comments="new")],
        "block_senders": _BATCH["after"],
        "allow_policies": [policy("keep-1.example", comments="ours"), policy("create.example")],
    },
    "params": {
        "impersonation_registry": [
            *_people("create"),
            *_people("update", comments="new"),
            *_people("delete", state="absent"),
        ],
        "block_senders": _BATCH["params"],
        "allow_policies": [policy("create.example")],
        "purge": ["allow_policies"],
        "purge_scope": "^stale",
    },
}
_SEVERAL_WRITES = (
    _create("impersonation_registry"),
    _update("impersonation_registry"),
    _delete("impersonation_registry"),
    _batch("block_senders"),
    _batch("allow_policies"),
)

_BLOCK_SENDER = entry_module(RESOURCES["block_senders"])
_SETTINGS = settings_module()

_SINGLES = (
    Scenario(
        "create",
        "one entry created",
        _BLOCK_SENDER,
        _writing("block_senders", [_create("block_senders")]),
        params=_X,
        before={"block_senders": _KEEP_MORE},
        after={"block_senders": [*_KEEP_MORE, _X]},
        retry_timeout=900.0,
    ),
    Scenario(
        "update",
        "one entry updated",
        _BLOCK_SENDER,
        _writing("block_senders", [_update("block_senders")]),
        params=_X,
        before={"block_senders": [*_KEEP, _OLD_X]},
        after={"block_senders": [*_KEEP, _X]},
    ),
    Scenario(
        "delete",
        "one entry deleted",
        _BLOCK_SENDER,
        _writing("block_senders", [_delete("block_senders")]),
        params={**_X, "state": "absent"},
        before={"block_senders": [*_KEEP_MORE, _OLD_X]},
        after={"block_senders": _KEEP_MORE},
    ),
)
_BATCHES = (
    Scenario(
        "batch",
        "a list: create, update, delete in one batch",
        _SETTINGS,
        _writing("block_senders", [_batch("block_senders")]),
        params={"block_senders": _BATCH["params"]},
        before={"block_senders": _BATCH["before"]},
        after={"block_senders": _BATCH["after"]},
    ),
    Scenario(
        "content policies",
        "content policies: create, update, delete in one batch",
        _SETTINGS,
        _writing("content_policies", [_batch("content_policies")]),
        params={"content_policies": _CONTENT["params"]},
        before={"content_policies": _CONTENT["before"]},
        after={"content_policies": _CONTENT["after"]},
    ),
    Scenario(
        "domains",
        "domains: the same, where a batch may be done in part",
        _SETTINGS,
        _writing("domains", [_batch("domains")]),
        params={"domains": _DOMAINS["params"]},
        options={"atomic_domains": False},
        before={"domains": _DOMAINS["before"]},
        after={"domains": _DOMAINS["after"]},
    ),
    Scenario(
        "several lists",
        "several lists, one of them entry by entry, one with purge",
        _SETTINGS,
        (
            *(step for name in _SEVERAL["before"] for step in _pages(name, 1)),
            *_SEVERAL_WRITES,
            *(step for write in _SEVERAL_WRITES for step in _pages(write.path.split("/")[1].rstrip("$"), 1, 1, write)),
        ),
        params=_SEVERAL["params"],
        before=_SEVERAL["before"],
        after=_SEVERAL["after"],
        page=WHOLE,
    ),
)

_MOVES = (
    Step("first move", WRITE, "POST", "investigate/move$"),
    Step("second move", WRITE, "POST", "investigate/move$", after=1),
)
_RELEASES = (
    Step("first release", WRITE, "POST", "investigate/release$"),
    Step("second release", WRITE, "POST", "investigate/release$", after=1),
)
_SUBMITS = (
    Step("first submission", WRITE, "POST", "submissions$"),
    Step("second submission", WRITE, "POST", "submissions$", after=1),
)
_PENDING = {"requested_disposition": "SPAM", "status": "pending"}
_MAIL = (
    Scenario(
        "move",
        "messages moved",
        message_actions.message_move_module(),
        (
            *_reads(("m1", "m3"), "investigate/{}/action_log$"),
            *_MOVES,
            *_reads(("m1",), "investigate/{}/action_log$", _MOVES[0]),
            *_reads(("m3",), "investigate/{}/action_log$", _MOVES[1]),
        ),
        params={"destination": "JunkEmail"},
        mail={"m1": {}, "m2": {}, "m3": {}},
        done="moved",
        page=2,
        entry="MOVE",
        alike={"investigate/m2/action_log": "the read of m1"},
    ),
    Scenario(
        "release",
        "messages released from quarantine",
        message_actions.message_release_module(),
        (
            *_reads(("m1", "m3"), "investigate/{}$"),
            *_RELEASES,
            *_reads(("m1",), "investigate/{}$", _RELEASES[0]),
            *_reads(("m3",), "investigate/{}$", _RELEASES[1]),
        ),
        mail={name: {"is_quarantined": True} for name in ("m1", "m2", "m3")},
        done="released",
        page=2,
        entry="QUARANTINE_RELEASE",
        alike={"investigate/m2": "the read of m1"},
    ),
    Scenario(
        "reclassify",
        "messages reclassified",
        message_actions.message_reclassify_module(),
        (
            *_pages("submissions", 2),
            *_reads(("m1", "m3"), "investigate/{}$"),
            *_SUBMITS,
            *_pages("submissions", 2, 1, _SUBMITS[0]),
            *_reads(("m1",), "investigate/{}$", _SUBMITS[0]),
        ),
        params={"expected_disposition": "SPAM"},
        mail={name: {"final_disposition": "NONE"} for name in ("m1", "m2", "m3")},
        submissions=[{**_PENDING, "original_postfix_id": f"keep-{number}"} for number in range(3)],
        done="reclassified",
        page=2,
        entry="SUBMISSION",
        alike={"investigate/m2": "the look at m1"},
        read_again_alike={"second submission": "the one after the first submission"},
    ),
    Scenario(
        "search and move",
        "messages searched for and moved",
        message_actions.message_move_module(),
        (
            Step("page 1 of the search", READ, "GET", "investigate$"),
            Step("page 2 of the search", READ, "GET", "investigate$", after=1),
            *_reads(("m1",), "investigate/{}/action_log$"),
            _MOVES[0],
            *_reads(("m3",), "investigate/{}/action_log$", _MOVES[0]),
        ),
        params={"destination": "JunkEmail"},
        mail={"m1": {}, "m2": {}, "m3": {}},
        done="moved",
        page=2,
        entry="MOVE",
        search={},
        alike={"investigate/m[23]/action_log": "the read of m1", "investigate/move": "the second move above"},
    ),
)


def _job_pages(unconfirmed: Step | None = None) -> tuple[Step, ...]:
    again, kind, after = (f", again after {unconfirmed.name}", AGAIN, 1) if unconfirmed else ("", READ, 0)
    return tuple(
        Step(
            f"page {number} of the jobs{again}",
            kind,
            "GET",
            "investigate/bulk$",
            {"page": str(number)},
            after,
            unconfirmed,
        )
        for number in (1, 2)
    )


_JOB = {
    "action": "MOVE",
    "destination": "JunkEmail",
    "search_params": {"detections_only": True, "subject": "Invoice"},
    "comment": "ours",
}
_KEEP_JOBS = [{**_JOB, "comment": f"keep-{number}"} for number in range(1, 5)]
_JOB_PARAMS = {
    **_JOB,
    "search_params": {**dict.fromkeys([each.name for each in bulk.SEARCH_PARAMS]), **_JOB["search_params"]},  # type: ignore[dict-item]
}
_START = Step("start of the job", WRITE, "POST", "investigate/bulk$")
_CANCEL = Step("cancellation of the job", WRITE, "POST", "investigate/bulk/[^/]+/cancel$")
_JOBS = (
    Scenario(
        "bulk move",
        "a bulk job started and waited for",
        bulk.message_bulk_module(),
        (
            *_job_pages(),
            _START,
            *_job_pages(_START),
            Step("look at the job", READ, "GET", "investigate/bulk/[^/]+$"),
        ),
        params=_JOB_PARAMS,
        jobs=_KEEP_JOBS,
        jobs_after={"ours": "COMPLETED"},
        alike={"investigate/bulk/[^/]+$": "the first look at the job"},
    ),
    Scenario(
        "bulk cancel",
        "a bulk job cancelled",
        bulk.message_bulk_module(),
        (
            *_job_pages(),
            _CANCEL,
            Step(
                f"look at the job, again after {_CANCEL.name}",
                AGAIN,
                "GET",
                "investigate/bulk/[^/]+$",
                unconfirmed=_CANCEL,
            ),
        ),
        params={**_JOB_PARAMS, "state": "cancelled"},
        options={"bulk_progress": "control"},
        jobs=[{**_JOB, "steps": 2}, *_KEEP_JOBS],
        jobs_after={"ours": "CANCELLED"},
    ),
)
SEARCH = lookup.investigate_info_module()
SCENARIOS = (*_SINGLES, *_BATCHES, *_MAIL, *_JOBS)
