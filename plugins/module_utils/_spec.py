# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The declaration of a module: its options, and the function that runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible.module_utils.basic import env_fallback

from ._api.client import Client
from ._options import CONNECTION_OPTIONS, ENVIRONMENT
from ._resources.schema import Filter


@dataclass(frozen=True)
class Context:
    """What a module's function gets: the client, the validated parameters, and the mode.

    :param now: the time of the run, timezone-aware.
    """

    client: Client
    params: Mapping[str, Any]
    check: bool
    diff: bool
    now: datetime


@dataclass(frozen=True)
class ModuleSpec:
    """The declaration of a module.

    :param options: its own argument spec; the connection's options are added.
    :param run: runs it; returns the result, which must be free of credentials.
    :param constraints: keyword arguments of AnsibleModule such as ``mutually_exclusive``.
    :param writes: False for modules that only ever read.
    """

    options: Mapping[str, Any]
    run: Callable[[Context], dict[str, Any]]
    constraints: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    writes: bool = True

    def argument_spec(self, fallback: Callable[[str], str] = env_fallback) -> dict[str, Any]:
        """:param fallback: returns an environment variable's value, or raises AnsibleFallbackNotFound."""
        connection = {name: dict(option) for name, option in CONNECTION_OPTIONS.items()}
        for name, variable in ENVIRONMENT.items():
            connection[name]["fallback"] = (fallback, [variable])
        return {**connection, **self.options}


def filter_options(filters: Iterable[Filter]) -> dict[str, dict[str, Any]]:
    """The filters of a list operation as options."""
    options: dict[str, dict[str, Any]] = {}
    for item in filters:
        options[item.name] = {"type": item.type}
        if item.type == "list":
            options[item.name]["elements"] = "str"
        if item.choices:
            options[item.name]["choices"] = list(item.choices)
        if item.default is not None:
            options[item.name]["default"] = item.default
    return options


def given_filters(filters: Iterable[Filter], params: Mapping[str, Any]) -> dict[str, Any]:
    """The filters that a task sets."""
    return {item.name: params[item.name] for item in filters if params[item.name] is not None}
