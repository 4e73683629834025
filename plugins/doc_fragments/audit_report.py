# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The input of the filters that take an audit report."""

    DOCUMENTATION = r"""
options:
  _input:
    description: The report, from the filter P(cloudflare.email_security.audit_report#filter).
    type: dict
    required: true
seealso:
  - plugin: cloudflare.email_security.audit_report
    plugin_type: filter
"""
