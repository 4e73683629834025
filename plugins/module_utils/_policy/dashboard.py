# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The columns of the dashboard's CSV files.

Headers: https://developers.cloudflare.com/cloudflare-one/email-security/settings/detection-settings/ and the files that
the dashboard exports. Two spellings are in use; both are read, the first is written. A file begins with a header row,
holds no other columns, and has at most 150 KB.

A spreadsheet evaluates a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return as a formula.
Such cells are written with an apostrophe in front, which is removed when they are read; a cell that already begins with
apostrophes before such a character gets one more, so that every text survives the round trip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FORMULA = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True)
class Column:
    """A column: the field that it holds, and its header in each spelling."""

    field: str
    headers: tuple[str, ...]
    required: bool = False


_NOTES = Column("comments", ("Notes",))
_IS_REGEX = Column("is_regex", ("Is Regex",))
COLUMNS: dict[str, tuple[Column, ...]] = {
    "allow_policies": (
        Column("pattern", ("Values", "Pattern"), required=True),
        Column("pattern_type", ("Rule Type", "Pattern Type"), required=True),
        _IS_REGEX,
        Column("verify_sender", ("Sender Verification", "Verify Email")),
        Column("is_trusted_sender", ("Trusted Sender",)),
        Column("is_exempt_recipient", ("Exempt Recipient",)),
        Column("is_acceptable_sender", ("Acceptable Sender",)),
        _NOTES,
    ),
    "block_senders": (
        Column("pattern", ("Blocked Sender",), required=True),
        Column("pattern_type", ("Blocked Sender Type", "Pattern Type"), required=True),
        _IS_REGEX,
        _NOTES,
    ),
    "trusted_domains": (
        Column("pattern", ("Domain",), required=True),
        Column("is_similarity", ("Proximity",)),
        Column("is_recent", ("New",)),
        _IS_REGEX,
        _NOTES,
    ),
    "impersonation_registry": (
        Column("name", ("Display Name",), required=True),
        Column("email", ("Email",), required=True),
    ),
}
