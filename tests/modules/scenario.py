# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a scenario is: for a module, as data, what is asked of it and what it must send and leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

Document = Mapping[str, Sequence[Mapping[str, Any]]]
# Method, path and body of a write. In a path or body, "{pattern of an entry}" stands for that entry's id.
Write = tuple[str, str, Any]

# The steps that a module that writes must be shown in, each in check mode first, then for real, then again.
REQUIRED_STEPS = ("create", "update", "absent")


@dataclass(frozen=True)
class Change:
    """One change that a module makes.

    :param reads: the lists it reads, once each; by default the scenario's own.
    :param sends: the writes it sends, in their order.
    :param leaves: the entries that the account then has, in each list that the change is about, by their key, with
        the fields that matter.
    """

    args: Mapping[str, Any]
    sends: Sequence[Write]
    leaves: Mapping[str, Mapping[str, Mapping[str, Any]]]
    reads: Sequence[str] = ()


# What the service refuses for reasons that no description gives, so that the module cannot know them.
REFUSED = "refused.example"


@dataclass(frozen=True)
class WriteScenario:
    """A module that writes.

    :param before: the account's entries at the start. Those that ``leaves`` does not name must stay as they are.
    :param refused: options that the API, not the module, refuses; for the results of a failure.
    :param asks_more: options by which more is returned, of an account with this ``mail``; in check mode.
    """

    collection: str | None
    before: Document
    steps: Mapping[str, Change]
    refused: Mapping[str, Any]
    asks_more: Mapping[str, Any] = field(default_factory=dict)
    mail: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class ReadStep:
    """One reading: the options given, the query they become beside paging and order, and the keys found, in order."""

    args: Mapping[str, Any]
    query: Mapping[str, Any]
    finds: Sequence[str]


@dataclass(frozen=True)
class ReadScenario:
    """A module that reads one list.

    :param many: makes the entry with this number, all alike; to fill pages.
    """

    collection: str
    before: Sequence[Mapping[str, Any]]
    steps: Sequence[ReadStep]
    many: Mapping[str, Any] = field(default_factory=dict)


# Which field names an entry in a scenario.
NAMING = {**{name: resource.key[0] for name, resource in RESOURCES.items()}, "impersonation_registry": "name"}


def by_name(state: Document, collection: str) -> dict[str, Mapping[str, Any]]:
    """The entries of a list by the field that names them."""
    return {str(entry[NAMING[collection]]): entry for entry in state[collection]}


def ids_by_name(state: Document) -> dict[str, str]:
    return {
        str(entry[NAMING[collection]]): str(entry["id"]) for collection, entries in state.items() for entry in entries
    }


def fill(value: Any, ids: Mapping[str, str]) -> Any:
    """``{name}`` anywhere in a value becomes the id of the entry with this name."""
    if isinstance(value, str):
        for name, entry_id in ids.items():
            value = value.replace("{" + name + "}", entry_id)
        return value
    if isinstance(value, Mapping):
        return {name: fill(item, ids) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [fill(item, ids) for item in value]
    return value
