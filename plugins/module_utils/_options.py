# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of every module for the API's URL and the credentials, and the :class:`Connection` made from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ._api.connection import Connection, is_loopback
from ._errors import InputError

DEFAULT_BASE_URL = "https://api.cloudflare.com/client/v4"

# Options that the environment can set instead. The names are those that Cloudflare's own tools use.
ENVIRONMENT = {
    "account_id": "CLOUDFLARE_ACCOUNT_ID",
    "api_token": "CLOUDFLARE_API_TOKEN",
    "api_key": "CLOUDFLARE_API_KEY",
    "api_email": "CLOUDFLARE_EMAIL",
    "base_url": "CLOUDFLARE_BASE_URL",
}

BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

CONNECTION_OPTIONS: dict[str, dict[str, Any]] = {
    "account_id": {"type": "str"},
    "api_token": {"type": "str", "no_log": True},
    "api_key": {"type": "str", "no_log": True},
    # Hidden among a task's options, but not where the account itself holds it; see secrets() and invocation().
    "api_email": {"type": "str", "no_log": True},
    "base_url": {"type": "str"},
    "allow_http": {"type": "bool", "default": False},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 30},
    "retry_timeout": {"type": "float", "default": 900},
    "concurrency": {"type": "int", "default": 4},
}
MAX_CONCURRENCY = 16
# The value is not quoted, since it may be a credential in the wrong place.
NO_ACCOUNT_ID = "must be the id of an account (32 hexadecimal characters), not its name"


def is_read(variable: str) -> bool:
    """Whether a run reads this environment variable."""
    return variable in (*ENVIRONMENT.values(), *BUNDLE_VARIABLES) or variable.lower() in _PROXY_VARIABLES


def connection(params: Mapping[str, Any], environ: Mapping[str, str]) -> Connection:
    """The connection of a task.

    :raises InputError: something is missing or invalid. No credential is ever quoted.
    """
    option = {name: params.get(name) or environ.get(variable) or "" for name, variable in ENVIRONMENT.items()}
    problems: list[str] = []
    account_id = option["account_id"].strip()
    given = params.get("account_id")
    # Ansible has filled an omitted option from the environment.
    if given is not None and not given.strip() and given != environ.get(ENVIRONMENT["account_id"]):
        problems.append(
            "account_id is empty: write the id of the account, or leave account_id out to mean the account of "
            "CLOUDFLARE_ACCOUNT_ID"
        )
    elif not account_id:
        problems.append(
            "account_id is missing: set it, or CLOUDFLARE_ACCOUNT_ID in the environment. "
            "The dashboard shows it on the account's overview page"
        )
    elif not is_account_id(account_id):
        problems.append(f"account_id {NO_ACCOUNT_ID}")
    headers = _credentials(option, problems)
    base_url = (option["base_url"].strip() or DEFAULT_BASE_URL).rstrip("/")
    problems.extend(_url_problems(base_url, params["allow_http"]))
    for name in ("timeout", "retry_timeout"):
        if not params[name] >= 0 or (name == "timeout" and params[name] == 0):
            problems.append(f"{name} must be a number of seconds, {'above 0' if name == 'timeout' else '0 or more'}")
    if not 1 <= params["concurrency"] <= MAX_CONCURRENCY:
        problems.append(f"concurrency must be a number of requests, from 1 to {MAX_CONCURRENCY}")
    verify: bool | str = bool(params["validate_certs"])
    if verify:
        bundles = {"ca_path": params.get("ca_path"), **{name: environ.get(name) for name in BUNDLE_VARIABLES}}
        named_by, bundle = next(((name, path) for name, path in bundles.items() if path), ("", ""))
        if bundle and not Path(bundle).exists():
            problems.append(f"{named_by}: there is no file or folder {bundle}")
        verify = bundle or True
    if problems:
        raise InputError(problems)
    proxies = {
        name.lower().removesuffix("_proxy"): value
        for name, value in sorted(environ.items())  # lower case last, so that it wins as it does elsewhere
        if name.lower() in _PROXY_VARIABLES and value
    }
    return Connection(
        base_url=base_url,
        account_id=account_id,
        headers=headers,
        verify=verify,
        timeout=params["timeout"],
        retry_timeout=params["retry_timeout"],
        concurrency=params["concurrency"],
        proxies=proxies,
    )


def is_account_id(text: str) -> bool:
    return re.fullmatch(r"[0-9A-Fa-f]{32}", text) is not None


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


def _url_problems(base_url: str, allow_http: bool) -> list[str]:
    try:
        parts = urlsplit(base_url)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        host = None
    if not host:
        return [f"base_url must be a URL such as {DEFAULT_BASE_URL}"]
    if parts.username or parts.password or parts.query or parts.fragment:
        return ["base_url must not hold credentials, a query or a fragment"]
    if parts.scheme == "http" and not (allow_http or is_loopback(host)):
        return ["base_url must be https: else credentials and mail travel unencrypted, which only allow_http permits"]
    return []
