# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is shown of a message that no test says: detections, trace, raw text, a picture."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from .message import Action, Fields, Message, texts

# Shown where a test names no links; the search doesn't know them.
_LINKS = ("https://phish.example/login",)


def detections(message: Message) -> Fields:
    quarantined = message.value("is_quarantined") is True
    findings = message.value("findings")
    sender = "".join(texts(message.value("from"))[:1])
    return {
        "action": "QUARANTINED" if quarantined else "DELIVERED",
        "attachments": [
            {
                "content_type": "application/pdf",
                "detection": message.value("final_disposition"),
                "encrypted": False,
                "filename": "invoice.pdf",
                "md5": "0" * 32,
                "name": "invoice.pdf",
                "sha1": "0" * 40,
                "sha256": "0" * 64,
                "size": 1024,
            }
        ],
        "final_disposition": message.value("final_disposition"),
        "findings": findings if isinstance(findings, list) else [],
        "headers": [{"name": "From", "value": sender}, {"name": "Message-ID", "value": _text(message, "message_id")}],
        "links": [{"href": link, "text": "Sign in"} for link in message.links or _LINKS],
        "sender_info": {
            "as_name": "EXAMPLE-AS",
            "as_number": 64496,
            "geo": "ZZ",
            "ip": "192.0.2.25",
            "pld": sender.rpartition("@")[2],
        },
        "threat_categories": [
            {"id": number, "name": name, "description": None}
            for number, name in enumerate(texts(message.value("threat_categories")), 1)
        ],
        "validation": message.value("validation"),
    }


def trace(message: Message, *, deprecated: bool) -> Fields:
    """The way in, and what was done since."""
    scanned = message.value("scanned_at")
    inbound = [(scanned, "received"), (scanned, f"scanned: {message.value('final_disposition')}")]
    done = [(action.get("completed_at"), str(action.get("operation")).lower()) for action in message.actions]
    return {
        name: {
            "lines": [
                {"lineno": number, "logged_at": at, "message": text, **({"ts": at} if deprecated else {})}
                for number, (at, text) in enumerate(lines, 1)
            ],
            "pending": False,
        }
        for name, lines in (("inbound", inbound), ("outbound", done))
    }


def eml(message: Message) -> str:
    lines = [
        f"From: {_text(message, 'from')}",
        f"To: {', '.join(texts(message.value('to')))}",
        f"Subject: {_text(message, 'subject')}",
        f"Date: {_text(message, 'sent_date')}",
        f"Message-ID: {_text(message, 'message_id')}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "Please sign in at https://phish.example/login — your account is waiting.",
        "",
    ]
    return "\r\n".join(lines)


def message_action(action: Mapping[str, Any], *, deprecated: bool) -> Action:
    """An entry of the action log as it stands in a message's own field, which says less."""
    properties = action.get("properties")
    if not isinstance(properties, dict):
        properties = {}
    at = action.get("completed_at")
    return {
        "completed_at": at,
        **({"completed_timestamp": at} if deprecated else {}),
        "operation": action.get("operation"),
        "properties": {name: properties[name] for name in ("folder", "requested_by") if properties.get(name)},
        "status": action.get("status"),
    }


def _text(message: Message, name: str) -> str:
    value = message.value(name)
    return "" if value is None else str(value)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# One white pixel.
PICTURE = base64.b64encode(
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\x00\xff"))
    + _chunk(b"IEND", b"")
).decode()
