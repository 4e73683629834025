# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as parts of a request: ids in paths, filters in queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .._errors import InputError


def path_segment(text: str) -> str:
    """An id as one segment of a URL path.

    :raises InputError: it is empty or made of dots, and would change the path; or it is not valid Unicode.
    """
    try:
        segment = quote(text, safe="")
    except UnicodeEncodeError:
        segment = ""
    if text.strip(".") == "" or not segment:
        raise InputError([f"{text!r} is not an id"])
    return segment


def as_query(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Filters as query parameters; booleans in lower case, as JSON writes them."""
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in filters.items()}
