# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of domains and people in their canonical form, for comparisons and requests."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from .._text import is_legible

try:
    # It comes with requests.
    import idna
except ImportError:
    idna = None  # type: ignore[assignment]

# Full stops of other scripts, which also separate the labels of a domain.
_FULL_STOPS = re.compile("[\u3002\uff0e\uff61]")


def domain_to_ascii(name: str) -> str:
    """A domain as in DNS and mail: lower case, non-ASCII labels as ``xn--``. Stars and the like are kept."""
    if name.isascii():
        return name.lower()
    return ".".join(_label_to_ascii(label) for label in _FULL_STOPS.sub(".", name).split("."))


def address_to_ascii(address: str) -> str:
    """An e-mail address with its domain as :func:`domain_to_ascii`; its local part is case-sensitive."""
    local, at, host = address.rpartition("@")
    return f"{compose(local)}{at}{domain_to_ascii(host)}"


def compose(text: str) -> str:
    """Text in NFC: a letter and its accent as one character, where Unicode has one."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=4096)
def _label_to_ascii(label: str) -> str:
    if label.isascii():
        return label.lower()
    if not is_legible(label):
        # IDNA would drop invisible characters, and so make different names equal.
        return compose(label).lower()
    if idna is not None:
        try:
            return idna.encode(label, uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError):
            pass
    # Labels that IDNA rejects, such as emoji, still need one canonical form.
    folded = unicodedata.normalize("NFKC", label).lower()
    if folded.isascii():
        return folded
    try:
        return f"xn--{folded.encode('punycode').decode('ascii')}"
    except UnicodeError:
        return folded
