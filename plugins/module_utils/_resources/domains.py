# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Protected domains, as data. API operations: ``settings/domains``."""

from __future__ import annotations

from . import checks
from .common import ALL_DISPOSITIONS, DIRECTION, SEARCH
from .schema import Field, Filter, Resource
from .values import any_case, as_ip_set, as_set, ascii_domain, domain_text, text_or_nothing, trimmed

_DELIVERY_MODES = ("DIRECT", "BCC", "JOURNAL", "API", "RETRO_SCAN")
_STATUSES = ("PENDING", "ACTIVE", "FAILED", "TIMEOUT")

DOMAINS = Resource(
    name="domains",
    singular="domain",
    title="protected domain",
    key=("domain",),
    atomic=False,
    purgeable=False,
    immutable=("domain",),
    upper_case=("status",),
    # A domain that is not verified yet needs a DNS record.
    parts={"verification": lambda entry: entry.get("status") == "PENDING"},
    create_needs=("allowed_delivery_modes", "drop_dispositions", "ip_restrictions", "regions"),
    create_hint="onboard it in the Cloudflare dashboard",
    fields=(
        Field("domain", size=(1, 253), normalize=domain_text, form=ascii_domain, check=checks.domain),
        Field("allowed_delivery_modes", "list", choices=_DELIVERY_MODES, size=(1, 10), normalize=as_set),
        Field("drop_dispositions", "list", choices=ALL_DISPOSITIONS, size=(0, 10), normalize=as_set),
        Field("folder", choices=("AllItems", "Inbox"), normalize=any_case),
        Field("integration_id", normalize=text_or_nothing, form=trimmed, empty_is_null=True),
        Field("ip_restrictions", "list", size=(0, 100), normalize=as_ip_set),
        Field("lookback_hops", "int", size=(1, 20)),
        Field("regions", "list", choices=("GLOBAL", "AU", "DE", "IN", "US"), size=(1, 10), normalize=as_set),
        Field("require_tls_inbound", "bool"),
        Field("require_tls_outbound", "bool"),
        Field("transport", normalize=text_or_nothing, form=trimmed),
    ),
    filters=(
        DIRECTION,
        Filter("order", choices=("domain", "created_at")),
        Filter("active_delivery_mode", choices=_DELIVERY_MODES),
        Filter("allowed_delivery_mode", choices=_DELIVERY_MODES),
        Filter("domain", "list"),
        Filter("integration_id"),
        SEARCH,
        Filter("status", choices=(*_STATUSES, *(status.lower() for status in _STATUSES)), any_case=True),
    ),
)
