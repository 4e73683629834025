# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Suggestions for misspelt names."""

from __future__ import annotations

from collections.abc import Collection

# The prefix of role variables.
_PREFIX = "email_security_"


def did_you_mean(name: str, known: Collection[str]) -> str:
    """The end of a message about an unknown name: the closest known name, or all known names."""
    import difflib  # Only a mistake needs it.

    close = difflib.get_close_matches(name.lower().replace("-", "_").replace(" ", "_"), known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"


def unknown_list(name: str) -> str:
    """The message about an unknown list."""
    from .._resources.resources import RESOURCES  # Only a mistake needs it.

    return f"unknown list {name!r:.60}{did_you_mean(name.removeprefix(_PREFIX), RESOURCES)}"
