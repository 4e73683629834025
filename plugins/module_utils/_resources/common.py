# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields and filters that several resources share."""

from __future__ import annotations

from . import checks
from .schema import Field, Filter
from .values import any_case, ascii_pattern, comments_text, flag, pattern_text, trimmed

PATTERN = Field("pattern", size=(1, 1024), normalize=pattern_text, form=ascii_pattern, check=checks.pattern)
# UNKNOWN exists only in old entries; the API never accepts it.
PATTERN_TYPE = Field("pattern_type", choices=("EMAIL", "DOMAIN", "IP"), normalize=any_case)
IS_REGEX = Field("is_regex", "bool", default=False, qualifies="pattern", normalize=flag)
COMMENTS = Field("comments", size=(0, 1024), normalize=comments_text, form=trimmed)

ALL_DISPOSITIONS = (
    "MALICIOUS",
    "MALICIOUS-BEC",
    "SUSPICIOUS",
    "SPOOF",
    "SPAM",
    "BULK",
    "ENCRYPTED",
    "EXTERNAL",
    "UNKNOWN",
    "NONE",
)

DIRECTION = Filter("direction", choices=("asc", "desc"))
SEARCH = Filter("search")
PATTERN_FILTERS = (
    DIRECTION,
    Filter("order", choices=("pattern", "created_at")),
    Filter("pattern"),
    Filter("pattern_type", choices=("EMAIL", "DOMAIN", "IP", "UNKNOWN")),
    SEARCH,
)
