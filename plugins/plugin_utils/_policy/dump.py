# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies as YAML, for people to review and for Ansible to read back unchanged.

PyYAML writes it; this only decides how each text is quoted. Every text is on one line, so that entries can be
indented, and a change of one entry is a change of its lines alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import yaml
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.document import lists_of
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.schema import Resource
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import has_surrogates, is_legible

# Editors complete and check a file that names it; it is generated, in docs/schemas.
SCHEMA = "https://raw.githubusercontent.com/cloudflare-email-security/ansible-collection/main/docs/schemas/policy.schema.json"
# What Jinja would take for its own, once Ansible has read the file.
_TEMPLATE = re.compile(r"\{[{%#]")
# Texts that need no quotes, whichever version of YAML reads them: they begin with a letter, and no part of them
# could be punctuation. Everything else is quoted: dates, numbers such as 1e3, a leading @, ! or %.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._@+/-]*(?: [A-Za-z0-9._@+/-]+)*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"})
# Beside the fields of the resource; what a policy says about an entry comes after them.
_FIRST, _LAST = ("id",), ("state", "expires", "accepted_risks")


def policy_yaml(policy: Mapping[str, Any], *, omit_defaults: bool = False, synced: bool = False) -> str:
    """A policy file.

    :param policy: ``{list name: [entry]}``, with any of the lists.
    :param omit_defaults: leave out what means the same when it is left out.
    :param synced: keep entries that a directory keeps, marked by a comment.
    :raises InputError: it has no such shape.
    """
    lists, problems = lists_of(policy)
    for name, entries in lists.items():
        for position, entry in enumerate(entries):
            if not isinstance(entry, Mapping):
                problems.append(f"{name}[{position}]: must be a mapping of fields")
            elif not _is_unicode(entry):
                problems.append(f"{name}[{position}]: holds half a surrogate pair, which no file can hold")
    if problems:
        raise InputError(problems)
    lines = [f"# yaml-language-server: $schema={SCHEMA}", "---"]
    for name, entries in lists.items():
        written = list(_entries(RESOURCES[name], entries, omit_defaults, synced))
        lines += [f"{name}:", *written] if written else [f"{name}: []"]
    return "\n".join(lines) + "\n"


def _entries(resource: Resource, entries: Sequence[Mapping[str, Any]], omit: bool, synced: bool) -> Iterator[str]:
    for directory, run in groupby(entries, resource.synced_from):
        if directory is None:
            # All at once takes half the time.
            yield _written(resource, run, omit)
            continue
        for entry in run if synced else ():
            yield f"  # Synced from a directory ({_one_line(directory)}): it can only be changed there."
            yield _written(resource, [entry], omit)


def _written(resource: Resource, entries: Iterable[Mapping[str, Any]], omit: bool) -> str:
    ordered = [_ordered(resource, entry, omit) for entry in entries]
    lines = yaml.dump(ordered, Dumper=_Dumper, **_LAYOUT).splitlines()
    return "\n".join(f"  {line}" for line in lines)


def _ordered(resource: Resource, entry: Mapping[str, Any], omit: bool) -> dict[str, Any]:
    given = {str(name): value for name, value in entry.items() if value is not None}
    names = [*_FIRST, *resource.by_name, *_LAST]
    # Fields that no document has, such as those of domain_info, are none of a policy.
    return {name: given[name] for name in names if name in given and not (omit and _is_default(resource, given, name))}


def _is_default(resource: Resource, given: Mapping[str, Any], name: str) -> bool:
    if name == "state":
        return bool(given[name] == "present")
    field = resource.by_name.get(name)
    if field is None or field.default is None or not _same(given[name], field.default):
        return False
    # With an id, and without the field that this one explains, leaving it out means something else.
    return "id" not in given or field.qualifies is None or field.qualifies in given


def _same(value: Any, default: Any) -> bool:
    # 0 is not false.
    return value is default if isinstance(default, bool) else bool(value == default)


def _is_unicode(entry: Mapping[str, Any]) -> bool:
    return not has_surrogates(json.dumps({**entry}, ensure_ascii=False, default=str, skipkeys=True))


def _one_line(text: str) -> str:
    return re.sub(r"[^\w .:@/-]", "?", text)


class _Dumper(yaml.SafeDumper):
    """The dumper in Python. libyaml's writes some characters differently, and files must not depend on the machine."""

    # Those for exact types would come before the ones for kinds, below. A copy: the base class's is everybody's.
    yaml_representers = {  # noqa: RUF012 - PyYAML's own way
        kind: representer
        for kind, representer in yaml.SafeDumper.yaml_representers.items()
        if kind not in (str, dict, list)
    }

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def write_double_quoted(self, text: str, split: bool = True) -> None:
        # Hidden characters, such as those that change the direction of text, are escaped.
        self.allow_unicode = is_legible(text.replace("\n", ""))
        super().write_double_quoted(text, split)


_LAYOUT: dict[str, Any] = {
    "allow_unicode": True,
    "default_flow_style": False,
    "sort_keys": False,
    # One line for each text, however long.
    "width": float("inf"),
}


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    # Ansible's own kinds of text are texts here.
    text = str.__str__(value)
    tag = "!unsafe" if _TEMPLATE.search(text) else "tag:yaml.org,2002:str"
    return dumper.represent_scalar(tag, text, style=_style(text))


def _style(text: str) -> str | None:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return None
    # Single quotes keep backslashes, double quotes and emoji readable. They cannot hold hidden characters.
    if is_legible(text) and ("\\" in text or '"' in text or max(text, default="") > "\uffff"):
        return "'"
    return '"'


def _mapping(dumper: yaml.SafeDumper, value: Mapping[str, Any]) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", list(value.items()))


def _sequence(dumper: yaml.SafeDumper, value: Sequence[Any]) -> yaml.SequenceNode:
    # The outermost list holds the entry; lists in it are short.
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=not _holds_mapping(value))


def _holds_mapping(value: Sequence[Any]) -> bool:
    return any(isinstance(item, Mapping) for item in value)


_Dumper.add_multi_representer(str, _text)
_Dumper.add_multi_representer(dict, _mapping)
_Dumper.add_multi_representer(list, _sequence)
