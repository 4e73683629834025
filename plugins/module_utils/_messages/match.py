# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a message is what a search criterion says, word for word. Pure.

The API's filters find more than their names say: ``domain`` also finds messages that go to the domain or link to it,
and ``subject`` takes words in any order. What acts on messages must not act on those. The criteria that are missing
from :data:`CRITERIA`, such as ``query`` and ``metric``, cannot be judged by a message's fields: for those the API's
word is taken.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Message = Mapping[str, Any]
# Why a message does not match, in a few words that are the same for all such messages; empty where it matches.
Test = Callable[[Message], str]
MATCH_MODES = STRICT, BY_API = "strict", "api"

SENDERS = ("from", "envelope_from")
RECIPIENTS = ("to", "envelope_to", "client_recipients")
_LONGEST_LABEL = 63


def matcher(criteria: Mapping[str, Any]) -> Test:
    """A function that says why a message is not what all of the criteria say, or an empty text where it is.

    :param criteria: by the names of the search's filters. Those that cannot be judged are passed over.
    """
    tests = [make(str(criteria[name])) for name, make in CRITERIA.items() if criteria.get(name) is not None]

    def mismatch(message: Message) -> str:
        return next((reason for test in tests if (reason := test(message))), "")

    return mismatch


def count_reasons(reasons: Iterable[str]) -> list[dict[str, Any]]:
    """How many messages were left out for which reason, the most frequent first: ``reason`` and ``count``."""
    return [{"reason": reason, "count": count} for reason, count in Counter(reasons).most_common()]


def _sender(criterion: str) -> Test:
    is_meant = _address_test(criterion)
    return lambda message: "" if any(map(is_meant, field_texts(message, SENDERS))) else "from another sender"


def _recipient(criterion: str) -> Test:
    is_meant = _address_test(criterion)
    return lambda message: "" if any(map(is_meant, field_texts(message, RECIPIENTS))) else "to other recipients"


def _domain(criterion: str) -> Test:
    is_meant = _domain_test(criterion)

    def test(message: Message) -> str:
        if any(map(is_meant, field_texts(message, SENDERS))):
            return ""
        if any(map(is_meant, field_texts(message, RECIPIENTS))):
            return "to the domain, not from it"
        return "neither from the domain nor to it"

    return test


def _subject(criterion: str) -> Test:
    phrase = _folded(criterion)
    # A part of a word is not the word. Scripts without cases mostly have no spaces either, so theirs may be anywhere.
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
    """MALICIOUS-BEC is one kind of MALICIOUS; who asks for that kind means no other."""
    expected = criterion.strip()
    normalize = str.strip if expected.endswith("-BEC") else lambda text: text.strip().removesuffix("-BEC")
    return _equal("final_disposition", "with another disposition", normalize)(expected)


def _equal(field: str, reason: str, normalize: Callable[[str], str] = str.strip) -> Callable[[str], Test]:
    """A criterion that one of a field's texts is equal to."""

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
    """Whether an address is the criterion or, where that is a domain, of it or below it."""
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
    """Local part and domain, in a form in which they compare. A text without @ is a domain."""
    address = text.strip()
    if address.endswith(">") and "<" in address:
        address = address[address.rindex("<") + 1 : -1].strip()
    local, domain = address.rpartition("@")[::2]
    return unicodedata.normalize("NFC", local.lower()), normalize_domain(domain)


def normalize_domain(text: str) -> str:
    """A domain in Unicode and in lower case: the same for both ways to write an internationalized one."""
    # Also maps the full stops of East Asian scripts; keeps what differs, as the German sharp s from ss.
    domain = unicodedata.normalize("NFKC", text.strip().replace("\u3002", ".").replace("\uff61", ".")).lower()
    return unicodedata.normalize("NFC", ".".join(map(_unicode_label, domain.strip(".").split("."))))


def _unicode_label(label: str) -> str:
    encoded = label.removeprefix("xn--")
    if encoded == label or len(label) > _LONGEST_LABEL:
        return label
    try:
        decoded = encoded.encode("ascii").decode("punycode")
        # What decodes to another name's letters, or is not how that is encoded, is no label but a disguise.
        is_true = not decoded.isascii() and decoded.encode("punycode").decode("ascii") == encoded
    except (UnicodeError, ValueError, OverflowError):
        return label
    return decoded.lower() if is_true else label


def _folded(text: str) -> str:
    """Text without regard to case, white space and ways to compose letters."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).split())


def _is_cased(character: str) -> bool:
    return character.isalnum() and unicodedata.category(character) != "Lo"


def field_texts(message: Message, names: Iterable[str]) -> list[str]:
    """The texts in some of a message's fields, each of which may be one text or several."""
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
