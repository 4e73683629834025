# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx: the site is what antsibull-docs makes of the plugins, and the Markdown files as they are."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

project = "cloudflare.email_security"
title = html_short_title = "Cloudflare Email Security as code"
author = "The cloudflare.email_security contributors"
copyright = "2026, the cloudflare.email_security contributors"  # noqa: A001 (Sphinx's name)

extensions = ["myst_parser", "sphinx_antsibull_ext"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
# Headings can be linked to as on a code host.
myst_heading_anchors = 4
default_role = "any"
highlight_language = "YAML+Jinja"
pygments_style = "ansible"
html_theme = "sphinx_ansible_theme"
# Where the logo leads: the theme's default is the root of the server, which may hold other sites.
html_theme_options = {"documentation_home_url": "https://github.com/cloudflare-email-security/ansible-collection"}
html_show_sphinx = False
html_use_index = False
html_copy_source = False
# Plugins of ansible-core are documented elsewhere, and a build must not need the network to know where.
suppress_warnings = ["ref.ref", "ref.any"]

_CHECKOUT = Path(__file__).resolve().parents[2]
_CODE_HOST = "https://github.com/cloudflare-email-security/ansible-collection/blob/main"
_LINK = re.compile(r"(?<=\]\()(?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?(?=\))")
_PLUGIN = re.compile(r"plugins/(module|filter)s?/(\w+)\.py")


def _links(app: Any, name: str, source: list[str]) -> None:
    """In Markdown, a link to a plugin's source leads to its page, one to any other file to the code host."""
    if Path(app.env.doc2path(name)).suffix == ".md":
        folder = posixpath.dirname(name)
        source[0] = _LINK.sub(lambda link: _target(folder, link[1], link[2] or ""), source[0])


def _target(folder: str, link: str, anchor: str) -> str:
    path = posixpath.normpath(posixpath.join(folder, link))
    plugin = _PLUGIN.fullmatch(path)
    if plugin:
        return f"/{plugin[2]}_{plugin[1]}.rst{anchor}"
    if (_CHECKOUT / path).is_dir() and (_CHECKOUT / path / "README.md").exists():
        return f"/{path}/README.md{anchor}"
    if path.endswith((".md", ".png")):
        return link + anchor
    return f"{_CODE_HOST}/{path}{anchor}"


def setup(app: Any) -> None:
    app.connect("source-read", _links)
