# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit page in a real browser: reading it, filtering it, using it with the keyboard, printing it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.conftest import Open, Opened


def test_says_at_once_that_nothing_drifted(open_page: Open) -> None:
    opened = open_page("calm")
    assert opened.page.title() == "Nothing drifted · Email Security audit"
    headline = opened.page.get_by_role("heading", level=1)
    assert headline.inner_text() == "Nothing drifted"
    # At a glance: without scrolling, and large.
    assert headline.bounding_box()["y"] < 300
    assert opened.page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)") > 30
    assert opened.page.locator(".accounts .state").all_inner_texts() == ["In sync"] * 5
    assert (
        "Nothing drifted. Every list that a policy names is as written." in opened.page.locator("#drift").inner_text()
    )
    opened.keep("calm-light")


def test_says_what_drifted_field_by_field(open_page: Open) -> None:
    opened = open_page("mixed")
    assert opened.page.get_by_role("heading", level=1).inner_text() == "1 high risk in 1 of 7 accounts"
    assert "2 of 7 accounts drifted" in opened.page.locator(".hero").inner_text()
    assert "1 account could not be audited." in opened.page.locator(".hero").inner_text()
    # The most dangerous first: the one with a high risk before the one that nobody could read.
    states = ["Drifted", "Not readable", "No policy", "Drifted", "In sync", "In sync", "In sync"]
    assert opened.page.locator(".accounts .state").all_inner_texts() == states
    row = opened.page.locator("#drift-rows .row", has_text="billing@partner.example")
    assert row.locator("h3").inner_text() == "changed billing@partner.example EMAIL"
    # Only the fields that differ, before and after.
    fields = row.locator(".diff").all_text_contents()
    assert fields == [
        "is_trusted_sender: true is to be  → false",
        "verify_sender: false is to be  → true",
    ]
    marks = opened.page.locator("#drift-rows .row", has_text="phish.example").first.locator("mark").all_inner_texts()
    assert marks == ["March", "April"]
    domain = opened.page.locator("#drift-rows .row", has_text="example.com").locator(".diff")
    assert domain.filter(has_text="drop_dispositions").locator("mark").all_inner_texts() == ["MALICIOUS"]
    assert "empty" in domain.filter(has_text="ip_restrictions").inner_text()


def test_five_questions_are_answered_without_scrolling(open_page: Open) -> None:
    """Is anything dangerous, where, since when, who owns it, what do I do."""
    opened = open_page("five", width=1280, height=900)
    seen = opened.page.evaluate(
        """() => [...document.querySelectorAll("h1, .first :is(h3, bdi, code, .since, .owner, .todo)")]
            .filter((e) => { const box = e.getBoundingClientRect(); return box.height && box.bottom <= innerHeight; })
            .map((e) => e.innerText)"""
    )
    assert seen[0] == "8 high risks in 3 of 5 accounts"
    assert "5 high Trusted sender without sender verification" in seen
    assert {"acme-emea", "acme-labs", ".* EMAIL regex", "billing@partner.example EMAIL"} <= set(seen)
    assert "since 2026-03-02 (8 months)" in seen
    assert {"owner accounts-payable", "no owner named"} <= set(seen)
    assert any(text.startswith("Do: Set verify_sender to true.") for text in seen)
    # What lets more through than the policy says is there too, before what is merely missing.
    assert seen.index("2 extra Extra in allow_policies") < seen.index("60 missing Missing in impersonation_registry")
    opened.keep("five-first")


def test_an_entry_takes_a_line_or_two(open_page: Open) -> None:
    opened = open_page("five", width=1280)
    heights = opened.page.evaluate("[...document.querySelectorAll('#drift-rows .row')].map((row) => row.offsetHeight)")
    assert len(heights) == 100
    assert max(heights) <= 66


def test_a_row_says_whom_to_ask_and_where_to_look(open_page: Open) -> None:
    opened = open_page("five")
    row = opened.page.locator("#risks-rows .row", has_text="billing@partner.example").first
    said = row.inner_text()
    for part in ("owner accounts-payable", "created 2026-03-02 (8 months)", "policies/allow.yml:14:5", "SEC-1234"):
        assert part in said
    assert "9b1c5a52-1d0c-4a6c-9a53-2f6f3f1f7c11" in said
    assert row.get_by_role("link", name="Dashboard").get_attribute("href").startswith("https://one.dash.cloudflare.com")


