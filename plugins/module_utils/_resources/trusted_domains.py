# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trusted domains, as data. API operations: ``settings/trusted_domains``."""

from __future__ import annotations

from . import checks
from .common import COMMENTS, DIRECTION, IS_REGEX, SEARCH
from .schema import Field, Filter, Resource
from .values import ascii_domain, domain_text

TRUSTED_DOMAINS = Resource(
    name="trusted_domains",
    singular="trusted_domain",
    title="trusted domain",
    key=("pattern", "is_regex"),
    match_mode_fields=("is_regex",),
    fields=(
        Field("pattern", size=(1, 1024), normalize=domain_text, form=ascii_domain, check=checks.domain_pattern),
        IS_REGEX,
        Field("is_recent", "bool", default=False),
        Field("is_similarity", "bool", default=False),
        COMMENTS,
    ),
    filters=(
        DIRECTION,
        Filter("order", choices=("pattern", "created_at")),
        Filter("pattern"),
        SEARCH,
        Filter("is_recent", "bool"),
        Filter("is_similarity", "bool"),
    ),
)
