# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write YAML as documentation has it: wrapped, short lists in brackets, quotes only where they are needed."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from collection import load_yaml

WIDTH = 120


class Flow:
    """A value that stands on one line in brackets, if it fits."""

    def __init__(self, value: Any) -> None:
        self.value = value


def dump(value: Mapping[str, Any] | Sequence[Any], indent: int = 0) -> str:
    """A block of YAML, each line indented, with a final line break.

    :raises ValueError: it would not be read back as it was.
    """
    lines = _mapping(value, indent) if isinstance(value, Mapping) else _sequence(value, indent)
    text = "".join(f"{line}\n" for line in lines)
    if load_yaml(textwrap.dedent(text)) != plain(value):
        raise ValueError(f"this text does not survive YAML:\n{text}")
    return text


def plain(value: Any) -> Any:
    """The value without any marks, as YAML is read."""
    if isinstance(value, Flow):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def _mapping(value: Mapping[str, Any], indent: int) -> Iterator[str]:
    for key, item in value.items():
        yield from _item(f"{' ' * indent}{key}:", item, indent)


def _sequence(value: Sequence[Any], indent: int) -> Iterator[str]:
    for item in value:
        yield from _item(f"{' ' * indent}-", item, indent)


def _item(prefix: str, value: Any, indent: int) -> Iterator[str]:
    """One value behind its key or its dash."""
    if isinstance(value, Flow):
        line = f"{prefix} {_flow(value.value)}"
        if len(line) <= WIDTH or not isinstance(value.value, (Mapping, list, tuple)) or not value.value:
            yield line
            return
        value = _parts(value.value)
    if isinstance(value, Mapping) and value:
        if prefix.endswith("-"):
            first, *rest = _mapping(value, indent + 2)
            yield f"{prefix} {first.lstrip()}"
            yield from rest
        else:
            yield prefix
            yield from _mapping(value, indent + 2)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        yield prefix
        yield from _sequence(value, indent + 2)
    elif isinstance(value, str):
        yield from _text(prefix, value, indent)
    else:
        yield f"{prefix} {_flow(value)}"


def _parts(value: Any) -> Any:
    """A value that does not fit on one line; its parts may."""
    if isinstance(value, Mapping):
        return {key: Flow(item) for key, item in value.items()}
    return [Flow(item) for item in value]


def _text(prefix: str, value: str, indent: int) -> Iterator[str]:
    if "\n" in value.rstrip("\n"):
        yield f"{prefix} |"
        for line in value.rstrip("\n").split("\n"):
            yield f"{' ' * (indent + 2)}{line}".rstrip()
        return
    yield from textwrap.wrap(
        _scalar(value),
        WIDTH,
        initial_indent=f"{prefix} ",
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _scalar(value: str) -> str:
    """The text, in quotes where YAML would read something else without them."""
    try:
        bare = load_yaml(f"key: {value}") == {"key": value} and load_yaml(f"- {value}") == [value]
    except yaml.YAMLError:
        bare = False
    return value if bare else json.dumps(value, ensure_ascii=False)


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return _scalar(value)
    text: str = yaml.dump(
        value, Dumper=_DoubleQuotes, default_flow_style=True, width=float("inf"), sort_keys=False, allow_unicode=True
    )
    return text.removesuffix("\n").removesuffix("\n...")


class _DoubleQuotes(yaml.SafeDumper):
    """Quotes with double quotes, as the rest of the documentation does."""

    def choose_scalar_style(self) -> str:
        style: str = super().choose_scalar_style()
        return '"' if style == "'" else style
