# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection that is documented: its code, imported from this checkout wherever that lies, and its YAML sources."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = "cloudflare.email_security"
UTILS = "plugins/module_utils"
_PACKAGE = f"ansible_collections.{COLLECTION}"


# The one that Ansible uses too, where it is built in: the other takes five times as long.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class SourceError(Exception):
    """A source lacks something, or says too much. The text names the file."""


def code(name: str) -> ModuleType:
    """A Python module of the collection, by its name below `plugins`."""
    if _PACKAGE not in sys.modules:
        # Found without a link below a folder `ansible_collections`, which not every checkout has.
        for name_of_package, path in (
            ("ansible_collections", []),
            ("ansible_collections.cloudflare", []),
            (_PACKAGE, [str(ROOT)]),
        ):
            package = sys.modules[name_of_package] = ModuleType(name_of_package)
            package.__path__ = path
    return importlib.import_module(f"{_PACKAGE}.plugins.{name}")


def load_yaml(text: str) -> Any:
    """What YAML says, without any of its tags.

    :raises yaml.YAMLError: it is none.
    """
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - either is a safe one


def source(path: str) -> dict[str, Any]:
    """A YAML source.

    :param path: below `plugins/module_utils`.
    :raises SourceError: it is missing, or is no mapping.
    """
    return read(ROOT / UTILS / path)


def read(file: Path) -> dict[str, Any]:
    """A YAML source, by its path.

    :raises SourceError: it is missing, or is no mapping.
    """
    name = file.relative_to(ROOT)
    try:
        found = load_yaml(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceError(f"{name} is missing: it documents what its neighbours declare") from None
    except yaml.YAMLError as error:
        raise SourceError(f"{name}: {error}") from None
    if not isinstance(found, dict):
        raise SourceError(f"{name} must be a mapping")
    return found
