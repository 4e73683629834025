# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The edge: from a task's options to a run, and from its outcome to what Ansible shows.

:func:`run` is a plain function: validated parameters and an environment in, a result or an error out. It reads no
process state, so that anything that has those two can call it. It has two doors: :func:`run_module`, in a module's
process, and the action plugin ``fast_path``, in Ansible's own. :func:`outcome` is what both of them return.
"""

from __future__ import annotations

import json
import os
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.cloudflare.email_security.plugins.module_utils.client import Client
from ansible_collections.cloudflare.email_security.plugins.module_utils.connection import (
    REQUESTS_IMPORT_ERROR,
    Connection,
    Sessions,
    is_loopback,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils.errors import (
    EmailSecurityError,
    InputError,
    printable,
)
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

BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

_CONNECTION_OPTIONS: dict[str, dict[str, Any]] = {
    "account_id": {"type": "str"},
    "api_token": {"type": "str", "no_log": True},
    "api_key": {"type": "str", "no_log": True},
    # Hidden where options are shown. Where an account holds it, it is shown; see secrets() and invocation().
    "api_email": {"type": "str", "no_log": True},
    "base_url": {"type": "str"},
    "allow_http": {"type": "bool", "default": False},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 30},
    "retry_timeout": {"type": "float", "default": 900},
    "concurrency": {"type": "int", "default": 4},
}
MOST_CONCURRENCY = 16
# Longer lists are only counted where a result shows its task's options.
MOST_SHOWN = 100


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

    def argument_spec(self, fallback: Callable[[str], str] = env_fallback) -> dict[str, Any]:
        """:param fallback: gives an environment variable's value, or raises AnsibleFallbackNotFound."""
        connection = {name: dict(option) for name, option in _CONNECTION_OPTIONS.items()}
        for name, variable in ENVIRONMENT.items():
            connection[name]["fallback"] = (fallback, [variable])
        return {**connection, **self.options}


def run(
    spec: ModuleSpec,
    params: Mapping[str, Any],
    check: bool,
    diff: bool,
    environ: Mapping[str, str],
    *,
    sessions: Callable[[Connection], Sessions | None] = lambda connection: None,
    tell: Callable[[str], None] = lambda sentence: None,
) -> dict[str, Any]:
    """Do what a module is for.

    :param params: as AnsibleModule validates them.
    :param environ: the environment of the task: credentials, proxies, CA bundle.
    :param sessions: gives the open sessions of a connection, which stay open; None for new ones.
    :param tell: gets sentences while the work goes on: how far it is, what is waited for. They hold no credential.
    :returns: the module's result, with ``changed`` and perhaps ``warnings``.
    :raises EmailSecurityError: ``partial`` holds what had been done.
    """
    warnings: list[str] = []

    def say(sentence: str) -> None:
        tell(printable(sentence))

    def notify(sentence: str) -> None:
        warnings.append(sentence)
        say(sentence)

    def told() -> list[str]:
        return list(dict.fromkeys(map(printable, warnings)))

    account = connection(params, environ)
    may_only_read = check or not spec.writes
    with Http(account, sessions=sessions(account), read_only=may_only_read, notify=notify, tell=say) as http:
        client = Client(http, warnings)
        try:
            result = spec.work(Job(client, params, check, diff, datetime.now(timezone.utc)))
        except EmailSecurityError as error:
            if warnings:
                error.partial["warnings"] = told()
            raise
    return {**result, "warnings": told()} if warnings else result


