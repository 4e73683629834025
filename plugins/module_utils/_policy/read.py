# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads one policy file by its suffix: YAML, JSON, or the dashboard's CSV."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from .._errors import InputError
from . import yaml_text
from .convert import Converter, Decrypt
from .csv_text import read_csv
from .decode import decode
from .json_text import JsonText
from .nodes import PolicySyntaxError
from .policy import Policy

RENDERED = ".j2"
_YAML = (".yml", ".yaml")
SUFFIXES = (*_YAML, ".json", ".csv")


def kind_of(file: str) -> str | None:
    """The suffix that determines a file's format, in lower case; None if it is not a policy file."""
    name = file.lower().removesuffix(RENDERED)
    suffix = PurePath(name).suffix
    return suffix if suffix in SUFFIXES else None


def read_file(file: str, data: bytes, decrypt: Decrypt, loader: Any = None) -> Policy:
    """The contents of a file. Nothing in it is ever evaluated.

    :param file: its name in messages; its suffix determines the format.
    :param data: its bytes after decryption by Vault and, for a name in ``.j2``, after rendering.
    :param decrypt: decrypts a vaulted text, or raises ValueError with the reason.
    :param loader: a loader of PyYAML; by default, the fastest.
    """
    kind = kind_of(file)
    if kind is None:
        return Policy(problems=[f"{file}: its name must end in {', '.join(SUFFIXES)}, or in these and {RENDERED}"])
    try:
        text = decode(data)
    except PolicySyntaxError as problem:
        return Policy(problems=[f"{file}:{problem.line}:{problem.column}: {problem}"])
    if kind == ".csv":
        return _csv(file, text)
    if kind in _YAML and not yaml_text.HAS_YAML:
        return Policy(problems=[f"{file}: Ansible's Python has no PyYAML, which reads YAML; install PyYAML there"])
    converter = Converter(file, len(text), decrypt, file.lower().endswith(RENDERED))
    try:
        document = JsonText(text) if kind == ".json" else yaml_text.YamlText(text, loader)
        root = document.read(converter.begin)
    except PolicySyntaxError as problem:
        converter.problems.append(f"{file}:{problem.line}:{problem.column}: {problem}")
        root = None
    if root:
        converter.root(root)
    policy = Policy(converter.lists, converter.problems)
    if not policy.lists and not policy.problems:
        policy.warnings.append(f"{file}: this file names no list, so it says nothing.")
    return policy


def _csv(file: str, text: str) -> Policy:
    if not text.strip():
        return Policy(problems=[f"{file}:1:1: this file is empty; a CSV file begins with the dashboard's header"])
    try:
        name, entries, problems = read_csv(text, None, lambda row, column: f"{file}:{row}:{column or 1}")
    except InputError as error:
        return Policy(problems=error.problems)
    return Policy({name: entries}, problems)
