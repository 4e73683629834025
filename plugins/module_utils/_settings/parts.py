# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sub-resources of an entry, each read in a request of its own, such as the verification of a domain."""

from __future__ import annotations

from collections.abc import Iterable

from .._errors import NotOfferedError
from .._resources.schema import Resource
from .._resources.values import Entry
from .._spec import Context


def with_parts(resource: Resource, entry: Entry, parts: Iterable[str], context: Context) -> Entry:
    """An entry with its sub-resources; null for one that it does not have."""
    return {**entry, **{part: _part(resource, entry["id"], part, context) for part in parts}}


def _part(resource: Resource, entry_id: str, part: str, context: Context) -> Entry | None:
    try:
        return context.client.settings.part(resource, entry_id, part)
    except NotOfferedError:
        # Repeated for each entry; the edge removes duplicates.
        context.client.warnings.append(f"{resource.name} are read without {part}: this API does not have it.")
        return None
