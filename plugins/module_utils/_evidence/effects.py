# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a planned change of an allow policy or a blocked sender does to a message that matches its pattern. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._messages.match import Message
from .counts import disposition_of
from .patterns import ALLOW, Pattern, pattern_of

CLEAN = "NONE"
MALICIOUS = ("MALICIOUS", "MALICIOUS-BEC")
# What an acceptable sender is exempt from.
_ACCEPTABLE = frozenset(("SPAM", "SPOOF", "BULK"))
_CHECKS = ("dmarc", "spf", "dkim")

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class PlannedChange:
    """A step of a plan.

    :param list: ``allow_policies`` or ``block_senders``.
    :param action: ``create``, ``update`` or ``delete``.
    :param before: the entry's fields now; None for a create.
    :param after: its fields afterwards; None for a delete.
    """

    list: str
    action: str
    before: Entry | None
    after: Entry | None

    @property
    def pattern(self) -> Pattern:
        """The pattern after the change or, for a delete, before it."""
        return pattern_of(self.list, self.after or self.before or {})

    @property
    def old_pattern(self) -> Pattern | None:
        return None if self.before is None else pattern_of(self.list, self.before)

    @property
    def is_effective(self) -> bool:
        """Whether it makes a difference to mail; a change of comments does not."""
        if self.before is None or self.after is None or self.pattern != self.old_pattern:
            return True
        return self.list == ALLOW and any(
            bool(self.before.get(name)) != bool(self.after.get(name))
            for name in ("is_trusted_sender", "is_exempt_recipient", "is_acceptable_sender", "verify_sender")
        )

    def affects(self, message: Message) -> bool:
        """Whether it would have blocked the message, or let it through as if it were clean."""
        if self.after is None or not self.is_effective:
            return False
        if self.list != ALLOW:
            return True
        was_exempt = self.before is not None and self.pattern == self.old_pattern and _exempts(self.before, message)
        return _exempts(self.after, message) and not was_exempt


def _exempts(policy: Entry, message: Message) -> bool:
    """Whether a policy exempts a matching message from its detection."""
    disposition = disposition_of(message)
    whole = bool(policy.get("is_trusted_sender") or policy.get("is_exempt_recipient"))
    if disposition == CLEAN or not (whole or (policy.get("is_acceptable_sender") and disposition in _ACCEPTABLE)):
        return False
    return not policy.get("verify_sender", True) or _may_be_authentic(message)


def _may_be_authentic(message: Message) -> bool:
    """Whether one of the checks of the sender passed, or the message has no results."""
    validation = message.get("validation")
    results = [validation.get(name) for name in _CHECKS] if isinstance(validation, Mapping) else []
    return not any(results) or "pass" in results
