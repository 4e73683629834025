# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The impersonation registry, as data. API operations: ``settings/impersonation_registry``."""

from __future__ import annotations

from . import checks
from .common import COMMENTS, DIRECTION, SEARCH
from .schema import MANUAL, Field, Filter, Resource
from .values import any_case, ascii_address, composed, email_text, name_text, text_or_nothing, trimmed

_PROVENANCES = (MANUAL, "SNOOPY-CASB_OFFICE_365", "SNOOPY-OFFICE_365", "SNOOPY-GOOGLE_DIRECTORY")

IMPERSONATION_REGISTRY = Resource(
    name="impersonation_registry",
    singular="impersonation_registry_entry",
    title="impersonation registry entry",
    key=("email", "name"),
    batch=(),
    fields=(
        Field("email", size=(1, None), normalize=email_text, form=ascii_address, check=checks.address_pattern),
        Field("name", size=(1, 1024), normalize=name_text, form=composed, check=checks.name),
        Field("is_email_regex", "bool", default=False, qualifies="email"),
        COMMENTS,
        Field("directory_id", "int"),
        Field("directory_node_id", "int"),
        Field("external_directory_node_id", normalize=text_or_nothing, form=trimmed, empty_is_null=True),
        Field("provenance", choices=_PROVENANCES, normalize=any_case),
    ),
    filters=(
        DIRECTION,
        Filter("order", choices=("name", "email", "created_at")),
        Filter("provenance", choices=_PROVENANCES),
        SEARCH,
    ),
)
