# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that a role's variables cannot have, by the role's argument specification.

Ansible's own check of roles says less, prints the whole specification with it, and takes ``true`` for a list.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_float, check_type_int

_Option = Mapping[str, Any]
_SCALARS: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "bool": (check_type_bool, "true or false"),
    "int": (check_type_int, "a whole number"),
    "float": (check_type_float, "a number"),
}


def value_problem(name: str, option: _Option, value: Any) -> str | None:
    """What is wrong with a variable's value, if anything is.

    An empty text is what a form leaves; only a list of entries must not be one. What is meant to be text is not quoted,
    since it may be a secret.
    """
    kind = option.get("type", "str")
    if value is None:
        return None
    if kind == "list":
        return _list_problem(name, option, value)
    if value == "":
        return None
    if kind in _SCALARS:
        check, wording = _SCALARS[kind]
        try:
            check(value)
        except (TypeError, ValueError):
            return f"{name} must be {wording}, not {f'{value!r:.60}' if isinstance(value, str) else _shown(value)}"
        return None
    if isinstance(value, (Mapping, list, tuple)) and kind != "raw" and kind != "dict":
        return f"{name} must be text, not {_shown(value)}"
    choices = option.get("choices")
    return f"{name}: {_unknown(str(value), choices)}" if choices and str(value) not in choices else None


def _list_problem(name: str, option: _Option, value: Any) -> str | None:
    choices = option.get("choices") or ()
    entries = option.get("elements") in ("raw", "dict")
    if isinstance(value, (bool, int, float, Mapping)) or (entries and isinstance(value, str)):
        remedy = f", such as [{choices[0]}]" if choices else ""
        return f"{name} must be a list{remedy}, not {_shown(value)}"
    given = [part.strip() for part in value.split(",")] if isinstance(value, str) else list(value)
    wrong = [str(one) for one in given if choices and one != "" and one not in choices]
    return f"{name}: {'; '.join(_unknown(one, choices) for one in wrong)}" if wrong else None


def _unknown(value: str, choices: Sequence[str]) -> str:
    close = difflib.get_close_matches(value, choices, n=1, cutoff=0.75)
    if close:
        return f"there is no {value!r}; did you mean {close[0]}?"
    return f"there is no {value!r}; there are {', '.join(str(choice) for choice in choices if choice != '')}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Mapping):
        return "a mapping"
    return "a text" if isinstance(value, str) else "a list"