def test_says_what_is_new_and_draws_a_line(open_page: Open) -> None:
    opened = open_page("later")
    page = opened.page
    assert "Since 2026-11-01: 1 new risk (1 high), 1 newly drifted entry, 2 gone" in page.locator(".hero").inner_text()
    lines = [line.get_attribute("aria-label") for line in page.locator("#trend svg").all()]
    assert lines[0] == "High risks: 0 on 2026-10-30, 8 on 2026-11-02"
    assert page.locator("#trend polyline").first.get_attribute("points").count(",") == 4
    page.locator("#risks-filters [data-filter=new]").check()
    assert opened.count("risks") == "1 of 8 risks"
    assert page.locator("#risks-rows .row .badge.new").count() == 1
    assert page.url.endswith("risks.new=yes&at=risks")
    months = page.get_by_role("table", name="Messages that were detected, by month").locator("tbody tr")
    assert [row.inner_text().split() for row in months.all()] == [
        ["2026-09", "40", "0", "0", "800", "0", "0"],
        ["2026-10", "60", "0", "0", "700", "0", "2"],
    ]
    page.locator("#trend summary").click()
    assert page.locator(".gone li").count() == 2


def test_a_filter_stands_in_the_address(open_page: Open) -> None:
    opened = open_page("mixed")
    page = opened.page
    page.locator("#drift-account").select_option("acme-us")
    page.locator("#risks-search").fill("no such thing")
    assert opened.count("risks") == "0 of 8 risks"
    assert page.locator("#risks-rows").inner_text() == "Nothing matches these filters. Clear them to see everything."
    link = page.url
    # A link to what was seen shows the same.
    page.goto("about:blank")
    page.goto(link)
    assert page.locator("#drift-account").input_value() == "acme-us"
    assert (opened.count("drift"), opened.count("risks")) == ("1 of 6 drifted entries", "0 of 8 risks")
    # A link may also say what this report does not have.
    page.goto(f"{opened.url}#at=drift&drift.account=gone")
    assert (opened.count("drift"), opened.count("risks")) == ("0 of 6 drifted entries", "8 risks")


@pytest.mark.parametrize(
    ("where", "name", "section", "said"),
    [
        (".chart", "block_senders", "drift", "3 of 6 drifted entries"),
        (".chart", "Missing", "drift", "1 of 6 drifted entries"),
        (".chart", "A protected domain does not enforce TLS", "risks", "2 of 8 risks"),
        (".chart", "Low", "risks", "4 of 8 risks"),
        (".heat", "1 high", "risks", "2 of 8 risks"),
        (".first", "show", "risks", "1 of 8 risks"),
    ],
)
def test_charts_and_tables_show_their_entries_when_clicked(
    open_page: Open, where: str, name: str, section: str, said: str
) -> None:
    opened = open_page("mixed")
    opened.page.locator(where).get_by_role("link", name=name, exact=True).first.click()
    opened.page.wait_for_function(f"() => document.activeElement.id === '{section}'")
    assert opened.count(section) == said


def test_says_why_a_risk_matters_once_for_each_rule(open_page: Open) -> None:
    opened = open_page("mixed")
    cards = opened.page.locator("#risks-rows .card")
    assert [title.split("\n")[0] for title in cards.locator("h3").all_inner_texts()] == [
        "high Trusted sender without sender verification",
        "medium Regular expression with an open end",
        "medium A protected domain does not enforce TLS",
        "low An exception without a comment",
    ]
    last = cards.last
    assert last.locator(".why").inner_text() == "Nobody can tell whether it is still needed, or whom to ask."
    assert last.locator(".todo").inner_text().startswith("What to do: Write into comments")
    assert last.locator(".entries > li").count() == 4
    # What only this finding says stands with its entry.
    assert cards.nth(1).locator(".detail").all_inner_texts() == ["It lacks ^."]


