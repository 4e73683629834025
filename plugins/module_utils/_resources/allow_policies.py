# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Allow policies, as data. API operations: ``settings/allow_policies``."""

from __future__ import annotations

from .common import COMMENTS, IS_REGEX, PATTERN, PATTERN_FILTERS, PATTERN_TYPE
from .schema import Field, Filter, Resource

ALLOW_POLICIES = Resource(
    name="allow_policies",
    singular="allow_policy",
    title="allow policy",
    key=("pattern", "pattern_type", "is_regex"),
    match_mode_fields=("pattern_type", "is_regex"),
    fields=(
        PATTERN,
        PATTERN_TYPE,
        IS_REGEX,
        Field("is_trusted_sender", "bool", default=False),
        Field("is_exempt_recipient", "bool", default=False),
        Field("is_acceptable_sender", "bool", default=False),
        Field("verify_sender", "bool", default=True),
        COMMENTS,
    ),
    filters=(
        *PATTERN_FILTERS,
        Filter("is_acceptable_sender", "bool"),
        Filter("is_exempt_recipient", "bool"),
        Filter("is_trusted_sender", "bool"),
        Filter("verify_sender", "bool"),
    ),
    renamed={
        "last_modified": "modified_at",
        "is_recipient": "is_exempt_recipient",
        "is_sender": "is_trusted_sender",
        "is_spoof": "is_acceptable_sender",
    },
)
