# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a criterion means, word for word, whatever a message holds."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.match import (
    CRITERIA,
    count_reasons,
    matcher,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.read import SEARCH_FILTERS
from hypothesis import assume, given, settings
from hypothesis import strategies as st

_LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(
    lambda label: not label.startswith("xn--")
)
_DOMAINS = st.lists(_LABELS, min_size=2, max_size=4).map(".".join)
_WORDS = st.text(st.characters(categories=("Ll", "Lu", "Nd")), min_size=1, max_size=8)
_SPACES = st.text(" \t\n\u00a0\u3000", min_size=1, max_size=3)
_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)


def why_not(message: dict[str, Any], **criteria: Any) -> str:
    return matcher(criteria)(message)


def cased(text: str, flags: list[bool]) -> str:
    """The text with some of its ASCII letters in upper case."""
    upper = (flags * len(text))[: len(text)]
    return "".join(one.upper() if flag and one.isascii() else one for one, flag in zip(text, upper, strict=True))


@settings(deadline=None)
@given(_DOMAINS, st.lists(_LABELS, max_size=2), st.lists(st.booleans(), min_size=1), st.sampled_from(["", "@", "."]))
def test_a_domain_is_itself_and_what_is_below(domain: str, below: list[str], upper: list[bool], mark: str) -> None:
    sender = f"Someone@{cased('.'.join([*below, domain]), upper)}"
    criterion = f" {domain}. " if mark == "." else f"{mark}{domain}"
    for field in ("from", "envelope_from"):
        assert why_not({field: sender}, domain=criterion) == ""
        assert why_not({field: f'"x@other.example" <{sender}>'}, domain=criterion) == ""
        assert why_not({field: sender}, sender=domain) == ""
    assert why_not({"to": ["x@other.example", sender]}, recipient=domain) == ""


@settings(deadline=None)
@given(_DOMAINS, _LABELS, st.lists(_LABELS, min_size=1, max_size=2))
def test_no_other_domain_is(domain: str, more: str, tail: list[str]) -> None:
    assume(not f".{domain}.{'.'.join(tail)}".endswith(f".{domain}"))
    others = [f"a@{more}{domain}", f"a@{domain}.{'.'.join(tail)}", f"{domain}@other.invalid", f"<{domain}> b@x.invalid"]
    for other in others:
        message = {"from": other, "envelope_from": other, "to": [f"x@{domain}"]}
        assert why_not(message, domain=domain) == "to the domain, not from it"
        assert why_not({**message, "to": []}, domain=domain) == "neither from the domain nor to it"
        assert why_not(message, sender=domain) == "from another sender"
        assert why_not({"to": [other]}, recipient=domain) == "to other recipients"


@settings(deadline=None)
@given(st.text(st.characters(categories=("Ll", "Lo")), min_size=1, max_size=12).filter(lambda text: not text.isascii()))
def test_an_internationalized_domain_has_two_spellings(label: str) -> None:
    unicode = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", label).lower())
    encoded = f"xn--{unicode.encode('punycode').decode('ascii')}"
    if unicode.isascii() or len(encoded) > 63 or "." in unicode or "\u3002" in unicode:
        return
    for one in (label, unicode, encoded, unicodedata.normalize("NFD", unicode), encoded.upper()):
        for other in (unicode, encoded):
            assert why_not({"from": f"a@{one}.example"}, domain=f"{other}.example") == ""


@pytest.mark.parametrize(
    ("sender", "domain"),
    [
        ("a@straße.example", "strasse.example"),
        ("a@xn--evil-.example", "evil.example"),
        ("a@xn--99999999.example", "evil.example"),
        ("a@evil.example.", "notevil.example"),
        ("evil.example", "other.example"),
        ("", ""),
        ("a@", ""),
    ],
)
def test_domains_that_only_look_alike(sender: str, domain: str) -> None:
    assert why_not({"from": sender}, domain=domain)


