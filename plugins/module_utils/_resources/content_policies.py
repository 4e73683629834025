# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Content policies, as data. API operations: ``settings/content_policies``."""

from __future__ import annotations

from . import checks
from .common import DIRECTION, SEARCH
from .schema import Field, Filter, Resource
from .values import as_set, comments_text, composed, name_text, time_text, trimmed, utc_time

CONTENT_POLICIES = Resource(
    name="content_policies",
    singular="content_policy",
    title="content policy",
    key=("name",),
    note="notes",
    optional=True,
    create_needs=("pattern", "targets"),
    fields=(
        Field("name", size=(1, 256), normalize=name_text, form=composed, check=checks.name),
        Field("pattern", size=(1, 2048), check=checks.text_regex),
        Field("targets", "list", choices=("SUBJECT", "BODY"), size=(1, 2), normalize=as_set),
        Field("enabled", "bool", default=True),
        Field("notes", size=(0, 4096), normalize=comments_text, form=trimmed),
        Field("expires_at", normalize=time_text, form=utc_time, check=checks.time, empty_is_null=True),
    ),
    filters=(
        DIRECTION,
        Filter("order", choices=("name", "created_at")),
        Filter("enabled", "bool"),
        Filter("name"),
        SEARCH,
    ),
)
