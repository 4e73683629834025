# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides to content blocking and to TLS with partners, followed from their first lines to their last."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.reader import Reader, of_account
from simulator.handle import Account


@pytest.mark.parametrize(
    ("document", "collection", "key", "there"),
    [
        ("docs/content_blocking.md", "content_policies", "name", {"Fake invoices", "Gift cards"}),
        ("docs/partner_tls.md", "sending_domain_restrictions", "domain", {"partner.example", "bank.example"}),
    ],
)
def test_the_guide(document: str, collection: str, key: str, there: set[str], account: Account, tmp_path: Path) -> None:
    with Reader(tmp_path, of_account(account)) as reader:
        steps = reader.follow(document, {})
        # In check mode, then for real: both say the same.
        assert next(steps).ok().changed == [1, 1]
        assert {entry[key] for entry in account.state()[collection]} == there
        assert next(steps, None) is None, "the guide has a command that this test does not expect"
        if collection == "content_policies":
            wide = (
                (reader.folder / "content.yml").read_text(encoding="utf-8").replace("(?i)buy (some )?gift cards", ".*")
            )
            reader.write("content.yml", wide)
            refused = reader.type("ansible-playbook look.yml")
            assert refused.returncode == 2
            assert "nearly every text" in refused.output
