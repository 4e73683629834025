# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blocked senders, as data. API operations: ``settings/block_senders``."""

from __future__ import annotations

from .common import COMMENTS, IS_REGEX, PATTERN, PATTERN_FILTERS, PATTERN_TYPE
from .schema import Resource

BLOCK_SENDERS = Resource(
    name="block_senders",
    singular="block_sender",
    title="blocked sender",
    key=("pattern", "pattern_type", "is_regex"),
    match_mode_fields=("pattern_type", "is_regex"),
    fields=(PATTERN, PATTERN_TYPE, IS_REGEX, COMMENTS),
    filters=PATTERN_FILTERS,
)
