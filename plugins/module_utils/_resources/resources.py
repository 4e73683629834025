# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All settings resources, in the order in which their plans are carried out: protection first."""

from __future__ import annotations

from .allow_policies import ALLOW_POLICIES
from .block_senders import BLOCK_SENDERS
from .content_policies import CONTENT_POLICIES
from .domains import DOMAINS
from .impersonation_registry import IMPERSONATION_REGISTRY
from .schema import Resource
from .sending_domain_restrictions import SENDING_DOMAIN_RESTRICTIONS
from .trusted_domains import TRUSTED_DOMAINS
from .url_ignore_patterns import URL_IGNORE_PATTERNS

# Protection comes before exceptions, so that a run that stops halfway fails safe.
RESOURCES: dict[str, Resource] = {
    resource.name: resource
    for resource in (
        DOMAINS,
        IMPERSONATION_REGISTRY,
        BLOCK_SENDERS,
        CONTENT_POLICIES,
        SENDING_DOMAIN_RESTRICTIONS,
        TRUSTED_DOMAINS,
        ALLOW_POLICIES,
        URL_IGNORE_PATTERNS,
    )
}
