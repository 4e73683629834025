# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making whole what a test says about a message, a submission or a report: plausible, never checked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from .deciding import UNDECIDED
from .message import Action, Fields, Message, Record, texts
from .times import parse_time, seconds_text
from .vocabulary import DATASTORES, INBOX, is_detection, plain

# What the control side knows about a message beside its details.
RECORD_FIELDS = ("mailboxes", "action_log", "metrics", "links", "datastore", "detections", "trace", "eml", "preview")
# Of these, what a test may want answered instead of what is made up.
ANSWERS = RECORD_FIELDS[5:]

_LETTERS = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"


def message(given: Mapping[str, Any], stamp: str) -> Message:
    """A message from what a test says about it. ``stamp`` is now. Raises ValueError where it can't be understood."""
    mailboxes, actions = given.get("mailboxes"), given.get("action_log", [])
    if not isinstance(mailboxes, dict | None):
        raise ValueError("mailboxes must map recipients to folders")
    if not isinstance(actions, list) or not all(isinstance(action, dict) for action in actions):
        raise ValueError("action_log must be a list of objects")
    if given.get("datastore", "regular") not in DATASTORES:
        raise ValueError(f"datastore must be one of {', '.join(DATASTORES)}")
    for name in ("metrics", "links"):
        if texts(given.get(name, [])) != given.get(name, []):
            raise ValueError(f"{name} must be a list of texts")
    known = {name: value for name, value in given.items() if name not in (*RECORD_FIELDS, "ts")}
    if mailboxes:
        known.setdefault("client_recipients", list(mailboxes))
    known = {"post_delivery_operations": list(dict.fromkeys(_operations(actions))), **known}
    fields = details(known, stamp)
    at = parse_time(fields["scanned_at"])
    whole = Message(str(fields["id"]), (parse_time(stamp) or 0) if at is None else at, {}, fields)
    if mailboxes is None:
        mailboxes = dict.fromkeys(whole.recipients, _folder(fields, actions))
    record = Record(mailboxes, [_action(action, stamp) for action in actions])
    for name in RECORD_FIELDS[2:]:
        if name in given:
            setattr(record, name, given[name])
    return Message(whole.id, whole.at, {}, fields, record)


def details(given: Mapping[str, Any], stamp: str) -> Fields:
    """All fields of a message's details but those that repeat others, in the order in which they are shown."""
    scanned = given.get("scanned_at", stamp)
    postfix_id = given.get("postfix_id") or "4" + "".join(secrets.choice(_LETTERS) for _unused in range(15))
    sender = given.get("from", "sender@sender.example")
    recipients = given.get("client_recipients") or given.get("to") or given.get("envelope_to") or ["user@example.com"]
    disposition = given.get("final_disposition", "MALICIOUS")
    detected = is_detection(disposition)
    quarantined = given.get("is_quarantined", False)
    at = parse_time(scanned) or parse_time(stamp) or 0
    return {
        "id": f"{postfix_id}-{seconds_text(at)}-{secrets.randbelow(10**8):08}",
        "postfix_id": postfix_id,
        "action_log": [],
        "alert_id": f"{postfix_id}-alert" if detected else None,
        "client_recipients": recipients,
        "delivery_mode": "API",
        "delivery_status": ["quarantined"] if quarantined is True else ["delivered"],
        "detection_reasons": [f"Made to look {str(disposition).lower()}"] if detected else [],
        "edf_hash": f"{abs(hash(postfix_id)):032x}"[:32],
        "envelope_from": sender,
        "envelope_to": recipients,
        "final_disposition": disposition,
        "findings": [finding(disposition)] if detected else [],
        "from": sender,
        "from_name": str(sender).partition("@")[0].replace(".", " ").title(),
        "htmltext_structure_hash": None,
        "is_phish_submission": False,
        "is_quarantined": quarantined,
        "message_id": f"<{postfix_id}@mail.example>",
        "post_delivery_operations": [],
        "postfix_id_outbound": None,
        "properties": dict(UNDECIDED),
        "replyto": sender,
        "scanned_at": scanned,
        "sent_at": scanned,
        "sent_date": scanned,
        "smtp_helo_server_ip": "192.0.2.25",
        "smtp_previous_hop_ip": "192.0.2.25",
        "subject": "Your account",
        "threat_categories": ["Credential Harvester"] if detected else [],
        "to": recipients,
        "to_name": [name.partition("@")[0].title() for name in texts(recipients)],
        "validation": {"comment": None, "dkim": "none", "dmarc": "fail" if detected else "pass", "spf": "neutral"},
        "x_originating_ip": None,
        **given,
    }


