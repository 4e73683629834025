# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that are about one list and nothing else, as :mod:`checks` yields them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.document import Document, present_items

from .checks import Found
from .known_domains import KnownDomains


def found(document: Document, known: KnownDomains) -> Iterator[Found]:
    for name, check in _CHECKS.items():
        if name in document:
            yield from check(document, known)


def _registry(document: Document, known: KnownDomains) -> Iterator[Found]:
    if not any(present_items(document, "impersonation_registry")):
        yield "impersonation_registry_empty", None, ""


_CHECKS: dict[str, Callable[[Document, KnownDomains], Iterator[Found]]] = {
    "impersonation_registry": _registry,
}
