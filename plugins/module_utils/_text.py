# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from mail and servers, made fit for a screen."""

from __future__ import annotations

import re


def replace_controls(text: str) -> str:
    """Text for a screen: without characters that steer a terminal, turn the reading direction or cannot be seen.

    A server may quote a mail, and an entry may hold anything.
    """
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]", "?", text)