def outcome(
    spec: ModuleSpec,
    params: Mapping[str, Any],
    check: bool,
    diff: bool,
    environ: Mapping[str, str],
    **listeners: Any,
) -> dict[str, Any]:
    """What a task returns, whether or not it failed: JSON, without secrets. Parameters are those of :func:`run`."""
    if REQUESTS_IMPORT_ERROR:
        return {"failed": True, "msg": missing_required_lib("requests"), "exception": REQUESTS_IMPORT_ERROR}
    try:
        result = run(spec, params, check, diff, environ, **listeners)
    except EmailSecurityError as error:
        result = {"failed": True, "msg": printable(str(error)), "error": _shown(error.details()), **error.partial}
    except Exception as error:
        # A traceback shows code and what the error says, and no variables.
        result = {
            "failed": True,
            "msg": printable(f"This is a defect of the collection, please report it: {type(error).__name__}: {error}"),
            "exception": traceback.format_exc(),
        }
    result["invocation"] = invocation(params)
    censored = remove_values(result, secrets(params, environ))
    # As AnsibleModule does: true and false are never secrets.
    return presentable({name: value if isinstance(value, bool) else censored[name] for name, value in result.items()})


def is_read(variable: str) -> bool:
    """Whether a run looks at this environment variable."""
    return variable in (*ENVIRONMENT.values(), *BUNDLE_VARIABLES) or variable.lower() in _PROXY_VARIABLES


def secrets(params: Mapping[str, Any], environ: Mapping[str, str]) -> set[str]:
    """The texts that nothing a task returns may hold.

    The e-mail address is not among them: an account may hold it, in its impersonation registry for one, and what was
    exported with asterisks in its place would be applied with asterisks.
    """
    names = [name for name, option in _CONNECTION_OPTIONS.items() if option.get("no_log") and name != "api_email"]
    given = [value for name in names for value in (params.get(name), environ.get(ENVIRONMENT[name])) if value]
    return {text for value in given for text in (value, value.strip()) if text}


def invocation(params: Mapping[str, Any]) -> dict[str, Any]:
    """The options as Ansible shows them at -vvv, but for the e-mail address; outcome() censors the other secrets."""
    hidden = {"api_email": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"} if params.get("api_email") else {}
    # A long list would be carried, searched for secrets and kept several times over, for nobody to read.
    counted = {
        name: f"{len(value)} entries"
        for name, value in params.items()
        if isinstance(value, list) and len(value) > MOST_SHOWN
    }
    return {"module_args": {**params, **counted, **hidden}}


def run_module(spec: ModuleSpec) -> None:
    """Run as an Ansible module: read the task, do the work, exit."""
    module = AnsibleModule(argument_spec=spec.argument_spec(), supports_check_mode=True, **spec.constraints)
    module.no_log_values = secrets(module.params, os.environ)
    result = outcome(spec, module.params, module.check_mode, module._diff, os.environ, tell=module.log)
    for warning in result.pop("warnings", []):
        module.warn(warning)
    # Failures too: fail_json would put a traceback beside each or drop the one of a defect, as its version sees fit.
    module.exit_json(**result)


def _shown(details: Any) -> Any:
    """Details of an error for a screen: Ansible prints every failure whole."""
    if isinstance(details, dict):
        return {name: _shown(value) for name, value in details.items()}
    if isinstance(details, list):
        return [_shown(value) for value in details]
    return printable(details) if isinstance(details, str) else details


def presentable(result: dict[str, Any]) -> dict[str, Any]:
    """A result without what Ansible refuses to read: lone surrogates, each of which becomes U+FFFD, and fields whose
    names it keeps for itself, such as ``__ansible_type``.
    """
    text = json.dumps(result, ensure_ascii=False)
    try:
        text.encode()
        fit = '"__ansible_' not in text
    except UnicodeEncodeError:
        fit = False
    if fit:
        return result
    told: dict[str, Any] = json.loads(re.sub("[\ud800-\udfff]", "\ufffd", text), object_hook=_without_reserved)
    return told


def _without_reserved(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if not name.startswith("__ansible_")}


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
    problems.extend(_url_problems(base_url, params["allow_http"]))
    for name in ("timeout", "retry_timeout"):
        if not params[name] >= 0 or (name == "timeout" and params[name] == 0):
            problems.append(f"{name} must be a number of seconds, {'above 0' if name == 'timeout' else '0 or more'}")
    if not 1 <= params["concurrency"] <= MOST_CONCURRENCY:
        problems.append(f"concurrency must be a number of requests, from 1 to {MOST_CONCURRENCY}")
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
