# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An account, written as policy files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._censor import censored
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import EmailSecurityError
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.read import settings_info_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import Context, ModuleSpec

from .._controller.files import folder_of, make_folder, read_text, write_text
from .._policy.dump import policy_yaml

_HEAD = """\
# What the account {} has, as files for the role cloudflare.email_security.apply.
# Written by the role cloudflare.email_security.export.
"""
# They say what a team defends against, and how.
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600


def export_spec() -> ModuleSpec:
    """A run that reads an account and writes files. Its options are the role's variables."""
    names = list(RESOURCES)
    return ModuleSpec(
        options={
            "dest": {"type": "str", "required": True},
            "host": {"type": "str", "required": True},
            "layout": {"type": "str", "choices": ["lists", "single"], "default": "lists"},
            "lists": {"type": "list", "elements": "str", "choices": names, "default": names},
            "omit_defaults": {"type": "bool", "default": False},
            "synced": {"type": "bool", "default": False},
        },
        run=export,
        writes=False,
    )


def export(context: Context) -> dict[str, Any]:
    """Read the account and write what differs from its files; in check mode, write nothing.

    :returns: ``files`` are the paths of all files, ``entries`` says how many entries each list has.
    :raises EmailSecurityError: ``partial`` says whether anything was written.
    """
    params = {**context.params, "gather": context.params["lists"]}
    read = settings_info_module().run(Context(context.client, params, context.check, context.diff, context.now))
    settings = censored(read["settings"], context.params)
    texts = dict(_texts(settings, context.params))
    result: dict[str, Any] = {
        "changed": False,
        "entries": {name: len(entries) for name, entries in settings.items()},
        "files": [str(file) for file in texts],
    }
    if context.diff:
        result["diff"] = []
    try:
        _write(context, texts, result)
    except EmailSecurityError as error:
        error.partial = result
        raise
    return result


def _texts(settings: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Each file and what it is to hold."""
    # A name with a slash, or one that begins with a dot, must not lead elsewhere.
    host = re.sub("^[.]|/", "_", params["host"])
    folder = folder_of(params["dest"])
    if params["layout"] == "single":
        parts = {folder / f"{host}.yml": settings}
    else:
        parts = {folder / host / f"{name}.yml": {name: settings[name]} for name in params["lists"]}
    for file, part in parts.items():
        policy = policy_yaml(part, omit_defaults=params["omit_defaults"], synced=params["synced"])
        yield file, _HEAD.format(json.dumps(params["host"])) + policy


def _write(context: Context, texts: Mapping[Path, str], result: dict[str, Any]) -> None:
    for folder in dict.fromkeys(file.parent for file in texts):
        if not context.check:
            result["changed"] |= make_folder(folder, _FOLDER_MODE)
    for file, text in texts.items():
        before = read_text(file)
        if before == text and file.stat().st_mode & 0o777 == _FILE_MODE:
            continue
        if not context.check:
            write_text(file, text, _FILE_MODE)
        result["changed"] = True
        if context.diff:
            headers = {"before_header": str(file), "after_header": str(file)}
            result["diff"].append({**headers, "before": before or "", "after": text})
