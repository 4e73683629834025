# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings operations of the API, as routes: path and method to a function that answers."""

from __future__ import annotations

from typing import Any

from answers import INVALID_FIELD, Answer, Refusal, success
from queries import Query, last
from routing import Call, Operation, Router

from . import changes
from .listing import list_page
from .resources import DOMAINS, RESOURCES, Resource
from .store import Collection, Entry


def add_routes(router: Router) -> None:
    for resource in RESOURCES:
        _add_list(router, resource)
    _add(router, "DELETE", "", _delete_several, DOMAINS, "domains_delete")
    _add(router, "GET", "/{id}/verification", _verification, DOMAINS, "domain_verification")


def _add_list(router: Router, resource: Resource) -> None:
    _add(router, "GET", "", _list, resource)
    _add(router, "POST", "", _create, resource, resource.create)
    if resource.batch:
        _add(router, "POST", "/batch", _batch, resource, resource.batch)
    _add(router, "GET", "/{id}", _get, resource)
    _add(router, "PATCH", "/{id}", _patch, resource)
    _add(router, "DELETE", "/{id}", _delete, resource)
    if resource.put:
        _add(router, "PUT", "/{id}", _put, resource, resource.put)


def _add(
    router: Router, method: str, below: str, operation: Operation, resource: Resource, offered: str | None = None
) -> None:
    """A route of a list: offered where the list is, and this operation."""
    behaviours = [name for name in (resource.offered, offered) if name]
    router.add(method, f"settings/{resource.name}{below}", operation, resource, offered=behaviours)


def _list(call: Call) -> Answer:
    page = list_page(_collection(call), _query(call), strict=call.options.strict)
    return call.listed(_shown(call, page.entries), page.info())


def _query(call: Call) -> Query:
    """The query; the status of a domain is written in it as this account's API shows it."""
    query = call.request.query
    status = last(query, "status")
    if status is None or "status" not in _resource(call).filters:
        return query
    right = status.upper() if call.behaviour("uppercase_status") else status.lower()
    if status != right:
        raise Refusal(400, INVALID_FIELD, f"query parameter status can't be {status}; write {right}")
    return {**query, "status": [right.lower()]}


def _get(call: Call) -> Answer:
    return success(_shown(call, [changes.find(_collection(call), call.arguments["id"])])[0])


def _create(call: Call) -> Answer:
    entry = changes.create(_collection(call), call.request.document(), _rules(call))
    return success(_shown(call, [entry])[0], status=201)


def _patch(call: Call) -> Answer:
    entry = changes.patch(_collection(call), call.arguments["id"], call.request.document(), _rules(call))
    return success(_shown(call, [entry])[0])


def _put(call: Call) -> Answer:
    entry = changes.put(_collection(call), call.arguments["id"], call.request.document(), _rules(call))
    return success(_shown(call, [entry])[0])


def _delete(call: Call) -> Answer:
    return success(changes.remove(_collection(call), call.arguments["id"]))


def _delete_several(call: Call) -> Answer:
    """DELETE of all domains: the description gives this operation neither a body nor parameters."""
    collection = _collection(call)
    return call.listed([changes.remove(collection, entry["id"]) for entry in list(collection)])


def _batch(call: Call) -> Answer:
    body, create = call.request.document(), _resource(call).create
    if create and isinstance(body, dict) and body.get("posts"):
        call.require_offered(create)
    collection = _collection(call)
    # Cloudflare doesn't promise that a batch of domains is atomic.
    atomic = collection.resource.name != "domains" or call.options.atomic_domains
    results = changes.batch(collection, body, _rules(call), atomic=atomic)
    return success({name: _shown(call, entries) for name, entries in results.items()})


def _verification(call: Call) -> Answer:
    """The DNS record that proves who owns a domain, while it is pending; an integration proves it without any."""
    entry = changes.find(_collection(call), call.arguments["id"])
    if str(entry.get("status")).lower() != "pending" or entry.get("integration_id"):
        return Answer(204, content_type=None)
    return success(
        {
            "status": _shown(call, [entry])[0]["status"],
            "txt_record_name": f"_cf-email-sec-challenge.{entry.get('domain')}",
            "txt_record_value": f"cf-email-security={entry['id']}",
            "last_checked_at": None,
        }
    )


def _shown(call: Call, entries: list[Entry]) -> list[Any]:
    """Entries as this account's API shows them: as they are kept, or without some fields, or upper case."""
    resource = _resource(call)
    shown: list[Any] = entries
    hidden = {name for name, rule in resource.fields.items() if rule.offered and not call.behaviour(rule.offered)}
    if not call.behaviour("deprecated_fields"):
        hidden |= set(resource.twins)
    if hidden:
        shown = [{name: value for name, value in entry.items() if name not in hidden} for entry in shown]
    if call.behaviour("uppercase_status") and "status" in resource.computed:
        shown = [
            {**entry, "status": entry["status"].upper()} if isinstance(entry.get("status"), str) else entry
            for entry in shown
        ]
    return shown


def _resource(call: Call) -> Resource:
    resource: Resource = call.subject
    return resource


def _collection(call: Call) -> Collection:
    return call.account.collections[_resource(call).name]


def _rules(call: Call) -> changes.Rules:
    options = call.options
    return changes.Rules(
        call.behaviour,
        duplicates=options.duplicates == "allow",
        strict=options.strict,
        refused_texts=options.refused_texts,
    )
