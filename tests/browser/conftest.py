# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real browser for the tests of the audit page: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.page import page as render

from browser import samples

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

OUTPUT = Path(__file__).resolve().parents[1] / "output" / "browser"
NO_BROWSER = "NO BROWSER: the audit page was NOT tested"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Chromium's own business with the network is not the page's.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Nobody is to take a run without a browser for a run with one."""
    skipped = [one for one in terminalreporter.stats.get("skipped", ()) if NO_BROWSER in str(one.longrepr)]
    if skipped:
        terminalreporter.section(NO_BROWSER, sep="!", red=True, bold=True)
        terminalreporter.write_line(str(skipped[0].longrepr[2]), red=True, bold=True)
        terminalreporter.write_line(f"{len(skipped)} tests were skipped.", red=True, bold=True)


def _find_chromium() -> str | None:
    named = os.environ.get("EMAIL_SECURITY_CHROMIUM")
    return named or next((found for name in _NAMES if (found := shutil.which(name))), None)


def _install_chromium() -> str:
    """Install Chromium where that is possible; returns why it is not."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return (
            "there is no Chromium, and only root on Debian can have these tests install it (apt-get install chromium)"
        )
    # Several test processes may come here at once.
    with (Path(tempfile.gettempdir()) / "email-security-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _find_chromium():
            return ""
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ["chromium", "fonts-dejavu-core"]
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
            if done.returncode:
                return f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}"
    return ""


class NoBrowserError(Exception):
    """There is no Chromium, or nothing to drive it with."""


@contextmanager
def launch() -> Iterator[Browser]:
    """A running Chromium.

    :raises NoBrowserError: there is none.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowserError("the Python package playwright is missing (tests/browser/requirements.txt)") from None
    reason = "" if _find_chromium() else _install_chromium()
    chromium = _find_chromium()
    if not chromium:
        raise NoBrowserError(reason)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        try:
            yield running
        finally:
            running.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        with launch() as running:
            yield running
    except NoBrowserError as error:
        pytest.skip(f"{NO_BROWSER}: {error}")


@dataclass
class Opened:
    """An audit page in the browser, and what it did there."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def rows(self, section: str) -> int:
        return self.page.locator(f"#{section}-rows .row").count()

    def count(self, section: str) -> str:
        return self.page.locator(f"#{section}-count").inner_text()

    def focused(self) -> str:
        """The focused element, in a few words."""
        return str(
            self.page.evaluate(
                """() => {
                    const element = document.activeElement;
                    const name = element.tagName.toLowerCase() + (element.id ? `#${element.id}` : "");
                    return `${name} ${(element.value || element.innerText || "").trim()}`;
                }"""
            )
        )

    def keep(self, name: str, **options: Any) -> Path:
        """Keep a picture of the page."""
        OUTPUT.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=OUTPUT / f"{name}.png", **options)
        return OUTPUT / f"{name}.png"


Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Writes the page of one of the samples, and returns where it is."""
    folder = tmp_path_factory.mktemp("reports")

    def write(sample: str) -> Path:
        file = folder / f"{sample}.html"
        if not file.exists():
            file.write_text(render(samples.report_of(sample)), encoding="utf-8")
        return file

    return write


@pytest.fixture
def open_page(browser: Browser, reports: Callable[[str], Path]) -> Iterator[Open]:
    """Opens a sample from the disk. At the end the page must have asked for nothing but itself, without a complaint."""
    everything: list[Opened] = []

    def open_one(sample: str, width: int = 1200, height: int = 900, **options: Any) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        opened = Opened(context.new_page(), reports(sample).as_uri())
        everything.append(opened)

        def asked(request: Request) -> None:
            if request.url != opened.url and not request.url.startswith("data:"):
                opened.requests.append(request.url)

        opened.page.on("request", asked)
        opened.page.on("console", lambda message: opened.complaints.append(f"{message.type}: {message.text}"))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.goto(opened.url)
        return opened

    yield open_one
    for opened in everything:
        opened.page.context.close()
        assert opened.requests == []
        assert opened.complaints == []
