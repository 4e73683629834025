# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of this half of the API: what its enumerations hold."""

from __future__ import annotations

DISPOSITIONS = (
    "MALICIOUS", "MALICIOUS-BEC", "SUSPICIOUS", "SPOOF", "SPAM", "BULK", "ENCRYPTED", "EXTERNAL", "UNKNOWN", "NONE",
)  # fmt: skip

# What filters and submissions know of them. MALICIOUS stands for MALICIOUS-BEC too.
PLAIN_DISPOSITIONS = ("MALICIOUS", "SUSPICIOUS", "SPOOF", "SPAM", "BULK", "NONE")

# Mail with any other disposition is clean: hidden unless asked for, without detections, raw text and GET preview.
DETECTIONS = frozenset(("MALICIOUS", "MALICIOUS-BEC", "SUSPICIOUS", "SPOOF", "SPAM", "BULK"))

INBOX = "Inbox"
FOLDERS = (INBOX, "JunkEmail", "DeletedItems", "RecoverableItemsDeletions", "RecoverableItemsPurges")

DELIVERY_STATUSES = ("delivered", "moved", "quarantined", "rejected", "deferred", "bounced", "queued")
MOVE_FAILED = "move_failed"

# What can have been done to a message: the operation in its action log, by the word of the search filter.
ACTIONS = {"PREVIEW": "PREVIEW", "QUARANTINE_RELEASED": "QUARANTINE_RELEASE", "MOVED": "MOVE"}

# Where a message can be found: in the search and by its id, or by its id with submission=true, or both.
DATASTORES = ("regular", "submissions", "both")


def delivery_statuses(move_failed: bool) -> tuple[str, ...]:
    return (*DELIVERY_STATUSES, MOVE_FAILED) if move_failed else DELIVERY_STATUSES


def is_detection(disposition: object) -> bool:
    return isinstance(disposition, str) and disposition in DETECTIONS


def plain(disposition: object) -> str | None:
    """A disposition in the words of submissions, which have fewer of them."""
    word = "MALICIOUS" if disposition == "MALICIOUS-BEC" else disposition
    return word if isinstance(word, str) and word in PLAIN_DISPOSITIONS else None
