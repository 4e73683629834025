# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a policy, where vault secrets and templates are: on the controller."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import ansible.template
from ansible.errors import AnsibleError
from ansible.module_utils.common.text.converters import to_text
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import is_encrypted
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.policy import Policy
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.read import (
    RENDERED,
    SUFFIXES,
    kind_of,
    read_file,
)

_MAGIC = "*?["


def names_of(value: Any) -> list[str]:
    """The paths in an option: a list, or text with commas in between, such as a form gives."""
    if value is None:
        return []
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, (list, tuple)) else [value]
    return [name for name in (str(part).strip() for part in parts) if name]


def search_path(folders: Iterable[str]) -> list[Path]:
    """Where Ansible looks for the files of a task, by the folders that it begins with."""
    return [path for folder in map(Path, folders) for path in (folder / "files", folder)]


class PolicyFiles:
    """Reads files with Ansible's vault secrets and variables.

    ``files`` holds the names of those that were read, as messages name them.

    :param search: folders to search for relative paths, in this order.
    """

    def __init__(
        self, loader: DataLoader, templar: Templar, variables: Mapping[str, Any], search: Iterable[Path]
    ) -> None:
        self._loader = loader
        self._templar = templar
        self._variables = variables
        self._search = list(dict.fromkeys(search))
        self.files: list[str] = []

    def read(self, names: Iterable[str]) -> Policy:
        """What the files say together, in their order.

        :param names: paths of files; of folders, which mean the policy files in them by name; or with wildcards.
        """
        policy = Policy()
        seen: dict[Path, str] = {}
        for name in names:
            files = self._find(name)
            if isinstance(files, str):
                policy.problems.append(files)
                continue
            for file in files:
                first = seen.setdefault(file.resolve(), name)
                if first is name:
                    policy.add(self._read(file))
                else:
                    policy.problems.append(f"{_shown(file)}: {name} names this file, and so does {first}; name it once")
        return policy

    def _find(self, name: str) -> list[Path] | str:
        """The files that a path means, or why it means none."""
        path = Path(name).expanduser()
        wild = any(sign in name for sign in _MAGIC)
        for candidate in dict.fromkeys(Path(folder) / path for folder in self._search):
            if candidate.is_dir():
                files = [each for each in sorted(candidate.iterdir()) if each.is_file() and _is_policy(each.name)]
                return files or f"{_shown(candidate)}: this folder holds no policy file ({', '.join(SUFFIXES)})"
            if candidate.exists():
                return [candidate]
            if wild:
                found = map(Path, sorted(glob.glob(str(candidate), recursive=True)))  # noqa: PTH207 - a whole pattern
                files = [each for each in found if each.is_file()]
                if files:
                    return files
        what = "no file matches this" if wild else "there is no such file"
        searched = "" if path.is_absolute() else f"; it was looked for in {', '.join(map(str, self._search))}"
        return f"{_shown(path)}: {what}; correct the path{searched}"

    def _read(self, file: Path) -> Policy:
        shown = _shown(file)
        self.files.append(shown)
        rendered = shown.lower().endswith(RENDERED)
        if kind_of(shown) is None:
            # It reports that without reading the file.
            return read_file(shown, b"", self._decrypt)
        try:
            if rendered:
                return read_file(shown, self._render(file), self._decrypt)
            data = file.read_bytes()
            if is_encrypted(data):
                data = self._loader._vault.decrypt(data)
        except OSError as error:
            return Policy(problems=[f"{shown}: it cannot be read: {error.strerror}; correct its permissions"])
        except AnsibleError as error:
            what = "rendered" if rendered else "decrypted"
            return Policy(problems=[f"{shown}: it cannot be {what}: {_one_line(error)}"])
        return read_file(shown, data, self._decrypt)

    def _render(self, file: Path) -> bytes:
        lookup = lookup_loader.get("ansible.builtin.template", loader=self._loader, templar=self._templar)
        # Before 2.19, ansible-core makes data of a text that looks like it.
        options = {} if hasattr(ansible.template, "trust_as_template") else {"convert_data": False}
        (text,) = lookup.run([str(file)], variables=dict(self._variables), **options)
        return str(text).encode("utf-8", "surrogatepass")

    def _decrypt(self, text: str) -> str:
        try:
            return str(to_text(self._loader._vault.decrypt(text.strip().encode())))
        except AnsibleError as error:
            raise ValueError(_one_line(error)) from None


def _is_policy(name: str) -> bool:
    return not name.startswith(".") and kind_of(name) is not None


def _shown(path: Path) -> str:
    """A path as people would write it here: below the working directory, relative to that."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _one_line(error: AnsibleError) -> str:
    return " ".join(str(error.message).split())
