# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sending-domain restrictions, as data. API operations: ``settings/sending_domain_restrictions``."""

from __future__ import annotations

from . import checks
from .common import COMMENTS, DIRECTION, SEARCH
from .schema import Field, Filter, Resource
from .values import as_domain_set, ascii_domain, domain_text

SENDING_DOMAIN_RESTRICTIONS = Resource(
    name="sending_domain_restrictions",
    singular="sending_domain_restriction",
    title="sending-domain restriction",
    key=("domain",),
    optional=True,
    # Only some API descriptions have a batch operation.
    batch=("deletes",),
    fields=(
        Field("domain", size=(1, 253), normalize=domain_text, form=ascii_domain, check=checks.domain),
        Field("exclude", "list", default=[], normalize=as_domain_set, form=ascii_domain, check=checks.domain),
        COMMENTS,
    ),
    filters=(DIRECTION, Filter("order", choices=("domain", "created_at")), SEARCH),
)
