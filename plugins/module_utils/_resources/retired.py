# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Retired names in API responses, and their replacements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def tidy(item: Mapping[str, Any], renamed: Mapping[str, str | None]) -> dict[str, Any]:
    """An item without retired names, and with their values under the names that replace them.

    :param renamed: each retired name and its replacement; None has no replacement.
    """
    tidied = {name: value for name, value in item.items() if name not in renamed}
    for old, new in renamed.items():
        if new and old in item:
            tidied.setdefault(new, item[old])
    return tidied
