# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From declared options to documented ones: type, choices and defaults from the code, the text from a source."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from collection import SourceError
from layout import Flow

Text = str | list[str]


def documented(option: Mapping[str, Any], text: Text, **more: Any) -> dict[str, Any]:
    """One option, as DOCUMENTATION has it.

    :param option: as an argument spec has it.
    """
    found: dict[str, Any] = {"description": sentences(text), "type": option.get("type", "str")}
    if "elements" in option:
        found["elements"] = option["elements"]
    found.update(more)
    if "choices" in option:
        found["choices"] = Flow(list(option["choices"]))
    if option.get("required"):
        found["required"] = True
    elif option.get("default") is not None:
        found["default"] = Flow(option["default"])
    return found


def options(
    declared: Mapping[str, Mapping[str, Any]], texts: Mapping[str, Any], where: str, **more: Mapping[str, Any]
) -> dict[str, Any]:
    """All options of one spec.

    :param texts: by the options' names. Of one that has options of its own, a ``description`` and ``suboptions``.
    :param more: what else an option's documentation holds, by the option's name.
    :raises SourceError: a text is missing, or speaks of no option.
    """
    complete(declared, texts, where)
    found = {}
    for name, option in declared.items():
        text, extra = texts[name], dict(more.get(name, {}))
        if "options" in option:
            extra["suboptions"] = options(option["options"], text["suboptions"], f"{where}, {name}")
            text = text["description"]
        found[name] = documented(option, text, **extra)
    return found


def complete(declared: Collection[str], texts: Collection[str], where: str) -> None:
    """:raises SourceError: a text is missing, or there is one for nothing."""
    problems = [f"{name} is not described" for name in declared if name not in texts]
    problems += [f"{name} is described and does not exist" for name in texts if name not in declared]
    if problems:
        raise SourceError(f"{where}: {'; '.join(problems)}")


def sentences(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def renamed(value: Any, names: Collection[str], new: Callable[[str], str]) -> Any:
    """A value in whose texts `O(name)` and `O(name=value)` have the names that options have elsewhere."""
    if isinstance(value, str):
        reference = re.compile(rf"\bO\(({'|'.join(map(re.escape, names))})(?=[)=])")
        return reference.sub(lambda found: f"O({new(found[1])}", value)
    if isinstance(value, Mapping):
        return {key: renamed(item, names, new) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, names, new) for item in value]
    return value
