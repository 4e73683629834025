# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes results safe to show: no credential, and nothing that breaks Ansible or a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.parameters import remove_values

from ._options import CONNECTION_OPTIONS, ENVIRONMENT
from ._text import has_surrogates, replace_controls, replace_surrogates

# Where a result shows the task's options, longer lists are replaced by their length.
MAX_SHOWN = 100


def secrets(params: Mapping[str, Any], environ: Mapping[str, str]) -> set[str]:
    """The texts that must not appear in anything a task returns.

    The e-mail address is not among them: the account may hold it, for example in its impersonation registry, and an
    export with asterisks in its place would be applied with asterisks.
    """
    names = [name for name, option in CONNECTION_OPTIONS.items() if option.get("no_log") and name != "api_email"]
    given = [value for name in names for value in (params.get(name), environ.get(ENVIRONMENT[name])) if value]
    return {text for value in given for text in (value, value.strip()) if text}


def invocation(params: Mapping[str, Any]) -> dict[str, Any]:
    """The options as Ansible shows them at -vvv, without the e-mail address; outcome() censors the other secrets."""
    hidden = {"api_email": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"} if params.get("api_email") else {}
    # Ansible would copy a long list, search it for secrets and store it several times, and nobody would read it.
    counted = {
        name: f"{len(value)} entries"
        for name, value in params.items()
        if isinstance(value, list) and len(value) > MAX_SHOWN
    }
    # Internal options are not the task's own.
    shown = {name: value for name, value in params.items() if not name.startswith("_")}
    return {"module_args": {**shown, **counted, **hidden}}


def censored(record: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """A record for a file, sanitized like a task's result: without secrets, and valid JSON."""
    return sanitize_result(remove_values(dict(record), secrets(params, {})))


def escape_details(details: Any) -> Any:
    """Details of an error, safe for a terminal: Ansible prints failures in full."""
    if isinstance(details, dict):
        return {name: escape_details(value) for name, value in details.items()}
    if isinstance(details, list):
        return [escape_details(value) for value in details]
    return replace_controls(details) if isinstance(details, str) else details


def sanitize_result(result: dict[str, Any]) -> dict[str, Any]:
    """A result without what Ansible cannot read: lone surrogates, each of which becomes U+FFFD, and fields with names
    that it reserves, such as ``__ansible_type``.
    """
    text = json.dumps(result, ensure_ascii=False)
    if '"__ansible_' not in text and not has_surrogates(text):
        return result
    sanitized: dict[str, Any] = json.loads(replace_surrogates(text), object_hook=_without_reserved)
    return sanitized


def _without_reserved(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if not name.startswith("__ansible_")}
