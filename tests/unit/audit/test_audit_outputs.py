# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is made of the audit report: JUnit XML, the page, and the result of the job."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.charts import cell, drift_by_list
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.headline import age, headline, look_first
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.junit import junit
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.message import message, title
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.page import embedded, page
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.report import build
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.verdict import failures, lines
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._risk.rules import RULES

from browser import pictured, samples
from browser.samples import finding, record, report_of, sender


def cases(text: str) -> dict[str, ElementTree.Element]:
    return {
        f"{case.get('classname')}.{case.get('name')}": case for case in ElementTree.fromstring(text).iter("testcase")
    }


def test_junit_has_a_case_for_each_list_and_rule_of_each_account() -> None:
    root = ElementTree.fromstring(junit(report_of("mixed")))
    each = 2 + len(samples.LISTS) + len(RULES)
    assert [suite.get("name") for suite in root] == sorted(samples.mixed())
    assert {suite.get("tests") for suite in root} == {str(each)}
    assert root.get("tests") == str(7 * each) == str(len(list(root.iter("testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        number = len(list(root.iter(tag)))
        assert root.get(attribute) == str(number)
        assert sum(int(suite.get(attribute, "")) for suite in root) == number > 0


def test_junit_fails_what_drifted_and_what_is_at_risk() -> None:
    found = cases(junit(report_of("mixed")))
    drift = found["acme-eu.drift.allow_policies"].find("failure")
    assert drift.get("type") == "drift"
    assert drift.get("message") == "2 entries drifted: 1 changed, 1 extra"
    assert "billing@partner.example EMAIL (is_trusted_sender: true -> false" in drift.text
    risk = found["acme-eu.risk.trusted_sender_unverified"].find("failure")
    assert (risk.get("type"), risk.get("message")) == ("risk:high", "1 high")
    assert found["acme-eu.drift.trusted_domains"].find("failure") is None
    asked = cases(junit(report_of("five")))["acme-us.risk.trusted_sender_unverified"].find("failure")
    assert "[owner accounts-payable, policy policies/allow.yml:14:5, id 9b1c5a52-" in asked.text
    accepted = found["acme-uk.risk.trusted_sender_unverified"]
    assert accepted.find("failure") is None
    assert "the vendor signs nothing" in accepted.find("system-out").text
    assert found["initech.account.readable"].find("error").get("type") == "unreadable"
    assert found["initech.risk.public_suffix"].find("skipped") is not None
    assert found["globex.drift.domains"].find("skipped") is not None


def test_junit_holds_hostile_text_as_text() -> None:
    text = junit(report_of("hostile"))
    found = cases(text)["<b onclick=window.pwned=1>.drift.block_senders"].find("failure")
    assert "missing: <script>window.pwned=1</script> EMAIL" in found.text
    assert "]]>&amp;<U+0007>" in found.text


@pytest.mark.thorough
def test_junit_is_short_however_much_drifted() -> None:
    text = junit(report_of("many"))
    assert len(text) < 1_000_000
    assert "and 4,950 more" in text


UNREAD = "1 account could not be read: initech."


@pytest.mark.parametrize(
    ("sample", "fail_on", "expected"),
    [
        ("mixed", [], []),
        ("calm", ["drift", "risk", "unreadable"], []),
        ("mixed", ["unreadable"], [UNREAD]),
        (
            "mixed",
            ["drift"],
            [UNREAD, "2 accounts drifted, 6 entries in all: acme-eu, acme-us."],
        ),
        ("mixed", ["risk:high"], [UNREAD, "There are risks, 1 high: acme-eu."]),
        (
            "mixed",
            ["risk:medium"],
            [UNREAD, "There are risks, 1 high, 3 medium: acme-eu, globex."],
        ),
        (
            "mixed",
            ["risk"],
            [
                "1 account could not be read: initech.",
                "There are risks, 1 high, 3 medium, 4 low: acme-eu, acme-us, globex.",
            ],
        ),
    ],
)
def test_conditions_decide_the_result(sample: str, fail_on: list[str], expected: list[str]) -> None:
    assert failures(report_of(sample), fail_on) == expected


def test_lower_risks_than_the_condition_names_do_not_fail() -> None:
    assert failures(build(samples.many(2, 3), samples.TIME), ["risk:medium"]) == []


def test_a_condition_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no condition risk:huge; there are drift, risk, risk:high"):
        failures(report_of("calm"), ["drift", "risk:huge"])


def test_lines_say_how_each_account_is() -> None:
    assert lines(report_of("mixed")) == [
        "acme-apac: in sync; no risks",
        "acme-eu: drifted (1 missing, 3 changed, 1 extra); risks: 1 high, 2 medium, 2 low",
        "acme-labs: in sync; no risks",
        "acme-uk: in sync; no risks (1 accepted)",
        "acme-us: drifted (1 changed); risks: 2 low",
        "globex: no policy to compare with; risks: 1 medium",
        "initech: could not be read: The credentials are wrong. GET settings/domains was answered: HTTP 403; no risks",
    ]


@pytest.mark.parametrize(
    ("numbers", "tone", "title"),
    [
        ({"in_sync": 3}, "good", "Nothing drifted"),
        ({"in_sync": 2, "drifted": 1}, "warn", "1 of 3 accounts drifted"),
        ({"in_sync": 2, "unreadable": 1}, "bad", "Nothing drifted"),
        ({"unreadable": 3}, "bad", "No account could be compared"),
        ({"no_policy": 3}, "quiet", "No policy to compare with"),
    ],
)
def test_the_headline_fits_the_accounts(numbers: dict[str, int], tone: str, title: str) -> None:
    nothing = dict.fromkeys(("in_sync", "drifted", "no_policy", "unreadable"), 0)
    rest = {
        "drift": {"create": 0, "update": 2, "delete": 0},
        "risks": dict.fromkeys(("high", "medium", "low", "accepted"), 0),
    }
    said = headline({**nothing, **numbers, **rest, "accounts": 3})
    assert (said["tone"], said["title"]) == (tone, title)


def test_high_risks_come_before_any_drift() -> None:
    summary = report_of("five")["summary"]
    said = headline(summary, at_risk=3)
    assert (said["tone"], said["title"]) == ("bad", "8 high risks in 3 of 5 accounts")
    assert said["text"].startswith(
        "4 of 5 accounts drifted. 147 entries are not as the policy says: 60 missing, 87 extra"
    )


def test_what_to_look_at_first() -> None:
    groups = look_first(report_of("five"))
    assert [(group["badge"], group["number"], group["title"]) for group in groups] == [
        ("high", 5, "Trusted sender without sender verification"),
        ("high", 1, "Regular expression that matches everything, or nearly"),
        ("high", 2, "A whole public mail provider is allowed"),
        ("extra", 2, "Extra in allow_policies"),
        ("missing", 60, "Missing in impersonation_registry"),
    ]
    first = groups[0]
    # Of different accounts, where there are.
    assert [entry["account"] for entry in first["entries"]] == ["acme-emea", "acme-labs", "acme-us"]
    assert first["more"] == 2
    assert first["show"] == {"at": "risks", "risks.rule": "trusted_sender_unverified"}
    assert look_first(report_of("calm")) == []


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("2026-11-02T05:00:00Z", "today"),
        ("2026-11-01T23:00:00Z", "1 day"),
        ("2026-03-02T00:00:00.123456Z", "8 months"),
        ("2023-03-02", "3 years"),
        ("2027-01-01", ""),
        ("yesterday", ""),
        (None, ""),
    ],
)
def test_an_age_is_reported_in_its_largest_unit(since: str | None, said: str) -> None:
    assert age(since, samples.TIME) == said


def test_junit_skips_what_was_not_judged_and_says_why() -> None:
    found = cases(junit(report_of("five")))
    skipped = {name: case.find("skipped") for name, case in found.items() if name.startswith("acme-uk.")}
    assert skipped["acme-uk.account.judged"].get("message") == (
        "1 entry could not be judged, and the monthly report could not be read"
    )
    assert "monthly report: This account does not offer it." in skipped["acme-uk.account.judged"].text
    assert "trusted_domains: (: is_regex must be" in skipped["acme-uk.account.judged"].text
    assert skipped["acme-uk.drift.content_policies"].get("message") == "The account does not have this list."
    assert "publicsuffixlist is missing" in skipped["acme-uk.risk.public_suffix"].get("message")
    # It was judged in part.
    assert skipped["acme-uk.risk.public_mail_provider"] is None


def test_the_page_says_what_was_not_judged() -> None:
    text = page(report_of("five"))
    assert "Install the Python package <code>publicsuffixlist</code>" in text
    assert "it does not have content_policies." in text
    assert "; the monthly report could not be read: <bdi>This account does not offer it.</bdi>" in text
    assert "The monthly report of 1 account could not be read." in message(report_of("five"))
    assert "Not judged" not in page(report_of("calm"))


def test_the_chart_of_drift_has_the_most_dangerous_list_first() -> None:
    rows = drift_by_list(report_of("five")["accounts"])
    assert [row["name"] for row in rows] == ["allow_policies", "impersonation_registry", "block_senders"]
    assert drift_by_list(report_of("calm")["accounts"]) == []


def test_the_table_of_accounts_says_the_worst_of_each_list() -> None:
    report = build(
        {
            "acme": record(
                [samples.change("domains", "update", {"domain": "a.example"}, {}, {"folder": "Inbox"})],
                [
                    finding("regex_unanchored", "allow_policies", sender("a")),
                    finding("trusted_sender_unverified", "allow_policies", sender("a")),
                    finding("uncommented_exception", "trusted_domains", {"pattern": "a.example"}),
                ],
                lists=("domains", "block_senders"),
                sizes={
                    "domains": 1,
                    "block_senders": 0,
                    "trusted_domains": 1,
                    "allow_policies": 1,
                    "url_ignore_patterns": 0,
                },
            ),
            "locked": samples.unreadable(),
        },
        samples.TIME,
    )
    acme, locked = report["accounts"]
    assert {name: cell(acme, name) for name in acme["lists"]} == {
        "domains": ("drifted", "1 drifted"),
        "impersonation_registry": ("lacking", "none"),
        "block_senders": ("in_sync", "as written"),
        "content_policies": ("lacking", "none"),
        "sending_domain_restrictions": ("lacking", "none"),
        "trusted_domains": ("low", "1 low"),
        "allow_policies": ("high", "1 high"),
        "url_ignore_patterns": ("no_policy", "no policy"),
    }
    assert cell(locked, "domains") == ("unreadable", "unknown")


def test_a_message_says_in_a_few_lines_what_to_do() -> None:
    lines = message(report_of("later")).splitlines()
    assert lines[0] == title(report_of("later")) == "8 high risks in 3 of 5 accounts"
    assert lines[2] == (
        "- 6 high: Trusted sender without sender verification. acme-emea: .* EMAIL regex; acme-labs: .* EMAIL regex; "
        "acme-us: billing@partner.example EMAIL, owner accounts-payable; and 3 more"
    )
    assert lines[3].startswith("  Set verify_sender to true.")
    assert "Since 2026-11-01: 1 new risk, 1 newly drifted entry, 2 gone." in lines
    assert lines[-2:] == [
        "Not judged: public_mail_provider, public_suffix.",
        "The monthly report of 1 account could not be read.",
    ]
    # A chat takes no more, and no character steers it.
    many = build(samples.many(20, 50), samples.TIME)
    assert max(len(message(each)) for each in (many, *map(report_of, ("hostile", "long", "later")))) < 3000
    assert not re.search("[\u202e\u2028\u0007]", message(report_of("hostile")))


@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "{% raw %}", "{# x #}", "{{{ 7 }}}", "{"])
def test_a_message_is_no_template_for_the_next_job(text: str) -> None:
    comment = f"owner {text}{{"
    found = finding("trusted_sender_unverified", "allow_policies", sender(text, "EMAIL"), comment=comment)
    said = message(build({f"{text}{{": record(findings=[found])}, samples.TIME))
    assert "sender verification" in said
    assert not re.search("{[{%#]", said)


class Scripts(HTMLParser):
    """The script elements of a page, as a browser cuts them out."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "script"
        if self.inside:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1] += data


def test_embedded_data_survives_whatever_it_holds() -> None:
    report = report_of("hostile")
    text = embedded(report)
    assert not re.search("[<>&\u2028\u2029]", text)
    held = json.loads(text)
    labels = {row["label"] for one in held["accounts"] for kind in ("changes", "findings") for row in one[kind]}
    assert labels == {row["label"] for one in report["accounts"] for row in one["changes"] + one["findings"]}
    data, script = Scripts(page(report)).found
    assert json.loads(data) == held
    assert "use strict" in script


def test_the_page_knows_its_own_script_and_style_only() -> None:
    text = page(report_of("calm"))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1).replace("&#39;", "'")
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[\w+/=]{44}';", policy)
    assert "unsafe" not in policy
    # Before anything that it holds for.
    assert text.index("Content-Security-Policy") < text.index("<style>") < text.index("<script")


def test_the_pictures_of_the_documentation_show_this_page() -> None:
    taken = pictured.DIGEST.read_text(encoding="utf-8").strip()
    assert taken == pictured.digest(), "take them anew: .venv/bin/python tests/browser --pictures"
