# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation's pictures show, and how to detect that they are older than it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ansible_collections.cloudflare.email_security.plugins.plugin_utils._audit.page import page as render

from browser import samples

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
# Written whenever the pictures are taken.
DIGEST = Path(__file__).with_suffix(".sha256")


def pictured() -> str:
    """The page that is pictured: template, style, script and sample report in one."""
    return render(samples.report_of("later"))


def digest() -> str:
    """SHA-256 of the page."""
    return hashlib.sha256(pictured().encode()).hexdigest()
