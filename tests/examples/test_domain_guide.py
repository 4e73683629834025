# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to a new domain, followed from its policy to its protection."""

from __future__ import annotations

from pathlib import Path

from examples.documents import LEFT_OUT
from examples.reader import Reader, of_account
from simulator.handle import Account

_DOCUMENT = "docs/add_a_domain.md"


def test_the_guide(account: Account, tmp_path: Path) -> None:
    with Reader(tmp_path, of_account(account)) as reader:
        steps = reader.follow(_DOCUMENT, LEFT_OUT[_DOCUMENT])

        assert next(steps).ok().changed == [1]
        assert account.state()["domains"] == []
        assert next(steps).ok().changed == [1]
        (made,) = account.state()["domains"]
        assert made["status"].upper() == "PENDING"

        shown = next(steps).ok()
        assert "_cf-email-sec-challenge.shop.example TXT cf-email-security=" in shown.output
        assert shown.changed == [0]

        # What publishes the record is not here; the service finds it all the same.
        account.activate("shop.example")
        account.clear_requests()
        assert next(steps).ok().changed == [0]
        assert len(account.requests()) == 1
        assert next(steps, None) is None, "the guide has a command that this test does not expect"