@settings(deadline=None)
@given(_WORDS, _DOMAINS, st.lists(st.booleans(), min_size=1))
def test_an_address_is_itself_alone(local: str, domain: str, upper: list[bool]) -> None:
    address = f"{local}@{domain}"
    assert why_not({"from": cased(address, upper)}, sender=address) == ""
    assert why_not({"client_recipients": [cased(address, upper)]}, recipient=address) == ""
    for other in (f"x{address}", f"{local}@x.{domain}", f"{address}.x", domain):
        assert why_not({"from": other, "to": [address]}, sender=address)


@settings(deadline=None)
@given(st.lists(_WORDS, min_size=1, max_size=4), st.lists(_SPACES, min_size=4, max_size=4), _WORDS, _WORDS)
def test_a_subject_has_the_phrase(words: list[str], spaces: list[str], before: str, after: str) -> None:
    phrase = " ".join(words)
    spaced = "".join(word + space for word, space in zip(words, spaces, strict=False))
    for subject in (f"{before} {spaced}{after}", f"({spaced.strip()})", cased(spaced, [True, False]), phrase):
        assert why_not({"subject": subject}, subject=f" {phrase} ") == ""
        assert why_not({"subject": unicodedata.normalize("NFD", subject)}, subject=phrase) == ""


@pytest.mark.parametrize(
    ("subject", "criterion"),
    [
        ("Invoice 12", "invoice 1"),
        ("4711 invoice", "invoice 4711"),
        ("Prepayment", "payment"),
        ("invoice no 4711", "invoice 4711"),
        ("anything", " "),
        (None, "invoice"),
    ],
)
def test_a_subject_without_the_phrase(subject: str | None, criterion: str) -> None:
    assert why_not({"subject": subject}, subject=criterion) == "without the phrase in its subject"


def test_a_phrase_in_a_script_without_spaces() -> None:
    assert why_not({"subject": "至急請求書を確認"}, subject="請求書") == ""


@pytest.mark.parametrize("written", ["<one@x.example>", "one@x.example", " <one@x.example> "])
def test_a_message_id_with_and_without_brackets(written: str) -> None:
    for has in ("<one@x.example>", "one@x.example"):
        assert why_not({"message_id": has}, message_id=written) == ""
    assert why_not({"message_id": "<One@x.example>"}, message_id=written) == "with another Message-ID"


@pytest.mark.parametrize(
    ("name", "criterion", "field", "same", "other"),
    [
        ("alert_id", "a-1", "alert_id", "a-1", "a-11"),
        ("final_disposition", "MALICIOUS", "final_disposition", "MALICIOUS-BEC", "SUSPICIOUS"),
        ("final_disposition", "NONE", "final_disposition", "NONE", None),
        ("delivery_status", "moved", "delivery_status", ["delivered", "MOVED"], ["move_failed"]),
        ("smtp_helo_ip", "2001:DB8::1", "smtp_helo_server_ip", "2001:db8:0::1", "2001:db8::11"),
        ("smtp_helo_ip", "mail.example", "smtp_helo_server_ip", "mail.example", "192.0.2.1"),
    ],
)
def test_what_is_equal(name: str, criterion: str, field: str, same: Any, other: Any) -> None:
    assert why_not({field: same}, **{name: criterion}) == ""
    assert why_not({field: other}, **{name: criterion})
    assert why_not({}, **{name: criterion})


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted({"from", "to", "subject", "message_id", *CRITERIA})), _JUNK))
def test_any_answer_is_judged(message: dict[str, Any]) -> None:
    for name in CRITERIA:
        assert isinstance(why_not(message, **{name: "evil.example"}), str)
    # What cannot be judged by a message's fields leaves nothing out, and neither does what is not given.
    unjudged = {each.name: "x" for each in SEARCH_FILTERS if each.name not in CRITERIA}
    assert set(unjudged) == {"start", "end", "query", "detections_only", "message_action", "metric"}
    assert why_not(message, **unjudged, sender=None) == ""


def test_all_criteria_must_hold_and_reasons_are_counted() -> None:
    message = {"from": "a@evil.example", "subject": "Lunch"}
    assert why_not(message, domain="evil.example", subject="lunch") == ""
    assert why_not(message, domain="evil.example", subject="dinner") == "without the phrase in its subject"
    assert count_reasons(["b", "a", "b"]) == [{"reason": "b", "count": 2}, {"reason": "a", "count": 1}]
