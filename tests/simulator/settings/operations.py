# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings operations of the API, as routes: path and method to a function that answers."""

from __future__ import annotations

from typing import Any

from answers import NO_ROUTE, WRONG_METHOD, Answer, Refusal, success
from routing import Call, Router

from . import changes
from .listing import list_page
from .resources import RESOURCES, Resource
from .store import Collection, Entry


def add_routes(router: Router) -> None:
    for resource in RESOURCES:
        several = f"settings/{resource.name}"
        single = f"{several}/{{id}}"
        router.add("GET", several, _list, resource)
        router.add("POST", several, _create, resource)
        if resource.batch:
            router.add("POST", f"{several}/batch", _batch, resource)
        router.add("GET", single, _get, resource)
        router.add("PATCH", single, _patch, resource)
        router.add("DELETE", single, _delete, resource)
        if resource.put:
            router.add("PUT", single, _put, resource)
    router.add("GET", "settings/domains/{id}/verification", _verification, resource)


def _list(call: Call) -> Answer:
    page = list_page(_collection(call), call.request.query, strict=call.options.strict)
    return success(_shown(call, page.entries), result_info=page.info())


def _get(call: Call) -> Answer:
    return success(_shown(call, [changes.find(_collection(call), call.arguments["id"])])[0])


def _create(call: Call) -> Answer:
    _require_create(call)
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


def _batch(call: Call) -> Answer:
    _require_offered(call, call.options.batch)
    body = call.request.document()
    if isinstance(body, dict) and body.get("posts"):
        _require_create(call)
    collection = _collection(call)
    # Cloudflare doesn't promise that a batch of domains is atomic.
    atomic = collection.resource.name != "domains" or call.options.atomic_domains
    results = changes.batch(collection, body, _rules(call), atomic=atomic)
    return success({name: _shown(call, entries) for name, entries in results.items()})


def _verification(call: Call) -> Answer:
    """The DNS record that proves who owns a domain: only for a domain made through the API, while it is pending."""
    entry = changes.find(_collection(call), call.arguments["id"])
    if str(entry.get("status")).lower() != "pending":
        return Answer(204, content_type=None)
    return success(
        {
            "status": _shown(call, [entry])[0]["status"],
            "txt_record_name": f"_cf-email-security.{entry.get('domain')}",
            "txt_record_value": f"cf-email-security={entry['id']}",
            "last_checked_at": None,
        }
    )


def _require_create(call: Call) -> None:
    option = _resource(call).create_option
    if option:
        _require_offered(call, getattr(call.options, option))


def _require_offered(call: Call, offered: bool | int) -> None:
    """An operation that this account's API may not have: answered as any unknown route (or method, where 405) is."""
    if offered == 405:
        raise Refusal(405, WRONG_METHOD, "Method not allowed for this route", headers={"Allow": "GET"})
    if not offered:
        raise Refusal(404, NO_ROUTE, f"Could not route to {call.request.path}")


def _shown(call: Call, entries: list[Entry]) -> list[Any]:
    """Entries as this account's API shows them: as they are kept, or without deprecated fields, or upper case."""
    resource, options = _resource(call), call.options
    shown: list[Any] = entries
    if not options.deprecated_fields:
        shown = [{name: value for name, value in entry.items() if name not in resource.twins} for entry in shown]
    if options.uppercase_status and "status" in resource.computed:
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
    return changes.Rules(duplicates=call.options.duplicates == "allow", strict=call.options.strict)