def finding(disposition: Any) -> Fields:
    return {
        "attachment": None,
        "detail": "made up by the simulator",
        "detection": disposition,
        "field": None,
        "name": "simulated",
        "portion": "BODY",
        "reason": "Made to look so",
        "score": 0.97,
        "value": None,
    }


def submission(given: Mapping[str, Any], stamp: str) -> Fields:
    """All fields of a submission but the one that repeats another."""
    return {
        "submission_id": secrets.token_hex(16),
        "type": "Team",
        "status": "pending",
        "customer_status": "reviewed" if given.get("status") == "reviewed" else "unreviewed",
        "requested_at": stamp,
        "requested_by": "ops@example.com",
        "requested_disposition": "MALICIOUS",
        "original_disposition": "NONE",
        "original_edf_hash": None,
        "original_postfix_id": None,
        "outcome": None,
        "outcome_disposition": None,
        "subject": "Your account",
        "escalated_as": None,
        "escalated_at": None,
        "escalated_by": None,
        "escalated_submission_id": None,
        **{name: value for name, value in given.items() if name != "requested_ts"},
    }


def report(given: Mapping[str, Any], stamp: str, number: int) -> Fields:
    """All fields of a PhishGuard report but those that repeat others."""
    created = given.get("created_at", stamp)
    fields = given.get("fields", {})
    if isinstance(fields, dict):
        own = {name: value for name, value in fields.items() if name != "ts"}
        fields = {
            "from": "sender@sender.example",
            "to": ["user@example.com"],
            "occurred_at": created,
            "postfix_id": None,
            **own,
        }
    return {
        "id": number,
        "title": "A phishing attempt",
        "content": "Somebody pretended to be somebody else.",
        "disposition": "MALICIOUS",
        "priority": "high",
        "tags": [{"category": "threat", "value": "phishing"}],
        "created_at": created,
        "updated_at": created,
        **{name: value for name, value in given.items() if name != "ts"},
        "fields": fields,
    }


def submission_of(subject: Message, requested: str, stamp: str, by: str) -> Fields:
    """The submission that a reclassification makes."""
    return submission(
        {
            "requested_disposition": requested,
            "requested_by": by,
            "original_disposition": plain(subject.value("final_disposition")),
            "original_edf_hash": subject.value("edf_hash"),
            "original_postfix_id": subject.value("postfix_id"),
            "subject": subject.value("subject"),
        },
        stamp,
    )


def _action(given: Action, stamp: str) -> Action:
    """An entry of an action log: one that worked, unless the test says otherwise."""
    done = {"operation": "MOVE", "completed_at": stamp, "status": "OK", "success": True, "properties": {}}
    return {**done, **given}


def _operations(actions: list[Action]) -> list[str]:
    return [str(action.get("operation")) for action in actions if action.get("success") is not False]


def _folder(fields: Mapping[str, Any], actions: list[Action]) -> str | None:
    """Where a message is that has been through these actions."""
    for action in reversed(actions):
        properties = action.get("properties")
        folder = properties.get("folder") if isinstance(properties, dict) else None
        if action.get("operation") == "MOVE" and action.get("success") is not False and isinstance(folder, str):
            return folder
    return None if fields["is_quarantined"] is True else INBOX
