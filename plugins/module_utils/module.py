# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The edge: from a task's options to a run, and from its outcome to what Ansible shows.

:func:`run` is a plain function: validated parameters and an environment in, a result or an error out. It reads no
process state, so that anything that has those two can call it. :func:`run_module` is AnsibleModule's door to it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib
from ansible_collections.cloudflare.email_security.plugins.module_utils.client import Client
from ansible_collections.cloudflare.email_security.plugins.module_utils.connection import (
    REQUESTS_IMPORT_ERROR,
    Connection,
    is_loopback,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils.errors import EmailSecurityError, InputError
from ansible_collections.cloudflare.email_security.plugins.module_utils.http import Http

DEFAULT_BASE_URL = "https://api.cloudflare.com/client/v4"

# Options that may come from the environment instead. The names are the ones Cloudflare's own tools use.
ENVIRONMENT = {
    "account_id": "CLOUDFLARE_ACCOUNT_ID",
    "api_token": "CLOUDFLARE_API_TOKEN",
    "api_key": "CLOUDFLARE_API_KEY",
    "api_email": "CLOUDFLARE_EMAIL",
    "base_url": "CLOUDFLARE_BASE_URL",
}

_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

_CONNECTION_OPTIONS: dict[str, dict[str, Any]] = {
    "account_id": {"type": "str"},
    "api_token": {"type": "str", "no_log": True},
    "api_key": {"type": "str", "no_log": True},
    "api_email": {"type": "str"},
    "base_url": {"type": "str"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 30},
    "retry_timeout": {"type": "float", "default": 900},
}


@dataclass(frozen=True)
class Job:
    """What a module's work gets: the client, the validated parameters, and the mode it runs in.

    :param now: the time of the run, aware of its zone.
    """

    client: Client
    params: Mapping[str, Any]
    check: bool
    diff: bool
    now: datetime


@dataclass(frozen=True)
class ModuleSpec:
    """A module, declared.

    :param options: its own argument spec; the connection's options are added.
    :param work: does it; returns the result, which must be free of credentials.
    :param constraints: keyword arguments of AnsibleModule such as ``mutually_exclusive``.
    :param writes: False for modules that only ever read.
    """

    options: Mapping[str, Any]
    work: Callable[[Job], dict[str, Any]]
    constraints: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    writes: bool = True

    def argument_spec(self) -> dict[str, Any]:
        connection = {name: dict(option) for name, option in _CONNECTION_OPTIONS.items()}
        for name, variable in ENVIRONMENT.items():
            connection[name]["fallback"] = (env_fallback, [variable])
        return {**connection, **self.options}


def run(
    spec: ModuleSpec, params: Mapping[str, Any], check: bool, diff: bool, environ: Mapping[str, str]
) -> dict[str, Any]:
    """Do what a module is for.

    :param params: as AnsibleModule validates them.
    :param environ: the environment of the task: credentials, proxies, CA bundle.
    :returns: the module's result, with ``changed`` and perhaps ``warnings``.
    :raises EmailSecurityError: ``partial`` holds what had been done.
    """
    warnings: list[str] = []
    with Http(connection(params, environ), read_only=check or not spec.writes, notify=warnings.append) as http:
        client = Client(http, warnings)
        try:
            result = spec.work(Job(client, params, check, diff, datetime.now(timezone.utc)))
        except EmailSecurityError as error:
            if warnings:
                error.partial["warnings"] = warnings
            raise
    return {**result, "warnings": warnings} if warnings else result


def run_module(spec: ModuleSpec) -> None:
    """Run as an Ansible module: read the task, do the work, exit."""
    module = AnsibleModule(argument_spec=spec.argument_spec(), supports_check_mode=True, **spec.constraints)
    if REQUESTS_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    try:
        result = run(spec, module.params, module.check_mode, module._diff, os.environ)
    except EmailSecurityError as error:
        module.fail_json(**presentable({"msg": printable(str(error)), "error": error.details(), **error.partial}))
    module.exit_json(**presentable(result))


def printable(text: str) -> str:
    """A message without characters that steer a terminal or turn the reading direction: a server may quote a mail."""
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", "?", text)


def presentable(result: dict[str, Any]) -> dict[str, Any]:
    """A result without lone surrogates, which Ansible refuses to read: each becomes U+FFFD."""
    text = json.dumps(result, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        told: dict[str, Any] = json.loads(re.sub("[\ud800-\udfff]", "\ufffd", text))
        return told
    return result


def connection(params: Mapping[str, Any], environ: Mapping[str, str]) -> Connection:
    """The connection a task asks for.

    :raises InputError: something is missing or cannot be right. No value of a credential is ever quoted.
    """
    option = {name: params.get(name) or environ.get(variable) or "" for name, variable in ENVIRONMENT.items()}
    problems: list[str] = []
    account_id = option["account_id"].strip()
    if not account_id:
        problems.append(
            "account_id is missing: set it, or CLOUDFLARE_ACCOUNT_ID in the environment. "
            "The dashboard shows it on the account's overview page"
        )
    elif not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", account_id):
        problems.append("account_id must be the id of an account (32 hexadecimal characters), not its name")
    headers = _credentials(option, problems)
    base_url = (option["base_url"].strip() or DEFAULT_BASE_URL).rstrip("/")
    problems.extend(_url_problems(base_url))
    for name in ("timeout", "retry_timeout"):
        if not params[name] >= 0 or (name == "timeout" and params[name] == 0):
            problems.append(f"{name} must be a number of seconds, {'above 0' if name == 'timeout' else '0 or more'}")
    verify: bool | str = bool(params["validate_certs"])
    if verify:
        bundles = {"ca_path": params.get("ca_path"), **{name: environ.get(name) for name in _BUNDLE_VARIABLES}}
        named_by, bundle = next(((name, path) for name, path in bundles.items() if path), ("", ""))
        if bundle and not Path(bundle).exists():
            problems.append(f"{named_by}: there is no file or folder {bundle}")
        verify = bundle or True
    if problems:
        raise InputError(problems)
    proxies = {
        name.lower().removesuffix("_proxy"): value
        for name, value in sorted(environ.items())  # lower case last, so that it wins as it does elsewhere
        if name.lower() in ("http_proxy", "https_proxy", "all_proxy", "no_proxy") and value
    }
    return Connection(
        base_url=base_url,
        account_id=account_id,
        headers=headers,
        verify=verify,
        timeout=params["timeout"],
        retry_timeout=params["retry_timeout"],
        proxies=proxies,
    )


def _credentials(option: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    token, key, mail = (option[name].strip() for name in ("api_token", "api_key", "api_email"))
    for name, value in (("api_token", token), ("api_key", key), ("api_email", mail)):
        if not re.fullmatch(r"[!-~]*", value):
            problems.append(f"{name} holds characters that no credential has, such as a space or a line break")
    if token:
        return {"Authorization": f"Bearer {token}"}
    if key and mail:
        return {"X-Auth-Key": key, "X-Auth-Email": mail}
    if key or mail:
        missing, variable = ("api_email", "CLOUDFLARE_EMAIL") if key else ("api_key", "CLOUDFLARE_API_KEY")
        problems.append(f"{missing} is missing: api_key and api_email go together. Set it, or {variable}")
    else:
        problems.append(
            "credentials are missing: set api_token, or CLOUDFLARE_API_TOKEN in the environment "
            "(or api_key and api_email)"
        )
    return {}


def _url_problems(base_url: str) -> list[str]:
    try:
        parts = urlsplit(base_url)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        host = None
    if not host:
        return [f"base_url must be a URL such as {DEFAULT_BASE_URL}"]
    if parts.username or parts.password or parts.query or parts.fragment:
        return ["base_url must not hold credentials, a query or a fragment"]
    if parts.scheme == "http" and not is_loopback(host):
        return ["base_url must be https: credentials never leave this machine unencrypted"]
    return []
