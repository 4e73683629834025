# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a message matches a search criterion literally. Pure.

The API's filters match more than their names suggest: ``domain`` also finds messages that are sent to the domain or
link to it, and ``subject`` finds words in any order. Modules that act on messages must not act on those. The criteria
missing from :data:`CRITERIA`, such as ``query`` and ``metric``, cannot be evaluated from a message's fields: for those
the API's own match counts.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Message = Mapping[str, Any]
# Returns why a message does not match, in words that do not depend on the message; empty if it matches.
Test = Callable[[Message], str]
MATCH_MODES = STRICT, BY_API = "strict", "api"

SENDERS = ("from", "envelope_from")
RECIPIENTS = ("to", "envelope_to", "client_recipients")
_MAX_LABEL_LENGTH = 63


def matcher(criteria: Mapping[str, Any]) -> Test:
    """A function that returns why a message does not match all criteria, or an empty string if it does.

    :param criteria: by the names of the search's filters. Those that cannot be evaluated are ignored.
    """
    tests = [make(str(criteria[name])) for name, make in CRITERIA.items() if criteria.get(name) is not None]

    def mismatch(message: Message) -> str:
        return next((reason for test in tests if (reason := test(message))), "")

    return mismatch


def count_reasons(reasons: Iterable[str]) -> list[dict[str, Any]]:
    """How many messages were left out for each reason, most frequent first: ``reason`` and ``count``."""
    return [{"reason": reason, "count": count} for reason, count in Counter(reasons).most_common()]


def _sender(criterion: str) -> Test:
    matches = _address_test(criterion)
    return lambda message: "" if any(map(matches, field_texts(message, SENDERS))) else "from another sender"


def _recipient(criterion: str) -> Test:
    matches = _address_test(criterion)
    return lambda message: "" if any(map(matches, field_texts(message, RECIPIENTS))) else "to other recipients"


def _domain(criterion: str) -> Test:
    matches = _domain_test(criterion)

    def test(message: Message) -> str:
        if any(map(matches, field_texts(message, SENDERS))):
            return ""
        if any(map(matches, field_texts(message, RECIPIENTS))):
            return "to the domain, not from it"
        return "neither from the domain nor to it"

    return test


def _subject(criterion: str) -> Test:
    phrase = _folded(criterion)
    # Only whole words match. Scripts without case mostly have no spaces either, so there the phrase may be anywhere.
    before = r"(?<!\w)" if _is_cased(phrase[:1]) else ""
    after = r"(?!\w)" if _is_cased(phrase[-1:]) else ""
    pattern = re.compile(f"{before}{re.escape(phrase)}{after}")

    def test(message: Message) -> str:
        is_there = phrase and any(pattern.search(_folded(text)) for text in field_texts(message, ("subject",)))
        return "" if is_there else "without the phrase in its subject"

    return test


def _message_id(criterion: str) -> Test:
    return _equal("message_id", "with another Message-ID", _without_brackets)(criterion)


def _final_disposition(criterion: str) -> Test:
    """MALICIOUS-BEC is a kind of MALICIOUS: the criterion MALICIOUS includes it, but not the other way round."""
    expected = criterion.strip()
    normalize = str.strip if expected.endswith("-BEC") else lambda text: text.strip().removesuffix("-BEC")
    return _equal("final_disposition", "with another disposition", normalize)(expected)


def _equal(field: str, reason: str, normalize: Callable[[str], str] = str.strip) -> Callable[[str], Test]:
    """A criterion to which one of a field's values must be equal."""

    def make(criterion: str) -> Test:
        expected = normalize(criterion)
        return lambda message: "" if expected in map(normalize, field_texts(message, (field,))) else reason

    return make


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return text.strip()


def _without_brackets(text: str) -> str:
    return text.strip().removeprefix("<").removesuffix(">").strip()


def _address_test(criterion: str) -> Callable[[str], bool]:
    """Whether an address is the criterion or, if that is a domain, belongs to it or a subdomain."""
    if "@" not in criterion.strip().removeprefix("@"):
        return _domain_test(criterion)
    expected = normalize_address(criterion)
    return lambda address: normalize_address(address) == expected


def _domain_test(criterion: str) -> Callable[[str], bool]:
    expected = normalize_address(criterion)[1]

    def test(address: str) -> bool:
        domain = normalize_address(address)[1]
        return expected != "" and (domain == expected or domain.endswith(f".{expected}"))

    return test


def normalize_address(text: str) -> tuple[str, str]:
    """Local part and domain, in comparable form. Text without @ is a domain."""
    address = text.strip()
    if address.endswith(">") and "<" in address:
        address = address[address.rindex("<") + 1 : -1].strip()
    local, domain = address.rpartition("@")[::2]
    return unicodedata.normalize("NFC", local.lower()), normalize_domain(domain)


def normalize_domain(text: str) -> str:
    """A domain in Unicode and lower case: the same for both spellings of an internationalized one."""
    # Also maps the full stops of East Asian scripts; keeps different letters apart, such as the German sharp s and ss.
    domain = unicodedata.normalize("NFKC", text.strip().replace("\u3002", ".").replace("\uff61", ".")).lower()
    return unicodedata.normalize("NFC", ".".join(map(_unicode_label, domain.strip(".").split("."))))


def _unicode_label(label: str) -> str:
    encoded = label.removeprefix("xn--")
    if encoded == label or len(label) > _MAX_LABEL_LENGTH:
        return label
    try:
        decoded = encoded.encode("ascii").decode("punycode")
        # A label that decodes to plain ASCII, or does not encode to itself again, is a disguise.
        is_true = not decoded.isascii() and decoded.encode("punycode").decode("ascii") == encoded
    except (UnicodeError, ValueError, OverflowError):
        return label
    return decoded.lower() if is_true else label


def _folded(text: str) -> str:
    """Text with case, white space and Unicode composition normalized."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).split())


def _is_cased(character: str) -> bool:
    return character.isalnum() and unicodedata.category(character) != "Lo"


def field_texts(message: Message, names: Iterable[str]) -> list[str]:
    """The values of some of a message's fields, each of which may be a string or a list of strings."""
    values = [message.get(name) for name in names]
    parts = [part for value in values for part in (value if isinstance(value, list) else [value])]
    return [part for part in parts if isinstance(part, str)]


CRITERIA: Mapping[str, Callable[[str], Test]] = {
    "sender": _sender,
    "domain": _domain,
    "recipient": _recipient,
    "subject": _subject,
    "exact_subject": _equal("subject", "with another subject", str),
    "message_id": _message_id,
    "alert_id": _equal("alert_id", "of another alert"),
    "final_disposition": _final_disposition,
    "delivery_status": _equal("delivery_status", "with another delivery status", lambda text: text.strip().lower()),
    "smtp_helo_ip": _equal("smtp_helo_server_ip", "from another server", _ip),
}
