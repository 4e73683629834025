# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One report out of several, each about other accounts."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.history import History, since_previous
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.merge import merge
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.page import page
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.report import build

from browser import samples
from browser.samples import record, report_of

EARLIER, LATER = "2026-11-01T06:00:00Z", samples.TIME
RECORDS = {name: {**found, "account_id": f"{at:032}"} for at, (name, found) in enumerate(samples.five().items())}
HALVES = [dict(list(RECORDS.items())[:2]), dict(list(RECORDS.items())[2:])]


def slices(**more: Any) -> list[tuple[str, dict[str, Any]]]:
    return [("one.json", build(HALVES[0], LATER, **more)), ("two.json", build(HALVES[1], LATER, **more))]


def test_slices_make_the_report_that_one_audit_would_have_made() -> None:
    assert merge(slices()) == build(RECORDS, LATER)
    history = History([build(RECORDS, EARLIER)])
    assert merge(slices(), history) == build(RECORDS, LATER, history=history)
    # What each slice was compared with says what is new in the whole.
    merged = merge(slices(history=history))
    assert (merged["previous"], since_previous(merged)) == (EARLIER, since_previous(merge(slices(), history)))


def test_it_is_as_old_as_the_oldest() -> None:
    merged = merge([("b", build({"b": record(account_id="b")}, LATER)), ("a", build({"a": record()}, EARLIER))])
    assert (merged["generated_at"], [one["account"] for one in merged["accounts"]]) == (EARLIER, ["a", "b"])


def test_what_was_cut_stays_counted() -> None:
    half = build(HALVES[0], LATER, max_bytes=2000)
    cut = sum(one["not_listed"]["changes"] for one in half["accounts"])
    merged = merge([("one", half), slices()[1]])
    assert sum(one["not_listed"]["changes"] for one in merged["accounts"]) == cut > 0
    assert merged["summary"]["drift"] == build(RECORDS, LATER)["summary"]["drift"]


@pytest.mark.parametrize("name", ["acme-emea", "renamed"])
def test_two_reports_about_one_account_are_refused(name: str) -> None:
    again = build({name: RECORDS["acme-emea"]}, LATER)
    with pytest.raises(InputError, match=r"^two: .* is in one too; merge one report about each account"):
        merge([("one", build(HALVES[0], LATER)), ("two", again)])


def test_nothing_is_no_report() -> None:
    with pytest.raises(InputError, match="there is no report to merge"):
        merge([])


def test_a_report_of_an_older_release_is_taken() -> None:
    old = copy.deepcopy(report_of("five"))
    for name in ("previous", "trend"):
        del old[name]
    del old["summary"]["not_judged"]
    for account in old["accounts"]:
        for name in ("dashboard_url", "not_judged", "since_previous", "gone"):
            del account[name]
        for counts in account["lists"].values():
            del counts["risks"]
        for row in [*account["changes"], *account["findings"]]:
            for name in ("comment", "owner", "created_at", "place", "first_seen", "new"):
                del row[name]
    merged = merge([("old", old)])
    assert merged["summary"]["risks"] == report_of("five")["summary"]["risks"]
    assert "8 high risks in 3 of 5 accounts" in page(merged)


def test_a_hundred_accounts_stay_small() -> None:
    found = {f"account{number:03}": {**record(), "account_id": None} for number in range(100)}
    text = page(merge([("all", build(found, LATER))]))
    assert len(text) < 600_000
    assert text.count('<td class="in_sync">') == 100 * len(samples.LISTS)
