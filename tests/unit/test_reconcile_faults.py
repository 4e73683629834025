# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the fault matrix does not show of settings: what is not read again, and what a failed run says was done."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError, NoAnswerError

from simulator.handle import Account
from unit.armed import fault
from unit.engine import Engine, blocked, person, sent

_BATCH = [blocked(1, comments="a"), blocked(2, state="absent"), blocked(3)]
_HTTP_500 = fault("status_before", status=500)


@pytest.mark.parametrize(("document", "method"), [([blocked(3)], "POST"), (_BATCH, "POST"), (_BATCH[:1], "PATCH")])
def test_a_throttled_write_is_sent_again_without_another_read(
    account: Account, document: list[dict[str, Any]], method: str
) -> None:
    account.put({"block_senders": [blocked(1), blocked(2)]})
    account.faults({**fault("rate_limited", retry_after=None), "method": method, "times": 2})
    assert len(Engine(account).run({"block_senders": document})) == len(document)
    # The API said that nothing was done.
    assert len(sent(account)) == 3
    assert [entry["method"] for entry in account.requests()].count("GET") == 1


def test_an_outage_of_reading_after_an_unconfirmed_write_is_reported_with_both_causes(account: Account) -> None:
    account.faults(
        {**fault("cut_after"), "method": "POST"},
        {**_HTTP_500, "method": "GET", "after": 1, "times": None},
    )
    with pytest.raises(EmailSecurityError, match="Then reading again failed") as failed:
        Engine(account).run({"block_senders": [blocked(1)]})
    assert "HTTP 500" in str(failed.value)
    assert "no answer" in str(failed.value)


def test_what_was_done_before_a_failure_is_reported_exactly(account: Account) -> None:
    account.put({"impersonation_registry": [person(1), person(2)]})
    engine = Engine(account)
    account.faults({**_HTTP_500, "method": "PATCH", "times": None})
    with pytest.raises(NoAnswerError, match=r"impersonation_registry\[0\].*not known whether it was updated"):
        engine.run({"impersonation_registry": [person(1, comments="a"), person(2, state="absent"), person(3)]})
    assert engine.done == [("create", "n3@example.com Person 3")]
    assert not [method for method, _path in sent(account) if method == "DELETE"]


def test_lists_that_were_finished_before_a_failure_are_reported(account: Account) -> None:
    engine = Engine(account)
    account.faults({**_HTTP_500, "method": "POST", "path": "trusted_domains", "times": None})
    with pytest.raises(NoAnswerError):
        engine.run({"block_senders": [blocked(1)], "trusted_domains": [{"pattern": "t.example"}]})
    assert engine.done == [("create", f"{blocked(1)['pattern']} DOMAIN")]
