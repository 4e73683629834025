# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the fault matrix does not show of acting on messages: parts of a request, what is not read again, and causes.

What was done is read from the account's own record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages import act as message_actions
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import ModuleSpec

from modules.in_process import Report, log_of, perform, put_mail
from simulator.handle import Account
from unit.armed import fault


@dataclass(frozen=True)
class Scenario:
    """A module that acts on three messages.

    :param entry: what the account's record says of a message that was acted on.
    :param writes: requests that it takes.
    :param reads: requests before the first of them.
    """

    spec: ModuleSpec
    done: str
    params: dict[str, Any]
    mail: dict[str, Any]
    entry: str
    writes: int
    reads: int = 3


SCENARIOS = {
    "move": Scenario(message_actions.message_move_module(), "moved", {"destination": "JunkEmail"}, {}, "MOVE", 1),
    "release": Scenario(
        message_actions.message_release_module(), "released", {}, {"is_quarantined": True}, "QUARANTINE_RELEASE", 1
    ),
    "reclassify": Scenario(
        message_actions.message_reclassify_module(),
        "reclassified",
        {"expected_disposition": "MALICIOUS"},
        {"final_disposition": "NONE"},
        "SUBMISSION",
        1,
        reads=4,
    ),
}
# A request of these can be broken off in the middle.
SEVERAL = {name: SCENARIOS[name] for name in ("move", "release")}

scenarios = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())


def run(account: Account, scenario: Scenario, ids: list[str]) -> Report:
    return perform(account, scenario.spec, investigate_ids=ids, **scenario.params)


def assert_finished(account: Account, scenario: Scenario, ids: list[str]) -> None:
    """Each was acted on once, by the account's record, and another run does nothing."""
    entries = {name: log.count((scenario.entry, True)) for name, log in log_of(account).items()}
    assert entries == dict.fromkeys(ids, 1)
    again = run(account, scenario, ids)
    assert (again.ok()["changed"], again.writes) == (False, [])
    assert again.result["unchanged"] == ids


@pytest.mark.parametrize("scenario", SEVERAL.values(), ids=SEVERAL.keys())
@pytest.mark.parametrize("count", [1, 2])
def test_only_the_rest_of_a_broken_request_is_sent_again(account: Account, scenario: Scenario, count: int) -> None:
    ids = put_mail(account, 3, **scenario.mail)
    account.faults({**fault("partial_move", count=count), "method": "POST"})
    report = run(account, scenario, ids)
    assert sorted(report.ok()[scenario.done]) == sorted(ids)
    second = report.writes[1][1]
    assert second["ids"] == ids[count:]
    lost = [each["investigate_id"] for each in report.result["outcomes"] if "response was lost" in each["status"]]
    assert lost == ids[:count]
    assert_finished(account, scenario, ids)


@scenarios
def test_a_throttled_act_is_sent_again_without_another_read(account: Account, scenario: Scenario) -> None:
    ids = put_mail(account, 3, **scenario.mail)
    account.faults({**fault("rate_limited", retry_after=None), "method": "POST", "times": 2})
    report = run(account, scenario, ids)
    assert report.ok()[scenario.done] == ids
    # The API said that nothing was done.
    assert (len(report.writes), len(report.reads)) == (scenario.writes + 2, scenario.reads)
    assert_finished(account, scenario, ids)


@scenarios
def test_an_outage_of_reading_after_an_unconfirmed_act_is_reported_with_both_causes(
    account: Account, scenario: Scenario
) -> None:
    ids = put_mail(account, 3, **scenario.mail)
    account.faults(
        {**fault("cut_after"), "method": "POST"},
        {**fault("status_before", status=500), "method": "GET", "after": scenario.reads, "times": None},
    )
    report = run(account, scenario, ids)
    assert isinstance(report.error, EmailSecurityError)
    # What was sent and never answered, and why it is not known what became of it.
    assert "POST" in report.msg
    assert "HTTP 500" in report.msg
    assert ids[0] in report.msg
    assert report.result[scenario.done] == []
    account.clear_faults()
    run(account, scenario, ids).ok()
    assert_finished(account, scenario, ids)
