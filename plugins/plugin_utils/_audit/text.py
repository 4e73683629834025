# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data from accounts, made fit for files: plain JSON types, and nothing that a file or a reader would trip over."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._text import replace_surrogates


def to_json(value: Any) -> Any:
    """A deep copy in plain JSON types.

    Ansible's own kinds of text and containers become Python's. Half a surrogate pair, which JSON can carry and UTF-8
    cannot, becomes U+FFFD.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return replace_surrogates(str.__str__(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {to_json(str(name)): to_json(item) for name, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [to_json(item) for item in value]
    return to_json(str(value))
