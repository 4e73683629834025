# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the pictures of the audit page for the documentation, and measures how fast a large one opens.

.venv/bin/python tests/browser --pictures
.venv/bin/python tests/browser --speed
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.page import page as render

from browser import samples
from browser.conftest import launch
from browser.pictured import DIGEST, IMAGES, digest, pictured

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES: dict[str, dict[str, Any]] = {
    "audit.png": {"viewport": {"width": 1280, "height": 900}},
    "audit-mobile.png": {"viewport": {"width": 390, "height": 844}},
    # A page of A4 at 96 dots an inch.
    "audit-print.png": {"viewport": {"width": 794, "height": 1123}},
}
RUNS = 7


def pictures(browser: Browser, folder: Path) -> Iterator[str]:
    file = folder / "later.html"
    file.write_text(pictured(), encoding="utf-8")
    for name, options in PICTURES.items():
        page = browser.new_context(color_scheme="light", **options).new_page()
        page.emulate_media(media="print" if "print" in name else "screen", color_scheme="light")
        page.goto(file.as_uri())
        page.screenshot(path=IMAGES / name)
        yield f"docs/images/{name}: {(IMAGES / name).stat().st_size:,} bytes"
    DIGEST.write_text(f"{digest()}\n", encoding="utf-8")


def speed(browser: Browser, folder: Path) -> Iterator[str]:
    """A page over 20 accounts with 5,000 entries each, beside one of the same size that shows nothing."""
    text = render(samples.report_of("many"))
    rest = "x" * (len(text.encode()) - 150)
    empty = f"<!DOCTYPE html><title>Nothing</title><script type='application/json'>{rest}</script><p>Nothing</p>"
    took = {}
    for name, content in (("empty", empty), ("full", text)):
        file = folder / f"{name}.html"
        file.write_text(content, encoding="utf-8")
        times = []
        for _run in range(RUNS):
            page = browser.new_page()
            page.goto(file.as_uri())
            times.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
            page.close()
        took[name] = statistics.median(times)
    yield f"{len(text.encode()):,} bytes; opened in {took['full']:.0f} ms (median of {RUNS})"
    yield from _fluid(browser, folder)
    yield f"an empty page of that size in {took['empty']:.0f} ms; ratio {took['full'] / took['empty']:.1f}"


def _fluid(browser: Browser, folder: Path) -> Iterator[str]:
    """Ten thousand findings: showing all of them, going to the last, and searching."""
    file = folder / "long.html"
    file.write_text(render(samples.report_of("long")), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    took = page.evaluate(
        """async () => {
            const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            const search = document.getElementById("risks-search");
            const showAll = document.getElementById("risks-all");
            const rows = document.getElementById("risks-rows");
            const works = {
                "shown in": () => showAll.click(),
                "scrolled to the last in": () => [...rows.querySelectorAll(".row")].at(-1).scrollIntoView(),
                "searched in": () => {
                    search.value = "account3";
                    search.dispatchEvent(new Event("input", { bubbles: true }));
                },
            };
            const took = [];
            for (const [name, work] of Object.entries(works)) {
                const start = performance.now();
                work();
                await frame();
                took.push(`${name} ${Math.round(performance.now() - start)} ms`);
            }
            return took;
        }"""
    )
    yield f"10,000 findings ({file.stat().st_size:,} bytes): {', '.join(took)}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python tests/browser", description=__doc__)
    parser.add_argument("--pictures", action="store_true", help="take the pictures in docs/images anew")
    parser.add_argument("--speed", action="store_true", help="measure how fast a large page opens")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, launch() as browser:
        for chosen, work in ((options.pictures, pictures), (options.speed, speed)):
            if chosen:
                for line in work(browser, Path(folder)):
                    print(line)


if __name__ == "__main__":
    main()
