# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files with accounts to start with: JSON or YAML, in which a time may be said from now, as ``3h ago``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from messages.times import now, seconds_text

LIVED_IN = Path(__file__).resolve().parent / "lived_in.yml"

_AGO = re.compile(r"(\d{1,6})([smhd]) ago")
_UNITS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# The fast reader, where the machine has it: it takes a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(file: Path) -> Any:
    """What a file holds, with times as the API writes them. Raises OSError, ValueError or YAMLError."""
    # JSON is YAML too.
    return _dated(yaml.load(file.read_text(encoding="utf-8"), _LOADER) or {}, now())


def _dated(value: Any, at: int) -> Any:
    if isinstance(value, dict):
        return {name: _dated(each, at) for name, each in value.items()}
    if isinstance(value, list):
        return [_dated(each, at) for each in value]
    if isinstance(value, str) and (ago := _AGO.fullmatch(value)):
        return seconds_text(at - int(ago[1]) * _UNITS[ago[2]] * 1_000_000) + "Z"
    return value
