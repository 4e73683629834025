# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decodes a policy file: UTF-8, and a clear error for everything else."""

from __future__ import annotations

import re

from .nodes import PolicySyntaxError

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LINE_END = re.compile(r"\r\n|\r|\n")
# Every character that YAML does not permit.
_UNPRINTABLE = re.compile("[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SAVE = "save it as UTF-8"


def decode(data: bytes) -> str:
    """The text of a file, without a byte order mark and the Ctrl-Z that ends a DOS file.

    :raises PolicySyntaxError: it is in another encoding, or contains NUL characters.
    """
    if data[:2] in _UTF_16 or b"\x00" in (data[:1], data[1:2]):
        raise PolicySyntaxError(1, 1, f"this is UTF-16 (also called Unicode text), and a policy is UTF-8; {_SAVE}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = position(data[: error.start].decode("utf-8-sig"), error.start)
        byte = data[error.start : error.start + 1]
        letter = byte.decode("cp1252", errors="replace")
        raise PolicySyntaxError(
            line, column, f"this is not UTF-8: the byte 0x{byte.hex().upper()} is {letter!r} in code page 1252; {_SAVE}"
        ) from None
    text = text.removesuffix("\x1a")
    if "\x00" in text:
        raise PolicySyntaxError(
            *position(text, text.index("\x00")), "here is a NUL character, which no policy can mean; remove it"
        )
    return text


def check_printable(text: str) -> None:
    """
    :raises PolicySyntaxError: it contains characters that YAML does not permit.
    """
    unprintable = _UNPRINTABLE.search(text)
    if unprintable:
        name = f"the control character U+{ord(unprintable[0]):04X}"
        raise PolicySyntaxError(
            *position(text, unprintable.start()), f"here is {name}, which YAML cannot hold; remove it or escape it"
        )


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character, counted from 1."""
    ends = list(_LINE_END.finditer(text, 0, offset))
    return len(ends) + 1, offset - (ends[-1].end() if ends else 0) + 1
