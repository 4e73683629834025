# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit page in a real browser: nothing from an account runs or leaves, and very much of it stays quick."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from browser import samples
from browser.conftest import Open


def test_nothing_from_an_account_runs(open_page: Open) -> None:
    opened = open_page("hostile")
    page = opened.page
    for summary in page.locator(".accounts summary").all():
        summary.click()
    page.locator("[data-filter=accepted]").check()
    page.wait_for_timeout(200)
    assert page.evaluate("window.pwned") is None
    # The page's data, and its own script; no image, link or frame but the page's own.
    assert page.locator("script").count() == 2
    assert page.locator("img, iframe, object, embed, base, form[action]").count() == 0
    # Links lead to places in the page and to the dashboard.
    targets = {link.get_attribute("href") for link in page.locator("a").all()}
    dashboard = "https://one.dash.cloudflare.com/?to=/"
    assert {"#main", "#accounts", "#drift", "#risks"} < targets
    assert [one for one in targets if not one.startswith(("#", dashboard))] == []
    attributes = "[...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames())"
    assert [name for name in page.evaluate(attributes) if name.startswith("on") or name == "style"] == []
    opened.keep("hostile", full_page=True)


@pytest.mark.parametrize("text", [one for one in samples.HOSTILE if one.isascii() and one.isprintable()])
def test_it_is_shown_letter_by_letter(open_page: Open, text: str) -> None:
    opened = open_page("hostile")
    assert text in opened.page.locator("#drift-rows .diff .before code").all_inner_texts()
    assert text in opened.page.locator("#drift-rows .comment").all_inner_texts()
    assert f"{text} EMAIL" in opened.page.locator("#drift-rows h3 code").all_inner_texts()
    assert text in opened.page.locator("#risks-rows .detail").all_inner_texts()


def test_hidden_characters_are_spelled_out(open_page: Open) -> None:
    opened = open_page("hostile")
    spelled = set(opened.page.locator("#drift-rows .hidden-character").all_inner_texts())
    assert spelled == {"U+202E", "U+2028", "U+2029", "U+0007"}
    assert "invoice<U+202E>gnp.exe" in opened.page.locator(".accounts").first.inner_text()


def test_the_browser_itself_would_stop_what_slipped_through(open_page: Open) -> None:
    opened = open_page("calm")
    page = opened.page
    stopped: list[str] = []
    page.on("requestfailed", lambda request: stopped.append(request.url) if request.failure == "csp" else None)
    refused = page.evaluate(
        """async () => {
            const refused = [];
            const attempt = async (name, work) => { try { await work(); } catch { refused.push(name); } };
            await attempt("markup", () => { document.body.innerHTML += "<img src=x onerror=window.pwned=1>"; });
            await attempt("fetch", () => fetch("https://example.invalid/"));
            await attempt("socket", () => new Promise((resolve, reject) => {
                const socket = new WebSocket("wss://example.invalid/");
                socket.onopen = resolve;
                socket.onerror = reject;
            }));
            const image = new Image();
            const loaded = new Promise((resolve, reject) => { image.onload = resolve; image.onerror = reject; });
            image.src = "https://example.invalid/x.png";
            await attempt("image", () => loaded);
            return refused;
        }"""
    )
    assert refused == ["markup", "fetch", "socket", "image"]
    # Chromium tells of each; these were asked for.
    assert len(opened.complaints) >= 4
    assert all("Content Security Policy" in one or "requires 'Trusted" in one for one in opened.complaints)
    opened.complaints.clear()
    # Playwright shows the image as a request, which the policy ended before it left.
    assert opened.requests == ["https://example.invalid/x.png"] == stopped
    opened.requests.clear()


def test_very_much_stays_small_and_prompt(open_page: Open, reports: Callable[[str], Path]) -> None:
    size = reports("many").stat().st_size
    assert 500_000 < size < 5_000_000
    opened = open_page("many")
    page = opened.page
    assert "20 of 20 accounts drifted" in page.get_by_role("heading", level=1).inner_text()
    assert "100,000 entries are not as the policy says" in page.locator(".hero").inner_text()
    assert "are not listed here, to keep this page small" in page.locator("#drift").inner_text()
    assert (opened.rows("drift"), opened.rows("risks")) == (100, 100)
    assert page.evaluate("document.querySelectorAll('*').length") < 12000
    listed = page.evaluate("JSON.parse(document.getElementById('report').textContent).accounts[7].changes.length")
    page.locator("#drift-account").select_option("account07")
    assert opened.count("drift").startswith(f"{listed:,} of ")
    page.locator("#drift-search").fill("00003.account07")
    assert opened.rows("drift") == 1


def test_ten_thousand_findings_are_listed(open_page: Open, reports: Callable[[str], Path]) -> None:
    assert reports("long").stat().st_size < 5_000_000
    opened = open_page("long")
    page = opened.page
    assert opened.count("risks") == "10,000 risks, the first 100 shown"
    page.locator("#risks-all").click()
    assert (opened.rows("risks"), opened.count("risks")) == (10_000, "10,000 risks")
    assert opened.focused().startswith("li ")
    # Only what is on the screen is laid out.
    first = page.locator("#risks-rows .row").first
    assert first.evaluate("(row) => getComputedStyle(row).contentVisibility") == "auto"
    page.locator("#risks-rows .row").last.scroll_into_view_if_needed()
    assert page.locator("#risks-rows .row").last.locator("code").first.is_visible()
    page.locator("#risks-search").fill("0007.account3.example")
    assert opened.rows("risks") == 1


def test_a_hundred_accounts_stay_readable(open_page: Open) -> None:
    opened = open_page("hundred")
    page = opened.page
    assert page.locator(".heat tbody tr").count() == 100
    # The most dangerous on top, each in one line, and nothing beside the screen.
    assert "4 high" in page.locator(".heat tbody tr").first.inner_text()
    assert max(page.evaluate("[...document.querySelectorAll('.heat tbody tr')].map((row) => row.offsetHeight)")) < 40
    assert page.evaluate("document.documentElement.scrollWidth") <= 1200
    page.locator(".heat").get_by_role("link", name="2 high").first.click()
    page.wait_for_function("() => document.activeElement.id === 'risks'")
    assert opened.count("risks") == "2 of 160 risks"
    opened.keep("hundred", full_page=True)


def test_more_rows_come_on_request_and_take_the_focus(open_page: Open) -> None:
    opened = open_page("many")
    more = opened.page.locator("#drift-more")
    assert more.inner_text() == "Show 100 more"
    more.focus()
    opened.page.keyboard.press("Enter")
    assert opened.rows("drift") == 200
    assert opened.count("drift").endswith("the first 200 shown")
    assert "00100.account00.example" in opened.focused()
