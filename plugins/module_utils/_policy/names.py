# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that are misspelt, and those that were meant."""

from __future__ import annotations

from collections.abc import Collection

# Role variables are named so.
_PREFIX = "email_security_"


def did_you_mean(name: str, known: Collection[str]) -> str:
    """The end of a message about a name that is unknown: the one that was meant, or all that there are."""
    import difflib  # Only a mistake needs it.

    close = difflib.get_close_matches(name.lower().replace("-", "_").replace(" ", "_"), known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"


def unknown_list(name: str) -> str:
    """What to say about a list that a policy cannot hold."""
    from .._resources.resources import RESOURCES  # Only a mistake needs it.

    return f"unknown list {name!r:.60}{did_you_mean(name.removeprefix(_PREFIX), RESOURCES)}"