@pytest.mark.parametrize(
    ("section", "choices", "rows", "said"),
    [
        ("drift", {}, 6, "6 drifted entries"),
        ("drift", {"account": "acme-us"}, 1, "1 of 6 drifted entries"),
        ("drift", {"list": "allow_policies"}, 2, "2 of 6 drifted entries"),
        ("drift", {"state": "missing"}, 1, "1 of 6 drifted entries"),
        ("drift", {"account": "acme-us", "state": "missing"}, 0, "0 of 6 drifted entries"),
        ("drift", {"search": "MARCH acme-eu"}, 1, "1 of 6 drifted entries"),
        ("drift", {"search": "203.0.113"}, 1, "1 of 6 drifted entries"),
        ("risks", {}, 8, "8 risks"),
        ("risks", {"severity": "low"}, 4, "4 of 8 risks"),
        ("risks", {"rule": "domain_without_tls"}, 2, "2 of 8 risks"),
        ("risks", {"account": "globex", "list": "domains"}, 1, "1 of 8 risks"),
        ("risks", {"search": "can tell"}, 4, "4 of 8 risks"),
        ("risks", {"accepted": True}, 9, "9 risks"),
        ("risks", {"accepted": True, "search": "SEC-77"}, 1, "1 of 9 risks"),
    ],
)
def test_filters_narrow_the_rows_and_announce_the_count(
    open_page: Open, section: str, choices: dict[str, Any], rows: int, said: str
) -> None:
    opened = open_page("mixed")
    before = opened.rows(section)
    for name, choice in choices.items():
        control = opened.page.locator(f"#{section}-filters [data-filter={name}]")
        if name == "search":
            control.fill(choice)
        elif name == "accepted":
            control.check()
        else:
            control.select_option(choice)
    assert (opened.rows(section), opened.count(section)) == (rows, said)
    assert opened.page.locator(f"#{section}-count[role=status][aria-live=polite]").count() == 1
    opened.page.locator(f"#{section}-filters").get_by_role("button", name="Clear").click()
    opened.page.wait_for_function(f"() => document.querySelector('#{section}-search').value === ''")
    assert opened.rows(section) == before


def test_options_say_how_many_there_are(open_page: Open) -> None:
    opened = open_page("mixed")
    assert opened.page.locator("#drift-state option").all_inner_texts() == [
        "All",
        "extra (1)",
        "changed (4)",
        "missing (1)",
    ]


def _tab_to(opened: Opened, expected: str) -> None:
    for _attempt in range(60):
        opened.page.keyboard.press("Tab")
        if expected in opened.focused():
            return
    pytest.fail(f"{expected} cannot be reached with the Tab key")


def test_the_keyboard_is_enough(open_page: Open) -> None:
    opened = open_page("mixed")
    page = opened.page
    page.keyboard.press("Tab")
    assert opened.focused() == "a Skip to the report"
    page.keyboard.press("Enter")
    assert opened.focused().startswith("main#main")
    # Everything that can be used comes in the order of reading.
    page.reload()
    order = []
    for _press in range(60):
        page.keyboard.press("Tab")
        order.append(opened.focused().split("\n")[0])
    stops = (
        "a Skip",
        "a Accounts",
        "a Drift",
        "a Risks",
        "input auto",
        "summary",
        "input#drift-search",
        "select#drift-account",
    )
    places = [next(place for place, stop in enumerate(order) if stop.startswith(name)) for name in stops]
    assert places == sorted(places)
    # What is focused shows it.
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_accounts_open_with_enter_and_space_and_lead_to_their_entries(open_page: Open) -> None:
    opened = open_page("mixed")
    page = opened.page
    _tab_to(opened, "summary Drifted")
    details = page.locator(".accounts details", has_text="acme-eu")
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        assert details.get_attribute("open") == ""
        page.keyboard.press(key)
        assert details.get_attribute("open") is None
    page.keyboard.press("Enter")
    _tab_to(opened, "Show its risks")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'risks'")
    assert opened.count("risks") == "5 of 8 risks"
    _tab_to(opened, "select#risks-account acme-eu")


