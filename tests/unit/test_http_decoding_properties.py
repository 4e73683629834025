# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever bytes, status and headers come: an answer, or an error of ours. Made up, and the fuzz target's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils import _errors as errors
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Answer
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.pacing import MAX_WAIT, retry_after
from hypothesis import given
from hypothesis import strategies as st

from fuzz.exchange import check

_CORPUS = Path(__file__).resolve().parents[1] / "fuzz" / "corpus.json"
CORPUS: list[str] = json.loads(_CORPUS.read_text(encoding="utf-8"))

TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(["\ud800", "\x1b]0;x\x07", "\u202e", "internal error"])
NUMBERS = st.integers() | st.floats() | st.sampled_from([971, 7003, 9109, 10001, 10100, 2**64, 10**400])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
ERRORS = st.lists(
    VALUES
    | st.fixed_dictionaries(
        {},
        optional={
            "code": NUMBERS | VALUES,
            "message": VALUES,
            "source": VALUES | st.fixed_dictionaries({"pointer": VALUES}),
        },
    ),
    max_size=3,
)
ENVELOPES = st.fixed_dictionaries(
    {},
    optional={
        "success": st.booleans() | VALUES,
        "errors": ERRORS | VALUES,
        "result": VALUES,
        "result_info": VALUES | st.dictionaries(st.sampled_from(["total_count", "next"]), VALUES),
        "messages": VALUES,
    },
)
# As a server may send it; a line break would end the header, and the format of these answers.
_HEADER = st.text(st.characters(max_codepoint=255, exclude_characters="\n\r"), max_size=30)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Retry-After",
            "Location",
            "CF-Ray",
            "Content-Type",
            "Content-Encoding",
            "Set-Cookie",
            "Ratelimit",
            "Ratelimit-Policy",
        ]
    ),
    _HEADER
    | st.sampled_from(
        [
            *("nan", "-1", "1e400", "Mon, 01 Jan 0001 00:00:00 -0000", "http://[", "https://a:b@c/", "gzip", "br"),
            *("application/json; charset=utf-16", "text/html; charset=base64", "text/html; charset=unicode_escape"),
        ]
    ),
)


def answer(status: int, headers: dict[str, str], body: bytes) -> bytes:
    head = "".join(f"{name}: {value}\n" for name, value in headers.items())
    return f"{status:03}\n{head}\n".encode("latin-1") + body


@given(st.integers(100, 599), HEADERS, st.binary(max_size=200))
def test_any_bytes(status: int, headers: dict[str, str], body: bytes) -> None:
    check(answer(status, headers, body))


@given(st.integers(200, 599) | st.just(200), HEADERS, ENVELOPES | VALUES)
def test_any_json(status: int, headers: dict[str, str], envelope: Any) -> None:
    came = check(answer(status, headers, json.dumps(envelope).encode()))
    if isinstance(came, Answer):
        assert envelope["success"] is True
        assert status < 300


@given(_HEADER)
def test_a_wait_is_bounded_whatever_the_header_says(value: str) -> None:
    wait = retry_after(value)
    assert wait is None or 0 <= wait <= MAX_WAIT


@pytest.mark.parametrize("number", range(len(CORPUS)))
def test_the_corpus_of_the_fuzz_target(number: int) -> None:
    check(CORPUS[number].encode("latin-1"))


def test_the_corpus_reaches_every_outcome() -> None:
    """Else it would be a corpus of one and the same thing."""
    reached = {type(check(text.encode("latin-1"))) for text in CORPUS}
    raised_here = {
        *(errors.AccessError, errors.ConflictError, errors.NoAnswerError, errors.NotFoundError, errors.NotOfferedError),
        *(errors.RefusedError, errors.ThrottledError, errors.TransportError),
    }
    assert raised_here | {Answer} <= reached
