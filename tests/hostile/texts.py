# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts as an attacker writes them into a mail, or somebody into an account."""

from __future__ import annotations

import re
from pathlib import Path

LARGE = "a" * 1_000_000
# Clears the screen, renames the window, turns everything red.
TERMINAL = "\x1b[2J\x1b]0;title\x07\x1b[31mred"
# What a terminal acts upon, apart from line breaks and tabs.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
# The same in one character above ASCII, and what turns the direction of text or cannot be seen.
UNSEEN = re.compile("[\x80-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


_TEXTS = (
    "{{ lookup('pipe', 'COMMAND') }}",
    "{{ lookup('ansible.builtin.pipe', 'COMMAND') }}{% raw %}",
    "{% set x = lookup('pipe', 'COMMAND') %}{{ x }}",
    "{% endraw %}{{ lookup('pipe', 'COMMAND') }}",
    "{{ '{{' }} lookup('pipe', 'COMMAND') {{ '}}' }}",
    "{# {{ lookup('pipe', 'COMMAND') }} #}",
    "{% raw %}",
    "{{",
    "$(COMMAND)",
    "`COMMAND`",
    "; COMMAND #",
    "!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162",
    "!!python/object/apply:os.system ['COMMAND']",
    "!unsafe x",
    "<<: *x",
    "{'a': 1}",
    "[1, 2]",
    "../../../../etc/passwd",
    TERMINAL,
    "\x9b31mred\x9d0;title\x9c",
    "\u202egnp.exe\u2066\u200b\u2028next\x85line",
    "nul\x00nul",
    "line\nPLAY RECAP ****\r\nok: [localhost]",
    "%s %d {0} $x \\u001b",
    "__omit_place_holder__0123456789abcdef",
)


def hostile_texts(canary: Path) -> list[str]:
    """:param canary: a file that would be there if one of them were run."""
    return [text.replace("COMMAND", f"touch {canary}") for text in _TEXTS]


def assert_calm(printed: str, pattern: re.Pattern[str] = CONTROL) -> None:
    """Nothing that was printed steers a terminal; else it is shown where it stands."""
    found = pattern.search(printed)
    assert not found, repr(printed[max(0, found.start() - 300) : found.end() + 50])
