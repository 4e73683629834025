# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task returns that fails with a part of its work done: just that part, as documented."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from modules import returns
from modules.playbook import Outcome, Step, faults, options, put, run_steps
from modules.samples import sender
from modules.scenarios.mail import put_mail
from simulator.handle import Account

_SENDERS = [{"pattern": f"{name}.example", "pattern_type": "DOMAIN"} for name in ("one", "two")]
_POLICY = {"pattern": "partner.example", "pattern_type": "DOMAIN", "is_acceptable_sender": True}
_IDS = ["m1", "m2", "m3"]
# So that it is known which request comes first, and so which is refused.
_IN_ORDER = {"concurrency": 1}


def _refuse(path: str, status: int = 403, **more: Any) -> Mapping[str, Any]:
    arguments = {"status": status, "code": 10000, "message": "no longer"}
    return {"kind": "status_before", "path": path, "times": None, "arguments": arguments, **more}


def _done(outcome: Outcome) -> list[tuple[str, str, str]]:
    """The changes that a result tells, as list, action and key."""
    return [(one["list"], one["action"], str(one["key"]["pattern"])) for one in outcome.returned["changes"]]


def test_settings_tells_the_lists_that_were_written(account: Account, tmp_path: Path) -> None:
    stale = sender("stale.example")
    document = {"block_senders": _SENDERS, "allow_policies": [_POLICY], "purge": ["block_senders"], **_IN_ORDER}
    run = run_steps(
        account,
        tmp_path,
        [
            Step(
                "batch",
                "settings",
                document,
                diff=True,
                control=[put({"block_senders": [stale]}), faults(_refuse("allow_policies", method="POST"))],
            ),
            Step(
                "one by one",
                "settings",
                document,
                control=[
                    put({"block_senders": [stale]}),
                    options(batch=False),
                    ("DELETE", "/faults", None),
                    faults(_refuse("block_senders$", method="POST", after=1)),
                ],
            ),
        ],
    )
    for outcome in run:
        assert outcome.failed
        assert "Traceback" not in outcome.stdout
        assert outcome.changed, "something was written, and Ansible counts it"
        assert returns.mismatches(returns.documented("settings"), outcome) == []
        created = {key for unused, action, key in _done(outcome) if action == "create"}
        deleted = {key for unused, action, key in _done(outcome) if action == "delete"}
        before = {"stale.example"}
        assert (before | created) - deleted == {entry["pattern"] for entry in outcome.state["block_senders"]}
        assert outcome.state["allow_policies"] == []
        assert outcome.returned["error"]["http_status"] == 403
        assert all(change["id"] for change in outcome.returned["changes"])
    assert len(_done(run["batch"])) == 3
    assert len(_done(run["one by one"])) == 1


def test_an_entry_that_was_written_before_the_failure_is_reported(account: Account, tmp_path: Path) -> None:
    """The write is done, its answer is lost, and the account cannot be read again."""
    lost = {"kind": "cut_after", "method": "POST"}
    run = run_steps(
        account,
        tmp_path,
        [
            Step(
                "lost",
                "block_sender",
                {"pattern": "phish.example", "pattern_type": "DOMAIN"},
                control=[faults(lost, _refuse("block_senders", method="GET", after=1))],
            )
        ],
    )
    outcome = run["lost"]
    assert outcome.failed
    assert [entry["pattern"] for entry in outcome.state["block_senders"]] == ["phish.example"]
    assert returns.mismatches(returns.documented("block_sender"), outcome) == []
    assert "changes" in outcome.returned
    assert "error" in outcome.returned


def _mail(**fields: Any) -> list[dict[str, Any]]:
    return [{"id": name, "client_recipients": [f"{name}@x.example"], **fields} for name in _IDS]


@pytest.mark.parametrize(
    ("module", "args", "done", "fields"),
    [
        ("message_move", {"destination": "JunkEmail"}, "moved", {"final_disposition": "NONE"}),
        ("message_release", {}, "released", {"is_quarantined": True}),
    ],
)
def test_messages_that_were_acted_on_before_the_failure_are_reported(
    module: str, args: Mapping[str, Any], done: str, fields: Mapping[str, Any], account: Account, tmp_path: Path
) -> None:
    """In one mailbox it fails; the others are done."""
    control = [put_mail(*_mail(**fields)), options(failing_mailboxes=["m2@x.example"])]
    step = Step("in part", module, {**args, **_IN_ORDER, "investigate_ids": _IDS}, control=control)
    outcome = run_steps(account, tmp_path, [step])["in part"]
    assert outcome.failed
    assert outcome.changed
    assert sorted(outcome.returned[done]) == ["m1", "m3"]
    assert returns.mismatches(returns.documented(module), outcome) == []
    assert [one["investigate_id"] for one in outcome.returned["outcomes"] if not one["success"]] == ["m2"]


def test_what_was_asked_for_before_a_refusal_is_reported(account: Account, tmp_path: Path) -> None:
    """Of one request, the service takes some messages and refuses another."""
    args = {**_IN_ORDER, "investigate_ids": _IDS, "expected_disposition": "MALICIOUS"}
    mail = _mail(final_disposition="NONE")
    control = [put_mail(*({**one, "message_id": f"<{one['id']}@x.example>"} for one in mail))]
    control.append(options(refused_submissions=["<m2@x.example>"]))
    outcome = run_steps(account, tmp_path, [Step("in part", "message_reclassify", args, control=control)])["in part"]
    assert outcome.failed
    assert outcome.changed
    assert sorted(outcome.returned["reclassified"]) == ["m1", "m3"]
    assert "m2" in outcome.msg
    assert returns.mismatches(returns.documented("message_reclassify"), outcome) == []
    assert len(account.submissions()) == 2
