# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages as an account's API shows them, which differs by date; and who the log says it was."""

from __future__ import annotations

from typing import Any

from routing import Call

from . import made_up
from .message import Fields, Message

# Fields of a message that its description had not always.
_SMTP_FIELDS = ("smtp_helo_server_ip", "smtp_previous_hop_ip", "x_originating_ip")


def shown(call: Call, message: Message, *, log: bool) -> Fields:
    """A message as this account's API shows it; ``log`` is whether an older one shows what was done to it."""
    fields: dict[str, Any] = message.details()
    if not call.behaviour("smtp_fields"):
        for name in _SMTP_FIELDS:
            fields.pop(name, None)
    if not call.behaviour("deprecated_fields"):
        for name in ("action_log", "findings"):
            fields.pop(name, None)
        return fields
    fields["ts"] = fields["scanned_at"]
    if log:
        fields["action_log"] = [made_up.message_action(action, deprecated=True) for action in message.actions]
    return fields


def who(call: Call) -> str:
    """Who the action log says it was."""
    return call.request.headers.get("x-auth-email", "api-token")