def test_colours_follow_the_system_and_the_switch(open_page: Open) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(245, 246, 248)", "rgb(16, 20, 26)"
    opened = open_page("mixed", color_scheme="light")
    assert opened.page.evaluate(ground) == light
    opened.keep("mixed-light", full_page=True)
    opened.page.emulate_media(color_scheme="dark")
    assert opened.page.evaluate(ground) == dark
    opened.keep("mixed-dark", full_page=True)
    opened.page.locator("#theme input[value=auto]").focus()
    opened.page.keyboard.press("ArrowRight")
    assert opened.page.evaluate(ground) == light
    opened.page.reload()
    assert opened.page.evaluate(ground) == light
    assert opened.page.locator("#theme input[value=light]").is_checked()


def test_prints_in_light_colours_without_what_cannot_be_used(open_page: Open) -> None:
    opened = open_page("mixed", color_scheme="dark")
    opened.page.emulate_media(media="print", color_scheme="dark")
    assert opened.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for hidden in (".theme", ".filters", ".top nav"):
        assert opened.page.locator(hidden).first.is_hidden()
    assert opened.page.get_by_role("heading", level=1).is_visible()
    assert opened.page.locator("#drift-rows .row").first.is_visible()
    opened.keep("mixed-print", full_page=True)


def test_a_print_holds_more_rows_than_the_screen(open_page: Open) -> None:
    opened = open_page("many")
    assert opened.rows("drift") == 100
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert opened.rows("drift") == 1000
    opened.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert opened.rows("drift") == 100


def test_a_print_is_a_few_pages_of_which_the_first_is_the_summary(open_page: Open) -> None:
    opened = open_page("five")
    printed = opened.page.pdf(format="A4", print_background=False)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 10
    opened.page.emulate_media(media="print")
    opened.page.set_viewport_size({"width": 690, "height": 1020})  # A4 without its margins
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 690
    bottom = "document.querySelector('#first').getBoundingClientRect().bottom"
    assert opened.page.evaluate(bottom) < 1020
    assert opened.page.evaluate("getComputedStyle(document.querySelector('#drift')).breakBefore") == "page"


@pytest.mark.parametrize("width", [320, 400, 768])
def test_narrow_screens_need_no_sideways_scrolling(open_page: Open, width: int) -> None:
    opened = open_page("mixed", width=width)
    for summary in opened.page.locator(".accounts summary").all():
        summary.click()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.keep(f"mixed-{width}", full_page=True)


def test_without_scripts_the_headline_and_the_accounts_are_there(open_page: Open) -> None:
    opened = open_page("mixed", java_script_enabled=False)
    assert opened.page.get_by_role("heading", level=1).inner_text() == "1 high risk in 1 of 7 accounts"
    assert opened.page.locator(".accounts > li").count() == 7
    assert "needs JavaScript" in opened.page.locator("#drift noscript").inner_text()
    assert opened.page.locator(".filters").first.is_hidden()


@pytest.mark.parametrize("sample", ["calm", "mixed", "hostile", "later"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_keeps_people_out(open_page: Open, sample: str, scheme: str) -> None:
    opened = open_page(sample, color_scheme=scheme)
    for summary in opened.page.locator(".accounts summary").all():
        summary.click()
    results = Axe().run(opened.page)
    # All rules but those that are still being tried; among them all of WCAG 2.1, levels A and AA.
    tags = {tag for rule in results.response["passes"] for tag in rule["tags"]}
    assert {"wcag2a", "wcag2aa"} <= tags
    assert len(results.response["passes"]) > 20
    assert results.violations_count == 0, results.generate_report()


def test_charts_say_in_words_what_they_show(open_page: Open) -> None:
    opened = open_page("mixed")
    assert (
        opened.page.get_by_role("img").get_attribute("aria-label")
        == "3 in sync, 1 no policy, 2 drifted, 1 not readable"
    )
    chart = opened.page.get_by_role("table", name="Drifted entries by list")
    row = chart.get_by_role("row").filter(has_text="block_senders")
    assert [int(re.sub(r"\D", "", text)) for text in row.locator(".number").all_inner_texts()] == [1, 2, 0]
    # Every other drawing is decoration beside a text.
    hidden = opened.page.locator("svg[aria-hidden=true]").count()
    assert hidden == opened.page.locator("svg").count() - 1
