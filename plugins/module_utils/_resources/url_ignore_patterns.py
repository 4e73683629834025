# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URL ignore patterns, as data. API operations: ``settings/url_ignore_patterns``."""

from __future__ import annotations

from . import checks
from .common import COMMENTS
from .schema import Field, Resource

URL_IGNORE_PATTERNS = Resource(
    name="url_ignore_patterns",
    singular="url_ignore_pattern",
    title="URL ignore pattern",
    key=("pattern",),
    optional=True,
    fields=(Field("pattern", size=(1, 1024), check=checks.text_regex), COMMENTS),
    filters=(),
)
