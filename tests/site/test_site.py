# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation site: it builds without a warning, every link leads somewhere, every page can be reached."""

from __future__ import annotations

import posixpath
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
# Pages that Sphinx makes for itself.
_OF_SPHINX = {"genindex.html", "search.html"}


@dataclass
class Page(HTMLParser):
    """What a page links to, and where it can be linked to."""

    links: set[str] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and name in ("id", "name"):
                self.anchors.add(value)
            if value and (name, tag) in (("href", "a"), ("src", "img"), ("src", "script"), ("href", "link")):
                self.links.add(value)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the built pages."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, str(CHECKOUT / "docs/docsite/build.py"), str(folder)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Every page by its path."""
    found = {}
    for file in site.rglob("*.html"):
        page = Page()
        page.feed(file.read_text(encoding="utf-8"))
        found[file.relative_to(site).as_posix()] = page
    return found


def _within(path: str, links: Iterable[str]) -> set[tuple[str, str]]:
    """Path and anchor of the links that stay on the site."""
    local = [link for link in links if not urlsplit(link).scheme and not link.startswith("//")]
    parted = [urldefrag(unquote(link)) for link in local]
    folder = posixpath.dirname(path)
    return {
        (posixpath.normpath(posixpath.join(folder, link.split("?")[0])) if link else path, anchor)
        for link, anchor in parted
    }


def test_every_link_leads_somewhere(site: Path, pages: dict[str, Page]) -> None:
    assert len(pages) > 40
    broken = []
    for path, page in pages.items():
        for target, anchor in _within(path, page.links):
            file = site / target
            if not (file / "index.html" if file.is_dir() else file).is_file():
                broken.append(f"{path}: there is no {target}")
            elif anchor and target in pages and anchor not in pages[target].anchors:
                broken.append(f"{path}: {target} has no #{anchor}")
    assert broken == []


def _reachable(pages: dict[str, Page]) -> set[str]:
    seen, waiting = set(), ["index.html"]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += [target for target, unused in _within(path, pages[path].links) if target in pages]
    return seen


def test_every_page_can_be_reached_from_the_first(pages: dict[str, Page]) -> None:
    assert set(pages) - _reachable(pages) <= _OF_SPHINX


def _expected() -> list[str]:
    plugins = [
        f"{file.stem}_{kind}.html"
        for folder, kind in (("modules", "module"), ("filter", "filter"))
        for file in (CHECKOUT / "plugins" / folder).glob("[!_]*.py")
    ]
    roles = [f"{folder.name}_role.html" for folder in (CHECKOUT / "roles").iterdir() if folder.is_dir()]
    markdown = [
        "*.md",
        "docs/*.md",
        "roles/*/README.md",
        "playbooks/*/README.md",
        "tests/README.md",
        "tests/*/README.md",
    ]
    guides = [
        file.relative_to(CHECKOUT).with_suffix(".html").as_posix() for each in markdown for file in CHECKOUT.glob(each)
    ]
    return sorted([*plugins, *roles, *guides])


@pytest.mark.parametrize("path", _expected())
def test_everything_has_a_page(path: str, pages: dict[str, Page]) -> None:
    assert path in _reachable(pages)


def test_the_readme_links_to_the_pages_of_modules(pages: dict[str, Page]) -> None:
    targets = {target for target, unused in _within("README.html", pages["README.html"].links)}
    assert {"settings_module.html", "settings_info_module.html", "docs/policy_as_code.html"} <= targets


def test_a_page_shows_what_the_plugin_documents(pages: dict[str, Page]) -> None:
    text = " ".join(pages["settings_module.html"].text)
    for expected in ("Bring the account in line", "purge_limit", "Return Values"):
        assert expected in text
