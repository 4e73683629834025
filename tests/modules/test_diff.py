# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people see with ``--diff``: the fields that change, sorted, without ids and timestamps."""

from __future__ import annotations

import re
from pathlib import Path

from modules.playbook import Outcome, Step, put, run_steps
from modules.samples import person, sender, trusted
from simulator.handle import Account


def _diff(outcome: Outcome) -> list[str]:
    """The lines of the printed diff that are removed or added, without their file names."""
    lines = [line.strip() for line in outcome.stdout.splitlines() if line.startswith(("-", "+"))]
    return [re.sub(r"^([-+])\s*", r"\1 ", line) for line in lines if not line.startswith(("---", "+++"))]


def test_diff(account: Account, tmp_path: Path) -> None:
    before = {
        "block_senders": [sender("a.example", comments="old"), sender("gone.example"), sender("same.example")],
        "impersonation_registry": [person("Jane", "j@example.com")],
        "trusted_domains": [trusted("t.example", is_recent=True, comments="")],
    }
    seeded = account.put(before)
    update = {"pattern": "a.example", "pattern_type": "DOMAIN", "comments": "new"}
    document = {
        "block_senders": [
            update,
            {"pattern": "gone.example", "pattern_type": "DOMAIN", "state": "absent"},
            {"pattern": "same.example", "pattern_type": "DOMAIN"},
            {"pattern": "added.example", "pattern_type": "DOMAIN"},
        ],
        "trusted_domains": [{"pattern": "t.example"}],
    }
    run = run_steps(
        account,
        tmp_path,
        [
            Step("entry, check", "block_sender", update, check=True),
            Step("entry", "block_sender", update),
            Step("entry, again", "block_sender", update),
            Step("document, check", "settings", document, check=True, control=[put(before)]),
            Step("document", "settings", document, control=[put(before)]),
            Step("info", "settings_info"),
        ],
        arguments=["--diff"],
    )
    for name in ("entry, check", "entry"):
        assert _diff(run[name]) == ['- "comments": "old",', '+ "comments": "new",']
    for name in ("entry, again", "info"):
        assert _diff(run[name]) == []
    assert _diff(run["document"]) == _diff(run["document, check"])
    # Lists and entries are sorted, and an entry stands under its key.
    changed = _diff(run["document"])
    assert changed[:2] == ['- "comments": "old",', '+ "comments": "new",']
    assert changed[-2:] == ['- "is_recent": true,', '+ "is_recent": false,']
    assert '- "pattern": "gone.example",' in changed
    assert '+ "pattern": "added.example",' in changed
    assert "same.example" not in run["document"].stdout
    assert [piece["before_header"] for piece in run["document"].result["diff"]] == [
        "block_senders: a.example DOMAIN",
        "block_senders: added.example DOMAIN",
        "block_senders: gone.example DOMAIN",
        "trusted_domains: t.example",
    ]
    assert "block_senders: gone.example DOMAIN (deleted: absent)" in run["document"].stdout
    ids = [entry["id"] for entries in seeded.values() for entry in entries]
    for outcome in run:
        printed = outcome.stdout.partition("changed:")[0]
        assert not any(text in printed for text in [*ids, "created_at", "modified_at", '"id"']), outcome.step.name
